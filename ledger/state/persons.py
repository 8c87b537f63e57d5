"""Persons' interests, as the law remembers them."""

from typing import NamedTuple

from ledger.events.persons import Relation


class PersonalInterest(NamedTuple):
    """A relation of a person to a party, first and last day included."""

    relation: Relation
    from_date: str
    to_date: str
