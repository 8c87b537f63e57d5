"""The journal as auditors read it: both sides of every posting, each with its balance after.

rows        what a row says, and how it follows from an event and its posting
roles       which roles a party held when it signed
reading     the rows of a ledger's database, page by page
"""

from projections.journal.reading import journal
from projections.journal.rows import JournalRow

__all__ = ["JournalRow", "journal"]
