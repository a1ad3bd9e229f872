"""The values of one column in; the same as Arrow out, where possible without looking at each of them."""

from array import array
from collections.abc import Sequence
from typing import Any, TypeAlias

import pyarrow as pa

from farthing.model import money
from farthing.store.telemetry.texts import as_json, as_text, encode

Column: TypeAlias = "pa.Array[Any]"

_arrow: Any = pa  # the stubs know these functions for some types only

_MONEY = pa.decimal128(38, money.SCALE)
_LAST_POSITIVE = 0x7F
_CODES: dict[pa.DataType, str] = {pa.uint64(): "Q", pa.int64(): "q"}


def texts(values: Sequence[str]) -> Column:
    """One text for each row. Of most columns all rows say the same."""
    if (same := _repeated(values, pa.string())) is not None:
        return same
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        return pa.array([as_text(value) for value in values], pa.string())


def documents(values: Sequence[Any]) -> Column:
    """One JSON document for each row."""
    try:
        encoded = pa.array([encode(value) for value in values], pa.binary())
    except UnicodeEncodeError:
        return pa.array([as_json(value) for value in values], pa.string())
    _, offsets, data = encoded.buffers()
    return pa.Array.from_buffers(pa.string(), len(values), [None, offsets, data])


def numbers(values: Sequence[int], kind: pa.DataType) -> Column:
    """Integers of 64 bits. Raises what Arrow raises where one is none."""
    try:
        data = array(_CODES[kind], values)
    except (TypeError, OverflowError):
        return pa.array(values, kind)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(data)])


def ids(values: Sequence[bytes], length: int) -> Column:
    """Bytes of one length. Raises what Arrow raises where some have another."""
    same = _repeated(values, pa.binary(length))
    return pa.array(values, pa.binary(length)) if same is None else same


def maybe(values: Sequence[int | None], kind: pa.DataType) -> Column:
    """Integers, of which some, and often all, are not told."""
    return pa.array(values, kind) if any_told(values) else _arrow.nulls(len(values), kind)


def moments(starts_ns: Sequence[int]) -> Column:
    """Unix nanoseconds as timestamps."""
    return numbers(starts_ns, pa.int64()).cast(pa.timestamp("ns", tz="UTC"))


def amounts(units: Sequence[int | None]) -> Column:
    """Units of 10^-24 dollars to Decimal(38, 24), straight into Arrow's own layout: little-endian 128-bit integers."""
    if not any_told(units):
        return _arrow.nulls(len(units), _MONEY)
    try:
        data = b"".join([(u or 0).to_bytes(16, "little") for u in units])
    except OverflowError:
        data = b""
    if not data or max(data[15::16]) > _LAST_POSITIVE:
        # A credit, or more than the column can hold: this way takes twice as long and knows which.
        data = b"".join([(u or 0).to_bytes(16, "little", signed=True) for u in units])
    known: Any = pa.array([u is not None for u in units], pa.bool_()).buffers()[1] if None in units else None
    return pa.Array.from_buffers(_MONEY, len(units), [known, pa.py_buffer(data)])


def any_told(values: Sequence[object]) -> bool:
    """Whether one of them is anything."""
    return values.count(None) != len(values)


def _repeated(values: Sequence[str | bytes], kind: pa.DataType) -> "Column | None":
    count = len(values)
    # By identity mostly, so this costs next to nothing; where they differ, the last one nearly always tells.
    if count < 2 or values[0] != values[-1] or values.count(values[0]) != count:
        return None
    held = values[0]
    return _arrow.repeat(_arrow.scalar(as_text(held) if isinstance(held, str) else held, kind), count)
