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
from typing import TypeVar, cast

import msgspec
import pyarrow as pa

from farthing import quarantine, rows
from farthing.model.call import GATEWAY, Call, PricedCall
from farthing.model.flaw import MOST_SAMPLES, DropReason, Flaws, Repair, Unsettled
from farthing.model.ledger import Cost
from farthing.model.log import LogRecord
from farthing.model.metric import Point
from farthing.model.plain_call import PlainCall
from farthing.model.score import Score
from farthing.model.span import Span
from farthing.normalize import experiments, logs, scores
from farthing.normalize.trace import calls_of, calls_of_linked
from farthing.pricing import alike
from farthing.pricing.alike import Sorts
from farthing.pricing.catalog import Catalog
from farthing.pricing.overrides import Scope
from farthing.privacy import taking
from farthing.privacy.logs import scrub_point
from farthing.privacy.scrub import scrub_all
from farthing.quarantine import Unread
from farthing.store.telemetry import (
    call_rows,
    contents,
    external_requests,
    plain_rows,
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
        kept = self.spans.num_rows + sum(table.num_rows for table in self.others.values())
        return kept if said is None else kept + said.nbytes // _ROW_OF_CONTENT


def prepare(
    sender: Sender,
    spans: list[Span],
    price: Price,
    flaws: Flaws | None = None,
    *,
    catalog: Catalog | None = None,
    rows_later: bool = False,
) -> Prepared:
    """Scrub, make rows, derive and price. A span that can't be written is refused, alone.

    With the `catalog` by which `price` goes, plain calls are priced and written together. `rows_later` leaves the calls in `derived`
    and `plain`, for `make_rows`.
    """
    flaws = flaws or Flaws()
    project_id = sender.project_id
    passed = scrub_all(spans)
    scrubbed, table = rows.of_items(project_id, sender.key_id, passed, rows.SPANS, flaws)
    traces: dict[bytes, list[Span]] = {}
    for span in scrubbed:
        traces.setdefault(span.trace_id, []).append(span)
    unsettled: list[Unread] = []
    known = None if catalog is None else alike.sorts(catalog.within(payer(sender)))
    pieces, plain, later, derived = list[Piece](), list[PlainCall](), list[Piece](), list[list[PricedCall]]()
    for trace_id, held in traces.items():
        found = _read(held, price, sender, unsettled, known)
        if isinstance(found, PlainCall):
            plain.append(found)
            pieces.append(plain_piece(held[0], found))
        else:
            derived.append(found)
            later.append(piece_of(trace_id, held, found))
    pieces += later
    prepared = Prepared(
        project_id,
        table,
        None,
        pieces,
        flaws.rejected,
        flaws.repaired,
        told=len(scrubbed),
        plain=plain,
        derived=derived,
    )
    if not rows_later:
        unsettled = [*unsettled, *make_rows(project_id, [prepared])][:MOST_SAMPLES]
    others = _scored(project_id, list(scores.of_spans(scrubbed))) | _tried(project_id, scrubbed)
    others |= quarantine.rows(project_id, "traces", flaws.samples, unsettled)
    if sender.keeps_content:
        others |= contents.rows(project_id, taking.of_spans(spans, passed), scrubbed)
    prepared.others = others
    return prepared


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


def make_rows_now(prepared: Prepared) -> None:
    """Make the rows of calls that one request left for later, and list what has none beside what it lists already."""
    unread = make_rows(prepared.project_id, [prepared])
    for name, table in quarantine.rows(prepared.project_id, "traces", (), unread).items():
        listed = prepared.others.get(name)
        prepared.others[name] = table if listed is None else pa.concat_tables([listed, table])


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
    written, table = rows.of_items(project_id, sender.key_id, records, rows.LOGS, flaws)
    ids = cast("list[bytes]", table.column("id").to_pylist())
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
        prepared.others["logs"] = table
    shown = quarantine.rows(project_id, "logs", flaws.samples)
    held = [table for table in (refused, shown.get(quarantine_rows.NAME)) if table is not None]
    if held:
        prepared.others[quarantine_rows.NAME] = pa.concat_tables(held)
    return prepared


def prepare_points(project_id: str, points: list[Point], flaws: Flaws) -> Prepared:
    """Scrub and make rows. Which of them tell of calls that nothing else tells of, settling finds out."""
    written, table = rows.of_items(project_id, "", [scrub_point(point) for point in points], rows.POINTS, flaws)
    others = {"metric_points": table} if written else {}
    others |= quarantine.rows(project_id, "metrics", flaws.samples)
    nothing = span_rows.table(project_id, [])
    return Prepared(project_id, nothing, None, [], flaws.rejected, flaws.repaired, others, len(written))


def _scored(project_id: str, told: list[Score]) -> dict[str, pa.Table]:
    return {"scores": score_rows.table(project_id, told)} if told else {}


def _tried(project_id: str, spans: list[Span]) -> dict[str, pa.Table]:
    """The cases of experiments that these spans tell of."""
    cases = experiments.of_spans(spans)
    return {run_rows.NAME: run_rows.table(project_id, cases)} if cases else {}


def derive(spans: list[Span], price: Price, sender: Sender, unread: list[Unread] | None = None) -> list[PricedCall]:
    """The priced calls of one trace; none of one that can't be read, which must not stop anybody else's."""
    found = _read(spans, price, sender, unread, None)
    return [found.whole()] if isinstance(found, PlainCall) else found


def _read(
    spans: list[Span], price: Price, sender: Sender, unread: list[Unread] | None, known: Sorts | None
) -> list[PricedCall] | PlainCall:
    """The same; where sorts of plain calls are known, the only call of a trace of one span may be a plain one."""
    try:
        calls = calls_of(spans)
        if known is not None and len(calls) == 1 == len(spans) and not spans[0].key_id:
            plain = alike.plain(calls[0], known, sender.key_id)
            if plain is not None:
                return plain
        return _priced(calls, spans, price, sender)
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


def plain_piece(span: Span, call: PlainCall) -> Piece:
    """What a request holds of a trace of one span, whose call is plain."""
    of_gateway = call.sort.call.dialect == GATEWAY
    return Piece(
        span.trace_id, span.start_ns, span.end_ns, bool(span.parent_span_id), (call.start_ns,), call.links, of_gateway
    )


def piece_of(trace_id: bytes, spans: list[Span], calls: list[PricedCall]) -> Piece:
    """What a request holds of one trace."""
    if len(spans) == 1 and len(calls) == 1:  # nearly always, where traces are many
        span, call = spans[0], calls[0].call
        return Piece(
            trace_id, span.start_ns, span.end_ns, bool(span.parent_span_id), (call.start_ns,), call.links,
            call.dialect == GATEWAY,
        )  # fmt: skip
    ids = {span.span_id for span in spans}
    return Piece(
        trace_id,
        min(span.start_ns for span in spans),
        max(span.end_ns for span in spans),
        any(span.parent_span_id and span.parent_span_id not in ids for span in spans),
        tuple([p.call.start_ns for p in calls]),
        tuple([link for p in calls for link in p.call.links]),
        all(p.call.dialect == GATEWAY for p in calls),
    )
