"""Log records in, rows of the `logs` table out as Arrow."""

import hashlib
import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pyarrow as pa

from farthing.model.log import LogRecord
from farthing.store.telemetry.span_rows import NO_SPAN
from farthing.store.telemetry.texts import as_json, as_text

NO_TRACE = b"\0" * 16

Column: TypeAlias = "pa.Array[Any]"


def digest(record: LogRecord) -> bytes:
    """16 bytes that are the same whenever the same record arrives."""
    made = hashlib.blake2b(digest_size=16)
    parts = (
        record.time_ns,
        record.trace_id.hex(),
        record.span_id.hex(),
        record.scope.name,
        record.scope.version,
        record.event_name,
        record.severity,
        record.resource.attributes,
        record.attributes,
        record.body,
    )
    made.update(as_json(parts).encode())
    return made.digest()


def table(project_id: str, records: Sequence[LogRecord], ids: Sequence[bytes]) -> pa.Table:
    """Rows of one project, each under its id, without the commit that keeps them (see `span_rows.numbered`)."""

    def column(pick: Callable[[LogRecord], Any], kind: pa.DataType) -> Column:
        return pa.array([pick(record) for record in records], kind)

    get = operator.attrgetter
    columns: dict[str, Column] = {
        "project_id": pa.array([project_id] * len(records), pa.string()),
        "time": column(get("time_ns"), pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
        "id": pa.array(ids, pa.binary(16)),
        "trace_id": column(lambda r: r.trace_id or NO_TRACE, pa.binary(16)),
        "span_id": column(lambda r: r.span_id or NO_SPAN, pa.binary(8)),
        "severity": column(lambda r: r.severity & 0xFF, pa.uint8()),
        "severity_text": column(lambda r: as_text(r.severity_text), pa.string()),
        "event_name": column(lambda r: as_text(r.event_name), pa.string()),
        "scope_name": column(lambda r: as_text(r.scope.name), pa.string()),
        "scope_version": column(lambda r: as_text(r.scope.version), pa.string()),
        "resource": column(lambda r: as_json(r.resource.attributes), pa.string()),
        "attributes": column(lambda r: as_json(r.attributes), pa.string()),
        "body": column(lambda r: "" if r.body in (None, "") else as_json(r.body), pa.string()),
    }
    return pa.table(columns)


def is_writable(record: LogRecord) -> bool:
    """Whether this record, for itself, has a row."""
    try:
        table("", [record], [digest(record)])
    except (ValueError, TypeError, OverflowError, RecursionError):  # Arrow's errors are among them
        return False
    return True
