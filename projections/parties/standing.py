"""Folding the register: entries, roles, accounts, qualifications, sanctions, declared relations."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, json

from ledger.events.accounts import AccountDeclared
from ledger.events.parties import (
    ActReaffirmed,
    FoundingParty,
    LedgerOpened,
    Limits,
    PartyRegistered,
    PartyUpdated,
    RoleGranted,
    RoleRevoked,
    Scope,
)
from ledger.events.persons import InterestDeclared
from ledger.events.standing import (
    QualificationGranted,
    QualificationSuspended,
    SanctionImposed,
    SanctionLifted,
)
from ledger.rules.force import ACCOUNT_WORKING_DAYS
from projections.context import Context, decode_names, encode_names, searchable
from projections.feed import Fact, Feed
from projections.journal.roles import FOUNDERS
from projections.parties.tables import (
    ACCOUNT,
    ENTRY,
    INTEREST,
    QUALIFICATION,
    REAFFIRMED,
    ROLE,
    SANCTION,
    AccountRow,
    EntryRow,
    InterestRow,
    QualificationRow,
    ReaffirmedRow,
    RoleRow,
    SanctionRow,
)
from projections.parties.waiting import Waiting
from projections.rows import Rows, listed
from projections.sheet import Sheet

PARTY_KIND = "party/"
"""What the subject keys of parties begin with."""

_UNLIMITED = Limits()


class StandingFold:
    """The fold of one batch over the register."""

    def __init__(self, sheet: Sheet, feed: Feed, context: Context, waiting: Waiting) -> None:
        """Begin with none; `load` adds what is known of the parties concerned."""
        self._sheet = sheet
        self._feed = feed
        self._context = context
        self._waiting = waiting
        self._entries = Rows(ENTRY, lambda row: row.party)
        self._roles = Rows(ROLE, lambda row: (row.party, row.role, row.position))
        self._accounts = Rows(ACCOUNT, lambda row: row.account)
        self._sanctions = Rows(SANCTION, lambda row: row.sanction)
        self._qualifications = Rows(QUALIFICATION, lambda row: row.qualification)
        self._interests = Rows(INTEREST, lambda row: row.position)
        self._reaffirmed = Rows(REAFFIRMED, lambda row: row.event)

    def load(self, parties: set[str]) -> None:
        """Load what is known of parties."""
        for rows in (self._entries, self._roles, self._sanctions, self._qualifications):
            rows.load(self._sheet, "party", parties)

    def opened(self, fact: Fact, event: LedgerOpened) -> None:
        """Register the founders, with the roles that their keys bring."""
        for party in event.parties:
            self._enter(fact, party)
        for key in event.keys:
            for role in FOUNDERS[key.role]:
                self._grant(fact, key.vkey.partition("/")[0], role, Scope(all=True))

    def registered(self, fact: Fact, event: PartyRegistered) -> None:
        """Register a party."""
        self._enter(fact, event)
        self._entries.change(
            event.party,
            parent=None if event.parent is UNSET else event.parent,
            sme=None if event.sme is UNSET else int(event.sme),
        )

    def updated(self, fact: Fact, event: PartyUpdated) -> None:
        """Change what an update names; contact data stand in the vault."""
        values: dict[str, object] = {"updated_on": self._context.day(fact.recorded_ms)}
        if event.names is not UNSET:
            values["names"] = encode_names(event.names)
        if event.parent is not UNSET:
            values["parent"] = event.parent
        if event.sme is not UNSET:
            values["sme"] = int(event.sme)
        row = self._entries.change(event.party, **values)
        self._entries.put(row._replace(search=_search(row)))

    def granted(self, fact: Fact, event: RoleGranted) -> None:
        """Note a role as it was given."""
        limits = _UNLIMITED if event.limits is UNSET else event.limits
        self._grant(fact, event.party, event.role, event.scope, limits)

    def withdrawn(self, fact: Fact, event: RoleRevoked) -> None:
        """Take a role back, with every scope it was granted in."""
        held = self._roles.where(
            lambda row: (
                (row.party, row.role, row.revoked_position) == (event.party, event.role, None)
            )
        )
        for row in held:
            self._roles.put(
                row._replace(
                    revoked_position=fact.position,
                    revoked_on=self._context.day(fact.recorded_ms),
                    reason=event.reason,
                )
            )

    def declared(self, fact: Fact, event: AccountDeclared) -> None:
        """Note an account, and from when payments may name it."""
        from_ms = self._waiting.end_ms(
            fact.recorded_ms, ACCOUNT_WORKING_DAYS, self._context.offset_minutes
        )
        self._accounts.put(
            AccountRow(
                event.account,
                fact.position,
                event.party,
                event.bank,
                fact.recorded_ms,
                self._context.day(fact.recorded_ms),
                from_ms,
                listed(self._feed.signatures(fact.statement_index)),
            )
        )

    def qualified(self, fact: Fact, event: QualificationGranted) -> None:
        """Note a qualification."""
        self._qualifications.put(
            QualificationRow(
                qualification=event.qualification,
                first_position=fact.position,
                last_position=fact.position,
                party=event.party,
                kind=event.kind,
                scope=_json(event.scope),
                expires=None if event.expires is UNSET else event.expires,
                granted_on=self._context.day(fact.recorded_ms),
                suspended_position=None,
                suspended_on=None,
                ground=None,
            )
        )

    def suspended(self, fact: Fact, event: QualificationSuspended) -> None:
        """Note that a qualification counts no longer."""
        self._qualifications.change(
            event.qualification,
            last_position=fact.position,
            suspended_position=fact.position,
            suspended_on=self._context.day(fact.recorded_ms),
            ground=event.ground,
        )

    def barred(self, fact: Fact, event: SanctionImposed) -> None:
        """Note a sanction."""
        (imposer, *_) = self._feed.signers(fact.statement_index)
        self._sanctions.put(
            SanctionRow(
                sanction=event.sanction,
                first_position=fact.position,
                last_position=fact.position,
                party=event.party,
                imposed_by=imposer,
                ground=event.ground,
                scope=_json(event.scope),
                from_date=event.from_date,
                until=event.until,
                imposed_on=self._context.day(fact.recorded_ms),
                lifted_position=None,
                lifted_on=None,
                reasons=None,
            )
        )

    def lifted(self, fact: Fact, event: SanctionLifted) -> None:
        """Note that a sanction ended before its time."""
        self._sanctions.change(
            event.sanction,
            last_position=fact.position,
            lifted_position=fact.position,
            lifted_on=self._context.day(fact.recorded_ms),
            reasons=encode_names(event.reason),
        )

    def related(self, fact: Fact, event: InterestDeclared) -> None:
        """Note a declared relation."""
        self._interests.put(
            InterestRow(
                fact.position,
                event.counterparty,
                event.person,
                event.relation,
                event.period.from_date,
                event.period.to_date,
                self._context.day(fact.recorded_ms),
                listed(self._feed.signatures(fact.statement_index)),
            )
        )

    def reaffirmed(self, fact: Fact, event: ActReaffirmed) -> None:
        """Note that an act in doubt stands."""
        keys = listed(self._feed.signatures(fact.statement_index))
        self._reaffirmed.put(ReaffirmedRow(event.event, fact.position, keys))

    def touch(self, fact: Fact) -> None:
        """Note that an event was at home with a party."""
        party = fact.subject.removeprefix(PARTY_KIND)
        if party != fact.subject and party in self._entries.rows:
            self._entries.change(party, last_position=fact.position)

    def put(self) -> None:
        """Put down what was changed."""
        rows: tuple[Rows[Any, Any], ...] = (
            self._entries,
            self._roles,
            self._accounts,
            self._sanctions,
            self._qualifications,
            self._interests,
            self._reaffirmed,
        )
        for each in rows:
            each.write(self._sheet)

    def _enter(self, fact: Fact, party: FoundingParty | PartyRegistered) -> None:
        row = EntryRow(
            party=party.party,
            first_position=fact.position,
            last_position=fact.position,
            names=encode_names(party.names),
            kind=party.kind,
            scheme=party.identifier.scheme,
            identifier=party.identifier.id,
            parent=None,
            sme=None,
            registered_on=self._context.day(fact.recorded_ms),
            updated_on=None,
            search="",
        )
        self._entries.put(row._replace(search=_search(row)))

    def _grant(
        self, fact: Fact, party: str, role: str, scope: Scope, limits: Limits = _UNLIMITED
    ) -> None:
        self._roles.put(
            RoleRow(
                party=party,
                role=role,
                position=fact.position,
                scope=_json(scope),
                amount_fen_max=limits.amount_fen_max or None,
                expires=limits.expires or None,
                granted_on=self._context.day(fact.recorded_ms),
                revoked_position=None,
                revoked_on=None,
                reason=None,
            )
        )


def _search(row: EntryRow) -> str:
    return searchable(row.party, row.identifier, *decode_names(row.names).values())


def _json(scope: Scope) -> str:
    return json.encode(scope, order="sorted").decode()


STEPS: dict[type[Any], Callable[[StandingFold, Fact, Any], None]] = {
    LedgerOpened: StandingFold.opened,
    PartyRegistered: StandingFold.registered,
    PartyUpdated: StandingFold.updated,
    RoleGranted: StandingFold.granted,
    RoleRevoked: StandingFold.withdrawn,
    AccountDeclared: StandingFold.declared,
    QualificationGranted: StandingFold.qualified,
    QualificationSuspended: StandingFold.suspended,
    SanctionImposed: StandingFold.barred,
    SanctionLifted: StandingFold.lifted,
    InterestDeclared: StandingFold.related,
    ActReaffirmed: StandingFold.reaffirmed,
}
"""What folds which event."""
