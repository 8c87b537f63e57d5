"""All red flags, in order."""

from typing import Any

from projections.flags.rule import Rule, Scope
from projections.flags.rules.f24 import F24
from projections.flags.rules.f25 import F25
from projections.flags.rules.f26 import F26
from projections.flags.rules.f27 import F27
from projections.flags.rules.f28 import F28
from projections.flags.rules.f29 import F29
from projections.flags.rules.f30 import F30
from projections.flags.rules.f31 import F31
from projections.flags.rules.f32 import F32
from projections.flags.rules.f33 import F33
from projections.flags.rules.f34 import F34
from projections.flags.rules.f35 import F35
from projections.flags.rules.f36 import F36
from projections.flags.rules.f42 import F42

RULES: tuple[Rule[Any], ...] = (
    F24,
    F25,
    F26,
    F27,
    F28,
    F29,
    F30,
    F31,
    F32,
    F33,
    F34,
    F35,
    F36,
    F42,
)
"""The rules, by their numbers."""

SCOPES: tuple[Scope[Any], ...] = tuple({rule.scope.name: rule.scope for rule in RULES}.values())
"""The scopes that they judge."""
