"""Posted calls of one sender, as spans, in; rows of their spans with what was answered, and their calls priced, out. Pure.

Most of them are plain: two or three counts under prices that thousands of others have, too. What those have in common, how names are
understood and which rates apply, is worked out once for each sort of them; what is left are a few multiplications and
columns. All others are read one by one, as spans are that come any other way.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, cast

import msgspec

from farthing import quarantine, rows
from farthing.model.call import Call, PricedCall
from farthing.model.flaw import DropReason
from farthing.model.ledger import Cost
from farthing.model.plain_call import PlainCall
from farthing.model.span import Attributes, Span
from farthing.normalize import posted, semconv
from farthing.normalize.links import of_response
from farthing.prepare import Prepared, Price, Sender, derive, payer, piece_of, plain_piece, prepare
from farthing.pricing import alike
from farthing.pricing.alike import Sorts
from farthing.pricing.catalog import Catalog
from farthing.pricing.overrides import Scope
from farthing.privacy.scrub import scrub_posted
from farthing.quarantine import Unread
from farthing.store.telemetry import external_requests, span_rows


class Prices(Protocol):
    """All prices at one moment."""

    @property
    def catalog(self) -> Catalog:
        """For nobody in particular."""
        ...

    def price(self, call: Call, scope: Scope) -> Cost:
        """What a call costs the one who pays for it."""
        ...


class Priced(msgspec.Struct, frozen=True, gc=False):
    """What is answered of the price of a posted call: None where nobody knows."""

    amount: int | None
    status: str


Note = Callable[[bytes, Priced | None], external_requests.Note]
"""What is noted with the span of this id, whose call costs that; None where it tells of none."""


def prepare_posted(sender: Sender, spans: list[Span], prices: Prices, note: Note) -> Prepared:
    """The same as `prepare` with `rows_later`, for spans of posted calls: their rows say what was answered."""
    passed = scrub_posted(spans)
    plain, others = _apart(sender, passed, prices.catalog.within(payer(sender)))
    traces: dict[bytes, list[Span]] = {}
    for span in others:
        traces.setdefault(span.trace_id, []).append(span)
    unsettled: list[Unread] = []
    derived = [_derived(held, prices.price, sender, unsettled) for held in traces.values()]
    told, attributes = [span for span, _ in plain], list[Attributes]()
    for span, call in plain:
        amounts = call.amounts
        said = note(span.span_id, Priced(sum(amounts), call.sort.cost.status))
        attributes.append({**span.attributes, external_requests.NOTE: said})
    for held, calls in zip(traces.values(), derived, strict=True):
        for span in held:
            told.append(span)
            said = note(span.span_id, _priced(span.span_id, calls))
            attributes.append({**span.attributes, external_requests.NOTE: said})
    try:
        table = span_rows.table(sender.project_id, told, sender.key_id, attributes)
    except (ValueError, TypeError, OverflowError, RecursionError):  # Arrow's errors are among them
        table = None
    if table is None or rows.has_overlong(table):
        return _noted_apart(prepare(sender, spans, prices.price, rows_later=True), note)
    pieces = [plain_piece(span, call) for span, call in plain]
    pieces += [piece_of(trace_id, held, found) for (trace_id, held), found in zip(traces.items(), derived, strict=True)]
    shown = quarantine.rows(sender.project_id, "traces", (), unsettled)
    return Prepared(
        sender.project_id,
        table,
        None,
        pieces,
        Counter[DropReason](),
        others=shown,
        told=len(told),
        plain=[call for _, call in plain],
        derived=derived,
    )


def _apart(sender: Sender, spans: Sequence[Span], catalog: Catalog) -> tuple[list[tuple[Span, PlainCall]], list[Span]]:
    """The plain calls, and all other spans: those of one trace are read together."""
    known = alike.sorts(catalog)
    crowded = [trace_id for trace_id, spans in Counter([span.trace_id for span in spans]).items() if spans > 1]
    plain: list[tuple[Span, PlainCall]] = []
    others: list[Span] = []
    for span in spans:
        call = None if crowded and span.trace_id in crowded else _plain(span, known, sender.key_id)
        if call is None:
            others.append(span)
        else:
            plain.append((span, call))
    return plain, others


def _plain(span: Span, known: Sorts, key_id: str) -> PlainCall | None:
    attributes = span.attributes
    form = posted.form_of(tuple(attributes))
    if form is None or (counts := posted.counts_of(attributes, form)) is None:
        return None
    told, read, written = counts
    rest = told - (read or 0)
    attribution = posted.plain_attribution(attributes, form)
    if attribution is None:
        return None
    kind = (form, span.status, form.shared(attributes), not rest, not read, not written)
    found = known.find(kind, span.start_ns, posted.call_of, span)
    charged = None if found is None else found[1].charged(rest, read, written)
    if found is None or charged is None:
        return None
    get = attributes.get
    response_id, ttft, cost = get("gen_ai.response.id", ""), get("gen_ai.latency.ttft_ms"), get("gen_ai.usage.cost_usd")
    return PlainCall(
        found[0],
        span.trace_id,
        span.span_id,
        span.start_ns,
        span.end_ns - span.start_ns,
        attributes["externalRequestId"],
        response_id,
        None if ttft is None else round(ttft * 10**6),
        None if cost is None else semconv.dollars(cost),
        attribution,
        (of_response(response_id),) if response_id else (),
        key_id,
        told,
        read,
        written,
        *charged,
    )


def _derived(spans: list[Span], price: Price, sender: Sender, unread: list[Unread]) -> list[PricedCall]:
    call = posted.call_of(spans[0]) if len(spans) == 1 else None
    if call is None:
        return derive(spans, price, sender, unread)
    return [PricedCall(call, price(call, payer(sender)), sender.key_id)]


def _priced(span_id: bytes, calls: Sequence[PricedCall]) -> Priced | None:
    """What this span's own call costs, of those of its trace."""
    for one in calls:
        if one.call.span_id == span_id:
            return Priced(one.cost.amount, one.cost.status)
    return None


def _noted_apart(prepared: Prepared, note: Note) -> Prepared:
    calls = {piece.trace_id: found for piece, found in zip(prepared.pieces, prepared.derived, strict=True)}
    traces = cast("list[bytes]", prepared.spans.column("trace_id").to_pylist())
    ids = cast("list[bytes]", prepared.spans.column("span_id").to_pylist())
    notes = {one: note(one, _priced(one, calls[trace_id])) for one, trace_id in zip(ids, traces, strict=True)}
    prepared.spans = external_requests.noted(prepared.spans, notes)
    return prepared
