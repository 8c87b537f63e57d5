"""What was delivered to whom, by whom, and what people said of it.

tables      the rows
people      folding people, care plans, workers and contracts
visits      folding visits, words, spot checks and the sums
model       the read model
"""

from projections.delivery.model import DELIVERY

__all__ = ["DELIVERY"]
