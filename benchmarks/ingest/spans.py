"""A count and a seed in; OTLP request bodies out: LLM chat spans of a made-up company, about 20 attributes each."""

import math
import random
from collections.abc import Iterator, Mapping

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

Attributes = Mapping[str, str | int | float | tuple[str, ...]]

# provider, model asked for, model that answered, address
_MODELS = (
    ("openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", "api.openai.com"),
    ("openai", "gpt-4.1", "gpt-4.1-2025-04-14", "api.openai.com"),
    ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "api.anthropic.com"),
    ("anthropic", "claude-haiku-4-5", "claude-haiku-4-5-20251001", "api.anthropic.com"),
)
_FEATURES = ("search", "summary", "reply-draft", "translation", "support-bot", "onboarding", "report", "autocomplete")
_TEAMS = ("core", "growth", "support", "platform", "research")
_SPREAD_S = 300
"""Spans lie within the last five minutes before they are built."""


def bodies(spans: int, batch: int, seed: int, now_ns: int) -> Iterator[bytes]:
    """Encoded requests with up to `batch` spans each, every span a trace of its own; equal seeds give equal ids."""
    rng = random.Random(seed)
    for first in range(0, spans, batch):
        members = [_span(rng, now_ns) for _ in range(min(batch, spans - first))]
        scope = ScopeSpans(scope=InstrumentationScope(name="shop.llm", version="1.4.0"), spans=members)
        yield ExportTraceServiceRequest(
            resource_spans=[ResourceSpans(resource=_RESOURCE, scope_spans=[scope])]
        ).SerializeToString()


def _span(rng: random.Random, now_ns: int) -> Span:
    provider, asked, answered, address = rng.choice(_MODELS)
    duration_ns = int(math.exp(rng.gauss(0.2, 0.7)) * 1e9)
    end_ns = now_ns - rng.randrange(_SPREAD_S * 10**9)
    return Span(
        trace_id=rng.randbytes(16),
        span_id=rng.randbytes(8),
        name=f"chat {asked}",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=end_ns - duration_ns,
        end_time_unix_nano=end_ns,
        attributes=_encoded(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": provider,
                "gen_ai.request.model": asked,
                "gen_ai.response.model": answered,
                "server.address": address,
                "server.port": 443,
                **_exchange(rng, provider),
                **_attribution(rng),
            }
        ),
    )


def _exchange(rng: random.Random, provider: str) -> Attributes:
    input_tokens = int(math.exp(rng.gauss(6.8, 0.9))) + 20
    tier = {"openai.response.service_tier": "default"} if provider == "openai" else {"gen_ai.request.top_p": 0.9}
    prefix = "chatcmpl-" if provider == "openai" else "msg_"
    return {
        "gen_ai.request.temperature": rng.choice((0.0, 0.2, 0.7, 1.0)),
        "gen_ai.request.max_tokens": rng.choice((512, 1024, 4096)),
        "gen_ai.response.id": prefix + rng.randbytes(12).hex(),
        "gen_ai.response.finish_reasons": (rng.choices(("stop", "length", "tool_calls"), (90, 3, 7))[0],),
        "gen_ai.usage.input_tokens": input_tokens,
        "gen_ai.usage.output_tokens": int(math.exp(rng.gauss(5.2, 0.8))) + 1,
        "gen_ai.usage.cache_read.input_tokens": rng.choice((0, input_tokens // 2)),
        **tier,
    }


def _attribution(rng: random.Random) -> Attributes:
    tenant = rng.randrange(40)
    return {
        "feature": rng.choice(_FEATURES),
        "user_id": f"user-{rng.randrange(2000):04}",
        "team": rng.choice(_TEAMS),
        "environment": rng.choices(("production", "staging"), (9, 1))[0],
        "tenant": f"tenant-{tenant:02}",
        "session.id": f"s-{tenant:02}-{rng.randrange(400):03}",
        "prompt_version": f"v{rng.randrange(1, 6)}",
    }


def _encoded(attributes: Attributes) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(value)) for key, value in attributes.items()]


def _value(value: str | int | float | tuple[str, ...]) -> AnyValue:
    match value:
        case str():
            return AnyValue(string_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case _:
            return AnyValue(array_value=ArrayValue(values=[AnyValue(string_value=item) for item in value]))


_RESOURCE = Resource(attributes=_encoded({"service.name": "shop-api", "service.version": "2026.11.3"}))
