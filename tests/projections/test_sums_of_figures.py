"""What read models fold, against the same numbers gathered from events alone."""

import pytest
from histories import busy_city, keep

from ledger.tracing.gathering import Gathering
from projections.catalogue import open_projections
from projections.programmes import list_programmes
from projections.providers import list_providers
from projections.tenders import list_tenders

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


def test_a_busy_city_s_sums_are_those_that_read_models_keep(database_url: str) -> None:
    """Suspended and ended contracts, bounces, assignments, lots that fail and are opened again."""
    with keep(database_url, busy_city()).ledger as ledger:
        gathering = Gathering(ledger.store)
        with open_projections(ledger.store) as projections:
            projections.follow()
            providers = list_providers(projections).items
            programmes = list_programmes(projections).items
            tenders = list_tenders(projections, origin="native").items
        shown: list[tuple[str, dict[str, str], object]] = []
        shown += [(f"party/{each.provider.id}", PROVIDER, each) for each in providers]
        shown += [(f"programme/{each.programme}", PROGRAMME, each) for each in programmes]
        shown += [(f"tender/{each.tender}", TENDER, each) for each in tenders]
        assert {key.partition("/")[0] for key, _, _ in shown} == {"party", "programme", "tender"}
        for key, fields, record in shown:
            totals = gathering.totals(key)
            found = {figure: totals[figure] for figure in fields}
            assert found == {figure: getattr(record, name) for figure, name in fields.items()}, key
            # A figure that is asked for alone reads fewer events, and comes to the same.
            for figure in fields:
                assert gathering.totals(key, {figure})[figure] == totals[figure], (key, figure)
        with pytest.raises(Exception, match="has no figure none"):
            gathering.parts("overview", "none")
