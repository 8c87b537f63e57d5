"""How far two geohash cells are apart at least, in whole metres.

A cell of five characters is 180/4096 of a degree high and as many wide: 4.9 km, less from west to
east away from the equator. The distance is that between the cells' nearest edges on a sphere of
111,195 m a degree (6,371 km radius), with the cosine of the latitude that is farther from the
equator: never more than the true one, so that a rule that asks for speed errs for the worker.

    least_distance_m("wsbmq", "wx4g0")  ->  Changsha to Beijing, some 1,300 km
    least_distance_m("wsbmq", "wsbmr")  ->  0, neighbours

Source: geohash (G. Niemeyer, 2008); the cosine by Bhaskara I, right to 0.2 %.
"""

from functools import lru_cache
from math import isqrt

_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
_BITS = 5  # a character
_CELL_MM = 111_195_000 * 180 // 4_096  # height of a cell, and its width at the equator
_ROWS, _COLUMNS = 4_096, 8_192
_PPM = 1_000_000


@lru_cache(maxsize=1 << 14)
def least_distance_m(first: str, second: str) -> int:
    """Return the least distance of two cells of five characters, in metres."""
    (row, column), (other_row, other_column) = _place(first), _place(second)
    rows = max(abs(row - other_row) - 1, 0)
    across = abs(column - other_column)
    columns = max(min(across, _COLUMNS - across) - 1, 0)
    farther = max(abs(2 * r + s - _ROWS) for r in (row, other_row) for s in (0, 2))
    north_mm = rows * _CELL_MM
    east_mm = columns * _CELL_MM * _cosine_ppm(farther) // _PPM
    return isqrt(north_mm * north_mm + east_mm * east_mm) // 1_000


def _place(cell: str) -> tuple[int, int]:
    """Return the row (from the south) and column (from the west) of a cell."""
    row = column = 0
    for number, bit in enumerate(
        _ALPHABET.index(character) >> shift & 1
        for character in cell
        for shift in reversed(range(_BITS))
    ):
        if number % 2:
            row = row << 1 | bit
        else:
            column = column << 1 | bit
    return row, column


def _cosine_ppm(latitude: int) -> int:
    """Return the cosine of a latitude, given in units of 90 degrees / 4096 from the equator."""
    square = latitude * latitude
    whole = _ROWS * _ROWS
    return _PPM * (whole - square) * 4 // (4 * whole + square)
