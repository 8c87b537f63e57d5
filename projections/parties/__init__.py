"""Parties: their entries, keys, roles, accounts, standing and declared relations.

tables      the rows, which say what each column means
waiting     when a waiting time of working days ends
keys        folding keys
standing    folding the register, roles, accounts, qualifications and sanctions
model       the read model
records     what answers
queries     the questions
authority   whether a party may come in, and what it may do
"""

from projections.parties.model import PARTIES
from projections.parties.queries import list_parties, party_file
from projections.parties.records import (
    Account,
    Interest,
    Key,
    PartyFile,
    PartyListed,
    Qualification,
    Role,
    Sanction,
)

__all__ = [
    "PARTIES",
    "Account",
    "Interest",
    "Key",
    "PartyFile",
    "PartyListed",
    "Qualification",
    "Role",
    "Sanction",
    "list_parties",
    "party_file",
]
