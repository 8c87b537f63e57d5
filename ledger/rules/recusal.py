"""Recusal (回避): who has an interest in a bidder neither judges a bid nor awards its lot.

Who was employed by a supplier, sat on its board or controlled it is recused for three years
after; kin of those who lead it, and others, as long as the relation lasts (Government Procurement
Law 12; Regulation on its Implementation 9). A relation to a party that a bidder belongs to is one
to the bidder.
"""

from collections.abc import Iterable

from ledger.errors import Refused
from ledger.rules.act import Act
from ledger.rules.reviewer import with_parents
from ledger.state import State
from ledger.state.persons import PersonalInterest
from ledger.times import year_of

RECUSED_YEARS = 3
"""Years for which a person's past in a party still recuses (Regulation 9 (1) to (3))."""

LAST_YEAR = 9999
"""The last that a date can name; who is still employed often writes it as an end."""

_PAST_COUNTS = frozenset(["EMPLOYMENT", "BOARD", "CONTROL"])


def check_no_interest(state: State, act: Act, parties: Iterable[str]) -> None:
    """Check that nobody who signs has declared an interest in any of the parties.

    Raises:
        Refused: `personal_interest`.

    """
    if not state.personal_interests:
        return
    for party in parties:
        for related in with_parents(state, party):
            for person in act.holders():
                for interest in state.personal_interests.get((person, related), ()):
                    if binds(interest, act.today):
                        raise Refused(
                            "personal_interest",
                            person=person,
                            party=related,
                            relation=interest.relation,
                            from_date=interest.from_date,
                            to_date=interest.to_date,
                        )


def binds(interest: PersonalInterest, today: str, years: int = RECUSED_YEARS) -> bool:
    """Return whether a relation recuses on the local date `today`, `years` after it has ended."""
    last = interest.to_date
    if interest.relation in _PAST_COUNTS:
        last = f"{min(year_of(last) + years, LAST_YEAR):04}{last[4:]}"
    return interest.from_date <= today <= last
