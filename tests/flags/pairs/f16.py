"""One person under two tokens, served at once in two programmes, and one after the other."""

from flags.visiting import day, entitled, visit

_KNOWN = {"p-1": "zhang", "q-1": "zhang"}
_TWIN = (entitled("q-1", "other"),)

FLAGGED = day(
    visit(7, 540, 30),
    visit(8, 550, 30, beneficiary="q-1", worker="w-2", contract="c-2"),
    others=_TWIN,
    identities=_KNOWN,
)
CLEAR = day(
    visit(7, 540, 30),
    visit(8, 570, 30, beneficiary="q-1", worker="w-2", contract="c-2"),
    others=_TWIN,
    identities=_KNOWN,
)
