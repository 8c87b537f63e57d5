"""What an auditor's pack holds beside the journal: rows of one moment of the ledger.

moment      the moment: a position that a checkpoint covers, and read models that reflect it
trial       a trial balance a fund line, now and at the last closing
contracts   contracts, and the life of each, step by step
payments    payments and advances, with the bank's words
rights      keys and roles, with what became of them
"""

from projections.audit.contracts import ContractSheet, ContractStep, contract_sheets, contract_steps
from projections.audit.moment import Moment, in_one_moment
from projections.audit.payments import PaymentSheet, payment_sheets
from projections.audit.rights import KeySheet, RoleSheet, key_sheets, role_sheets
from projections.audit.trial import TrialBalance, trial_balance

__all__ = [
    "ContractSheet",
    "ContractStep",
    "KeySheet",
    "Moment",
    "PaymentSheet",
    "RoleSheet",
    "TrialBalance",
    "contract_sheets",
    "contract_steps",
    "in_one_moment",
    "key_sheets",
    "payment_sheets",
    "role_sheets",
    "trial_balance",
]
