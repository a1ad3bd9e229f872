"""Bodies of OTLP requests in, prepared requests out: made here, or in a process of its own while many arrive.

Decoding and deriving is Python's work and holds its lock; writing is the engine's and does not. With both in one
process, a second core stays half idle. The process is started when requests have been waiting for some time and ends when
they don't any more, so that an idle server is one process and small.
"""

import contextlib
import copyreg
import fcntl
import io
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
import pyarrow as pa

from farthing import vitals
from farthing.errors import FarthingError
from farthing.intake import otlp, otlp_logs, otlp_metrics
from farthing.intake.body import Limits
from farthing.prepare import Prepared, Sender, prepare, prepare_logs, prepare_points
from farthing.pricing.snapshot import Snapshot, Terms

log = logging.getLogger(__name__)

PROTOBUF, JSON = "application/x-protobuf", "application/json"

BUSY_AFTER = 4
"""So many requests in a row found another one waiting: now a process of its own pays."""

IDLE_SECONDS = 60.0
"""The process ends when no request had to wait for so long."""

AT_ONCE = 2
"""Threads that may ask: one works here, the other waits for the process."""

WARM_AFTER_SECONDS = 1.0
"""So long after the start prices are loaded, unless a call needed them before: a third of a second nobody waits for."""

_PIPE_BYTES = 1 << 20
"""What a pipe holds, where the system allows it: a request goes through at once, not in pieces of 64 KiB."""

_COMMAND = (
    # Arrow would import it only to accept arrays that nobody here makes: 20 MB, and threads that spin.
    "import sys; sys.modules['numpy'] = None; from farthing.intake.workshop import serve; serve(int(sys.argv[1]))"
)

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


def work(job: Job, limits: Limits, prices: Snapshot) -> Prepared:
    """Decompress, decode and prepare. Raises `BadRequestError`, `TooLargeError`, `UnsupportedError`."""
    plain = limits.decompress(job.body, job.encoding)
    binary = job.kind == PROTOBUF
    match job.signal:
        case Signal.TRACES:
            found = (otlp.decode_protobuf if binary else otlp.decode_json)(plain, job.now_ns)
            return prepare(job.sender, found.spans, prices.price, found.flaws, catalog=prices.catalog)
        case Signal.LOGS:
            logs = (otlp_logs.decode_protobuf if binary else otlp_logs.decode_json)(plain, job.now_ns)
            return prepare_logs(job.sender, logs.records, prices.price, logs.flaws)
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
        self._warming = threading.Timer(WARM_AFTER_SECONDS, self._warm)
        self._warming.daemon = True
        self._warming.start()

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
            return work(job, self._limits, snapshot)

    def _judged(self, waiting: int) -> "_Helper | None":
        with self._judging:
            self._waited = self._waited + 1 if waiting else 0
            if self._waited >= BUSY_AFTER:
                self._busy_at = time.monotonic()
                if self._helper is None:
                    self._helper = _Helper(self._limits.body_bytes)
                    self._look_later()
            return self._helper

    def _warm(self) -> None:
        load_prices(self._prices.current)

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
        self._warming.cancel()
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
            [sys.executable, "-c", _COMMAND, str(body_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the server, which then ends this
        )
        for pipe in (self._process.stdin, self._process.stdout):
            _widen(cast("IO[bytes]", pipe))
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


def _widen(pipe: IO[bytes]) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # more than this user's pipes may hold
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _send(pipe: IO[bytes], value: Any) -> None:
    held = io.BytesIO()
    pickler = pickle.Pickler(held, 5)
    pickler.dispatch_table = _BY_TYPE
    pickler.dump(value)
    pipe.write(_LENGTH.pack(held.tell()))
    pipe.write(held.getbuffer())
    pipe.flush()


def _told(table: pa.Table) -> tuple[Any, tuple[bytes]]:
    """A table as its own format, which takes a fifth of the time that its columns one by one would."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return _table, (sink.getvalue().to_pybytes(),)


def _table(data: bytes) -> pa.Table:
    return pa.ipc.open_stream(data).read_all()


_BY_TYPE = copyreg.dispatch_table | {pa.Table: _told}


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


def load_prices(snapshot: Snapshot) -> None:
    """Have the price lists ready that most calls need."""
    for provider in ("openai", "anthropic"):
        snapshot.catalog.quote(provider, "", "any", "", 0)


def serve(body_bytes: int) -> None:
    """The other side: prepare what comes until the pipe is closed."""
    threading.current_thread().name = "prepare"
    limits, snapshot = Limits(body_bytes), Snapshot(Terms())
    load_prices(snapshot)
    vitals.calm_the_collector()
    vitals.keep_from_the_collector()
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    with contextlib.suppress(EOFError, BrokenPipeError):
        outgoing.write(b"!")
        outgoing.flush()
        while True:
            order: Order = _receive(incoming)
            try:
                snapshot = as_ordered(order, snapshot)
                answer: Any = work(order.job, limits, snapshot)
            except (FarthingError, OutdatedError) as error:
                answer = error
            _send(outgoing, answer)
    os._exit(0)  # whoever would read what is left in the pipe is gone


def as_ordered(order: Order, snapshot: Snapshot) -> Snapshot:
    """The prices a job is to be done by. Raises `OutdatedError` rather than take others."""
    if order.terms is not None:
        snapshot = Snapshot(order.terms)
    if snapshot.version != order.version:
        msg = f"prices {snapshot.version}, not {order.version}"
        raise OutdatedError(msg)
    return snapshot
