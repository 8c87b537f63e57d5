"""Loads a Beancount file with beancount, run by the checkers' Python: what it says of it as JSON.

    python beancount_balances.py FILE   →   {"errors": […], "transactions": n, "balances": {…}}

Balances are sums of its postings by account, in hundredths; `names` tells the fund line and account
that each account's `open` directive names.
"""

import json
import sys
from decimal import Decimal

from beancount import loader  # type: ignore[import-not-found]
from beancount.core.data import Open, Transaction  # type: ignore[import-not-found]

entries, errors, options = loader.load_file(sys.argv[1])
balances: dict[str, Decimal] = {}
for entry in entries:
    for posting in entry.postings if isinstance(entry, Transaction) else ():
        held = balances.get(posting.account, Decimal())
        balances[posting.account] = held + posting.units.number
names = {
    entry.account: [entry.meta["line"], entry.meta["account"]]
    for entry in entries
    if isinstance(entry, Open)
}
json.dump(
    {
        "errors": [f"{each.source}: {each.message}" for each in errors],
        "transactions": sum(isinstance(entry, Transaction) for entry in entries),
        "balances": {name: int(held * 100) for name, held in balances.items()},
        "names": names,
        "currencies": options["operating_currency"],
    },
    sys.stdout,
)
