"""Folding awards: decided, challenged, cancelled, and the contracts that come of them."""

from typing import Any

from msgspec import UNSET

from ledger.events.award import (
    AwardCancelled,
    AwardChallenged,
    AwardDecided,
    ChallengeAnswered,
    ComplaintDecided,
    ComplaintLodged,
)
from ledger.events.contract import ContractAmended, ContractPublished, ContractSigned
from projections.context import Context, encode_names
from projections.feed import Fact, Feed
from projections.rows import listed
from projections.sheet import Sheet
from projections.tenders.bids import Step, encode_rates
from projections.tenders.file import Files
from projections.tenders.tables import (
    SUPPLEMENT,
    AwardRow,
    ChallengeRow,
    ContractRow,
    SupplementRow,
)

_STATUS_OF = {"ACCEPTED": "accepted", "REJECTED": "rejected"}
_STATUS_BY_RULING = {"CHALLENGE_UPHELD": "accepted", "CHALLENGE_REJECTED": "rejected"}


class AwardFold:
    """The fold of one batch over awards and what follows them."""

    def __init__(self, files: Files, feed: Feed, context: Context) -> None:
        """Change `files`; names of signers come from `feed`, days from `context`."""
        self._files = files
        self._feed = feed
        self._context = context
        self._supplements: list[SupplementRow] = []

    def decided(self, fact: Fact, event: AwardDecided) -> None:
        """Give a lot to its winner."""
        files = self._files
        files.awards.put(
            AwardRow(
                award=event.award,
                first_position=fact.position,
                last_position=fact.position,
                tender=event.tender,
                lot=event.lot,
                winner=event.winner,
                value_fen=event.value_fen,
                ranking=listed(event.ranking),
                reason=None if event.reason is UNSET else event.reason,
                status="standing",
                keys=listed(self._feed.signatures(fact.statement_index)),
                decided_ms=fact.recorded_ms,
                decided_on=self._context.day(fact.recorded_ms),
                contract=None,
                challenges=0,
                cancelled_position=None,
                cancelled_reasons=None,
            )
        )
        files.lots.change((event.tender, event.lot), status="awarded", award=event.award)
        row = files.tenders[event.tender]
        files.tenders.change(event.tender, awards=row.awards + 1)

    def cancelled(self, fact: Fact, event: AwardCancelled) -> None:
        """Open a lot again whose award no longer stands."""
        row = self._files.awards.change(
            event.award,
            status="cancelled",
            last_position=fact.position,
            cancelled_position=fact.position,
            cancelled_reasons=encode_names(event.reason),
        )
        self._files.lots.change((row.tender, row.lot), status="open", award=None)

    def challenged(self, fact: Fact, event: AwardChallenged) -> None:
        """Begin the file of a challenge."""
        (challenger, *_) = self._feed.signers(fact.statement_index)
        award = None if event.award is UNSET else event.award
        self._files.challenges.put(
            ChallengeRow(
                challenge=event.challenge,
                first_position=fact.position,
                last_position=fact.position,
                tender=event.tender,
                award=award,
                challenger=challenger,
                ground=event.ground,
                status="filed",
                filed_ms=fact.recorded_ms,
                answered_position=None,
                answered_ms=None,
                complaint=None,
                complainant=None,
                complained_position=None,
                complained_ms=None,
                suspend_days=None,
                ruling=None,
                ruled_position=None,
                ruled_ms=None,
            )
        )
        row = self._files.tenders[event.tender]
        self._files.tenders.change(event.tender, challenges=row.challenges + 1)
        if award is not None:
            count = self._files.awards[award].challenges + 1
            self._files.awards.change(award, challenges=count, last_position=fact.position)

    def replied(self, fact: Fact, event: ChallengeAnswered) -> None:
        """Note the purchaser's reply; a ruling that came before it stands."""
        row = self._files.challenges[event.challenge]
        status = _STATUS_OF[event.reply] if row.ruling is None else row.status
        self._change(
            fact,
            event.challenge,
            status=status,
            answered_position=fact.position,
            answered_ms=fact.recorded_ms,
        )

    def complained(self, fact: Fact, event: ComplaintLodged) -> None:
        """Note that a challenge was taken to the supervisor."""
        (complainant, *_) = self._feed.signers(fact.statement_index)
        self._change(
            fact,
            event.challenge,
            complaint=event.complaint,
            complainant=complainant,
            complained_position=fact.position,
            complained_ms=fact.recorded_ms,
            suspend_days=None if event.suspend_days is UNSET else event.suspend_days,
        )

    def ruled(self, fact: Fact, event: ComplaintDecided) -> None:
        """Note the supervisor's ruling, which replaces the purchaser's reply."""
        (row,) = self._files.challenges.where(lambda row: row.complaint == event.complaint)
        self._change(
            fact,
            row.challenge,
            status=_STATUS_BY_RULING[event.ruling],
            ruling=event.ruling,
            ruled_position=fact.position,
            ruled_ms=fact.recorded_ms,
        )

    def signed(self, fact: Fact, event: ContractSigned) -> None:
        """Note the contract that carries out an award."""
        files = self._files
        award = files.awards.change(
            event.award, contract=event.contract, last_position=fact.position
        )
        lot = files.lots.change(
            (award.tender, award.lot), status="contracted", contract=event.contract
        )
        files.contracts.put(
            ContractRow(
                contract=event.contract,
                first_position=fact.position,
                last_position=fact.position,
                tender=award.tender,
                lot=award.lot,
                award=event.award,
                buyer=event.buyer,
                provider=event.provider,
                service=lot.service,
                area=lot.area,
                keys=listed(self._feed.signatures(fact.statement_index)),
                signed_ms=fact.recorded_ms,
                signed_on=self._context.day_of(fact),
                value_fen=event.value_fen,
                supplements_fen=0,
                reduced_fen=0,
                amendments=0,
                amended_position=None,
                published_position=None,
                published_ms=None,
                items=encode_rates({item.service: item.rate_fen for item in event.items}),
            )
        )

    def amended(self, fact: Fact, event: ContractAmended) -> None:
        """Add what an amendment adds, apart from what others take away."""
        row = self._files.contracts[event.contract]
        delta_fen = event.value_delta_fen
        self._files.contracts.change(
            event.contract,
            last_position=fact.position,
            supplements_fen=row.supplements_fen + max(delta_fen, 0),
            reduced_fen=row.reduced_fen + max(-delta_fen, 0),
            amendments=row.amendments + 1,
            amended_position=fact.position,
        )
        self._supplements.append(
            SupplementRow(fact.position, event.contract, delta_fen, event.reason, fact.recorded_ms)
        )

    def disclosed(self, fact: Fact, event: ContractPublished) -> None:
        """Note when a contract's text was published first (C09)."""
        row = self._files.contracts[event.contract]
        first = row.published_position is None
        self._files.contracts.change(
            event.contract,
            last_position=fact.position,
            published_position=fact.position if first else row.published_position,
            published_ms=fact.recorded_ms if first else row.published_ms,
        )

    def put(self, sheet: Sheet) -> None:
        """Put down the supplements; the files are written by whoever holds them."""
        sheet.put(SUPPLEMENT, self._supplements)

    def _change(self, fact: Fact, challenge: str, **values: Any) -> None:
        row = self._files.challenges.change(challenge, last_position=fact.position, **values)
        if row.award is not None:
            self._files.awards.change(row.award, last_position=fact.position)


STEPS: dict[type[Any], Step] = {
    AwardDecided: AwardFold.decided,
    AwardCancelled: AwardFold.cancelled,
    AwardChallenged: AwardFold.challenged,
    ChallengeAnswered: AwardFold.replied,
    ComplaintLodged: AwardFold.complained,
    ComplaintDecided: AwardFold.ruled,
    ContractSigned: AwardFold.signed,
    ContractAmended: AwardFold.amended,
    ContractPublished: AwardFold.disclosed,
}
"""What folds which event."""
