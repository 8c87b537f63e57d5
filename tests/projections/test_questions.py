"""What the read models answer: lists, filters, pages, one contract, one fund line."""

from collections.abc import Iterator

import needs
import pytest
from histories import Kept, assert_true_to, busy_city, keep, report
from money import answered, at
from msgspec import UNSET
from world import World

from ledger.errors import Malformed
from ledger.events.budget import BudgetAppropriated
from ledger.events.claim import ClaimAgreed, ClaimDeemedAccepted, Disputed, Returned
from ledger.events.contract import ContractPublished
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.interest import InterestWaived
from ledger.events.payment import PaymentDiverted, PaymentReturned
from ledger.events.reported import ReleaseReported, ReleaseSource
from ledger.intake.ocds import Reported, read_path
from ledger.times import MS_PER_DAY, parse_instant
from projections.catalogue import MODELS, open_projections
from projections.contracts import Contract, contract, find_contracts, list_contracts
from projections.engine import Projections
from projections.funds import ProcessMoney, fund, list_funds, list_processes
from projections.payments import list_claims, list_payments
from projections.reported_facts import Money

CDMX = "OCDS-87SD3T-AD-SF-DRM-066-2015"


@pytest.fixture(scope="module")
def kept(shared_database_url: str) -> Iterator[Kept]:
    """Give a ledger with a busy history."""
    made = keep(shared_database_url, busy_city())
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def projections(kept: Kept) -> Iterator[Projections]:
    """Give its read models, followed to the head."""
    with open_projections(kept.ledger.store) as made:
        made.follow()
        yield made


def keys(projections: Projections, **filters: object) -> list[str]:
    """Return the keys of the contracts that pass the filters, in the list's order."""
    return [c.contract for c in list_contracts(projections, **filters).items]  # type: ignore[arg-type]


def import_files(world: World, *names: str) -> None:
    """Report every release of published files, file by file."""
    for name in names:
        for found in read_path(needs.data(f"ocds/{name}")):
            assert isinstance(found, Reported)
            source = ReleaseSource(publisher=found.source.publisher, sha256=found.source.sha256)
            world.do(
                world.make(
                    ReleaseReported,
                    ocid=found.ocid,
                    release=found.release,
                    release_id=UNSET if found.release_id is None else found.release_id,
                    source=source,
                )
            )


# -- the ledger's own contracts ----------------------------------------------------------------


def test_a_contract_tells_its_story_in_figures(projections: Projections) -> None:
    """A contract with a cut, a dispute, a retention and a payment that the bank first refused.

    | step                               | fen                                            |
    |------------------------------------|------------------------------------------------|
    | signed 10,000.00, amended down     | value 1,000,000 − 12,345 = 987,655             |
    | seven visits at 50.00              | claimed 35,000                                 |
    | cut 1.00, disputed 2.50            | accepted 34,650                                |
    | retention 5 % of it                | 1,732.5, half up 1,733: payable 32,917         |
    | ordered, rejected, asked again     | paid 32,917                                    |
    """
    found = contract(projections, "c-1")
    assert found is not None
    told = found.contract
    assert (told.value_minor, told.claimed_minor, told.cut_minor) == (987_655, 35_000, 100)
    assert (told.disputed_minor, told.accrued_minor, told.paid_minor) == (250, 34_650, 32_917)
    assert (told.status, told.visits, told.claims, told.currency) == ("active", 7, 1, "CNY")
    assert (told.starts_on, told.ends_on, told.signed_on, told.published_on) == (
        "2026-01-01",
        "2026-11-30",
        "2026-01-16",
        "2026-01-29",
    )
    assert (told.tender, told.award, told.programme) == ("t-c-1", "a-c-1", "care")
    assert [provider.names for provider in told.providers] == [
        {"en": "Évergreen Care", "zh": "长青养老"}
    ]
    held = [line.balances for line in found.lines]
    assert sum(line["retained"] for line in held) == 1_733
    assert sum(line["committed"] for line in held) == 987_655 - 34_650


def test_a_day_is_the_ledgers_own(database_url: str) -> None:
    """What happens at 17:00 UTC is of the next day in a ledger that keeps UTC+8."""
    world = World.founded()
    for key in ("c-early", "c-late"):
        world.contract(key, 100, {"line-1": 1_000_000})
    for key, instant in (("c-early", "09:00:00.000Z"), ("c-late", "17:00:00.000Z")):
        world.now_ms = parse_instant(f"2026-03-02T{instant}")
        world.do(world.make(ContractPublished, contract=key))
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        days = {c.contract: c.published_on for c in list_contracts(projections).items}
        assert days == {"c-early": "2026-03-02", "c-late": "2026-03-03"}


@pytest.mark.parametrize("batch_events", [1, 5_000])
def test_a_contract_shows_its_old_line_beside_the_one_it_was_carried_to(
    sqlite_database: str, batch_events: int
) -> None:
    """The new line has the share and what is unused, the old one what was paid from it."""
    world = World.founded({"f": 10**6, "e": 10**6})
    world.contract("c-1", 10_000, {"f": 600_000, "e": 400_000})
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.pay("p-1", "c-1", ["k-1"])
    world.do(world.make(BudgetAppropriated, line="g", year=2027))
    world.now_ms += 361 * MS_PER_DAY
    world.carry("c-1", "f", "g")
    kept = keep(sqlite_database, world)
    with (
        kept.ledger,
        Projections(kept.ledger.store, MODELS, batch_events=batch_events) as projections,
    ):
        projections.follow()
        found = contract(projections, "c-1")
        assert found is not None
        assert [(each.line, each.share_ppm) for each in found.lines] == [
            ("g", 600_000),
            ("e", 400_000),
            ("f", 0),
        ]
        paid = [each.balances.get("paid", 0) for each in found.lines]
        committed = [each.balances.get("committed", 0) for each in found.lines]
        assert (paid, committed) == ([0, 2_000, 3_000], [3_000, 2_000, 0])
        assert found.contract.paid_minor == 5_000


def test_contracts_are_found_by_what_is_asked(projections: Projections) -> None:
    """Each filter keeps what it names; text is found in any case, in the parties' names too."""
    asked: list[tuple[dict[str, object], list[str]]] = [
        ({}, ["c-1", "c-2"]),
        ({"origin": "native"}, ["c-1", "c-2"]),
        ({"origin": "reported"}, []),
        ({"status": "closed"}, ["c-2"]),
        ({"buyer": "BUY"}, ["c-1", "c-2"]),
        ({"buyer": "PRO"}, []),
        ({"provider": "PRO", "status": "active"}, ["c-1"]),
        ({"programme": "care"}, ["c-1", "c-2"]),
        ({"line": "line-1"}, ["c-1"]),
        ({"line": "line-2"}, ["c-1", "c-2"]),
        ({"year": 2026}, ["c-1", "c-2"]),
        ({"year": 2027}, []),
        ({"text": "HOME CARE"}, ["c-1", "c-2"]),
        ({"text": "évergreen"}, ["c-1", "c-2"]),
        ({"text": "长青"}, ["c-1", "c-2"]),
        ({"text": "a-c-2"}, ["c-2"]),
        ({"text": "c_2"}, []),
        ({"text": "%"}, []),
    ]
    for filters, expected in asked:
        assert keys(projections, **filters) == expected, filters


def test_payments_show_what_the_bank_made_of_them(projections: Projections) -> None:
    """One rejected with its reason, its claim paid under another, all with their days."""
    payments = list_payments(projections).items
    assert [(p.payment, p.status, p.principal_fen, p.reason) for p in payments] == [
        ("p-1", "rejected", 32_917, "AC04"),
        ("p-2", "settled", 32_917, None),
        ("p-3", "settled", 15_000, None),
    ]
    assert [p.value_date is None for p in payments] == [True, False, False]
    assert keys_of(list_payments(projections, contract="c-2").items) == ["p-3"]
    assert keys_of(list_payments(projections, status="rejected").items) == ["p-1"]


def test_payments_show_what_came_of_them_after_their_day(database_url: str) -> None:
    """Returned, paid late with interest to a wrong account first, and taken back by the bank."""
    world = answered()
    world.request("p-1", "c-1", ["k-1"])
    world.do(world.make(PaymentReturned, explanation="No invoice"))
    at(world, "2026-03-06")
    world.accrue("k-1")
    world.request("p-2", "c-1", ["k-1"])
    interest_fen = world.state.interest["k-1"].owed_fen
    world.order("p-2", interest_fen=interest_fen)
    world.do(world.make(PaymentDiverted, payment="p-2", value_date="2026-03-06"))
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        assert [p.status for p in list_payments(projections).items] == ["returned", "diverted"]
        world.settle("p-2")
        (due,) = world.tick()
        world.do(world.make(InterestWaived, amount_fen=due.fields["amount_fen"]))
        world.close("c-1")
        world.bounce("p-2")
        kept.catch_up()
        projections.follow()
        first, second = list_payments(projections).items
        assert (first.reason, first.explanation, first.approved_on) == (
            "DOCUMENT",
            "No invoice",
            None,
        )
        assert (second.status, second.interest_fen, second.value_date, second.reason) == (
            "bounced",
            interest_fen,
            None,
            "AC04",
        )
        assert (second.approved_on, second.ordered_on, second.ended_on) == ("2026-03-06",) * 3
        assert_true_to(world.state, projections)


def keys_of(payments: tuple[object, ...]) -> list[str]:
    """Return the ids of payments."""
    return [getattr(payment, "payment", "") for payment in payments]


def test_claims_add_up(projections: Projections) -> None:
    """Gross is self-pay and claim; the claim is accepted, cut and disputed."""
    claims = list_claims(projections).items
    assert [(c.claim, c.status, c.visits) for c in claims] == [
        ("k-1", "answered", 7),
        ("k-2", "answered", 3),
    ]
    for claim in claims:
        assert claim.gross_fen == claim.self_pay_fen + claim.claim_fen
        assert claim.claim_fen == claim.accepted_fen + claim.cut_fen + claim.disputed_fen
    assert list_claims(projections, contract="c-2").items == (claims[1],)


def test_a_claim_follows_its_cuts_and_disputes_to_the_end(database_url: str) -> None:
    """Of 350.00 cut 3.00 and disputed 2.00; 1.00 comes back, 0.50 is contested, 1.20 awarded."""
    world = World.contracted()
    world.visits("c-1", days=7)
    world.claim("k-1", "c-1")
    world.answer("k-1", cuts=[300], disputed=[200])
    (cut,) = world.lines(world.state.cuts, "k-1")
    back = [Returned(visit=cut.visit, amount_fen=100)]
    world.do(world.make(ClaimAgreed, returned=back))
    contested = [Disputed(visit=cut.visit, amount_fen=50)]
    world.do(world.make(DisputeOpened, lines=contested))
    world.do(world.make(DisputeSettled, lines=contested, awarded_fen=40))
    lines = [Disputed(visit=world.lines(world.state.disputes, "k-1")[0].visit, amount_fen=150)]
    world.do(world.make(DisputeRuled, lines=lines, awarded_fen=80))
    world.visits("c-1")
    world.claim("k-2", "c-1")
    world.now_ms += 21 * MS_PER_DAY
    world.do(world.make(ClaimDeemedAccepted, claim="k-2"))
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        listed = list_claims(projections).items
        told = [
            (c.status, c.accepted_fen, c.cut_fen, c.disputed_fen)
            for c in listed
            if c.basis == "claim.submitted"
        ]
        assert told == [("answered", 34_500 + 220, 230, 50), ("accepted", 5_000, 0, 0)]
        awarded = [(c.origin, c.basis, c.payable_fen) for c in listed if c.status == "awarded"]
        assert awarded == [
            ("k-1", "claim.agreed", 100),
            ("k-1", "dispute.settled", 40),
            ("k-1", "dispute.ruled", 80),
        ]
        (found,) = list_contracts(projections).items
        assert (found.cut_minor, found.disputed_minor) == (230, 50)
        assert found.accrued_minor == 34_720 + 5_000
        assert found.last_position == kept.ledger.store.head().positions - 1


def test_a_fund_line_shows_every_account(kept: Kept, projections: Projections) -> None:
    """The line's owner, year, and all accounts of the chart; its last posting's position."""
    found = fund(projections, "line-2")
    assert found is not None
    assert found.position == kept.ledger.store.head().positions
    line = found.fund
    assert (line.owner.id, line.year, line.source, line.currency) == ("FIN", 2026, "city", "CNY")
    assert line.balances == kept.ledger.state.line_balances("line-2")
    assert line.balances["source_adjusted"] == -55
    posted = [p.position for p in kept.ledger.store.postings() if p.line == "line-2"]
    assert (line.first_position, line.last_position) == (posted[0], posted[-1])
    assert fund(projections, "line-9") is None
    assert [f.line for f in list_funds(projections, year=2026, owner="FIN").items] == [
        "line-1",
        "line-2",
    ]
    assert list_funds(projections, source="lottery").items == ()


def test_pages_show_everything_once_while_the_ledger_grows(database_url: str) -> None:
    """Following the marks to the end, page by page, misses nothing and repeats nothing."""
    world = World.founded()
    for number in range(7):
        world.contract(f"c-{number}", 100, {"line-1": 1_000_000})
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        seen: list[Contract] = []
        after = None
        while True:
            page = list_contracts(projections, after=after, limit=2)
            seen += page.items
            if page.next is None:
                break
            after = page.next
            if len(seen) == 4:
                world.contract("c-new", 100, {"line-1": 1_000_000})
                kept.catch_up()
                projections.follow()
        assert [c.contract for c in seen] == [*(f"c-{n}" for n in range(7)), "c-new"]
        for wrong in ("", "c-1", "-1/c-1", "1/", "9" * 19 + "/x"):
            with pytest.raises(Malformed, match="page mark"):
                list_contracts(projections, after=wrong)
        with pytest.raises(ValueError, match="one row at least"):
            list_funds(projections, limit=0)


# -- what others published ---------------------------------------------------------------------


def test_raw_and_upgraded_copies_of_one_file_show_one_contract(database_url: str) -> None:
    """Mexico City's file and its upgrade to OCDS 1.1: four reports, one contract, paid once.

    In the raw JSON the process …066-2015 has two releases, 01 and 02; both list the same three
    payments of 255,821.76 MXN by their ids, and a contract of 767,465.28 MXN.
    """
    world = World.cast()
    files = ("real/mexico-cdmx.raw.json", "real/mexico-cdmx.upgraded-1.1.json")
    import_files(world, files[0])
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        (before,) = find_contracts(projections, CDMX)
        import_files(world, files[1])
        kept.catch_up()
        projections.follow()
        (after,) = find_contracts(projections, CDMX)
        told = after.contract
        assert (told.contract, told.origin, told.status) == (f"{CDMX}/1", "reported", "active")
        assert (told.value_minor, told.paid_minor, told.currency) == (76_746_528, 76_746_528, "MXN")
        assert (told.signed_on, told.starts_on, told.ends_on) == (
            "2015-12-30",
            "2016-01-01",
            "2016-03-31",
        )
        assert told.buyer is not None
        assert told.buyer.names == {"und": "SECRETARÍA DE FINANZAS"}
        assert [p.names["und"] for p in told.providers] == ["Focus On Services S.A. de C.V."]
        assert after.paid == (Money("MXN", 76_746_528),)
        assert len(before.reports) == 2
        assert len(after.reports) == 4
        assert [r.standing for r in after.reports] == ["superseded"] * 2 + ["counted"] * 2
        assert told.accrued_minor is None
        (process,) = list_processes(projections, ocid=CDMX).items
        assert process.money == (ProcessMoney("MXN", 76_746_528, 76_746_528, 76_746_528),)
        assert (process.contracts, process.reports) == (1, 4)
        assert keys(projections, provider="Focus On Services S.A. de C.V.") == [f"{CDMX}/1"]
        assert f"{CDMX}/1" in keys(projections, buyer="SECRETARÍA DE FINANZAS", year=2016)


def test_a_later_report_replaces_figures_and_keeps_the_earlier_report(database_url: str) -> None:
    """A corrected release under the same id: its figures count, both reports stay visible.

    | report | release                               | shown                        |
    |--------|---------------------------------------|------------------------------|
    | r-1    | contracts a 10.00 and b 5.00 XAF, USD | both, with what was paid     |
    | r-1    | contract a 12.00                      | a alone, with the new value  |
    """
    ocid = "ocds-213czf-9"
    world = World.cast()
    report(
        world,
        ocid,
        '{"ocid":"ocds-213czf-9","id":"r-1","tag":["contract"],"date":"2024-01-01T00:00:00Z",'
        '"contracts":[{"id":"a","value":{"amount":10,"currency":"USD"},"implementation":'
        '{"transactions":[{"id":"t","value":{"amount":3,"currency":"USD"}},'
        '{"id":"u","value":{"amount":4,"currency":"XAF"}}]}},'
        '{"id":"b","value":{"amount":5,"currency":"XAF"}}]}',
        release_id="r-1",
    )
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        assert keys(projections) == [f"{ocid}/a", f"{ocid}/b"]
        first, second = find_contracts(projections, ocid)
        assert first.contract.paid_minor == 300
        assert first.paid == (Money("USD", 300), Money("XAF", 4))
        assert {defect.code for defect in first.defects} >= {"currencies_differ"}
        assert first.contract.defects == len(first.defects)
        assert (second.contract.value_minor, second.contract.paid_minor) == (5, None)
        (process,) = list_processes(projections, text="A PUBLISHER").items
        assert process.money == (
            ProcessMoney("USD", None, 1_000, 300),
            ProcessMoney("XAF", None, 5, 4),
        )
        report(
            world,
            ocid,
            '{"ocid":"ocds-213czf-9","id":"r-1","tag":["contract"],"date":"2024-01-01T00:00:00Z",'
            '"contracts":[{"id":"a","value":{"amount":12,"currency":"USD"}}]}',
            release_id="r-1",
        )
        kept.catch_up()
        projections.follow()
        (only,) = find_contracts(projections, ocid)
        assert (only.contract.value_minor, only.contract.paid_minor, only.paid) == (1_200, None, ())
        assert [r.standing for r in only.reports] == ["superseded", "counted"]
        assert contract(projections, f"{ocid}/b") is None
        (process,) = list_processes(projections).items
        assert process.money == (ProcessMoney("USD", None, 1_200, None),)


def test_ids_that_are_no_ids_do_not_meet(database_url: str) -> None:
    """Ocids with slashes, contracts without ids or with endless ones each keep a row of their own.

    `a/b` with contract `c` and `a` with contract `b/c` would be one key if they were joined.
    """
    world = World.cast()
    endless = "x" * 1_900
    for ocid, ids in (("a/b", ["c"]), ("a", ["b/c", endless, endless + "y"])):
        listed = ",".join(f'{{"id":"{each}"}}' for each in ids)
        report(world, ocid, f'{{"ocid":"{ocid}","contracts":[{listed},{{}}]}}')
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        assert {status.stopped_at for status in projections.follow()} == {None}
        assert len(keys(projections, ocid="a/b")) == 2
        assert len(keys(projections, ocid="a")) == 4
        assert len(set(keys(projections))) == 6
        assert [found.contract.ocid for found in find_contracts(projections, "b/c")] == ["a"]
