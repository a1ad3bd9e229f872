"""What one request told in; all that can be worked out about it before it is kept, out: rows, calls, costs. Pure.

Log records that describe calls become spans here and go on as such (`normalize/logs.py`); metrics are rows and no more.
It knows one request only. Whether a trace has earlier pieces, and so must be read again as a whole, is for settling
to find out; usually it has none, and then these rows are the ones that are written.
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec
import pyarrow as pa
from pyarrow import compute

from farthing import quarantine
from farthing.model.call import Call, PricedCall
from farthing.model.flaw import MOST_SAMPLES, DropReason, Flaws, Refused, Repair, Unsettled
from farthing.model.ledger import Cost
from farthing.model.log import LogRecord
from farthing.model.metric import Point
from farthing.model.plain_call import PlainCall
from farthing.model.score import Score
from farthing.model.span import Span
from farthing.normalize import experiments, logs, scores
from farthing.normalize.trace import calls_of, calls_of_linked
from farthing.pricing.overrides import Scope
from farthing.privacy import lengths, taking
from farthing.privacy.logs import scrub_point, scrub_record
from farthing.privacy.scrub import scrub_all
from farthing.quarantine import Unread
from farthing.store.telemetry import (
    call_rows,
    contents,
    external_requests,
    log_rows,
    plain_rows,
    point_rows,
    quarantine_rows,
    run_rows,
    score_rows,
    span_rows,
)
from farthing.store.telemetry.traces import Piece

log = logging.getLogger(__name__)

_Item = TypeVar("_Item")

_ROW_OF_CONTENT = 4096
"""Bytes of content that count as one row more: what waits to be written is bounded by rows."""

_MANY_ALIKE = 100
"""For fewer plain calls than this, finding out what they have in common costs more than it saves."""

Price = Callable[[Call, Scope], Cost]
"""What a call costs whoever pays for it."""


class Sender(msgspec.Struct, frozen=True):
    """Whose telemetry it is, and by which of the project's keys it came."""

    project_id: str
    key_id: str = ""
    keeps_content: bool = False
    """Whether what is taken out of spans is kept, apart from them."""


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
    repaired: Counter[Repair] = msgspec.field(default_factory=Counter[Repair])
    others: dict[str, pa.Table] = {}
    """Rows of other tables, likewise without the commit; kept together with the spans."""
    told: int = 0
    """How many spans, log records or data points these rows are made of."""
    derived: list[list[PricedCall]] = []
    """The calls of its traces, in order, where their rows are made when it is settled: of many small requests at once."""
    plain: list[PlainCall] = []
    """Likewise the calls of traces of one span; their pieces and rows come first."""
    index: external_requests.Index | None = None
    """By which posted calls are found again; written when they are settled."""

    def kept_as(self, commit: int) -> None:
        """Its rows are durable under this number."""
        if self.index is not None:
            self.index.commit = commit

    @property
    def size(self) -> int:
        """How many rows it asks to be kept."""
        said = self.others.get(contents.NAME)
        rows = self.spans.num_rows + sum(table.num_rows for table in self.others.values())
        return rows if said is None else rows + said.nbytes // _ROW_OF_CONTENT


def prepare(
    sender: Sender, spans: list[Span], price: Price, flaws: Flaws | None = None, *, rows_later: bool = False
) -> Prepared:
    """Scrub, make rows, derive and price. A span that can't be written is refused, alone.

    `rows_later` leaves the calls in `derived`, for `make_rows`.
    """
    flaws = flaws or Flaws()
    project_id = sender.project_id
    passed = scrub_all(spans)
    scrubbed, rows = _rows(sender, passed, _SPANS, flaws)
    traces: dict[bytes, list[Span]] = {}
    for span in scrubbed:
        traces.setdefault(span.trace_id, []).append(span)
    unsettled: list[Unread] = []
    derived = [derive(held, price, sender, unsettled) for held in traces.values()]
    calls = None if rows_later else rows_of_calls(project_id, derived, unsettled)
    pieces = [piece_of(trace_id, held, found) for (trace_id, held), found in zip(traces.items(), derived, strict=True)]
    others = _scored(project_id, list(scores.of_spans(scrubbed))) | _tried(project_id, scrubbed)
    others |= quarantine.rows(project_id, "traces", flaws.samples, unsettled)
    if sender.keeps_content:
        others |= contents.rows(project_id, taking.of_spans(spans, passed), scrubbed)
    later = derived if rows_later else []
    return Prepared(project_id, rows, calls, pieces, flaws.rejected, flaws.repaired, others, len(scrubbed), later)


def priced(sender: Sender, spans: list[Span], price: Price) -> list[PricedCall]:
    """The calls that these spans of one trace tell of, as `prepare` derives them, where nothing is to be kept yet."""
    return derive(scrub_all(spans), price, sender)


def make_rows(project_id: str, requests: Sequence[Prepared]) -> list[Unread]:
    """Make the rows of calls that these requests of one project left for later; what has none, out.

    All of them together: a table costs as much for one call as for a hundred.
    """
    unread: list[Unread] = []
    derived, plain = _plain_rows(project_id, requests)
    table = rows_of_calls(project_id, derived, unread)
    at = row = place = 0
    for request in requests:
        mine = derived[at : at + len(request.derived)]
        at += len(mine)
        if unread:  # some traces have lost their calls
            first = len(request.plain)
            request.pieces[first:] = [
                piece if calls else msgspec.structs.replace(piece, call_starts=(), links=())
                for piece, calls in zip(request.pieces[first:], mine, strict=True)
            ]
        count = sum(map(len, mine))
        parts = [table.slice(row, count)] if table is not None and count else []
        if plain is not None and request.plain:
            parts.insert(0, plain.slice(place, len(request.plain)))
        request.calls = pa.concat_tables(parts) if parts else None
        row, place = row + count, place + len(request.plain)
        request.derived, request.plain = [], []
    return unread


def _plain_rows(project_id: str, requests: Sequence[Prepared]) -> tuple[list[list[PricedCall]], pa.Table | None]:
    """All calls that rows are made of one by one, and the rows of plain ones."""
    plain = [call for request in requests for call in request.plain]
    table = None
    if len(plain) >= _MANY_ALIKE:
        with contextlib.suppress(ValueError, TypeError, OverflowError):  # Arrow's errors are among them
            table = plain_rows.table(project_id, plain)
    if table is None:
        for request in requests:
            request.derived = [[call.whole()] for call in request.plain] + request.derived
            request.plain = []
    return [calls for request in requests for calls in request.derived], table


def prepare_logs(sender: Sender, records: list[LogRecord], price: Price, flaws: Flaws | None = None) -> Prepared:
    """Scrub and make rows; what describes a call goes on as a span, what scores one as a score."""
    flaws = flaws or Flaws()
    project_id = sender.project_id
    written, rows = _rows(sender, records, _LOGS, flaws)
    ids = cast("list[bytes]", rows.column("id").to_pylist())
    spans = [
        span for record, name in zip(written, ids, strict=True) if (span := logs.as_span(record, name)) is not None
    ]
    told = [score for record in written if (score := scores.of_record(record)) is not None]
    prepared = prepare(sender, spans, price)
    refused = prepared.others.pop(quarantine_rows.NAME, None)
    flaws.rejected += prepared.refused
    flaws.repaired += prepared.repaired
    prepared.refused, prepared.repaired = flaws.rejected, flaws.repaired
    said = prepared.others.pop(contents.NAME, None)
    prepared.others, prepared.told = _scored(project_id, told), len(written)
    if sender.keeps_content:
        whole, made = records if len(records) == len(written) else written, {span.span_id for span in spans}
        beside = [taking.of_record(one, name) for one, name in zip(whole, ids, strict=True) if name[:8] not in made]
        prepared.others |= contents.together(project_id, said, [one for one in beside if one is not None])
    if written:
        prepared.others["logs"] = rows
    shown = quarantine.rows(project_id, "logs", flaws.samples)
    held = [table for table in (refused, shown.get(quarantine_rows.NAME)) if table is not None]
    if held:
        prepared.others[quarantine_rows.NAME] = pa.concat_tables(held)
    return prepared


def prepare_points(project_id: str, points: list[Point], flaws: Flaws) -> Prepared:
    """Scrub and make rows. Which of them tell of calls that nothing else tells of, settling finds out."""
    written, rows = _rows(Sender(project_id), [scrub_point(point) for point in points], _POINTS, flaws)
    others = {"metric_points": rows} if written else {}
    others |= quarantine.rows(project_id, "metrics", flaws.samples)
    nothing = span_rows.table(project_id, [])
    return Prepared(project_id, nothing, None, [], flaws.rejected, flaws.repaired, others, len(written))


def _span_table(sender: Sender, spans: Sequence[Span]) -> pa.Table:
    return span_rows.table(sender.project_id, spans, sender.key_id)


def _point_table(sender: Sender, points: Sequence[Point]) -> pa.Table:
    return point_rows.table(sender.project_id, points)


def _log_table(sender: Sender, records: Sequence[LogRecord]) -> pa.Table:
    # Ids of the records as they were sent: a later change of what is scrubbed must not make them others.
    ids = [log_rows.digest(record) for record in records]
    return log_rows.table(sender.project_id, [scrub_record(record) for record in records], ids)


class _Kind(msgspec.Struct, frozen=True):
    """How items of one signal become rows."""

    table: Callable[[Sender, Sequence[Any]], pa.Table]
    is_writable: Callable[[Any], bool]
    shortened: Callable[[Any], Any]


_SPANS = _Kind(_span_table, span_rows.is_writable, lengths.shortened_span)
_LOGS = _Kind(_log_table, log_rows.is_writable, lengths.shortened_record)
_POINTS = _Kind(_point_table, point_rows.is_writable, lengths.shortened_point)


def _rows(sender: Sender, items: list[_Item], kind: _Kind, flaws: Flaws) -> tuple[list[_Item], pa.Table]:
    """The rows of these, and those they are of, with overlong values cut; what has no row is refused, alone."""
    try:
        table = kind.table(sender, items)
    except (ValueError, TypeError, OverflowError, RecursionError):  # Arrow's errors are among them
        log.exception("Of %d items some can't be written", len(items))
        writable = [kind.is_writable(item) for item in items]
        for item, good in zip(items, writable, strict=True):
            if not good:
                flaws.reject(Refused(DropReason.NOT_WRITABLE, item))
        items = [item for item, good in zip(items, writable, strict=True) if good]
        table = kind.table(sender, items)
    if not has_overlong(table):
        return items, table
    short = [kind.shortened(item) for item in items]
    flaws.repaired[Repair.VALUE_CUT] += sum(new is not old for new, old in zip(short, items, strict=True))
    return short, kind.table(sender, short)


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


def _scored(project_id: str, told: list[Score]) -> dict[str, pa.Table]:
    return {"scores": score_rows.table(project_id, told)} if told else {}


def _tried(project_id: str, spans: list[Span]) -> dict[str, pa.Table]:
    """The cases of experiments that these spans tell of."""
    cases = experiments.of_spans(spans)
    return {run_rows.NAME: run_rows.table(project_id, cases)} if cases else {}


def derive(spans: list[Span], price: Price, sender: Sender, unread: list[Unread] | None = None) -> list[PricedCall]:
    """The priced calls of one trace; none of one that can't be read, which must not stop anybody else's."""
    try:
        return _priced(calls_of(spans), spans, price, sender)
    except Exception:
        log.exception("Trace %s can't be read; its spans are kept", spans[0].trace_id.hex())
        _remember(unread, Unsettled.TRACE_UNREADABLE, spans[0].trace_id, min(span.start_ns for span in spans))
        return []


def derive_linked(
    traces: Sequence[list[Span]], price: Price, sender: Sender, unread: list[Unread] | None = None
) -> list[PricedCall]:
    """The priced calls of traces that may tell of the same ones."""
    if len(traces) == 1:
        return derive(traces[0], price, sender, unread)
    try:
        together = [span for spans in traces for span in spans]
        return _priced(calls_of_linked(together), together, price, sender)
    except Exception:
        log.exception("%d linked traces can't be read together; each is read alone", len(traces))
        return [call for spans in traces for call in derive(spans, price, sender, unread)]


def _priced(calls: list[Call], spans: Iterable[Span], price: Price, sender: Sender) -> list[PricedCall]:
    """Each call at the prices of the key its own span came with; the sender's where that is not kept yet."""
    if not calls:
        return []
    kept = {(span.trace_id, span.span_id): span.key_id for span in spans if span.key_id}
    default = payer(sender)
    if not kept:  # as with every request that is told for the first time
        return [PricedCall(call, price(call, default), sender.key_id) for call in calls]
    found: list[PricedCall] = []
    for call in calls:
        key_id = kept.get((call.trace_id, call.span_id), sender.key_id)
        found.append(PricedCall(call, price(call, _payer(sender.project_id, key_id)), key_id))
    return found


def payer(sender: Sender) -> Scope:
    """Whose prices hold for what it sends."""
    return _payer(sender.project_id, sender.key_id)


@lru_cache(maxsize=4096)
def _payer(project_id: str, key_id: str) -> Scope:
    return Scope(project=project_id, key=key_id)


def _remember(unread: list[Unread] | None, reason: Unsettled, trace_id: bytes, start_ns: int) -> None:
    if unread is not None and len(unread) < MOST_SAMPLES:
        unread.append(Unread(reason, trace_id, start_ns))


def rows_of_calls(
    project_id: str, derived: list[list[PricedCall]], unread: list[Unread] | None = None
) -> pa.Table | None:
    """The rows of these traces' calls, in order; a trace whose calls have no rows loses them from `derived` too."""
    if not any(derived):
        return None
    try:
        return call_rows.table(project_id, [call for calls in derived for call in calls])
    except (ValueError, TypeError, OverflowError):  # Arrow's errors are among them
        if len(derived) > 1:
            for at, calls in enumerate(derived):
                alone = [calls]
                rows_of_calls(project_id, alone, unread)
                derived[at] = alone[0]
            return rows_of_calls(project_id, derived, unread)
        first = derived[0][0].call
        log.exception("The calls of trace %s can't be written; its spans are kept", first.trace_id.hex())
        _remember(unread, Unsettled.CALLS_NOT_WRITABLE, first.trace_id, first.start_ns)
        derived[0] = []
        return None


def piece_of(trace_id: bytes, spans: list[Span], calls: list[PricedCall]) -> Piece:
    """What a request holds of one trace."""
    if len(spans) == 1 and len(calls) == 1:  # nearly always, where traces are many
        span, call = spans[0], calls[0].call
        return Piece(trace_id, span.start_ns, span.end_ns, bool(span.parent_span_id), (call.start_ns,), call.links)
    ids = {span.span_id for span in spans}
    return Piece(
        trace_id,
        min(span.start_ns for span in spans),
        max(span.end_ns for span in spans),
        any(span.parent_span_id and span.parent_span_id not in ids for span in spans),
        tuple([p.call.start_ns for p in calls]),
        tuple([link for p in calls for link in p.call.links]),
    )
