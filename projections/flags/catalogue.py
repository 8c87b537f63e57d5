"""All red flags, in order."""

from typing import Any

from projections.flags.rule import Rule, Scope
from projections.flags.rules.f20 import F20
from projections.flags.rules.f21 import F21
from projections.flags.rules.f37 import F37
from projections.flags.rules.f38 import F38
from projections.flags.rules.f39 import F39
from projections.flags.rules.f40 import F40
from projections.flags.rules.f41 import F41
from projections.flags.rules.f43 import F43
from projections.flags.rules.f45 import F45
from projections.flags.rules.f46 import F46
from projections.flags.rules.f47 import F47

RULES: tuple[Rule[Any], ...] = (F20, F21, F37, F38, F39, F40, F41, F43, F45, F46, F47)
"""The rules, by their numbers."""

SCOPES: tuple[Scope[Any], ...] = tuple({rule.scope.name: rule.scope for rule in RULES}.values())
"""The scopes that they judge."""
