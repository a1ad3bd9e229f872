"""What is settled in; every span, once its call is priced, out to another OTLP backend, beside everything else.

The store is the spool: where forwarding has come to is remembered, so a backend that is down costs nothing but time.
A span may be sent twice when the server is killed between the other's answer and that note.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import httpx
import msgspec

from farthing import vitals
from farthing.errors import FarthingError
from farthing.forward.sending import BusyError, portions, send
from farthing.shapes import Shape
from farthing.store.meta import facts
from farthing.store.meta.database import Database
from farthing.store.meta.leases import BEAT_S, Lease
from farthing.store.telemetry import settled
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.settled import Position

_read_position = Shape(Position).of_json

log = logging.getLogger(__name__)

BATCH, BATCH_BYTES = 512, 16 << 20
LOOK_EVERY_S = 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
TIMEOUT_S = 30.0

_KEY = "forwarded"
_PATH = "/v1/traces"


class Watermark(Protocol):
    """Knows up to which commit everything is settled."""

    def read(self) -> int:
        """The last settled commit."""
        ...


class Backend(NamedTuple):
    """Where spans go, with headers as `name=value,name=value`."""

    url: str
    headers: str = ""


class Forwarding:
    """The thread that forwards, from `start` to `stop`."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        watermark: Watermark,
        backend: Backend,
        clock: Callable[[], int],
        lease: Lease,
    ) -> None:
        """`clock` answers Unix nanoseconds. Of several servers on one database the one with the lease forwards."""
        self._lease = lease
        self._database = database
        self._engine = engine
        self._watermark = watermark
        url = backend.url.rstrip("/")
        self._url = url if url.endswith(_PATH) else url + _PATH
        self._clock = clock
        told = dict(part.split("=", 1) for part in backend.headers.split(",") if "=" in part)
        self._headers = {name.strip(): value.strip() for name, value in told.items()}
        self._headers["Content-Type"] = "application/x-protobuf"
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="forward", daemon=True)

    def start(self) -> None:
        """From where it was left; the first time from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End after the request that is under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(TIMEOUT_S)

    def _run(self) -> None:
        pause = 0.0
        backoff = FIRST_PAUSE_S
        position: Position | None = None
        with httpx.Client(timeout=TIMEOUT_S, headers=self._headers, trust_env=False) as client:
            while not self._stopping.wait(pause):
                try:
                    position, pause = self._next(client, position)
                    backoff = FIRST_PAUSE_S
                except (FarthingError, httpx.TransportError, httpx.HTTPStatusError) as error:
                    vitals.FORWARD_FAILURES.inc()
                    now = datetime.fromtimestamp(self._clock() / 10**9, UTC)
                    told = error.wait_s(now) if isinstance(error, BusyError) else None
                    pause, backoff = told or backoff, min(2 * backoff, LONGEST_PAUSE_S)
                    # A part of the batch may have gone through.
                    position = None
                    log.warning("Forwarding waits %.0f s: %s", pause, error)
        self._lease.release()

    def _next(self, client: httpx.Client, position: Position | None) -> tuple[Position | None, float]:
        """The next batch, if it is this server that forwards; where that comes to, and how long to wait for more."""
        is_new = not self._lease.is_held()
        if not self._lease.hold():
            return None, BEAT_S
        if position is None or is_new:
            # Until now another server may have gone on with it.
            position = self._recall()
        return self._forward(client, position)

    def _forward(self, client: httpx.Client, position: Position) -> tuple[Position, float]:
        spans = settled.after(self._engine, position, self._watermark.read(), BATCH, BATCH_BYTES)
        if not spans:
            vitals.FORWARD_BEHIND.set(0)
            return position, LOOK_EVERY_S
        vitals.FORWARD_BEHIND.set(max(0.0, self._clock() / 10**9 - spans[0].position.commit / 10**6))
        for some in portions(spans):
            vitals.FORWARDED_SPANS.inc(send(client, self._url, some))
            self._remember(some[-1].position)
        is_full = len(spans) == BATCH or sum(span.size for span in spans) > BATCH_BYTES
        return spans[-1].position, 0.0 if is_full else LOOK_EVERY_S

    def _recall(self) -> Position:
        with self._database.read() as session:
            kept = facts.get(session, _KEY)
        if kept is not None:
            with contextlib.suppress(msgspec.DecodeError):
                return _read_position(kept)
        # Not what was kept before anybody wanted it forwarded.
        start = Position(self._watermark.read() + 1)
        self._remember(start)
        return start

    def _remember(self, position: Position) -> None:
        with self._database.write() as session:
            facts.put(session, _KEY, msgspec.json.encode(position).decode())
