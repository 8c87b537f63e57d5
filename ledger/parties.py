"""Parties, their keys and their roles: who somebody is, and in which capacity they act.

A *seat* is a place at the table that an event calls for: a role, and sometimes the very party.
The signers of a statement must fill the seats of each of its events exactly, one signature a
seat; `seating` finds how.

    visit.recorded                provider (that party)
    contract.signed               purchaser (that party), provider (that party)
    budget.appropriated           finance, finance: one party, two holders
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

from msgspec import UNSET

from ledger.events.parties import KeyUse, PartyKind, RoleName, Scope
from ledger.note import VerifierKey


class Party(NamedTuple):
    """A registered party.

    Attributes:
        party: its id.
        names: its official name by language.
        scheme: register of its identifier.
        number: its identifier there.
        kind: what it is in law.
        parent: the party it belongs to, or None.

    """

    party: str
    names: dict[str, str]
    scheme: str
    number: str
    kind: PartyKind
    parent: str | None


class Key(NamedTuple):
    """An enrolled key.

    Attributes:
        verifier: name, id and public key.
        party: whose.
        holder: token of the person who holds it.
        use: what it may sign.
        from_ms: when it took force, or will, milliseconds since the epoch.
        revoked: whether later signatures are refused.
        until_ms: when a recovery under way revokes it, or None.

    """

    verifier: VerifierKey
    party: str
    holder: str
    use: KeyUse
    from_ms: int
    revoked: bool
    until_ms: int | None = None

    def is_revoked(self, at_ms: int) -> bool:
        """Return whether it is revoked at an instant, by an event or by a recovery in force."""
        return self.revoked or (self.until_ms is not None and at_ms >= self.until_ms)

    def in_force(self, at_ms: int) -> bool:
        """Return whether it has taken force by an instant, and is not revoked."""
        return at_ms >= self.from_ms and not self.is_revoked(at_ms)


class Case(NamedTuple):
    """What an act is about, as far as scopes of roles and separation of duties ask.

    Attributes:
        programme: the programme concerned, or None.
        purchaser: the contract's buyer, or None.
        line: the fund line concerned, or None.
        contract: the contract concerned, or `tender/<id>` before there is one, or None.
        amount_fen: the act's amount, or 0.
        anywhere: whether a role in any scope will do, as for acts within one's own party.

    """

    programme: str | None = None
    purchaser: str | None = None
    line: str | None = None
    contract: str | None = None
    amount_fen: int = 0
    anywhere: bool = False

    def of_a_clock(self) -> "Case":
        """Return the case as a clock's event asks of it: to book what time gives is no duty."""
        return self._replace(contract=None)


class Grant(NamedTuple):
    """A role as it was given: its scope and limits.

    Attributes:
        everything: whether the scope is the whole ledger.
        programmes: programmes it covers.
        purchasers: buyers it covers.
        lines: fund lines it covers.
        amount_fen_max: largest amount of one act, or None.
        expires: last local day, or None.

    """

    everything: bool
    programmes: frozenset[str] = frozenset()
    purchasers: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    amount_fen_max: int | None = None
    expires: str | None = None

    @classmethod
    def of(
        cls, scope: Scope, *, amount_fen_max: int | None = None, expires: str | None = None
    ) -> Self:
        """Return the grant of what an event states as a scope."""
        return cls(
            everything=scope.all is True,
            programmes=frozenset(() if scope.programmes is UNSET else scope.programmes),
            purchasers=frozenset(() if scope.purchasers is UNSET else scope.purchasers),
            lines=frozenset(() if scope.lines is UNSET else scope.lines),
            amount_fen_max=amount_fen_max,
            expires=expires,
        )

    def covers(self, case: Case) -> bool:
        """Return whether the case is in this grant's scope."""
        return (
            self.everything
            or case.anywhere
            or case.programme in self.programmes
            or case.purchaser in self.purchasers
            or case.line in self.lines
        )

    def cases(self) -> list[Case]:
        """Return a case for each part of this scope: who acts in it must hold its role in all."""
        parts = [
            *(Case(programme=each) for each in sorted(self.programmes)),
            *(Case(purchaser=each) for each in sorted(self.purchasers)),
            *(Case(line=each) for each in sorted(self.lines)),
        ]
        return [Case()] if self.everything or not parts else parts

    def in_force(self, today: str) -> bool:
        """Return whether the grant has not expired on the local date `today`."""
        return self.expires is None or today <= self.expires


class Seat(NamedTuple):
    """A signature that an event calls for.

    Attributes:
        role: the capacity it is given in.
        party: the party that must give it, or None for any that holds the role.
        line: the fund line this seat answers for, where it is not the case's.

    """

    role: RoleName
    party: str | None = None
    line: str | None = None

    def __str__(self) -> str:
        """Return the seat in words."""
        return self.role if self.party is None else f"{self.role} {self.party}"


class Signer(NamedTuple):
    """One signature of a statement: the key, in force or just being enrolled, and its party."""

    party: str
    key: Key


def seating(seats: Sequence[Seat], signers: Sequence[Signer]) -> Iterator[tuple[Signer, ...]]:
    """Yield every way to put all `signers` on all `seats`, in the order of the seats.

    There is at least one seat, and seldom more than two, so trying is cheaper than thinking.
    """
    if len(seats) != len(signers):
        return
    first, rest = seats[0], seats[1:]
    for i, signer in enumerate(signers):
        if first.party is None or first.party == signer.party:
            if not rest:
                yield (signer,)
                continue
            others = [*signers[:i], *signers[i + 1 :]]
            for following in seating(rest, others):
                yield (signer, *following)
