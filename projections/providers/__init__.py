"""Providers: what each was contracted, billed, paid and scored, and how long it waited for money.

tables      the rows
money       sums owed, payments, and the days between them
model       the read model
queries     the questions, and the records that answer them
"""

from projections.providers.model import PROVIDERS
from projections.providers.queries import (
    Provider,
    ProviderFile,
    ProviderMonth,
    ProviderSanction,
    ProviderScore,
    list_providers,
    provider,
    scores_of,
)

__all__ = [
    "PROVIDERS",
    "Provider",
    "ProviderFile",
    "ProviderMonth",
    "ProviderSanction",
    "ProviderScore",
    "list_providers",
    "provider",
    "scores_of",
]
