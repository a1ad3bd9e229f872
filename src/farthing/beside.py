"""Jobs in; what came of them out, done by a process of its own while there is much to do, by the same prices as here.

Decoding, deriving and pricing is Python's work and holds its lock; writing is the engine's and does not, and answering must not wait for either. With
all in one process, a second core stays half idle. The process is started by whoever finds much to do and ends when nobody
does any more, so that an idle server is one process and small.
"""

import contextlib
import copyreg
import fcntl
import importlib
import io
import logging
import os
import pickle
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO, Any, Protocol, TypeVar, cast

import msgspec
import pyarrow as pa

from farthing import footprint, vitals
from farthing.errors import FarthingError
from farthing.prepare import Prepared
from farthing.pricing.snapshot import Snapshot, Terms
from farthing.shapes import Shape
from farthing.store.telemetry.traces import Piece

log = logging.getLogger(__name__)

IDLE_SECONDS = 60.0
"""The process ends when nobody had much to do for so long."""

REST_SECONDS = 1.0
"""After it ended: what it ends from may come again."""

ANSWERS_WITHIN_S = 30.0
"""Whatever a job takes, it takes less, also on a machine that is busy: a process that says nothing for so long hangs."""

HUNG_REST_SECONDS = 600.0
"""After it hung: each time all that waits for it would stand still for as long as that takes to be noticed."""

CLOSED_WITHIN_S = 2.0
"""Who stops waits no longer for what it is at, nor for its end."""

_PIPE_BYTES = 1 << 20
"""What a pipe holds, where the system allows it: a request goes through at once, not in pieces of 64 KiB."""

_COMMAND = (
    # Arrow would import it only to accept arrays that nobody here makes: 20 MB, and threads that spin.
    "import sys; sys.modules['numpy'] = None; "
    "from farthing import allocators; allocators.give_back(); from farthing.beside import serve; serve(sys.argv[1:])"
)

_CLOSED = "the pipe is closed"
_LENGTH = struct.Struct("<Q")

_Made = TypeVar("_Made")
_Made_co = TypeVar("_Made_co", covariant=True)


class Job(Protocol[_Made_co]):
    """Something to be done that can be handed to another process."""

    def done(self, prices: Snapshot) -> _Made_co:
        """Do it, here. Raises `FarthingError` for what can't be done anywhere."""
        ...


class Prices(Protocol):
    """Where the prices of this moment are."""

    @property
    def current(self) -> Snapshot:
        """All of them; another one after every change."""
        ...


class Order(msgspec.Struct):
    """A job for the process, and by which prices. Their `terms` come along when it doesn't have them yet."""

    job: Job[Any]
    version: str
    terms: Terms | None = None


class OutdatedError(Exception):
    """The prices there are not those asked for."""


class Beside:
    """The process, or the want of it. Every method may be called from any thread."""

    def __init__(self, modules: Sequence[str]) -> None:
        """None runs yet. `modules` hold its jobs: it imports them before it says that it is ready."""
        self._modules = modules
        self._wanted_at = 0.0
        self._helper: _Helper | None = None
        self._judging = threading.Lock()
        self._not_before = 0.0

    @property
    def process_id(self) -> int | None:
        """The process, once it has done some work; None without one."""
        helper = self._helper
        return helper.process_id if helper else None

    def want(self) -> None:
        """There is much to do: there should be a process from now on, and for a while."""
        with self._judging:
            self._wanted_at = now = time.monotonic()
            if self._helper is None and now >= self._not_before:
                self._helper = _Helper(self._modules)
                self._look_later()

    def do(self, job: Job[_Made], prices: Snapshot) -> _Made | None:
        """What came of it; None where there is no process, or it is busy, or ends: then nothing has become of it.

        Raises what the job raises.
        """
        helper = self._helper
        if helper is None or not helper.free.acquire(blocking=False):
            return None
        try:
            if helper.is_ready():
                return helper.work(job, prices)
        except TimeoutError:
            log.warning("The process that works beside this one hangs, and is ended; its work is done here")
            helper.kill()
            self._forget(helper, HUNG_REST_SECONDS)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError, OutdatedError):
            log.warning("The process that works beside this one ended; its work is done here")
            self._forget(helper)
        finally:
            helper.free.release()
        return None

    def close(self) -> None:
        """End it, if there is one, after what it is at."""
        helper = self._helper
        if helper is not None:
            if not helper.free.acquire(timeout=CLOSED_WITHIN_S):
                helper.kill()
                helper.free.acquire()
            try:
                self._forget(helper)
            finally:
                helper.free.release()

    def _look_later(self) -> None:
        timer = threading.Timer(IDLE_SECONDS, self._close_when_idle)
        timer.daemon = True
        timer.start()

    def _close_when_idle(self) -> None:
        if self._helper is None:
            return
        if time.monotonic() - self._wanted_at >= IDLE_SECONDS:
            self.close()
        else:
            self._look_later()

    def _forget(self, helper: "_Helper", rest_s: float = REST_SECONDS) -> None:
        with self._judging:
            if self._helper is helper:
                self._helper = None
                self._not_before = time.monotonic() + rest_s
        helper.close()


class _Helper:
    """A process of its own that does jobs; its end of the pipes closes when this process ends, and it follows."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *modules],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the server, which then ends this
        )
        for pipe in (self._process.stdin, self._process.stdout):
            _widen(cast("IO[bytes]", pipe))
            os.set_blocking(cast("IO[bytes]", pipe).fileno(), False)
        self._takes, self._tells = select.poll(), select.poll()
        self._takes.register(self._in, select.POLLOUT)
        self._tells.register(self._out, select.POLLIN)
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
        if not self._ready and self._tells.poll(0):
            if self._out.read(1) != b"!":
                msg = "it did not start"
                raise EOFError(msg)
            self._ready = True
        return self._ready

    @property
    def _in(self) -> io.FileIO:
        return cast("io.FileIO", self._process.stdin)

    @property
    def _out(self) -> io.FileIO:
        return cast("io.FileIO", self._process.stdout)

    def work(self, job: Job[_Made], snapshot: Snapshot) -> _Made:
        """Have it done there by these prices, and no others.

        Raises what the job raises, `OutdatedError`, `TimeoutError` when the process hangs, and `OSError` or `EOFError` when it is gone.
        """
        has = self._version == snapshot.version
        self._send(Order(job, snapshot.version, None if has else snapshot.terms))
        self._version = snapshot.version
        (size,) = _LENGTH.unpack(self._received(_LENGTH.size))
        answer = pickle.loads(self._received(size))  # noqa: S301  from our own process
        if isinstance(answer, Exception):
            raise answer
        return answer

    def kill(self) -> None:
        """It need not end what it is at."""
        self._process.kill()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._in.close()
        self._out.close()
        try:
            self._process.wait(CLOSED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, value: Any) -> None:
        for part in _written(value):
            rest = memoryview(part)
            while rest:
                sent = self._in.write(rest)
                if sent is None:
                    _wait(self._takes)
                rest = rest[sent or 0 :]

    def _received(self, size: int) -> bytearray:
        held = bytearray(size)
        rest = memoryview(held)
        while rest:
            read = self._out.readinto(rest)
            if read is None:
                _wait(self._tells)
            elif not read:
                raise EOFError(_CLOSED)
            rest = rest[read or 0 :]
        return held


def _wait(until: select.poll) -> None:
    """Raises `TimeoutError`."""
    if not until.poll(ANSWERS_WITHIN_S * 1_000):
        msg = "it hangs"
        raise TimeoutError(msg)


def _widen(pipe: IO[bytes]) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # more than this user's pipes may hold
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _written(value: Any) -> tuple[bytes, memoryview]:
    """A message: its length, and what it says."""
    held = io.BytesIO()
    pickler = pickle.Pickler(held, 5)
    pickler.dispatch_table = _BY_TYPE
    pickler.dump(value)
    return _LENGTH.pack(held.tell()), held.getbuffer()


def _told(table: pa.Table) -> tuple[Any, tuple[bytes]]:
    """A table as its own format, which takes a fifth of the time that its columns one by one would."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return _table, (sink.getvalue().to_pybytes(),)


def _table(data: bytes) -> pa.Table:
    return pa.ipc.open_stream(data).read_all()


def _packed(prepared: Prepared) -> tuple[Any, tuple[bytes, list[Any]]]:
    """Its pieces in one piece: pickled one by one they would take longer than all else of it."""
    others = [getattr(prepared, name) for name in Prepared.__struct_fields__ if name != "pieces"]
    return _prepared, (_pack(prepared.pieces), others)


def _prepared(pieces: bytes, others: list[Any]) -> Prepared:
    names = (name for name in Prepared.__struct_fields__ if name != "pieces")
    return Prepared(pieces=_unpack(pieces), **dict(zip(names, others, strict=True)))


_pack = msgspec.json.Encoder().encode
_unpack = Shape[list[Piece]](list[Piece]).of_json
_BY_TYPE = copyreg.dispatch_table | {pa.Table: _told, Prepared: _packed}


def _receive(pipe: IO[bytes]) -> Any:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError(_CLOSED)
    (size,) = _LENGTH.unpack(head)
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError(_CLOSED)
    return pickle.loads(data)  # noqa: S301  from our own process


def load_prices(snapshot: Snapshot) -> None:
    """Have the price lists ready that most calls need."""
    for provider in ("openai", "anthropic"):
        snapshot.catalog.quote(provider, "", "any", "", 0)


def serve(modules: Sequence[str]) -> None:
    """The other side: do what comes until the pipe is closed."""
    threading.current_thread().name = "prepare"
    snapshot = Snapshot(Terms())
    load_prices(snapshot)
    for name in modules:
        importlib.import_module(name)
    vitals.calm_the_collector()
    vitals.keep_from_the_collector()
    footprint.shrink(footprint.programs())
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    with contextlib.suppress(EOFError, BrokenPipeError):
        outgoing.write(b"!")
        outgoing.flush()
        while True:
            order: Order = _receive(incoming)
            try:
                snapshot = as_ordered(order, snapshot)
                answer: Any = order.job.done(snapshot)
            except (FarthingError, OutdatedError) as error:
                answer = error
            outgoing.writelines(_written(answer))
            outgoing.flush()
            del order, answer  # or they would be held until the next ones are there
    os._exit(0)  # whoever would read what is left in the pipe is gone


def as_ordered(order: Order, snapshot: Snapshot) -> Snapshot:
    """The prices a job is to be done by. Raises `OutdatedError` rather than take others."""
    if order.terms is not None:
        snapshot = Snapshot(order.terms)
    if snapshot.version != order.version:
        msg = f"prices {snapshot.version}, not {order.version}"
        raise OutdatedError(msg)
    return snapshot
