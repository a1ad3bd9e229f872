"""Columns of Arrow in; arrays of numbers, ids, words by their number and exact sums of money, out."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.bytes_]
"""Of one width. A comparison takes no notice of zeros at the end, which in ids of one width can't matter."""

AS_WORDS = "output_format_arrow_low_cardinality_as_dictionary = 1"
"""The engine's setting that `words` needs."""

_LIMBS = 4
"""Of 32 bits, of a decimal. Floats add up to two million of them exactly."""


class Words(msgspec.Struct, frozen=True):
    """Texts of which there are few, each by its number in a list."""

    codes: Ints
    texts: list[str]

    def text(self, at: int) -> str:
        """One of them."""
        return self.texts[int(self.codes[at])]

    def code(self, text: str) -> int:
        """A text's number; -1: it is none of them."""
        return self.texts.index(text) if text in self.texts else -1


def ints(column: Any, unknown: int = -1) -> Ints:
    """Whole numbers or yes and no; NULL is `unknown`."""
    if not column.null_count:
        return np.asarray(column).astype(np.int64, copy=False)
    # The column may be of numbers without a sign, which have no room for what is unknown.
    return np.where(np.asarray(column.is_null()), unknown, np.asarray(column.fill_null(0)).astype(np.int64))


def floats(column: Any) -> Floats:
    """Numbers; NULL is NaN."""
    return np.asarray(column).astype(np.float64, copy=False)


def flags(column: Any) -> Flags:
    """Yes and no, as numbers or as such."""
    return np.asarray(column).astype(np.bool_)


def ids(column: Any, width: int) -> Ids:
    """Bytes of a fixed width, none of them NULL."""
    return _raw(column, f"S{width}")


def of_bytes(told: Sequence[bytes], width: int) -> Ids:
    """The same of Python's."""
    return np.frombuffer(b"".join(told), f"S{width}")


def listed(one: Ids) -> list[bytes]:
    """All of them with the zeros at their ends."""
    return one.view(f"V{one.itemsize}").tolist()


def whole(one: Ids, at: int) -> bytes:
    """One id with the zeros at its end."""
    return one[at : at + 1].tobytes()


def words(column: Any) -> Words:
    """Texts of low cardinality."""
    told = column.unify_dictionaries().combine_chunks()
    if not len(told):
        return Words(np.zeros(0, np.int64), [])
    return Words(np.asarray(told.indices).astype(np.int64), told.dictionary.to_pylist())


def place(wanted: Ids, known: Ids) -> Ints:
    """Where each stands in `known`, which is sorted and has each once; -1: it isn't there."""
    if not known.size:
        return np.full(wanted.size, -1, np.int64)
    at = np.minimum(np.searchsorted(known, wanted), known.size - 1).astype(np.int64)
    return np.where(known[at] == wanted, at, -1)


def exact_sums(column: Any, groups: Ints, count: int) -> list[int]:
    """The sums of a Decimal(38, 24) by group, in units of 10^-24 dollars; NULL adds nothing."""
    told = _raw(column, "<u4").reshape(-1, _LIMBS)
    if column.null_count:
        told = np.where(np.asarray(column.is_null())[:, None], np.uint32(0), told)
    parts: list[list[int]] = []
    for limb in range(_LIMBS):
        weights = told[:, limb]
        # Of a negative number the highest limb is negative.
        signed = weights.view(np.int32) if limb == _LIMBS - 1 else weights
        parts.append(np.bincount(groups, weights=signed, minlength=count).astype(np.int64).tolist())
    return [a + (b << 32) + (c << 64) + (d << 96) for a, b, c, d in zip(*parts, strict=True)]


def _raw(column: Any, kind: str) -> Any:
    told = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    width = told.type.byte_width
    if not len(told):
        return np.zeros(0, kind)
    data = np.frombuffer(told.buffers()[1], np.uint8)
    return np.ascontiguousarray(data[told.offset * width : (told.offset + len(told)) * width]).view(kind)
