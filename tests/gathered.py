"""What read models fold, against the same numbers gathered from events alone.

assert_gathered(store, projections)
"""

from ledger.store.store import Store
from ledger.tracing.gathering import Gathering
from projections.engine import Projections
from projections.programmes import list_programmes
from projections.providers import list_providers
from projections.tenders import find_tenders, list_tenders
from projections.tenders.records import Tender

PROVIDER = {
    "value": "value_fen",
    "accrued": "accrued_fen",
    "paid": "paid_fen",
    "claims": "claims",
    "claimed": "claimed_fen",
    "cut": "cut_fen",
    "disputed": "disputed_fen",
    "contested": "contested",
    "won": "won",
    "lost": "lost",
    "split": "split",
    "awarded": "awarded_fen",
    "refused": "refused_fen",
    "scores": "scores",
    "active": "active",
    "suspended": "suspended",
    "terminated": "terminated",
    "closed": "closed",
    "settled": "settled",
    "assignments": "assigned",
    "assigned": "assigned_fen",
    "payable": "payable_fen",
    "retention_payable": "retained_fen",
    "interest_payable": "interest_owed_fen",
    "interest_paid": "interest_paid_fen",
    "advances": "advance_fen",
}
PROGRAMME = {
    **{name: name for name in ("tenders", "open_tenders", "enrolled", "exited", "scores")},
    **{name: name for name in ("active", "suspended", "terminated", "closed")},
    **{f"stage/{name}": f"{name}_fen" for name in ("reserved", "committed", "accrued", "paid")},
    "value": "value_fen",
    "accrued": "accrued_fen",
    "paid": "paid_fen",
}
TENDER = {
    "value": "value_minor",
    **{
        name: name
        for name in ("amendments", "questions", "answered", "bids", "awards", "challenges")
    },
}


def assert_gathered(store: Store, projections: Projections) -> None:
    """Check that every sum of every provider, programme and tender is gathered from events alone.

    A figure that is asked for alone reads fewer events, and comes to the same.
    """
    projections.follow()
    gathering = Gathering(store)
    shown: list[tuple[str, dict[str, str], object]] = []
    shown += [
        (f"party/{each.provider.id}", PROVIDER, each) for each in list_providers(projections).items
    ]
    shown += [
        (f"programme/{each.programme}", PROGRAMME, each)
        for each in list_programmes(projections).items
    ]
    shown += [
        (f"tender/{each.tender}", TENDER, each)
        for each in list_tenders(projections, origin="native").items
    ]
    assert shown
    for key, _, record in shown:
        if isinstance(record, Tender):
            (file,) = find_tenders(projections, record.tender)
            totals = gathering.totals(key)
            for name in ("valid", "withdrawn", "forfeited", "disqualified"):
                assert totals[name] == sum(getattr(lot, name) for lot in file.lots), (key, name)
    for key, fields, record in shown:
        totals = gathering.totals(key)
        found = {figure: totals[figure] for figure in fields}
        assert found == {figure: getattr(record, name) for figure, name in fields.items()}, key
        for figure in fields:
            assert gathering.totals(key, {figure})[figure] == totals[figure], (key, figure)
