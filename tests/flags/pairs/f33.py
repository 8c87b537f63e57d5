"""Supplements a fen above five in a hundred, and exactly five."""

from flags.buying import dealing, signed

FLAGGED = dealing(contract=signed(supplements_fen=51))
CLEAR = dealing(contract=signed(supplements_fen=50))
