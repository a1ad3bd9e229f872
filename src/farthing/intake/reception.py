"""A request of any signal in, as any door received it; kept, and what was refused of it, out.

Behind every OTLP door is this one way: who is it, may they, decode and prepare off the event loop, keep, count.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from farthing import vitals
from farthing.access.credentials import Credential, from_headers
from farthing.access.identity import Identity, Scope
from farthing.beside import Beside, Prices
from farthing.intake.body import Limits
from farthing.intake.workshop import AT_ONCE, JSON, Job, Signal, Workshop
from farthing.model.flaw import DropReason, Repair
from farthing.pipeline import Pipeline
from farthing.prepare import Prepared, Sender

Message = Any


class Identifier(Protocol):
    """Tells who a key belongs to."""

    async def identify(self, credential: Credential) -> Identity:
        """Raises `UnauthenticatedError`."""
        ...


class _Words(msgspec.Struct, frozen=True):
    """What a signal's items are called, and how its answer tells how many were refused."""

    items: str
    response: type[Message]
    rejected: str


_WORDS: Mapping[Signal, _Words] = {
    Signal.TRACES: _Words("spans", ExportTraceServiceResponse, "rejected_spans"),
    Signal.METRICS: _Words("data points", ExportMetricsServiceResponse, "rejected_data_points"),
    Signal.LOGS: _Words("log records", ExportLogsServiceResponse, "rejected_log_records"),
}


class Reception:
    """Takes requests in from all OTLP doors. Decoding happens on threads of its own, off the event loop."""

    def __init__(self, pipeline: Pipeline, keys: Identifier, limits: Limits, prices: Prices, beside: Beside) -> None:
        """All collaborators are running already."""
        self.limits = limits
        self._pipeline = pipeline
        self._keys = keys
        self._decoder = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="decode")
        self._workshop = Workshop(limits, prices, beside)
        self._waiting = 0

    def close(self) -> None:
        """Stop the decode threads."""
        self._decoder.shutdown()
        self._workshop.close()

    async def sender_of(self, authorization: str | None, api_key: str | None) -> Sender:
        """Whose telemetry a sender with these headers may send. Raises `UnauthenticatedError`, `ForbiddenError`."""
        identity = await self._keys.identify(from_headers(authorization, api_key))
        identity.require(Scope.INGEST)
        return Sender(identity.project_id, identity.key_id, identity.keeps_content)

    async def take(self, sender: Sender, signal: Signal, kind: str, encoding: str, body: bytes) -> Message:
        """Keep what one body holds; OTLP's answer once it is durable.

        Raises `BadRequestError`, `TooLargeError`, `UnsupportedError`, `BusyError`, `StoreError`.
        """
        prepared = await self._prepared(Job(sender, kind, encoding, body, time.time_ns(), signal))
        words = _WORDS[signal]
        response = words.response()
        if prepared.size:
            await asyncio.wrap_future(self._pipeline.keep_prepared(prepared, more_coming=self._waiting > 0))
        _count(signal, prepared)
        rejected, repaired = prepared.refused, prepared.repaired
        if rejected:
            setattr(response.partial_success, words.rejected, rejected.total())
        if rejected or repaired:
            told = prepared.told + rejected.total()
            response.partial_success.error_message = " ".join(_sentences(rejected, repaired, told, words.items))
        return response

    async def replay(self, project_id: str, signal: str, sample: str) -> str:
        """Send a refused item again, as OTLP/JSON; why it is refused, "" when it is kept now.

        Raises what `take` raises.
        """
        job = Job(Sender(project_id), JSON, "", sample.encode(), time.time_ns(), Signal(signal))
        prepared = await self._prepared(job)
        if prepared.refused:
            return next(iter(prepared.refused)).value
        _count(Signal(signal), prepared)
        if prepared.size:
            await asyncio.wrap_future(self._pipeline.keep_prepared(prepared))
        return ""

    async def _prepared(self, job: Job) -> Prepared:
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._decoder, lambda: self._workshop.prepare(job, self._waiting - 1))
        finally:
            self._waiting -= 1


def _count(signal: Signal, prepared: Prepared) -> None:
    for reason, count in prepared.refused.items():
        if signal is Signal.TRACES:
            vitals.SPANS_REJECTED.labels(reason.name.lower()).inc(count)
        else:
            vitals.RECORDS_REJECTED.labels(signal.value, reason.name.lower()).inc(count)
    for repair, count in prepared.repaired.items():
        if signal is Signal.TRACES:
            vitals.SPANS_REPAIRED.labels(repair.value).inc(count)
        else:
            vitals.RECORDS_REPAIRED.labels(signal.value, repair.value).inc(count)


def _sentences(rejected: Counter[DropReason], repaired: Counter[Repair], total: int, items: str) -> Iterator[str]:
    if rejected:
        reasons = "; ".join(f"{count}: {reason.value}" for reason, count in sorted(rejected.items()))
        yield f"{rejected.total()} of {total} {items} were refused, the others are kept. {reasons}."
    if repaired:
        repairs = ", ".join(f"{repair.value} ({count})" for repair, count in sorted(repaired.items()))
        yield f"Some {items} were mended and are kept: {repairs}."
