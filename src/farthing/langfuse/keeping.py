"""What events tell of spans in; kept durably, each span made anew of all that is known of it, out.

First the fragments are made durable, then every span they belong to is merged of all its fragments and kept, and only then the
sender is told so. Within this server those who change one trace do it one after the other. Of several servers each looks,
after it has kept a span, whether a fragment came meanwhile: so the last one to write has seen all of them.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.concurrency import run_in_threadpool

from farthing.langfuse import events
from farthing.langfuse.events import Told
from farthing.langfuse.names import is_trace_id
from farthing.langfuse.parts import Parts
from farthing.model.flaw import DropReason
from farthing.model.fragment import Fragment
from farthing.model.span import NO_PARENT, Attributes, Resource, Scope, Span
from farthing.normalize import fragments as merging
from farthing.prepare import Prepared, Sender, prepare
from farthing.privacy import lengths, taking
from farthing.privacy.scrub import scrub_all
from farthing.store.telemetry import fragment_rows, span_rows
from farthing.store.telemetry.fragment_rows import Place

_LOCKS = 64
_ROUNDS = 5
"""How often a span is made again because somebody else told more of it meanwhile."""


class Keeping:
    """Used within one event loop."""

    def __init__(self, parts: Parts) -> None:
        """All parts are running."""
        self._parts = parts
        self._locks = [asyncio.Lock() for _ in range(_LOCKS)]

    async def keep(self, sender: Sender, told: Sequence[Told]) -> None:
        """Returns when all of it is durable. Raises `BusyError`, `StoreError`: then the same may be sent again."""
        if not told:
            return
        fragments = await run_in_threadpool(_scrubbed, sender, told)
        async with self._alone(sender.project_id, fragments):
            await self._keep(_only(sender.project_id, fragments))
            places = list(dict.fromkeys((one.trace_id, one.span_id) for one in fragments))
            known = await run_in_threadpool(self._known, sender.project_id, places, told)
            implied = _implied(told, known)
            if implied:
                more = await run_in_threadpool(_scrubbed, sender, implied)
                await self._keep(_only(sender.project_id, more))
                known |= {(one.trace_id, one.span_id): [one] for one in more}
                places += [(one.trace_id, one.span_id) for one in more]
            await self._make(sender, places, known)

    async def trace_ids(self, project_id: str, spans: Iterable[bytes]) -> dict[bytes, bytes]:
        """Span → its trace, of those that were told of before. Raises `StoreError`."""
        return await run_in_threadpool(fragment_rows.traces_of, self._parts.engine, project_id, list(spans))

    async def _make(self, sender: Sender, places: Sequence[Place], known: Mapping[Place, list[Fragment]]) -> None:
        """Keep these spans as all their fragments tell."""
        for _ in range(_ROUNDS):
            spans = [merging.merged(known[place]) for place in places if place in known]
            await self._keep(await run_in_threadpool(prepare, sender, spans, self._parts.prices.price))
            if self._parts.engine.is_alone:
                return
            seen = {place: len(known.get(place, ())) for place in places}
            known = await run_in_threadpool(self._known, sender.project_id, places, ())
            places = [place for place in places if len(known.get(place, ())) != seen[place]]
            if not places:
                return

    async def _keep(self, prepared: Prepared) -> Counter[DropReason]:
        return await asyncio.wrap_future(self._parts.pipeline.keep_prepared(prepared))

    def _known(self, project_id: str, places: Sequence[Place], told: Sequence[Told]) -> dict[Place, list[Fragment]]:
        traces = {(one.fragment.trace_id, merging.own_span(one.fragment.trace_id)) for one in told}
        return fragment_rows.of_spans(self._parts.engine, project_id, {*places, *traces})

    @asynccontextmanager
    async def _alone(self, project_id: str, fragments: Iterable[Fragment]) -> AsyncGenerator[None]:
        """Nobody else here changes these traces meanwhile."""
        stripes = sorted({hash((project_id, one.trace_id)) % _LOCKS for one in fragments})
        async with AsyncExitStack() as held:
            for stripe in stripes:
                await held.enter_async_context(self._locks[stripe])
            yield


def _implied(told: Sequence[Told], known: Mapping[Place, list[Fragment]]) -> list[Told]:
    """The traces of observations, where nobody has told of them; those of OpenTelemetry have spans of their own."""
    first: dict[bytes, Told] = {}
    for one in told:
        trace_id = one.fragment.trace_id
        if (trace_id, merging.own_span(trace_id)) not in known and not is_trace_id(one.trace):
            implied = events.of_implied(one)
            was = first.get(trace_id)
            if was is None or (implied.fragment.start_ns or 0) < (was.fragment.start_ns or 0):
                first[trace_id] = implied
    return list(first.values())


def _scrubbed(sender: Sender, told: Sequence[Told]) -> list[Fragment]:
    """The fragments behind the gate, with what it took out where that is kept."""
    received = [_as_span(one.fragment) for one in told]
    found: list[Fragment] = []
    for one, span, left in zip(told, received, scrub_all(received), strict=True):
        said = taking.of_spans([span], [left]) if sender.keeps_content else []
        found.append(_with(one.fragment, lengths.shortened_span(left), said[0].attributes if said else {}))
    return found


def _with(fragment: Fragment, span: Span, content: Attributes) -> Fragment:
    return Fragment(
        fragment.trace_id, fragment.span_id, fragment.event_id, fragment.time_ns, fragment.is_update,
        None if fragment.name is None else span.name, fragment.start_ns, fragment.end_ns, fragment.parent_span_id,
        fragment.scope_version, span.attributes, content,
    )  # fmt: skip


def _as_span(one: Fragment) -> Span:
    at = one.time_ns
    return Span(
        one.trace_id, one.span_id, NO_PARENT, one.name or "", 1, at, at, 0, "",
        Scope(merging.SCOPE, one.scope_version or ""), Resource(), one.attributes,
    )  # fmt: skip


def _only(project_id: str, fragments: Sequence[Fragment]) -> Prepared:
    rows = {fragment_rows.NAME: fragment_rows.table(project_id, fragments)}
    return Prepared(project_id, span_rows.table(project_id, []), None, [], Counter(), others=rows)
