"""A running server in; the demo company's month of traffic kept in it, with a progress bar, out."""

import threading
import time
from collections import deque
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from farthing.cli import show
from farthing.cli.client import Client
from farthing.demo.traffic import batches
from farthing.errors import BusyError, FarthingError
from farthing.listening import Ready
from farthing.settings import Settings

MARK = "demo-filled"
HOUR_NS = 3_600 * 10**9
OUTSTANDING = 8
"""Batches on their way at once: enough to keep the commit thread busy, few enough to stop soon."""
STOPPED_WITHIN_S = 10.0


class Filling:
    """Feeds the pipeline on a thread of its own while the server already answers."""

    def __init__(self, console: Console, settings: Settings, *, calls: int, seed: int, days: int) -> None:
        """Nothing happens before `start`."""
        self._console = console
        self._settings = settings
        data = settings.data
        self._mark = data / MARK
        self._calls, self._seed, self._days = calls, seed, days
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, ready: Ready) -> None:
        """Begin, unless this folder was filled before."""
        if self._mark.exists():
            self._console.print(f"This folder holds {self._mark.read_text().strip()} already.")
            return
        self._thread = threading.Thread(target=self._fill_until_stopped, args=(ready,), name="demo", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop feeding; what was fed stays."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(10)

    def _fill_until_stopped(self, ready: Ready) -> None:
        try:
            self._fill(ready)
        except FarthingError:
            # A server that stops takes nothing any more, and tells us a moment later that it is stopping.
            if not self._stopping.wait(STOPPED_WITHIN_S):
                raise
        if not self._mark.exists():
            self._console.print("Stopped before all of it was kept. Started again, it goes on.")

    def _fill(self, ready: Ready) -> None:
        started = time.monotonic()
        on_the_way: deque[Future[Any]] = deque()
        columns = (
            TextColumn("Filling in {task.fields[days]} days of traffic"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("spans"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task("", total=None, days=self._days)
            end_ns = _last_hour(time.time_ns())
            for spans in batches(self._seed, self._calls, end_ns, self._days):
                if self._stopping.is_set():
                    return
                on_the_way.append(self._keep(ready, spans))
                progress.advance(task, len(spans))
                if len(on_the_way) >= OUTSTANDING:
                    on_the_way.popleft().result()
            for future in on_the_way:
                future.result()
            progress.update(task, total=progress.tasks[0].completed)
        ready.pipeline.wait_settled(600)
        took = time.monotonic() - started
        self._mark.write_text(f"{self._calls:,} calls of {self._days} days (seed {self._seed})\n")
        self._console.print(f"{self._calls:,} calls kept and priced in {took:.1f} s.\n")
        # All of it: the last 30 days up to now would leave out the beginning.
        since = datetime.fromtimestamp(end_ns // 10**9, UTC) - timedelta(days=self._days)
        answer = Client(self._settings, ready.url).get(
            "/api/v1/spend", {"by": "feature", "from": since.isoformat(), "granularity": "none"}
        )
        show.spend(self._console, answer, ["feature"], f"{since:%Y-%m-%d %H:%M} UTC")

    def _keep(self, ready: Ready, spans: list[Any]) -> Future[Any]:
        while True:
            try:
                return ready.pipeline.keep(ready.made.project_id, spans)
            except BusyError:
                if self._stopping.wait(0.05):
                    raise


def _last_hour(now_ns: int) -> int:
    """The full hour before: within it, the same seed gives the same traffic."""
    return now_ns - now_ns % HOUR_NS
