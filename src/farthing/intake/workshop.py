"""Bodies of OTLP requests in, prepared requests out: made here, or in the process beside this one while many arrive."""

import threading
from enum import StrEnum

import msgspec

from farthing.beside import Beside, Prices, load_prices
from farthing.intake import otlp, otlp_logs, otlp_metrics
from farthing.intake.body import Limits
from farthing.prepare import Prepared, Sender, prepare, prepare_logs, prepare_points
from farthing.pricing.snapshot import Snapshot

PROTOBUF, JSON = "application/x-protobuf", "application/json"

BUSY_AFTER = 4
"""So many requests in a row found another one waiting: now a process of its own pays."""

AT_ONCE = 2
"""Threads that may ask: one works here, the other waits for the process."""

WARM_AFTER_SECONDS = 1.0
"""So long after the start prices are loaded, unless a call needed them before: a third of a second nobody waits for."""


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


class Bounded(msgspec.Struct):
    """A job, and how large its body may become when it is decompressed."""

    job: Job
    body_bytes: int

    def done(self, prices: Snapshot) -> Prepared:
        """As `work`."""
        return work(self.job, Limits(self.body_bytes), prices)


class Workshop:
    """Prepares one request at a time here, and another one at the same time in the process beside this one when there is one."""

    def __init__(self, limits: Limits, prices: Prices, beside: Beside) -> None:
        """Works here until there is much to do."""
        self._limits = limits
        self._prices = prices
        self._beside = beside
        self._waited = 0
        self._here = threading.Lock()
        self._warming = threading.Timer(WARM_AFTER_SECONDS, self._warm)
        self._warming.daemon = True
        self._warming.start()

    def prepare(self, job: Job, waiting: int) -> Prepared:
        """Prepare a request while `waiting` others wait for it. Raises `FarthingError` for one that can't be read."""
        self._waited = self._waited + 1 if waiting else 0
        if self._waited >= BUSY_AFTER:
            self._beside.want()
        snapshot = self._prices.current
        prepared = self._beside.do(Bounded(job, self._limits.body_bytes), snapshot)
        if prepared is not None:
            return prepared
        # Two at once would only take Python's lock from each other.
        with self._here:
            return work(job, self._limits, snapshot)

    def close(self) -> None:
        """Begin nothing more by itself."""
        self._warming.cancel()

    def _warm(self) -> None:
        load_prices(self._prices.current)
