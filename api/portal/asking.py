"""What pages are asked with: a form sends every field, those left empty as empty texts."""

from typing import Annotated

from pydantic import BeforeValidator, Field


def _nothing(value: object) -> object:
    """Take an empty text for nothing."""
    return None if value == "" else value


EMPTY_IS_NONE = BeforeValidator(_nothing)
"""For a parameter that a form may send empty."""

Word = Annotated[str | None, EMPTY_IS_NONE]
"""A text, or nothing."""
Year = Annotated[Annotated[int, Field(ge=1, le=9999)] | None, EMPTY_IS_NONE]
"""A year, or nothing."""
Position = Annotated[Annotated[int, Field(ge=0, le=2**53 - 1)] | None, EMPTY_IS_NONE]
"""A position of the ledger, or nothing."""
