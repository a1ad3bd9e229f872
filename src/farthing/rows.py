"""Items of one signal in; their rows out: overlong values cut, and what has no row refused, alone. Pure."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
from pyarrow import compute

from farthing.model.flaw import DropReason, Flaws, Refused, Repair
from farthing.model.log import LogRecord
from farthing.model.metric import Point
from farthing.model.span import Span
from farthing.privacy import lengths
from farthing.privacy.logs import scrub_record
from farthing.store.telemetry import log_rows, point_rows, span_rows

log = logging.getLogger(__name__)

_Item = TypeVar("_Item")


def _span_table(project_id: str, key_id: str, spans: Sequence[Span]) -> pa.Table:
    return span_rows.table(project_id, spans, key_id)


def _point_table(project_id: str, _key_id: str, points: Sequence[Point]) -> pa.Table:
    return point_rows.table(project_id, points)


def _log_table(project_id: str, _key_id: str, records: Sequence[LogRecord]) -> pa.Table:
    # Ids of the records as they were sent: a later change of what is scrubbed must not make them others.
    ids = [log_rows.digest(record) for record in records]
    return log_rows.table(project_id, [scrub_record(record) for record in records], ids)


class Kind(msgspec.Struct, frozen=True):
    """How items of one signal become rows."""

    table: Callable[[str, str, Sequence[Any]], pa.Table]
    """Of items of a project, sent with a key."""
    is_writable: Callable[[Any], bool]
    shortened: Callable[[Any], Any]


SPANS = Kind(_span_table, span_rows.is_writable, lengths.shortened_span)
LOGS = Kind(_log_table, log_rows.is_writable, lengths.shortened_record)
POINTS = Kind(_point_table, point_rows.is_writable, lengths.shortened_point)


def of_items(
    project_id: str, key_id: str, items: list[_Item], kind: Kind, flaws: Flaws
) -> tuple[list[_Item], pa.Table]:
    """The rows of these, and those they are of, with overlong values cut; what has no row is refused, alone."""
    try:
        table = kind.table(project_id, key_id, items)
    except (ValueError, TypeError, OverflowError, RecursionError):  # Arrow's errors are among them
        log.exception("Of %d items some can't be written", len(items))
        writable = [kind.is_writable(item) for item in items]
        for item, good in zip(items, writable, strict=True):
            if not good:
                flaws.reject(Refused(DropReason.NOT_WRITABLE, item))
        items = [item for item, good in zip(items, writable, strict=True) if good]
        table = kind.table(project_id, key_id, items)
    if not has_overlong(table):
        return items, table
    short = [kind.shortened(item) for item in items]
    flaws.repaired[Repair.VALUE_CUT] += sum(new is not old for new, old in zip(short, items, strict=True))
    return short, kind.table(project_id, key_id, short)


_LONGEST = {
    **dict.fromkeys(("attributes", "resource", "events", "status_message"), lengths.LONGEST_VALUE),
    **dict.fromkeys(("name", "event_name", "severity_text", "scope_name", "scope_version"), lengths.LONGEST_NAME),
}
"""A text of so many bytes holds nothing that has to be cut."""


def has_overlong(table: pa.Table) -> bool:
    """Whether there may be something to cut; asked of whole columns, which costs next to nothing."""
    for column, limit in _LONGEST.items():
        # Of a few rows all texts together are hardly ever as long, and that is asked fifty times as fast.
        if column in table.column_names and table.column(column).nbytes > limit:
            longest: Any = compute.max(compute.binary_length(table.column(column))).as_py()
            if longest is not None and longest > limit:
                return True
    return False
