"""What keys confirm, answer, approve and order: how often, how much, and how fast.

model       the tables and the fold
queries     the questions, and the records that answer them
"""

from projections.approvers.model import APPROVERS
from projections.approvers.queries import Approver, Gap, list_approvers, median_of

__all__ = ["APPROVERS", "Approver", "Gap", "list_approvers", "median_of"]
