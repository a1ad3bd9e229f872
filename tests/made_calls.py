"""A few facts in; a call as normalisation makes it out."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from farthing.model.call import Call, Operation
from farthing.model.usage import Usage, UsageSource

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(text: str) -> int:
    """An instant written in UTC, in Unix nanoseconds."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) * 1000


def make_call(
    provider: str,
    model: str,
    buckets: Mapping[str, int],
    *,
    response_model: str = "",
    tier: str = "",
    when: str = "2026-11-01T12:00:00",
    operation: str = Operation.CHAT,
    source: UsageSource = UsageSource.PROVIDER,
) -> Call:
    """A call that used `buckets`; the rest is told where it matters."""
    return Call(
        trace_id=bytes(16),
        span_id=bytes(8),
        start_ns=at(when),
        duration_ns=1,
        dialect="test",
        provider=provider,
        request_model=model,
        response_model=response_model,
        operation=operation,
        served_tier=tier,
        usage=Usage(buckets, source),
    )
