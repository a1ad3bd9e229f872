"""Posted calls in; each kept once, however often and by however many at once it is posted, and the first answer to it out.

Calls that wait together are kept together: one look for those kept before, one prepared request, one commit. While a call
is on its way, whoever posts it again waits for the same answer. The latest answers are remembered, at least until they are
indexed; older ones stand in the store, with the calls' spans (`store/telemetry/external_requests.py`).
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, cast

import msgspec

from farthing.access.allowances import Allowances, Count, Standing
from farthing.beside import Prices
from farthing.errors import FarthingError
from farthing.intake import direct_answers
from farthing.intake.direct_answers import Firsts, Told
from farthing.intake.direct_calls import Incoming
from farthing.intake.direct_seen import Seen
from farthing.intake.direct_shapes import Answer
from farthing.pipeline import Pipeline
from farthing.posting import Priced, prepare_posted
from farthing.prepare import Prepared, Sender
from farthing.store.telemetry import external_requests
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.external_requests import Index, Note

LINGER_S = 0.004
"""A group of fewer calls than the last one waits so long for those that were just answered: they usually come again. A
commit costs nearly the same whatever it holds. Nobody waits who comes alone."""

MOST_TOGETHER = 1_000
"""Calls of one group at most, but for a single batch."""

LARGE = 200
"""While a group of so many calls is written the next one is prepared; while a smaller one is, posts gather."""

UNINDEXED_US = 60 * 10**6
LAST_COMMIT = 2**63
"""So long after it was kept another server's call is looked for among the spans as well."""

REMEMBERED = 20_000
"""Answers that are remembered; some 15 MB."""


_encode = msgspec.json.Encoder().encode


class BudgetState(Protocol):
    """How a budget stands."""

    @property
    def warning(self) -> bool:
        """Whether its warning ratio is reached."""
        ...

    @property
    def exceeded(self) -> bool:
        """Whether its limit is reached."""
        ...

    @property
    def observe_only(self) -> bool:
        """Whether nothing is to be stopped because of it."""
        ...


class Budgets(Protocol):
    """Knows the budgets that count a call."""

    def has_any(self, project_id: str) -> bool:
        """Whether there are any for calls of this project."""
        ...

    def states(self, project_id: str, facts: Mapping[str, str]) -> Sequence[BudgetState]:
        """How they stand, from memory."""
        ...


class _Batch(msgspec.Struct):
    """Calls posted together, and the answers to them once it is over."""

    sender: Sender
    calls: list[Incoming | None]
    """None: somebody else is posting it, or did."""
    answers: list[Told | None]
    waiters: "list[asyncio.Future[None]]"
    """One for each who waits: a sender that goes away must not cancel what others wait for."""
    is_over: bool = False
    error: Exception | None = None
    """Why nothing of it was kept."""

    async def over(self) -> None:
        """Wait until it is. Raises its error."""
        if not self.is_over:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiters.append(waiter)
            await waiter
        if self.error is not None:
            raise self.error

    def end(self, error: Exception | None) -> None:
        """Nobody needs to wait any longer."""
        self.is_over, self.error = True, error
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)


class _Outcome(msgspec.Struct):
    """What a group comes to, before it is kept."""

    answers: dict[bytes, Told]
    """To calls that are new, or can't be kept."""
    notes: dict[bytes, Note]
    """Of calls that were kept before, and of those that are about to be."""
    prepared: Prepared | None = None
    reserved: int = 0


class Keeping:
    """The one way of posted calls. Its state belongs to the event loop."""

    def __init__(
        self, engine: Engine, pipeline: Pipeline, prices: Prices, allowances: Allowances, budgets: Budgets
    ) -> None:
        """All collaborators are running."""
        self._engine = engine
        self._pipeline = pipeline
        self._prices = prices
        self._allowances = allowances
        self._budgets = budgets
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="direct")
        self._seen = Seen(lambda: None if pipeline.recovering() else external_requests.all_ids(engine))
        self._waiting: deque[_Batch] = deque()
        self._underway: dict[bytes, tuple[_Batch, int]] = {}
        self._recent: dict[bytes, Note] = {}
        self._ages: deque[tuple[Index | None, list[bytes]]] = deque()
        """What is remembered, oldest first, with what must be written before it may be forgotten."""
        self._waiting_calls = 0
        self._crowd = 1
        """How many calls came together lately."""
        self._enough = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Stop the threads."""
        self._threads.shutdown()
        self._seen.close()

    def forget(self) -> None:
        """Calls were deleted: answers that are remembered may be theirs."""
        self._shrink(0)

    async def take(self, sender: Sender, calls: Sequence[Incoming]) -> list[Told]:
        """Keep these; the answers to them, in order, once what is new is durable.

        Raises `BusyError`, `StoreError`: nothing of them is acknowledged then.
        """
        batch = _Batch(sender, [], [None] * len(calls), [])
        elsewhere: dict[int, tuple[_Batch, int]] = {}
        for at, call in enumerate(calls):
            known = self._recent.get(call.key)
            if known is not None:
                batch.answers[at] = direct_answers.again(known, call)
                batch.calls.append(None)
            elif call.key in self._underway:
                elsewhere[at] = self._underway[call.key]
                batch.calls.append(None)
            else:
                self._underway[call.key] = (batch, at)
                batch.calls.append(call)
        if any(call is not None for call in batch.calls):
            self._waiting.append(batch)
            self._waiting_calls += len(batch.calls)
            if self._waiting_calls >= self._crowd:
                self._enough.set()
            if self._worker is None or self._worker.done():
                self._worker = asyncio.get_running_loop().create_task(self._work())
            await batch.over()
        for at, (other, place) in elsewhere.items():
            await other.over()
            batch.answers[at] = self._repeated(other, place, calls[at])
        return [answer for answer in batch.answers if answer is not None]

    def _repeated(self, other: _Batch, place: int, call: Incoming) -> Told:
        first = other.answers[place]
        assert first is not None  # noqa: S101  it is done
        answer = direct_answers.read(first) if isinstance(first, msgspec.Raw) else first
        if not answer.ok:
            return answer
        known = self._recent.get(call.key)
        return direct_answers.again(known, call) if known else msgspec.structs.replace(answer, duplicate=True)

    async def _work(self) -> None:
        writing: asyncio.Task[None] | None = None
        while self._waiting or writing is not None:
            if not self._waiting:
                # Whoever posts meanwhile finds this one still at work, so it looks again.
                await cast("asyncio.Task[None]", writing)
                writing = None
                continue
            await self._gather()
            group = self._next_group()
            size = self._crowd = max(1, sum(len(batch.calls) for batch in group))
            try:
                outcome = await self._derived(group)
            except Exception as error:  # noqa: BLE001  whoever waits must hear of it, whatever it is
                self._end(group, error)
                continue
            if writing is not None:
                await writing
            writing = asyncio.get_running_loop().create_task(self._write(group, outcome))
            if size < LARGE:
                await writing
                writing = None

    async def _gather(self) -> None:
        self._enough.clear()
        if self._waiting_calls < min(self._crowd, MOST_TOGETHER):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), LINGER_S)

    def _next_group(self) -> list[_Batch]:
        """The batches that waited longest; those of one sender, for they are prepared together."""
        first = self._waiting.popleft()
        group, size = [first], len(first.calls)
        others: deque[_Batch] = deque()
        while self._waiting and size < MOST_TOGETHER:
            batch = self._waiting.popleft()
            if batch.sender == first.sender and size + len(batch.calls) <= MOST_TOGETHER:
                group.append(batch)
                size += len(batch.calls)
            else:
                others.append(batch)
        self._waiting.extendleft(reversed(others))
        self._waiting_calls = sum(len(batch.calls) for batch in self._waiting)
        return group

    def _end(self, group: list[_Batch], error: Exception | None) -> None:
        for batch in group:
            for call in batch.calls:
                if call is not None:
                    self._underway.pop(call.key, None)
            batch.end(error)

    async def _derived(self, group: list[_Batch]) -> _Outcome:
        calls = [call for batch in group for call in batch.calls if call is not None]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._prepared, group[0].sender, calls)

    async def _write(self, group: list[_Batch], outcome: _Outcome) -> None:
        try:
            await self._keep(group, outcome)
        except Exception as error:  # noqa: BLE001  likewise
            self._end(group, error)
        else:
            self._end(group, None)

    async def _keep(self, group: list[_Batch], outcome: _Outcome) -> None:
        if outcome.prepared is not None:
            try:
                await asyncio.wrap_future(self._pipeline.keep_prepared(outcome.prepared))
            except FarthingError:
                self._allowances.release(group[0].sender.project_id, outcome.reserved)
                raise
        self._recent.update(outcome.notes)
        self._ages.append((outcome.prepared.index if outcome.prepared else None, list(outcome.notes)))
        self._shrink(REMEMBERED)
        for batch in group:
            for at, call in enumerate(batch.calls):
                if call is not None:
                    answer = outcome.answers.get(call.key)
                    batch.answers[at] = (
                        direct_answers.again(outcome.notes[call.key], call) if answer is None else answer
                    )

    def _shrink(self, most: int) -> None:
        while len(self._recent) > most and self._ages and (self._ages[0][0] is None or self._ages[0][0].is_written):
            for key in self._ages.popleft()[1]:
                self._recent.pop(key, None)

    # From here on in a thread.

    def _prepared(self, sender: Sender, calls: list[Incoming]) -> _Outcome:
        wanted = {call.span.span_id: call.posted.external_request_id for call in calls}
        known = self._known(sender.project_id, wanted)
        outcome = _Outcome({}, {call.key: known[call.span.span_id] for call in calls if call.span.span_id in known})
        new = [call for call in calls if call.key not in outcome.notes]
        granted, standing = self._allowances.reserve(sender.project_id, len(new))
        outcome.reserved = granted
        for call in new[granted:]:
            outcome.answers[call.key] = direct_answers.paused(call, standing)
        if granted:
            try:
                self._derive(sender, new[:granted], standing, outcome)
            except BaseException:
                self._allowances.release(sender.project_id, granted)
                raise
        return outcome

    def _known(self, project_id: str, wanted: Mapping[bytes, str]) -> dict[bytes, Note]:
        """What was answered to those of these that were kept before, by their spans' ids."""
        unindexed = self._pipeline.recovering()
        if self._engine.is_alone:
            wanted = {span_id: wanted[span_id] for span_id in self._seen.held(list(wanted))}
        else:  # any of them may be another server's, which may not have indexed it yet
            since = time.time_ns() // 1000 - UNINDEXED_US
            unindexed = (since if unindexed is None else min(since, unindexed[0]), LAST_COMMIT)
        return external_requests.find(self._engine, project_id, wanted, unindexed) if wanted else {}

    def _derive(self, sender: Sender, calls: list[Incoming], standing: Standing, outcome: _Outcome) -> None:
        by_span = {call.span.span_id: call for call in calls}
        watched = self._budgets.has_any(sender.project_id)

        firsts = Firsts(standing)

        def note(span_id: bytes, priced: Priced | None) -> Note:
            call = by_span[span_id]
            plain = None if watched else firsts.plain(call, priced)
            if plain is not None:
                outcome.answers[call.key], found = plain
            else:
                answer = firsts.answered(call, priced)
                if watched:
                    self._tell_budgets(answer, sender, call)
                outcome.answers[call.key] = answer
                found = Note(call.body, msgspec.Raw(_encode(answer)))
            outcome.notes[call.key] = found
            return found

        spans = [call.span for call in calls]
        prepared = prepare_posted(sender, spans, self._prices.current, note)
        if prepared.refused:
            self._tell_unwritten(by_span, prepared, outcome)
        if prepared.spans.num_rows:
            prepared.index = external_requests.index(prepared.spans)
            if self._engine.is_alone:
                self._seen.add(list(by_span))
            outcome.prepared = prepared

    @staticmethod
    def _tell_unwritten(by_span: Mapping[bytes, Incoming], prepared: Prepared, outcome: _Outcome) -> None:
        written = set(prepared.spans.column("span_id").to_pylist())
        for span_id, call in by_span.items():
            if span_id not in written:
                outcome.answers[call.key] = direct_answers.unwritable(call)
                outcome.notes.pop(call.key, None)

    def _tell_budgets(self, answer: Answer, sender: Sender, call: Incoming) -> None:
        for state in self._budgets.states(sender.project_id, direct_answers.facts(sender, call)):
            answer.budget_warning |= state.warning or state.exceeded
            # Whoever is told so makes no more calls.
            answer.budget_exceeded |= state.exceeded and not state.observe_only


def counted(engine: Engine, pipeline: Pipeline) -> Count:
    """Counts the posted calls of a project."""
    return lambda project_id, since_us: external_requests.count_since(
        engine, project_id, since_us, pipeline.recovering()
    )
