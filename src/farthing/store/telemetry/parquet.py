"""Pages of rows in the API's shapes in; the bytes of one Parquet file, as they are made, out. Money is exact decimals."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from farthing.model import money
from farthing.store.telemetry.columns import Column

ROW_GROUP = 50_000
"""Rows that are packed together: more pack better, and all of them are held."""

_KINDS: tuple[tuple[Callable[[str], bool], Any], ...] = (
    (lambda name: name.endswith(("_usd", "Cost", "UnitPrice")), pa.decimal128(38, money.SCALE)),
    (
        lambda name: (
            name.endswith(("_tokens", "_ms", "calls", "errors", "Quantity", "_CallCount")) or name == "requests"
        ),
        pa.int64(),
    ),
    (lambda name: name == "start_time" or name.endswith(("PeriodStart", "PeriodEnd")), pa.timestamp("ns", "UTC")),
    (lambda name: name in ("streaming", "others"), pa.bool_()),
    (lambda name: name in ("tags", "Tags", "SkuPriceDetails"), pa.map_(pa.string(), pa.string())),
)


class _Taken:
    """What a writer has written since it was last asked; nothing else is kept."""

    def __init__(self) -> None:
        self.closed = False
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._size += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Everything is written at once."""

    def close(self) -> None:
        self.closed = True

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def written(columns: Sequence[str], pages: Iterable[Sequence[Mapping[str, Any]]]) -> Iterator[bytes]:
    """The file, piece by piece. A column's type follows from its name."""
    schema = pa.schema([(name, _kind(name)) for name in columns])
    taken = _Taken()
    sink: Any = taken  # all that a writer asks of a file
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        held: list[Mapping[str, Any]] = []
        for page in pages:
            held += page
            if len(held) >= ROW_GROUP:
                writer.write_table(_table(schema, held))
                held = []
                yield taken.take()
        if held:
            writer.write_table(_table(schema, held))
    yield taken.take()


def _kind(name: str) -> Any:
    return next((kind for is_one, kind in _KINDS if is_one(name)), pa.string())


def _table(schema: "pa.Schema", rows: Sequence[Mapping[str, Any]]) -> "pa.Table":
    columns: dict[str, Column] = {}
    for name in schema.names:
        kind = _kind(name)
        columns[name] = pa.array([_value(kind, row[name]) for row in rows], kind)
    return pa.table(columns, schema=schema)


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if pa.types.is_decimal(kind):
        return Decimal(value)
    if pa.types.is_timestamp(kind):
        return _ns(value)
    if pa.types.is_map(kind):
        return list(value.items())
    return value


def _ns(text: str) -> int:
    """RFC 3339 in UTC to Unix nanoseconds; `datetime` would lose the last three digits."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
    return seconds * 10**9 + int(fraction.ljust(9, "0") or 0)
