"""What events tell of spans in; kept durably, each span made anew of all that is known of it, out.

Fragments and the spans they make go in one commit, fragments first. Within this server those who change one trace do it one after
the other. Of several servers each looks, after it has kept a span, whether there are fragments it didn't know: so the last one to
write has seen all of them.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.concurrency import run_in_threadpool

from farthing.langfuse import events
from farthing.langfuse.events import Told
from farthing.langfuse.names import is_trace_id
from farthing.langfuse.parts import Parts
from farthing.model.fragment import Fragment
from farthing.model.span import NO_PARENT, Attributes, Resource, Scope, Span
from farthing.normalize import fragments as merging
from farthing.prepare import Prepared, Sender, prepare
from farthing.privacy import lengths, taking
from farthing.privacy.scrub import scrub_all
from farthing.store.telemetry import fragment_rows
from farthing.store.telemetry.fragment_rows import Place

_Known = dict[Place, dict[bytes, Fragment]]
"""Of each span its fragments, by the ids of their events."""

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
        async with self._alone(sender.project_id, told):
            places = {(one.fragment.trace_id, one.fragment.span_id) for one in told}
            places |= {_own(one.fragment.trace_id) for one in told}
            known = await self._known(sender.project_id, places)
            more = await run_in_threadpool(_scrubbed, sender, [*told, *_implied(told, known)])
            touched = _added(known, more)
            await self._keep(sender, known, touched, more)
            await self._look_again(sender, known, touched)

    async def trace_ids(self, project_id: str, spans: Iterable[bytes]) -> dict[bytes, bytes]:
        """Span → its trace, of those that were told of before. Raises `StoreError`."""
        return await run_in_threadpool(fragment_rows.traces_of, self._parts.engine, project_id, list(spans))

    async def _look_again(self, sender: Sender, known: _Known, touched: Iterable[Place]) -> None:
        """Make those spans again of which others told meanwhile."""
        if self._parts.engine.is_alone:
            return
        for _ in range(_ROUNDS):
            now = await self._known(sender.project_id, touched)
            touched = [place for place in touched if now.get(place, {}).keys() != known[place].keys()]
            if not touched:
                return
            known = now
            await self._keep(sender, known, touched, ())

    async def _keep(self, sender: Sender, known: _Known, places: Iterable[Place], more: Sequence[Fragment]) -> None:
        prepared = await run_in_threadpool(self._prepared, sender, known, places, more)
        await asyncio.wrap_future(self._parts.pipeline.keep_prepared(prepared))

    def _prepared(self, sender: Sender, known: _Known, places: Iterable[Place], more: Sequence[Fragment]) -> Prepared:
        spans = [merging.merged(known[place].values()) for place in places]
        prepared = prepare(sender, spans, self._parts.prices.price)
        if more:
            prepared.others[fragment_rows.NAME] = fragment_rows.table(sender.project_id, more)
        return prepared

    async def _known(self, project_id: str, places: Iterable[Place]) -> _Known:
        found = await run_in_threadpool(fragment_rows.of_spans, self._parts.engine, project_id, places)
        return {place: {one.event_id: one for one in held} for place, held in found.items()}

    @asynccontextmanager
    async def _alone(self, project_id: str, told: Iterable[Told]) -> AsyncGenerator[None]:
        """Nobody else here changes these traces meanwhile."""
        stripes = sorted({hash((project_id, one.fragment.trace_id)) % _LOCKS for one in told})
        async with AsyncExitStack() as held:
            for stripe in stripes:
                await held.enter_async_context(self._locks[stripe])
            yield


def _own(trace_id: bytes) -> Place:
    return trace_id, merging.own_span(trace_id)


def _added(known: _Known, more: Iterable[Fragment]) -> list[Place]:
    """Take fragments in; the spans they belong to. One that was told before takes its own place."""
    touched: dict[Place, None] = {}
    for one in more:
        place = (one.trace_id, one.span_id)
        touched[place] = None
        known.setdefault(place, {})[one.event_id] = one
    return list(touched)


def _implied(told: Sequence[Told], known: _Known) -> list[Told]:
    """The traces of observations, where nobody has told of them; those of OpenTelemetry have spans of their own."""
    there = known.keys() | {(one.fragment.trace_id, one.fragment.span_id) for one in told}
    first: dict[bytes, Told] = {}
    for one in told:
        trace_id = one.fragment.trace_id
        if _own(trace_id) not in there and not is_trace_id(one.trace):
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
