"""A contract paid a cent beyond its value, and one paid exactly."""

from flags.publishing import process

_RELEASE = """{"ocid": "ocds-1", "tag": ["contract"], "contracts": [{"id": "1", "awardID": "1",
    "value": {"amount": 10.00, "currency": "USD"}, "implementation": {"transactions": [
    {"id": "1", "value": {"amount": PAID, "currency": "USD"}}]}}]}"""

FLAGGED = process(_RELEASE.replace("PAID", "10.01"))
CLEAR = process(_RELEASE.replace("PAID", "10.00"))
