"""What was delivered to whom, by whom, and what people said of it.

tables      the rows
seen        what is read of the most frequent events
people      folding people, care plans, workers and contracts
visits      folding visits, words, spot checks and the sums
model       the read model
planned     units that care plans give in calendar months
sides       whom deliveries concern
queries     the questions, and the records that answer them
entitled    what a person's units are traced by
"""

from projections.delivery.entitled import Entitled, entitled
from projections.delivery.model import DELIVERY
from projections.delivery.queries import Person, PersonFile, list_people, person_file

__all__ = [
    "DELIVERY",
    "Entitled",
    "Person",
    "PersonFile",
    "entitled",
    "list_people",
    "person_file",
]
