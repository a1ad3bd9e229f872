"""Bodies of OTLP requests in, prepared requests out: made here, or in a process of its own while many arrive.

Decoding and deriving is Python's work and holds its lock; writing is the engine's and does not. With both in one
process, a second core stays half idle. The process is started when requests have been waiting for some time and ends when
they don't any more, so that an idle server is one process and small.
"""

import contextlib
import logging
import os
import pickle
import selectors
import struct
import subprocess
import sys
import threading
import time
from enum import StrEnum
from typing import IO, Any, Protocol, cast

import msgspec

from farthing import vitals
from farthing.errors import FarthingError
from farthing.intake import otlp, otlp_logs, otlp_metrics
from farthing.intake.body import Limits
from farthing.prepare import Prepared, Price, Sender, prepare, prepare_logs, prepare_points
from farthing.pricing.snapshot import Snapshot, Terms

log = logging.getLogger(__name__)

PROTOBUF, JSON = "application/x-protobuf", "application/json"

BUSY_AFTER = 4
"""So many requests in a row found another one waiting: now a process of its own pays."""

IDLE_SECONDS = 60.0
"""The process ends when no request had to wait for so long."""

AT_ONCE = 2
"""Threads that may ask: one works here, the other waits for the process."""

_LENGTH = struct.Struct("<Q")


class Signal(StrEnum):
    """What a request tells of."""

    TRACES = "traces"
    METRICS = "metrics"
    LOGS = "logs"


class Job(msgspec.Struct):
    """A request's body as sent, and what is needed to understand it."""

    sender: Sender
    kind: str
    encoding: str
    body: bytes
    now_ns: int
    signal: Signal = Signal.TRACES


def work(job: Job, limits: Limits, price: Price) -> Prepared:
    """Decompress, decode and prepare. Raises `BadRequestError`, `TooLargeError`, `UnsupportedError`."""
    plain = limits.decompress(job.body, job.encoding)
    binary = job.kind == PROTOBUF
    match job.signal:
        case Signal.TRACES:
            found = (otlp.decode_protobuf if binary else otlp.decode_json)(plain, job.now_ns)
            return prepare(job.sender, found.spans, price, found.flaws)
        case Signal.LOGS:
            logs = (otlp_logs.decode_protobuf if binary else otlp_logs.decode_json)(plain, job.now_ns)
            return prepare_logs(job.sender, logs.records, price, logs.flaws)
        case Signal.METRICS:
            told = (otlp_metrics.decode_protobuf if binary else otlp_metrics.decode_json)(plain, job.now_ns)
            return prepare_points(job.sender.project_id, told.points, told.flaws)


class Prices(Protocol):
    """Where the prices of this moment are."""

    @property
    def current(self) -> Snapshot:
        """All of them; another one after every change."""
        ...


class Order(msgspec.Struct):
    """A job for the process of its own, and by which prices. Their `terms` come along when it doesn't have them yet."""

    job: Job
    version: str
    terms: Terms | None = None


class OutdatedError(Exception):
    """The prices there are not those asked for."""


class Workshop:
    """Prepares one request at a time here, and another one at the same time in the process of its own when there is one."""

    def __init__(self, limits: Limits, prices: Prices) -> None:
        """Works here until there is much to do."""
        self._limits = limits
        self._prices = prices
        self._waited = 0
        self._busy_at = 0.0
        self._helper: _Helper | None = None
        self._judging = threading.Lock()
        self._here = threading.Lock()

    @property
    def process_id(self) -> int | None:
        """The process of its own, once it has done some work; None without one."""
        helper = self._helper
        return helper.process_id if helper else None

    def prepare(self, job: Job, waiting: int) -> Prepared:
        """Prepare a request while `waiting` others wait for it. Raises `FarthingError` for one that can't be read."""
        helper = self._judged(waiting)
        snapshot = self._prices.current
        if helper is not None and helper.free.acquire(blocking=False):
            try:
                if helper.is_ready():
                    return helper.work(job, snapshot)
            except (OSError, EOFError, ValueError, pickle.UnpicklingError, OutdatedError):
                log.warning("The process that prepares requests ended; preparing them here")
                self._forget(helper)
            finally:
                helper.free.release()
        # Two at once would only take Python's lock from each other.
        with self._here:
            return work(job, self._limits, snapshot.price)

    def _judged(self, waiting: int) -> "_Helper | None":
        with self._judging:
            self._waited = self._waited + 1 if waiting else 0
            if self._waited >= BUSY_AFTER:
                self._busy_at = time.monotonic()
                if self._helper is None:
                    self._helper = _Helper(self._limits.body_bytes)
                    self._look_later()
            return self._helper

    def _look_later(self) -> None:
        timer = threading.Timer(IDLE_SECONDS, self._close_when_idle)
        timer.daemon = True
        timer.start()

    def _close_when_idle(self) -> None:
        if self._helper is None:
            return
        if time.monotonic() - self._busy_at >= IDLE_SECONDS:
            self.close()
        else:
            self._look_later()

    def close(self) -> None:
        """End the process, if there is one, after what it is at."""
        helper = self._helper
        if helper is not None:
            with helper.free:
                self._forget(helper)

    def _forget(self, helper: "_Helper") -> None:
        with self._judging:
            if self._helper is helper:
                self._helper = None
                self._waited = 0
        helper.close()


class _Helper:
    """A process of its own that does `work`; its end of the pipes closes when this process ends, and it follows."""

    def __init__(self, body_bytes: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "farthing.intake.workshop", str(body_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the server, which then ends this
        )
        self.free = threading.Lock()
        """Held by whoever talks to it."""
        self._ready = False
        self._version = ""
        """Of the prices it has."""

    @property
    def process_id(self) -> int | None:
        """None until it has loaded what it needs."""
        return self._process.pid if self._ready else None

    def is_ready(self) -> bool:
        """Whether it has loaded what it needs; never waits. Raises `EOFError` when it ended before."""
        if not self._ready:
            with selectors.DefaultSelector() as selector:
                selector.register(self._out, selectors.EVENT_READ)
                if selector.select(0):
                    if self._out.read(1) != b"!":
                        msg = "it did not start"
                        raise EOFError(msg)
                    self._ready = True
        return self._ready

    @property
    def _out(self) -> IO[bytes]:
        return cast("IO[bytes]", self._process.stdout)

    def work(self, job: Job, snapshot: Snapshot) -> Prepared:
        """Have it done there by these prices, and no others.

        Raises what `work` raises, `OutdatedError`, and `OSError` or `EOFError` when the process is gone.
        """
        has = self._version == snapshot.version
        _send(cast("IO[bytes]", self._process.stdin), Order(job, snapshot.version, None if has else snapshot.terms))
        self._version = snapshot.version
        answer = _receive(self._out)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        with contextlib.suppress(OSError):
            cast("IO[bytes]", self._process.stdin).close()
        self._out.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _send(pipe: IO[bytes], value: Any) -> None:
    data = pickle.dumps(value, 5)
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        msg = "the pipe is closed"
        raise EOFError(msg)
    (size,) = _LENGTH.unpack(head)
    data = pipe.read(size)
    if len(data) < size:
        msg = "the pipe is closed"
        raise EOFError(msg)
    return pickle.loads(data)  # noqa: S301  from our own process


def _serve(body_bytes: int) -> None:
    """The other side: prepare what comes until the pipe is closed."""
    vitals.calm_the_collector()
    limits, snapshot = Limits(body_bytes), Snapshot(Terms())
    snapshot.catalog.quote("openai", "", "gpt-4o-mini", "", 0)
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    with contextlib.suppress(EOFError, BrokenPipeError):
        outgoing.write(b"!")
        outgoing.flush()
        while True:
            order: Order = _receive(incoming)
            try:
                snapshot = as_ordered(order, snapshot)
                answer: Any = work(order.job, limits, snapshot.price)
            except (FarthingError, OutdatedError) as error:
                answer = error
            _send(outgoing, answer)


def as_ordered(order: Order, snapshot: Snapshot) -> Snapshot:
    """The prices a job is to be done by. Raises `OutdatedError` rather than take others."""
    if order.terms is not None:
        snapshot = Snapshot(order.terms)
    if snapshot.version != order.version:
        msg = f"prices {snapshot.version}, not {order.version}"
        raise OutdatedError(msg)
    return snapshot


if __name__ == "__main__":
    threading.current_thread().name = "prepare"
    _serve(int(sys.argv[1]))
    os._exit(0)  # whoever would read what is left in the pipe is gone
