"""All red flags, in order."""

from typing import Any

from projections.flags.rule import Rule, Scope

RULES: tuple[Rule[Any], ...] = ()
"""The rules, by their numbers."""

SCOPES: tuple[Scope[Any], ...] = tuple({rule.scope.name: rule.scope for rule in RULES}.values())
"""The scopes that they judge."""
