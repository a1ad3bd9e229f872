"""Spans of calls that the gateway passed on, read the short way: the same calls as the general way makes of them."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from farthing.model.span import STATUS_ERROR, STATUS_OK, Attributes, Resource, Scope, Span, SpanEvent
from farthing.normalize import passed
from farthing.normalize.trace import calls_of, calls_of_linked

ODD: list[Any] = ["", "a", "[content not kept]", '["x"]', 0, 3, True, None, 1.5, ["a"], {"a": "b"}]
TEXTS = st.sampled_from(["", "a", "gpt-4o", "us.anthropic.claude-v1", "ü", "[content not kept]"])
COUNTS = st.sampled_from([0, 1, 21, 2**53, 2**53 + 1, -1, True, None, "7", 1.0])
USAGE = st.dictionaries(
    st.sampled_from(
        [
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
        ]
    ),
    COUNTS,
    max_size=4,
)
DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "prompt_tokens_details": st.dictionaries(
            st.sampled_from(["cached_tokens", "audio_tokens", "web_search_requests"]), COUNTS, max_size=2
        ),
        "completion_tokens_details": st.dictionaries(st.sampled_from(["reasoning_tokens"]), COUNTS),
        "server_tool_use": st.just({"web_search_requests": 2}),
        "seconds": st.just(3),
    },
)
PLAIN: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "externalRequestId": "req-1",
    "farthing.account": "openai",
    "farthing.attempt": 1,
    "farthing.usage": '{"prompt_tokens":21,"completion_tokens":17,"total_tokens":38}',
}
FURTHER = {
    "gen_ai.operation.name": st.sampled_from(["chat", "embed", "embeddings", "", "invoke_agent"]),
    "gen_ai.provider.name": TEXTS,
    "gen_ai.request.model": TEXTS,
    "gen_ai.response.model": TEXTS,
    "gen_ai.response.id": TEXTS,
    "gen_ai.response.finish_reasons": st.sampled_from([["stop"], ["stop"], [], ["stop", "length"]]),
    "gen_ai.response.service_tier": TEXTS,
    "gen_ai.request.service_tier": TEXTS,
    "gen_ai.request.stream": st.booleans(),
    "gen_ai.response.time_to_first_chunk": st.sampled_from([0.0, 0.25, 1e5, 1e9]),
    "gen_ai.request.max_tokens": st.just(400),
    "error.type": TEXTS,
    "http.response.status_code": st.just(200),
    "user_id": TEXTS,
    "feature": TEXTS,
    "environment": TEXTS,
    "farthing.data_mode": st.sampled_from(["demo", "real"]),
    "farthing.config": TEXTS,
    "farthing.variant": TEXTS,
    "gen_ai.prompt.version": TEXTS,
    "metadata": st.dictionaries(
        st.sampled_from(["plan", "userId", "metadata", "tags"]), st.sampled_from(ODD), max_size=3
    ),
}


def _encoded(plain: dict[str, Any], details: dict[str, Any]) -> str:
    return msgspec.json.encode(plain | details).decode()


WHOLE_USAGE = st.builds(_encoded, USAGE, DETAILS)
WRITTEN = st.fixed_dictionaries({}, optional={**FURTHER, "farthing.usage": WHOLE_USAGE})
NAMES = [*PLAIN, *FURTHER, "farthing.saved_usd", "gen_ai.usage.characters"]
NOTHING: dict[str, Any] = {}
FORGED = st.one_of(st.just(NOTHING), st.dictionaries(st.sampled_from(NAMES), st.sampled_from(ODD), max_size=1))


def span(attributes: Attributes, *, failed: bool = False, events: tuple[SpanEvent, ...] = ()) -> Span:
    status = STATUS_ERROR if failed else STATUS_OK
    ids = (b"t" * 16, b"s" * 8, b"")
    return Span(*ids, "chat", 3, 1000, 2500, status, "", Scope(passed.SCOPE), Resource(), attributes, events)


def test_what_the_gateway_writes_is_read_the_short_way() -> None:
    told = PLAIN | {"gen_ai.response.finish_reasons": ["stop"], "metadata": {"plan": "pro"}, "user_id": "u1"}
    one = span(told)
    assert passed.call_of(one) is not None
    assert calls_of([one]) == calls_of_linked([one])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WRITTEN, FORGED, st.booleans(), st.booleans())
def test_both_ways_make_the_same_calls(told: Attributes, forged: Attributes, failed: bool, raised: bool) -> None:
    events = (SpanEvent("exception", 1, {"exception.type": "Broken"}),) if raised else ()
    one = span(PLAIN | told | forged, failed=failed, events=events)
    short = passed.call_of(one)
    assert short is None or [short] == calls_of_linked([one])
