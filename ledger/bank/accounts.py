"""Account numbers, as the keeper of the vault gives them to the treasury.

In the ledger an account is a token, and its number a commitment. Who makes bank files, or compares
what they say, is given the numbers as JSON lines, which stay where they are:

    {"account": "account-3f9a51c20b7d4e68", "number": "6222020200112233445", "salt": "…32 hex…"}
    {"pays_for": "lushan-civil-affairs", "number": "110060149012", "bank": "102551000017",
     "name": "Lushan Finance Bureau"}

The first opens the commitment of a declared account; the second says from which account a buyer's
payments are made. Without them a file names accounts by token, for a bank that keeps the numbers.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from ledger.canonical import encode
from ledger.errors import Malformed

NUMBER = "number"
"""The name under which an account's number is committed to (docs/vocabulary.md)."""

MAX_NUMBER_CHARS = 34
"""Max34Text: what ISO 20022 gives an account that is no IBAN."""


_BANK = re.compile("[0-9A-Z]{8,14}", re.ASCII)
"""A bank's code, as `account.declared` has it."""


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    number: str
    account: str = ""
    salt: str = ""
    pays_for: str = ""
    bank: str = ""
    name: str = ""


class Opening(NamedTuple):
    """The number behind a token.

    Attributes:
        account: the token.
        number: without spaces.
        commitment: what the ledger shows of it.

    """

    account: str
    number: str
    commitment: str


class Debtor(NamedTuple):
    """The account that pays for a buyer.

    Attributes:
        number: of the account.
        bank: CNAPS number or BIC of the bank.
        name: of whose account it is.

    """

    number: str
    bank: str
    name: str


class Accounts:
    """Numbers by token, by commitment and the other way round."""

    def __init__(
        self, openings: Iterable[Opening] = (), debtors: dict[str, Debtor] | None = None
    ) -> None:
        """Begin with what is given."""
        self._by_token: dict[str, list[Opening]] = {}
        self._by_number: dict[str, Opening] = {}
        for each in openings:
            self._by_token.setdefault(each.account, []).append(each)
            self._by_number.setdefault(each.number, each)
        self._debtors = debtors or {}

    def number_of(self, account: str, commitment: str) -> str | None:
        """Return the number of a declared account, or None where nobody gave it.

        Raises:
            Malformed: what was given does not open the commitment.

        """
        given = self._by_token.get(account)
        if not given:
            return None
        for each in given:
            if each.commitment == commitment:
                return each.number
        raise Malformed(
            f"the number given for the account {account} is not the one that was declared: ask "
            "the keeper of the vault"
        )

    def opening(self, number: str) -> Opening | None:
        """Return the declared account of a number, or None."""
        return self._by_number.get(plain(number))

    def debtor(self, buyer: str) -> Debtor | None:
        """Return the account that pays for a buyer, or None."""
        return self._debtors.get(buyer)


def read_accounts(data: bytes) -> Accounts:
    """Return what the keeper of the vault gave.

    Raises:
        Malformed: a line is none, with its number.

    """
    openings, debtors = [], {}
    decoder = msgspec.json.Decoder(_Line)
    for place, text in enumerate(data.split(b"\n"), 1):
        if not text.strip():
            continue
        try:
            line = decoder.decode(text)
        except msgspec.MsgspecError as error:
            raise Malformed(f"line {place} of the accounts is none: {error}") from None
        number = plain(line.number)
        if not 0 < len(number) <= MAX_NUMBER_CHARS or bool(line.account) == bool(line.pays_for):
            raise Malformed(
                f"line {place} of the accounts names neither one account nor one buyer, with a "
                f"number of at most {MAX_NUMBER_CHARS} characters"
            )
        if not number.isprintable():
            raise Malformed(f"line {place} of the accounts has a number that no bank could read")
        if line.bank and not _BANK.fullmatch(line.bank):
            raise Malformed(
                f"line {place} of the accounts names the bank {line.bank!r}, which is neither a "
                "CNAPS number nor a BIC"
            )
        if line.account:
            commitment = commitment_of(line.salt, line.number)
            openings.append(Opening(line.account, number, commitment))
        else:
            debtors[line.pays_for] = Debtor(number, line.bank, line.name)
    return Accounts(openings, debtors)


def commitment_of(salt: str, number: str) -> str:
    """Return the commitment to an account's number: SHA-256 of canonical [salt, name, value]."""
    return hashlib.sha256(encode([salt, NUMBER, number])).hexdigest()


def plain(number: str) -> str:
    """Return a number without the spaces and hyphens that people write in it."""
    return "".join(each for each in number if not each.isspace() and each != "-").upper()
