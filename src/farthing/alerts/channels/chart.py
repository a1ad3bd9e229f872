"""Amounts hour by hour, and the band they were expected in, in; a small PNG for a mail out. Pure.

A picture of a few hundred rectangles in eight colours needs no library: PNG is rows of bytes, zlib and a checksum.
Amounts are floats here because they become pixels; nobody reads money off them.
"""

import struct
import zlib
from collections.abc import Sequence

import msgspec

WIDTH, HEIGHT = 560, 140
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 8, 8, 10
_MOST_BARS = 180

_PAPER, _LINE, _BAND, _BAR, _BEYOND, _GAP = range(6)
_COLOURS = (
    (255, 255, 255),
    (176, 184, 193),
    (214, 228, 243),
    (70, 116, 173),
    (214, 48, 49),
    (228, 231, 235),
)


class Bar(msgspec.Struct, frozen=True):
    """What was measured in one stretch of time, None where nobody knows; and what was expected."""

    actual: float | None
    lower: float | None = None
    upper: float | None = None


def draw(bars: Sequence[Bar]) -> bytes:
    """A PNG: bars, those beyond the band red, the band behind them; grey where nothing is known."""
    shown = bars[-_MOST_BARS:]
    rows = [bytearray(WIDTH) for _ in range(HEIGHT)]
    floor = HEIGHT - _BOTTOM
    most = max([0.0, *(value for bar in shown for value in (bar.actual, bar.upper) if value is not None)]) or 1.0

    def height(value: float) -> int:
        return round(max(value, 0.0) / most * (floor - _TOP))

    for number, bar in enumerate(shown):
        left = _LEFT + number * (WIDTH - _LEFT - _RIGHT) // len(shown)
        right = max(left + 1, _LEFT + (number + 1) * (WIDTH - _LEFT - _RIGHT) // len(shown))
        if bar.upper is not None:
            _fill(rows, (left, right), (floor - height(bar.upper), floor - height(bar.lower or 0.0)), _BAND)
        # Bars of a day have air between them; hundreds would be air only.
        end = right - 2 if right - left > 4 else right
        if bar.actual is None:
            _fill(rows, (left, end), (floor - 6, floor), _GAP)
        else:
            colour = _BEYOND if bar.upper is not None and bar.actual > bar.upper else _BAR
            _fill(rows, (left, end), (floor - height(bar.actual), floor), colour)
    _fill(rows, (_LEFT, WIDTH - _RIGHT), (floor, floor + 1), _LINE)
    return _png(rows)


def _fill(rows: list[bytearray], across: tuple[int, int], down: tuple[int, int], colour: int) -> None:
    left, right = across
    for row in rows[down[0] : down[1]]:
        row[left:right] = bytes([colour]) * (right - left)


def _png(rows: Sequence[bytearray]) -> bytes:
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    palette = bytes(part for colour in _COLOURS for part in colour)
    pixels = b"".join(b"\0" + bytes(row) for row in rows)
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
