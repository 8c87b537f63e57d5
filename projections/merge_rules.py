"""How OCDS releases are merged, as data: the fields that do not follow the usual rule.

The usual rule: a later value replaces an earlier one, field by field; items of a list are the
same when their `id` is; a list of plain values is replaced as a whole. The schemas of OCDS name
two exceptions, and `ocdsmerge` would read them from the schema, which it fetches from the network.
Here they are, read from `release-schema.json` of 1.1.5 and 1.0.3; a key is the path of a field
through objects and lists.

    omitWhenMerged   the field speaks of one release and not of the process
    wholeListMerge   the list is replaced as a whole although its items are objects

1.0 says the same as 1.1 except that it knows no parties: its suppliers and tenderers are
organisations without id, so their lists are replaced as a whole.
"""

from typing import Final

Rules = dict[tuple[str, ...], str]

OMIT: Final = "omitWhenMerged"
WHOLE_LIST: Final = "wholeListMerge"


def _rules(rule: str, paths: str) -> Rules:
    return {tuple(path.split("/")): rule for path in paths.split()}


_COMMON: Final = _rules(OMIT, "date id tag") | _rules(
    WHOLE_LIST,
    """
    awards/amendment/changes
    awards/items/additionalClassifications
    buyer/additionalIdentifiers
    contracts/amendment/changes
    contracts/items/additionalClassifications
    tender/amendment/changes
    tender/items/additionalClassifications
    tender/procuringEntity/additionalIdentifiers
    tender/submissionMethod
    """,
)

RULES_1_1: Final[Rules] = _COMMON | _rules(
    WHOLE_LIST,
    """
    awards/amendments/changes
    awards/suppliers/additionalIdentifiers
    contracts/amendments/changes
    contracts/implementation/transactions/payee/additionalIdentifiers
    contracts/implementation/transactions/payer/additionalIdentifiers
    contracts/relatedProcesses/relationship
    parties/additionalIdentifiers
    parties/roles
    relatedProcesses/relationship
    tender/additionalProcurementCategories
    tender/amendments/changes
    tender/tenderers/additionalIdentifiers
    """,
)
"""OCDS 1.1."""

RULES_1_0: Final[Rules] = (
    _COMMON | _rules(OMIT, "ocid") | _rules(WHOLE_LIST, "awards/suppliers tender/tenderers")
)
"""OCDS 1.0."""
