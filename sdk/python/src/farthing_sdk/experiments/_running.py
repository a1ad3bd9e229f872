"""A dataset, a task and evaluators go in; every item is tried and judged, the server is told, and an `Experiment` comes out."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple, TypedDict, Union, cast

from farthing_sdk._client import current, flush, init
from farthing_sdk._trouble import warn
from farthing_sdk.experiments._evaluator import Evaluator, as_evaluator
from farthing_sdk.experiments._experiment import Experiment
from farthing_sdk.experiments._nouns import Dataset, Item, ItemResult, Score
from farthing_sdk.experiments._progress import progress
from farthing_sdk.experiments._server import MOST_AT_ONCE, Server, ServerError
from farthing_sdk.experiments._trial import Plan, tried

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from farthing_sdk._settings import Settings

Items = Union[str, Dataset, "Iterable[Item | Mapping[str, Any]]"]
Judges = Sequence[Union[Evaluator, Callable[..., Any]]]

_SEND_AFTER: Final = 2.0
"""Seconds that a result waits for others at most, while more are coming."""


class Settling(TypedDict, total=False):
    """What `run_experiment` may be told beside what to try and how to judge it."""

    concurrency: int
    """Items tried at once; 8 unless said otherwise."""
    retries: int
    """Further attempts at an item whose task fails; none unless said otherwise."""
    timeout: float | None
    """Seconds that a task or an evaluator may take."""
    resume: bool
    """True, the default: items that a run of this name has done without an error are not done again."""
    description: str
    metadata: Mapping[str, Any]
    """Of the run: the model, the prompt …"""
    version: str
    """The dataset as it was then (RFC 3339)."""
    limit: int
    """Try so many items only."""
    keep_output: bool
    """True: what the task gives back is kept on the server, beside the scores, if the key keeps content."""
    progress: bool
    """Unless said otherwise there is a bar where somebody looks at a terminal."""
    report: bool
    """False: the server is not told."""
    endpoint: str
    api_key: str
    """Unless said otherwise those of `farthing_sdk.init`, or of the environment."""


def run_experiment(
    dataset: Items,
    task: Callable[..., Any],
    evaluators: Judges = (),
    *,
    name: str,
    **settling: Unpack[Settling],
) -> Experiment:
    """Try the task on every item and judge what it gives back.

    `dataset` is the name of one on the server, or items: mappings with `input` and perhaps `id`, `expected` and `metadata`. The task gets
    the input, or what its parameters are named after: `item`, `input`, `expected`, `metadata`. It may be a coroutine function, as
    evaluators may. Raises `ServerError` before anything is tried, where the server can't be told, and `ValueError` for a run without a name.
    """
    running = arun_experiment(dataset, task, evaluators, name=name, **settling)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(running)
    # Within a loop that goes on already, as in a notebook.
    found: list[Experiment] = []
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            found.append(asyncio.run(running))
        except BaseException as error:  # noqa: BLE001 - it is raised where it belongs
            trouble.append(error)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,))
    thread.start()
    thread.join()
    if trouble:
        raise trouble[0]
    return found[0]


async def arun_experiment(
    dataset: Items,
    task: Callable[..., Any],
    evaluators: Judges = (),
    *,
    name: str,
    **settling: Unpack[Settling],
) -> Experiment:
    """The same for a coroutine."""
    if not isinstance(cast("Any", name), str) or not name.strip():
        msg = f"name: a run has one, a text that isn't empty; not {name!r}."
        raise ValueError(msg)
    judges = [as_evaluator(one) for one in evaluators]
    settings = _settings(settling)
    with ThreadPoolExecutor(1, "farthing-experiment-server") as clerk:
        server = None if settings is None else Server(settings)
        try:
            made = await _made(_Place(server, settings, clerk), dataset, _Trial(name, task, judges), settling)
        finally:
            if server is not None:
                server.close()
    _note(made)
    return made


class _Trial(NamedTuple):
    """What is to be found out about each item."""

    name: str
    task: Callable[..., Any]
    judges: list[Evaluator]


class _Place(NamedTuple):
    """Who is told; None: nobody."""

    server: Server | None
    settings: Settings | None
    clerk: ThreadPoolExecutor
    """The one thread that speaks with the server."""


async def _made(place: _Place, dataset: Items, trial: _Trial, settling: Settling) -> Experiment:
    loop = asyncio.get_running_loop()
    chosen = await loop.run_in_executor(place.clerk, _chosen, place.server, dataset, settling)
    outbox = _Outbox(place, _run(trial.name, chosen, settling), keep_output=settling.get("keep_output", False))
    await outbox.begin()
    before: list[tuple[str, str, list[Score]]] = []
    if settling.get("resume", True):
        before = await loop.run_in_executor(place.clerk, _before, place.server, chosen, trial.name)
    ids = {item.id for item in chosen.items}
    done = [one for one in before if not one[1] and one[0] in ids]
    known = {one[0] for one in done}
    try:
        results = await _all(trial, [item for item in chosen.items if item.id not in known], outbox, settling)
    finally:
        await outbox.end()
        # What the calls cost comes by another way, and is wanted as soon.
        await loop.run_in_executor(place.clerk, flush)
    made = Experiment(trial.name, chosen, results, done, place.settings)
    made.run_id, made.unsent = outbox.run_id, outbox.unsent
    return made


async def _all(trial: _Trial, todo: list[Item], outbox: _Outbox, settling: Settling) -> list[ItemResult]:
    concurrency = max(1, settling.get("concurrency", 8))
    results: dict[str, ItemResult] = {}
    left = iter(todo)
    with (
        ThreadPoolExecutor(concurrency, "farthing-experiment") as pool,
        progress(trial.name, len(todo), wanted=settling.get("progress")) as shown,
    ):
        plan = Plan(
            trial.name, trial.task, trial.judges, max(0, settling.get("retries", 0)), settling.get("timeout"), pool
        )

        async def work() -> None:
            for item in left:
                result = await tried(plan, item)
                results[item.id] = result
                shown.advance(result)
                outbox.add(result)
                await outbox.send_if_due()

        await asyncio.gather(*[work() for _ in range(min(concurrency, len(todo)))])
    return [results[item.id] for item in todo if item.id in results]


class _Outbox:
    """Results on their way to the server, one batch at a time."""

    def __init__(self, place: _Place, run: Mapping[str, Any], *, keep_output: bool) -> None:
        self._server = place.server
        self._clerk = place.clerk
        self._run = run
        self._keep_output = keep_output
        self._waiting: list[ItemResult] = []
        self._sent_at = time.monotonic()
        self._sending = asyncio.Lock()
        self.run_id = ""
        self.unsent = 0

    async def begin(self) -> None:
        """Tell the server of the run, before it costs anything. Raises `ServerError`."""
        if self._server is not None:
            self.run_id = await self._post([])

    def add(self, result: ItemResult) -> None:
        """One more is to be told."""
        if self._server is not None:
            self._waiting.append(result)

    async def send_if_due(self) -> None:
        """Send what waits, if that is much or has waited long."""
        late = time.monotonic() - self._sent_at > _SEND_AFTER
        if self._waiting and not self._sending.locked() and (late or len(self._waiting) >= MOST_AT_ONCE):
            await self._send()

    async def end(self) -> None:
        """Send all that is left."""
        while self._waiting:
            before = len(self._waiting)
            await self._send()
            if len(self._waiting) >= before:
                break
        self.unsent = len(self._waiting)
        if self.unsent:
            warn("%d results of the experiment could not be sent; run it again to try again.", self.unsent)

    async def _send(self) -> None:
        async with self._sending:
            batch = self._waiting[:MOST_AT_ONCE]
            self._sent_at = time.monotonic()
            try:
                await self._post(batch)
            except ServerError as error:
                # They stay: a server that was away may be back.
                warn("Results of the experiment can't be sent: %s", error)
                return
            del self._waiting[: len(batch)]

    async def _post(self, batch: Sequence[ItemResult]) -> str:
        server = cast("Server", self._server)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._clerk, lambda: server.post(self._run, batch, keep_output=self._keep_output)
        )


def _settings(settling: Settling) -> Settings | None:
    """Where to tell of it; None: nowhere."""
    if settling.get("report") is False:
        return None
    endpoint, key = settling.get("endpoint"), settling.get("api_key")
    client = current()
    if client is not None and endpoint is None and key is None:
        return client.settings
    if endpoint or key or os.environ.get("FARTHING_API_KEY"):
        # The calls of the task are to be told to the same server.
        made = init(endpoint, key) if client is None else client
        if endpoint in (None, made.settings.endpoint) and key in (None, made.settings.api_key):
            return made.settings
        return made.settings._replace(
            endpoint=(endpoint or made.settings.endpoint).rstrip("/"), api_key=key or made.settings.api_key
        )
    warn("The experiment's results stay here: there is neither FARTHING_API_KEY nor an api_key.")
    return None


def _note(made: Experiment) -> None:
    """For whoever started the program, and wants to compare what it ran."""
    report = os.environ.get("FARTHING_EXPERIMENT_REPORT")
    if report and made.run_id:
        line = json.dumps({"run_id": made.run_id, "name": made.name, "dataset_id": made.dataset.id})
        with Path(report).open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _chosen(server: Server | None, given: Items, settling: Settling) -> Dataset:
    limit = settling.get("limit")
    if isinstance(given, str):
        if server is None:
            raise ServerError(f"the dataset {given} is on a server, and none is named")
        found = server.dataset(given, settling.get("version", ""))
    else:
        found = given if isinstance(given, Dataset) else Dataset("", local_items(given))
    return found if limit is None else found._replace(items=found.items[:limit])


def local_items(given: Iterable[Item | Mapping[str, Any]]) -> list[Item]:
    """Items of nobody's keeping. Without an id they are named after what is in them, so that runs can be compared."""
    items: list[Item] = []
    seen: dict[str, int] = {}
    for one in given:
        item = one if isinstance(one, Item) else _local(one)
        times = seen[item.id] = seen.get(item.id, 0) + 1
        items.append(item if times == 1 else item._replace(id=f"{item.id}-{times}"))
    return items


def _local(one: Mapping[str, Any]) -> Item:
    expected = one.get("expected", one.get("expected_output"))
    if "input" not in one:
        raise ValueError(f"an item has no input: {str(dict(one))[:200]}")
    said = json.dumps([one["input"], expected], sort_keys=True, default=str)
    named = one.get("id") or hashlib.sha256(said.encode()).hexdigest()[:16]
    return Item(str(named), one["input"], expected, one.get("metadata"))


def _run(name: str, dataset: Dataset, settling: Settling) -> dict[str, Any]:
    run: dict[str, Any] = {"name": name}
    if dataset.id:
        run["dataset_id"] = dataset.id
    if dataset.version:
        run["dataset_version"] = dataset.version
    for field in ("description", "metadata"):
        if settling.get(field):
            run[field] = settling.get(field)
    return run


def _before(server: Server | None, dataset: Dataset, name: str) -> list[tuple[str, str, list[Score]]]:
    return [] if server is None else server.done(dataset.id, name)
