"""All red flags, in order."""

from typing import Any

from projections.flags.rule import Rule, Scope
from projections.flags.rules.f01 import F01
from projections.flags.rules.f02 import F02
from projections.flags.rules.f03 import F03
from projections.flags.rules.f04 import F04
from projections.flags.rules.f05 import F05
from projections.flags.rules.f06 import F06
from projections.flags.rules.f07 import F07
from projections.flags.rules.f08 import F08
from projections.flags.rules.f09 import F09
from projections.flags.rules.f10 import F10
from projections.flags.rules.f11 import F11
from projections.flags.rules.f12 import F12
from projections.flags.rules.f13 import F13
from projections.flags.rules.f14 import F14
from projections.flags.rules.f15 import F15
from projections.flags.rules.f16 import F16
from projections.flags.rules.f17 import F17
from projections.flags.rules.f18 import F18
from projections.flags.rules.f19 import F19
from projections.flags.rules.f20 import F20
from projections.flags.rules.f21 import F21
from projections.flags.rules.f22 import F22
from projections.flags.rules.f23 import F23
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
from projections.flags.rules.f37 import F37
from projections.flags.rules.f38 import F38
from projections.flags.rules.f39 import F39
from projections.flags.rules.f40 import F40
from projections.flags.rules.f41 import F41
from projections.flags.rules.f42 import F42
from projections.flags.rules.f43 import F43
from projections.flags.rules.f44 import F44
from projections.flags.rules.f45 import F45
from projections.flags.rules.f46 import F46
from projections.flags.rules.f47 import F47

RULES: tuple[Rule[Any], ...] = (
    F01,
    F02,
    F03,
    F04,
    F05,
    F06,
    F07,
    F08,
    F09,
    F10,
    F11,
    F12,
    F13,
    F14,
    F15,
    F16,
    F17,
    F18,
    F19,
    F20,
    F21,
    F22,
    F23,
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
    F37,
    F38,
    F39,
    F40,
    F41,
    F42,
    F43,
    F44,
    F45,
    F46,
    F47,
)
"""The rules, by their numbers."""

SCOPES: tuple[Scope[Any], ...] = tuple({rule.scope.name: rule.scope for rule in RULES}.values())
"""The scopes that they judge."""
