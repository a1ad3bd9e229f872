"""Settled spans in; requests to another backend, and how many spans it took, out: what it refuses costs no other span its place."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from farthing import vitals
from farthing.errors import FarthingError
from farthing.forward.otlp import encode
from farthing.store.telemetry.settled import Settled

log = logging.getLogger(__name__)

REQUEST_BYTES = 4 << 20
"""About as many bytes in one request: what OTLP receivers take unless told otherwise."""

LONGEST_WAIT_S = 3600.0
"""However long the other asks us to wait."""

_REFUSALS = frozenset({400, 413, 422})
"""Answers that the same request will get again; anything else may pass, a wrong key or address included."""

_WAIT = frozenset({429, 502, 503, 504})


class BusyError(FarthingError):
    """The other backend wants to be asked again later."""

    code = "backend_busy"

    def __init__(self, status: int, retry_after: str) -> None:
        super().__init__(f"The other backend answered {status}")
        self._retry_after = retry_after

    def wait_s(self, now: datetime) -> float | None:
        """How long to wait, by what the other said: a number of seconds or a date; None when it said nothing."""
        told = self._retry_after.strip()
        try:
            seconds = float(told) if told.isdecimal() else (parsedate_to_datetime(told) - now).total_seconds()
        except (TypeError, ValueError):
            return None
        return min(max(seconds, 0.0), LONGEST_WAIT_S)


def portions(spans: Sequence[Settled]) -> Iterator[Sequence[Settled]]:
    """The same, as many at once as fit into a request; a larger one goes alone."""
    first = held = 0
    for at, settled in enumerate(spans):
        if at > first and held + settled.size > REQUEST_BYTES:
            yield spans[first:at]
            first, held = at, 0
        held += settled.size
    if first < len(spans):
        yield spans[first:]


def send(client: httpx.Client, url: str, spans: Sequence[Settled]) -> int:
    """Send spans, those that are refused again by halves until the culprit stands alone; how many were taken.

    Raises `BusyError` and httpx's errors; then all may be sent again.
    """
    answer = client.post(url, content=encode(spans))
    if answer.status_code in _REFUSALS:
        if len(spans) > 1:
            half = len(spans) // 2
            return send(client, url, spans[:half]) + send(client, url, spans[half:])
        vitals.FORWARD_REFUSED.labels(str(answer.status_code)).inc()
        log.warning("A span was refused by %s: %d", url, answer.status_code)
        return 0
    if answer.status_code in _WAIT:
        raise BusyError(answer.status_code, answer.headers.get("Retry-After", ""))
    answer.raise_for_status()
    return len(spans) - min(_refused(answer, url), len(spans))


def _refused(answer: httpx.Response, url: str) -> int:
    """Spans that the other did not take although it took the request; it doesn't want them again."""
    try:
        partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    except DecodeError:
        # Some answer JSON or text to protobuf; they took the request.
        return 0
    if partial.rejected_spans > 0:
        vitals.FORWARD_REFUSED.labels("partial_success").inc(partial.rejected_spans)
        log.warning("%d spans were refused by %s: %s", partial.rejected_spans, url, partial.error_message[:300])
    return max(0, partial.rejected_spans)
