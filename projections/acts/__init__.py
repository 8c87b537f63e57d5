"""The read model `acts`: what single acts tell that a red flag needs and no other model keeps.

tables   its tables
model    how events become its rows
keys     the rows about keys and accounts
raised   the red flags that auditors raised, and which cases they are
"""

from projections.acts.model import ACTS
from projections.acts.raised import (
    FlagStatus,
    Raised,
    RaisedFlag,
    find_raised,
    list_raised,
    raised_for,
)

__all__ = [
    "ACTS",
    "FlagStatus",
    "Raised",
    "RaisedFlag",
    "find_raised",
    "list_raised",
    "raised_for",
]
