"""A seed in; chance as integers out: weighted tables, lognormal quantiles, ids, names. The same on every machine.

Only `Random.getrandbits` is used, whose stream is fixed, and every table is rounded to integers: the last bit of a
platform's `exp` decides nothing.
"""

import math
from binascii import b2a_base64
from collections.abc import Callable, Iterator, Mapping
from random import Random
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

TABLE = 1024
"""Entries of a weighted table: 10 random bits choose one."""
FINE = 4096
"""Entries of a quantile table: 12 random bits choose one."""

_BLOCK = 1 << 14
_LETTERS = bytes.maketrans(b"+/", b"Qz")
_NORMAL = tuple(NormalDist().inv_cdf((i + 0.5) / FINE) for i in range(FINE))

NOISE = tuple(round(1000 * z) for z in _NORMAL)
"""Quantiles of the standard normal distribution, in thousandths."""


class Dice:
    """One seeded stream of random bits. Ids and names are cut from larger blocks: a draw for each would cost too much."""

    def __init__(self, seed: str) -> None:
        self.bits = Random(seed).getrandbits  # noqa: S311 - reproducible on purpose; nothing here is secret
        self.trace_id = self._bytes(16).__next__
        self.span_id = self._bytes(8).__next__
        self._names: dict[int, Callable[[], str]] = {}

    def names(self, length: int) -> Callable[[], str]:
        """A source of words of so many letters and digits."""
        if length not in self._names:
            self._names[length] = self._letters(length).__next__
        return self._names[length]

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return (self.bits(32) * limit) >> 32

    def _block(self) -> bytes:
        return self.bits(8 * _BLOCK).to_bytes(_BLOCK, "little")

    def _bytes(self, size: int) -> Iterator[bytes]:
        while True:
            block = self._block()
            for at in range(0, _BLOCK, size):
                yield block[at : at + size]

    def _letters(self, length: int) -> Iterator[str]:
        while True:
            text = b2a_base64(self._block(), newline=False).translate(_LETTERS).decode("ascii")
            for at in range(0, _BLOCK - length, length):
                yield text[at : at + length]


def lognormal(median: int, sigma: float) -> tuple[int, ...]:
    """The quantiles of a lognormal distribution, as whole numbers from 1 up."""
    return tuple(max(1, round(median * math.exp(sigma * z))) for z in _NORMAL)


def weighted(weights: Mapping[T, int] | list[tuple[T, int]], size: int = TABLE) -> tuple[T, ...]:
    """A table in which each item stands as often as its weight says; chance is an index into it."""
    pairs = list(weights.items()) if isinstance(weights, Mapping) else weights
    table: list[T] = []
    for (item, _), times in zip(pairs, shares([weight for _, weight in pairs], size), strict=True):
        table.extend([item] * times)
    return tuple(table)


def shares(weights: list[int], whole: int) -> list[int]:
    """`whole` divided in proportion to the weights; the parts add up to it (largest remainders first)."""
    total = sum(weights)
    parts = [whole * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
    for i in by_remainder[: whole - sum(parts)]:
        parts[i] += 1
    return parts
