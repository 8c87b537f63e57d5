"""All read models of a ledger, opened together.

with open_store(url) as store, open_projections(store) as projections:
    projections.follow()
    for contract in list_contracts(projections).items:
        ...
"""

from ledger.store.store import Store
from projections.acts import ACTS
from projections.approvers import APPROVERS
from projections.bank_orders import BANK_ORDERS
from projections.contracts import CONTRACTS
from projections.delivery import DELIVERY
from projections.engine import Projections
from projections.flags.keeping import FLAGS
from projections.funds import FUNDS
from projections.parties import PARTIES
from projections.payments import PAYMENTS
from projections.processes import PROCESSES
from projections.programmes import PROGRAMMES
from projections.providers import PROVIDERS
from projections.rulebook import RULEBOOK
from projections.search import SEARCH
from projections.tenders import TENDERS
from projections.timeline import TIMELINE

MODELS = (
    CONTRACTS,
    FUNDS,
    PAYMENTS,
    BANK_ORDERS,
    RULEBOOK,
    DELIVERY,
    TENDERS,
    PARTIES,
    APPROVERS,
    PROVIDERS,
    PROGRAMMES,
    TIMELINE,
    SEARCH,
    ACTS,
    PROCESSES,
    FLAGS,
)
"""The read models, in the order in which they are followed and shown: what is derived comes
after what it is derived from."""


def open_projections(store: Store, url: str | None = None) -> Projections:
    """Open the read models of the ledger in `store`, kept at `url`, else in the ledger's database.

    Nothing is folded yet: `follow` does that. The store stays the caller's to close.

    Raises:
        StoreUnavailable: the database cannot be reached or written.

    """
    return Projections(store, MODELS, url)
