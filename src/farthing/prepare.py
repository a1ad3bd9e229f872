"""What one request told in; all that can be worked out about it before it is kept, out: rows, calls, costs. Pure.

Log records that describe calls become spans here and go on as such (`normalize/logs.py`); metrics are rows and no more.
It knows one request only. Whether a trace has earlier pieces, and so must be read again as a whole, is for settling
to find out; usually it has none, and then these rows are the ones that are written.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TypeVar, cast

import msgspec
import pyarrow as pa

from farthing.model.call import Call, PricedCall
from farthing.model.ledger import Cost
from farthing.model.log import LogRecord
from farthing.model.metric import Point
from farthing.model.score import Score
from farthing.model.span import Span
from farthing.normalize import logs, scores
from farthing.normalize.trace import calls_of, calls_of_linked
from farthing.pricing.overrides import Scope
from farthing.privacy.logs import scrub_point, scrub_record
from farthing.privacy.scrub import scrub
from farthing.store.telemetry import call_rows, log_rows, point_rows, score_rows, span_rows
from farthing.store.telemetry.traces import Piece

log = logging.getLogger(__name__)

_Item = TypeVar("_Item")

Price = Callable[[Call, Scope], Cost]
"""What a call costs whoever pays for it."""


class Sender(msgspec.Struct, frozen=True):
    """Whose telemetry it is, and by which of the project's keys it came."""

    project_id: str
    key_id: str = ""


class DropReason(StrEnum):
    """Why a span is refused. Every refusal is counted and told to the sender."""

    MALFORMED = "malformed"
    BAD_TRACE_ID = "trace_id is not 16 non-zero bytes"
    BAD_SPAN_ID = "span_id is not 8 non-zero bytes"
    BAD_PARENT_ID = "parent_span_id is not 8 bytes"
    TOO_OLD = "it starts before 2010: its clock is not set"
    IN_THE_FUTURE = "it starts or ends more than a day in the future: check the sender's clock"
    NOT_WRITABLE = "it can't be written"


class Prepared(msgspec.Struct):
    """One request, ready to be kept and, unless its traces began earlier, to be settled."""

    project_id: str
    spans: pa.Table
    """Rows of `spans`, without the commit."""
    calls: pa.Table | None
    """Rows of `calls`, without the revision; None when there are none."""
    pieces: list[Piece]
    """Its traces, in the order of their calls' rows."""
    refused: Counter[DropReason]
    others: dict[str, pa.Table] = {}
    """Rows of other tables, likewise without the commit; kept together with the spans."""
    told: int = 0
    """How many spans, log records or data points these rows are made of."""

    @property
    def size(self) -> int:
        """How many rows it asks to be kept."""
        return self.spans.num_rows + sum(table.num_rows for table in self.others.values())


def prepare(sender: Sender, spans: list[Span], price: Price, refused: Counter[DropReason] | None = None) -> Prepared:
    """Scrub, make rows, derive and price. A span that can't be written is refused, alone."""
    counted: Counter[DropReason] = Counter(refused or ())
    project_id = sender.project_id
    scrubbed = [scrub(span) for span in spans]
    try:
        rows = span_rows.table(project_id, scrubbed, sender.key_id)
    except (ValueError, TypeError, OverflowError, RecursionError):  # Arrow's errors are among them
        log.exception("Of %d spans some can't be written", len(scrubbed))
        scrubbed = [span for span in scrubbed if span_rows.is_writable(span)]
        counted[DropReason.NOT_WRITABLE] += len(spans) - len(scrubbed)
        rows = span_rows.table(project_id, scrubbed, sender.key_id)
    traces: dict[bytes, list[Span]] = {}
    for span in scrubbed:
        traces.setdefault(span.trace_id, []).append(span)
    derived = [derive(held, price, sender) for held in traces.values()]
    calls = rows_of_calls(project_id, derived)
    pieces = [_piece(trace_id, held, found) for (trace_id, held), found in zip(traces.items(), derived, strict=True)]
    others = _scored(project_id, list(scores.of_spans(scrubbed)))
    return Prepared(project_id, rows, calls, pieces, counted, others, len(scrubbed))


def prepare_logs(
    sender: Sender, records: list[LogRecord], price: Price, refused: Counter[DropReason] | None = None
) -> Prepared:
    """Scrub and make rows; what describes a call goes on as a span, what scores one as a score."""
    counted: Counter[DropReason] = Counter(refused or ())
    project_id = sender.project_id
    written, rows = _rows(project_id, records, _log_table, log_rows.is_writable, counted)
    ids = cast("list[bytes]", rows.column("id").to_pylist())
    spans = [
        span for record, name in zip(written, ids, strict=True) if (span := logs.as_span(record, name)) is not None
    ]
    told = [score for record in written if (score := scores.of_record(record)) is not None]
    prepared = prepare(sender, spans, price, counted)
    prepared.others, prepared.told = _scored(project_id, told), len(written)
    if written:
        prepared.others["logs"] = rows
    return prepared


def prepare_points(project_id: str, points: list[Point], refused: Counter[DropReason]) -> Prepared:
    """Scrub and make rows: metrics restate what spans tell, and never become calls."""
    counted = Counter(refused)
    scrubbed = [scrub_point(point) for point in points]
    written, rows = _rows(project_id, scrubbed, point_rows.table, point_rows.is_writable, counted)
    others = {"metric_points": rows} if written else {}
    return Prepared(project_id, span_rows.table(project_id, []), None, [], counted, others, len(written))


def _log_table(project_id: str, records: Sequence[LogRecord]) -> pa.Table:
    # Ids of the records as they were sent: a later change of what is scrubbed must not make them others.
    ids = [log_rows.digest(record) for record in records]
    return log_rows.table(project_id, [scrub_record(record) for record in records], ids)


def _rows(
    project_id: str,
    items: list[_Item],
    table: Callable[[str, Sequence[_Item]], pa.Table],
    is_writable: Callable[[_Item], bool],
    refused: Counter[DropReason],
) -> tuple[list[_Item], pa.Table]:
    """The rows of these, and those they are of; what has no row is refused, alone."""
    try:
        return items, table(project_id, items)
    except (ValueError, TypeError, OverflowError, RecursionError):  # Arrow's errors are among them
        log.exception("Of %d records some can't be written", len(items))
        written = [item for item in items if is_writable(item)]
        refused[DropReason.NOT_WRITABLE] += len(items) - len(written)
        return written, table(project_id, written)


def _scored(project_id: str, told: list[Score]) -> dict[str, pa.Table]:
    return {"scores": score_rows.table(project_id, told)} if told else {}


def derive(spans: list[Span], price: Price, sender: Sender) -> list[PricedCall]:
    """The priced calls of one trace; none of one that can't be read, which must not stop anybody else's."""
    try:
        return _priced(calls_of(spans), spans, price, sender)
    except Exception:
        log.exception("Trace %s can't be read; its spans are kept", spans[0].trace_id.hex())
        return []


def derive_linked(traces: Sequence[list[Span]], price: Price, sender: Sender) -> list[PricedCall]:
    """The priced calls of traces that may tell of the same ones."""
    if len(traces) == 1:
        return derive(traces[0], price, sender)
    try:
        together = [span for spans in traces for span in spans]
        return _priced(calls_of_linked(together), together, price, sender)
    except Exception:
        log.exception("%d linked traces can't be read together; each is read alone", len(traces))
        return [call for spans in traces for call in derive(spans, price, sender)]


def _priced(calls: Iterable[Call], spans: Iterable[Span], price: Price, sender: Sender) -> list[PricedCall]:
    """Each call at the prices of the key its own span came with; the sender's where that is not kept yet."""
    kept = {(span.trace_id, span.span_id): span.key_id for span in spans if span.key_id}
    payers = {key_id: Scope(project=sender.project_id, key=key_id) for key_id in {sender.key_id, *kept.values()}}
    found: list[PricedCall] = []
    for call in calls:
        key_id = kept.get((call.trace_id, call.span_id), sender.key_id)
        found.append(PricedCall(call, price(call, payers[key_id]), key_id))
    return found


def rows_of_calls(project_id: str, derived: list[list[PricedCall]]) -> pa.Table | None:
    """The rows of these traces' calls, in order; a trace whose calls have no rows loses them from `derived` too."""
    if not any(derived):
        return None
    try:
        return call_rows.table(project_id, [call for calls in derived for call in calls])
    except (ValueError, TypeError, OverflowError):  # Arrow's errors are among them
        if len(derived) > 1:
            for at, calls in enumerate(derived):
                alone = [calls]
                rows_of_calls(project_id, alone)
                derived[at] = alone[0]
            return rows_of_calls(project_id, derived)
        log.exception("The calls of trace %s can't be written; its spans are kept", derived[0][0].call.trace_id.hex())
        derived[0] = []
        return None


def _piece(trace_id: bytes, spans: list[Span], calls: list[PricedCall]) -> Piece:
    ids = {span.span_id for span in spans}
    return Piece(
        trace_id,
        min(span.start_ns for span in spans),
        max(span.end_ns for span in spans),
        any(span.parent_span_id and span.parent_span_id not in ids for span in spans),
        tuple([p.call.start_ns for p in calls]),
        tuple([link for p in calls for link in p.call.links]),
    )
