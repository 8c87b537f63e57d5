"""A credential that ended the day before, and one that ends on the day."""

from flags.visiting import day, visit

FLAGGED = day(visit(7, 540, 30), qualification="nurse", credentials='[["nurse","2026-03-01"]]')
CLEAR = day(visit(7, 540, 30), qualification="nurse", credentials='[["nurse","2026-03-02"]]')
