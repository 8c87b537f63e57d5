"""Webhooks: in order, without gaps, at least once, signed, and given up in the end."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from receiver import Follower, Posted, Receiver
from serving_process import ServingProcess
from shell import PASSWORD, URL, sunledger
from starlette.testclient import TestClient

from api.application import create_app
from api.http.service import Service
from api.http.webhooks import sending, store
from api.http.webhooks.posting import Batch, Outgoing, post, sign
from api.http.webhooks.sending import Sender, delay_ms
from api.http.webhooks.store import Webhook, WebhookStore
from bench.workload import READY_MS, SteadyClock, Workload
from ledger.app import Ledger, create_ledger
from ledger.errors import LedgerError
from ledger.store.store import open_store
from ledger.times import MS_PER_DAY, MS_PER_HOUR, MS_PER_SECOND
from projections.catalogue import open_projections

SECRET = "5" * 64
WITHIN_S = 60
WRITERS = 4
STATEMENTS = 40
KILLS = 3
KILLING = (
    "from api.http.webhooks import sending; sending.BATCH_EVENTS = 2; "
    "sending.LOOK_AT_TABLE_SECONDS = 0.1; from api.cli.main import main; main()"
)
"""The program with small batches, of which many are under way."""


class Office(NamedTuple):
    """A ledger that is written to, what serves it, and who signs."""

    service: Service
    ledger: Ledger
    workload: Workload
    clock: SteadyClock


@contextmanager
def office(url: str, models: Path) -> Iterator[Office]:
    """Open a ledger with a few contracts, its read models beside it."""
    workload, clock = Workload(), SteadyClock(READY_MS)
    opening = workload.opening()
    with create_ledger(url, next(opening), workload.ledger_key, workload.clock) as ledger:
        for data in opening:
            ledger.submit(data)
        with (
            open_projections(
                ledger.store, url if "postgres" in url else f"sqlite:///{models}"
            ) as p,
            Service(ledger.store, p, ledger, clock=clock) as service,
        ):
            yield Office(service, ledger, workload, clock)


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Give such a ledger on each database."""
    with office(database_url, tmp_path / "models.db") as opened:
        yield opened


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Office]:
    """Give such a ledger on one."""
    with office(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "models.db") as opened:
        yield opened


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once, in small batches."""
    monkeypatch.setattr(sending, "delay_ms", lambda _failures: 0)
    monkeypatch.setattr(sending, "BATCH_EVENTS", 40)
    monkeypatch.setattr(sending, "LOOK_AT_TABLE_SECONDS", 0.05)


def outgoing(seconds: float = 15) -> Outgoing:
    """Return how is posted to this machine."""
    return Outgoing.of(private=True)._replace(seconds=seconds)


def added(service: Service, url: str, *types: str, name: str = "a", after: int = 0) -> Webhook:
    """Add a webhook; return it."""
    found = Webhook(name * 12, url, " ".join(types), SECRET, after, after, READY_MS)
    WebhookStore(service.projections.database).add(found)
    return found


def kept(service: Service, webhook: Webhook) -> Webhook:
    """Return a webhook as it is now."""
    found = WebhookStore(service.projections.database).find(webhook.id)
    assert found is not None
    return found


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that is to come."""
    ends = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.01)


def write(opened: Office) -> int:
    """Let several writers write; return how many events there are then."""
    statements = [list(opened.workload.visits(STATEMENTS, 3)) for _ in range(WRITERS)]
    writers = [
        threading.Thread(target=lambda mine=mine: [opened.ledger.submit(each) for each in mine])
        for mine in statements
    ]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    return opened.ledger.store.head().positions


# -- order ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
def test_every_position_comes_in_order_under_writers_though_receivers_fail(served: Office) -> None:
    """One fails every third time, one takes its time, one does not answer in time now and then."""
    followers = [Follower() for _ in range(3)]

    def failing(posted: Posted) -> int:
        if len(receivers[0].requests) % 3 == 0:
            return 503
        followers[0].take(posted)
        return 204

    def slow(posted: Posted) -> int:
        time.sleep(0.02)
        followers[1].take(posted)
        return 200

    def lost(posted: Posted) -> int:
        followers[2].take(posted)
        if len(receivers[2].requests) % 5 == 0:
            time.sleep(1)  # it was taken, and nobody hears of it
        return 200

    with Receiver() as first, Receiver() as second, Receiver() as third:
        receivers = (first, second, third)
        for receiver, answers, name in zip(receivers, (failing, slow, lost), "abc", strict=True):
            receiver.answers = answers
            added(served.service, receiver.url, name=name)
        with Sender(served.service, outgoing(0.7)):
            events = write(served)
            until(lambda: all(len(each.positions) >= events for each in followers))
    assert all(each.positions == list(range(events)) for each in followers)
    assert followers[2].repeated > 0


def test_a_receiver_that_is_down_keeps_no_other_waiting(small: Office) -> None:
    """Each has its own thread, and waits for nobody."""
    with Receiver() as down, Receiver() as up:
        follower = Follower()
        hanging = threading.Event()
        down.answers = lambda _posted: 503 if hanging.wait(WITHIN_S) else 504

        def taken(posted: Posted) -> int:
            follower.take(posted)
            return 200

        up.answers = taken
        added(small.service, down.url, name="a")
        added(small.service, up.url, name="b")
        with Sender(small.service, outgoing()):
            until(lambda: bool(follower.positions) and bool(down.requests))
            hanging.set()


def test_a_webhook_of_some_types_is_told_of_these_alone(served: Office) -> None:
    """Batches chain: each begins where the last one ended, whatever lies between."""
    webhook = added(served.service, "http://unused", "contract.signed", "payment.settled")
    sent: list[Batch] = []
    sender = Sender(served.service, outgoing(), post=lambda _w, batch, _now: sent.append(batch))
    while sender.send(kept(served.service, webhook)):
        pass
    reached = [0, *(each.reached for each in sent)]
    assert [each.after for each in sent] == reached[:-1]
    types = [item.type for each in sent for item in each.items]
    assert types
    assert set(types) == {"contract.signed"}
    count = len(sent)
    write(served)
    until(lambda: served.service.position == served.ledger.store.head().positions)
    assert not sender.send(kept(served.service, webhook))
    assert len(sent) == count


def test_what_is_posted_is_what_the_public_reads(small: Office) -> None:
    """Of an event that is for the parties, type and subject are null."""
    write(small)
    until(lambda: small.service.position == small.ledger.store.head().positions)
    with Receiver() as receiver:
        webhook = added(small.service, receiver.url)
        assert Sender(small.service, outgoing()).send(webhook)
    client = TestClient(create_app(small.service))
    page = client.get("/v1/feed", params={"limit": 500}).json()
    batch = receiver.requests[0].batch
    assert batch["items"] == page["items"]
    assert batch["reached"] == page["reached"]
    assert (batch["webhook"], batch["origin"]) == (webhook.id, small.service.origin)
    assert None in {each["type"] for each in batch["items"]}


def test_a_batch_that_is_tried_again_is_the_same(small: Office) -> None:
    """Though more has come since: who knows its key has all that it holds."""
    sent: list[Batch] = []

    def taken_the_third_time(_webhook: Webhook, batch: Batch, _now_ms: int) -> str | None:
        sent.append(batch)
        return "not yet" if len(sent) < 3 else None

    webhook = added(small.service, "http://unused", after=small.service.position - 3)
    first = Sender(small.service, outgoing(), post=taken_the_third_time)
    assert not first.send(webhook)
    write(small)
    until(lambda: small.service.position == small.ledger.store.head().positions)
    assert not first.send(kept(small.service, webhook))
    again = Sender(small.service, outgoing(), post=taken_the_third_time)
    assert again.send(kept(small.service, webhook))
    assert sent[0] == sent[1] == sent[2]
    assert kept(small.service, webhook).position == sent[0].reached


def test_of_two_senders_one_moves_the_position_and_none_moves_it_back(small: Office) -> None:
    """A second writer's server repeats a batch at worst."""
    webhook = added(small.service, "http://unused")
    other = Sender(small.service, outgoing(), post=lambda *_: None)

    def other_is_first(webhook: Webhook, _batch: Batch, _now_ms: int) -> None:
        assert other.send(webhook)

    one = Sender(small.service, outgoing(), post=other_is_first)
    assert not one.send(webhook)
    moved = kept(small.service, webhook)
    assert moved.position == moved.looked == sending.BATCH_EVENTS
    one.store.failed(webhook, "late", 0, 0)  # of where it no longer is
    assert kept(small.service, webhook) == moved


# -- signatures ----------------------------------------------------------------------------------


def test_a_batch_is_signed(small: Office) -> None:
    """By HMAC-SHA256 of time and body under the secret, as another implementation computes it."""
    with Receiver() as receiver:
        webhook = added(small.service, receiver.url)
        assert Sender(small.service, outgoing()).send(webhook)
        trial = Batch(webhook.id, "x", 5, 5, ())
        assert post(outgoing(), webhook, trial, READY_MS) is None
    posted, tried = receiver.requests
    assert posted.is_signed_by(SECRET)
    assert not posted.is_signed_by("6" * 64)
    assert not posted._replace(body=posted.body + b" ").is_signed_by(SECRET)
    assert posted.headers["sunledger-signature"].startswith(f"t={READY_MS // MS_PER_SECOND},v1=")
    assert posted.headers["sunledger-webhook"] == webhook.id
    assert posted.headers["idempotency-key"] == '"0"'
    assert posted.headers["content-type"] == "application/json"
    assert tried.is_signed_by(SECRET)
    assert "idempotency-key" not in tried.headers


def test_a_signature_is_the_one_that_others_compute() -> None:
    """A vector, computed with `openssl dgst -sha256 -hmac`."""
    signed = sign("k" * 64, 1_772_352_001, b'{"items":[]}')
    assert signed.partition(",v1=")[2] == (
        "6711e323b090a27fb4e2a5780b9d4690f45f078d1a2fbe0562120979e1e1431a"
    )


# -- failures ------------------------------------------------------------------------------------


def test_failures_are_tried_again_more_and_more_seldom(small: Office) -> None:
    """After 1, 2, 4, … seconds, at most an hour; a restart does not begin anew."""
    assert [delay_ms(n) // MS_PER_SECOND for n in range(6)] == [0, 1, 2, 4, 8, 16]
    assert delay_ms(12) == 2_048 * MS_PER_SECOND
    assert delay_ms(13) == delay_ms(10_000) == MS_PER_HOUR
    webhook = added(small.service, "http://unused")
    sender = Sender(small.service, outgoing(), post=lambda *_: "no")
    for failures in range(1, 5):
        sender.send(kept(small.service, webhook))
        again = Sender(small.service, outgoing())
        assert again.wait_ms(kept(small.service, webhook)) == delay_ms(failures)
    small.clock.set_ms += 3_000
    assert sender.wait_ms(kept(small.service, webhook)) == delay_ms(4) - 3_000
    small.clock.set_ms -= MS_PER_DAY  # a clock that went back holds nothing up
    assert sender.wait_ms(kept(small.service, webhook)) == delay_ms(4)


def test_a_webhook_that_fails_for_days_is_stopped_and_says_why(small: Office) -> None:
    """One success in between, and the days are counted anew; others go on.

    | day | answer |                       |
    |-----|--------|-----------------------|
    | 0   | no     | failing since         |
    | 2   | yes    | well                  |
    | 3   | no     | failing since         |
    | 5   | no     | not yet three days    |
    | 6   | no     | stopped               |
    """
    webhook, other = (added(small.service, "http://unused", name=each) for each in "ab")
    answer: list[str | None] = [None]
    sender = Sender(small.service, outgoing(), give_up_days=3, post=lambda *_: answer[0])
    start = small.clock.set_ms
    for day, why in ((0, "no"), (2, None), (3, "no"), (5, "no"), (6, "the receiver answered 500")):
        small.clock.set_ms = start + day * MS_PER_DAY
        assert kept(small.service, webhook).stopped_ms is None
        answer[0] = why
        if day == 3:  # there is something to tell of again
            write(small)
            until(lambda: small.service.position == small.ledger.store.head().positions)
        sender.send(kept(small.service, webhook))
    stopped = kept(small.service, webhook)
    assert stopped.stopped_ms == start + 6 * MS_PER_DAY
    assert stopped.failing_since_ms == start + 3 * MS_PER_DAY
    assert (stopped.error, stopped.failures) == ("the receiver answered 500", 3)
    assert kept(small.service, other).failures == 0
    answer[0] = None
    assert not sender.send(stopped)
    metrics = TestClient(create_app(small.service)).get("/metrics").text
    assert f'sunledger_webhook_stopped{{webhook="{webhook.id}"}} 1.0' in metrics
    assert f'sunledger_webhook_stopped{{webhook="{other.id}"}} 0.0' in metrics
    assert f'sunledger_webhook_failures{{webhook="{webhook.id}"}} 3.0' in metrics
    lag = small.service.position - stopped.looked
    assert f'sunledger_webhook_lag_events{{webhook="{webhook.id}"}} {float(lag)}' in metrics
    assert sender.store.resume(webhook.id)
    assert sender.send(kept(small.service, webhook))
    assert kept(small.service, webhook).position > stopped.position


def test_threads_follow_what_the_operator_adds_removes_and_resumes(
    small: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a restart."""
    monkeypatch.setattr(sending, "LOOK_AT_TABLE_SECONDS", 0.05)
    with Receiver() as receiver, Sender(small.service, outgoing()) as sender:
        webhook = added(small.service, receiver.url)
        until(lambda: kept(small.service, webhook).position == small.service.position)
        now = kept(small.service, webhook)
        sender.store.failed(now, "no", READY_MS, READY_MS)
        until(lambda: not any(each.is_alive() for each in sender._lines.values()))
        before = len(receiver.requests)
        events = write(small)
        assert len(receiver.requests) == before
        sender.store.resume(webhook.id)
        until(lambda: kept(small.service, webhook).position == events)
        assert sender.store.remove(webhook.id)
        until(lambda: not any(each.is_alive() for each in sender._lines.values()))


def test_there_are_so_many_webhooks_and_no_more(
    small: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a thread."""
    monkeypatch.setattr(store, "MAX_WEBHOOKS", 1)
    added(small.service, "http://unused")
    with pytest.raises(LedgerError, match="remove one first"):
        added(small.service, "http://unused", name="b")


# -- a process that is killed --------------------------------------------------------------------


def test_a_server_that_is_killed_goes_on_where_it_was(ledger_folder: Path) -> None:
    """Killed again and again while batches are under way: every position comes, in order."""
    register(20)
    follower = Follower()
    with Receiver() as receiver:
        options = ("add", receiver.url, "--after", 0, "--json")
        environment = {"SUNLEDGER_KEY_PASSWORD": PASSWORD, "SUNLEDGER_WEBHOOK_PRIVATE": "1"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SUNLEDGER_WEBHOOK_PRIVATE", "1")
            secret = sunledger("webhook", *options).document["secret"]
        servers: list[ServingProcess] = []
        kill_at = iter((2, 3, 5))  # batches of one process; whether it hears of the last differs
        limit = [next(kill_at)]
        seen = [0]
        started = threading.Event()

        def answers(posted: Posted) -> int:
            started.wait(WITHIN_S)
            assert posted.is_signed_by(secret)
            follower.take(posted)
            seen[0] += 1
            if seen[0] == limit[0]:
                servers[-1].process.kill()
                servers[-1].process.wait()
            return 200

        receiver.answers = answers
        for _ in range(KILLS):
            seen[0] = 0
            servers.append(ServingProcess(ledger_folder, program=KILLING, **environment))
            servers[-1].start()
            started.set()
            until(lambda: servers[-1].process.poll() is not None)
            servers[-1].stop()
            started.clear()
            limit[0] = next(kill_at, 0)
        with open_store(URL) as opened:
            events = opened.head().positions
        servers.append(ServingProcess(ledger_folder, program=KILLING, **environment))
        started.set()
        with servers[-1]:
            until(lambda: len(follower.positions) >= events)
    assert follower.positions == list(range(events))
    assert follower.repeated >= KILLS  # what was taken, and not heard of


def register(parties: int) -> None:
    """Have parties registered in one statement."""
    lines = [
        {
            "type": "party.registered",
            "party": f"party-{number}",
            "names": {"en": "A party"},
            "identifier": {"scheme": "local", "id": f"party-{number}"},
            "kind": "government",
        }
        for number in range(parties)
    ]
    Path("parties.ndjson").write_text("\n".join(json.dumps(each) for each in lines))
    sign = ("sign", "parties.ndjson", "--key", "city/office", "--out", "parties.stmt")
    assert sunledger(*sign).code == 0
    assert sunledger("submit", "parties.stmt").code == 0
