"""Retention."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "retention_not_due": Refusal(
        "What contract {contract} holds back falls due on {when}.",
        "Wait for that day, or let the purchaser release it early.",
    ),
    "retention_is_due": Refusal(
        "What contract {contract} holds back has been due since {when}; nothing is early any more.",
        "Release all of it, with the basis `due`: `sunledger tick`.",
    ),
    "notice_open": Refusal(
        "Notice {notice} about contract {contract} waits for its answer or a decision.",
        "What is held back is released when that is over.",
    ),
    "retention_not_whole": Refusal(
        "Contract {contract} holds back {retained_fen} fen; {amount_fen} fen would be released.",
        "On the day of release all of it is released.",
    ),
}
