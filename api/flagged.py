"""What is said of a red flag's case, in words: on the command line, on pages, in answers."""

from api.telling import Teller
from projections.flags.asking import Flag, rules_named


def case_in_words(teller: Teller, case: Flag, currency: str) -> str:
    """Return what is said of a case: amounts as money, shares as percentages, words translated."""
    (rule,) = rules_named((case.rule,))
    facts: dict[str, str] = {}
    for name, value in case.facts.items():
        if isinstance(value, str):
            facts[name] = teller.tell(value) if name.endswith("_word") else value
        elif name.endswith("_fen"):
            facts[name] = teller.money(value, currency)
        elif name.endswith("_ppm"):
            facts[name] = teller.rate(value)
        else:
            facts[name] = teller.number(value)
    return teller.tell(rule.sentence, **facts)
