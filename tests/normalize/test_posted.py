"""Posted calls read the short way: the same as the general way makes of their spans."""

from typing import Any

from farthing.intake.direct_calls import incoming
from farthing.normalize import posted
from farthing.normalize.trace import calls_of
from farthing.privacy.names import Kind, kind_of
from farthing.privacy.scrub import scrub

NOW = 1_795_217_047_000_000_000
CALL: dict[str, Any] = {"externalRequestId": "req-1", "provider": "openai", "model": "gpt-4o", "status": "success"}
NAMES = [
    "responseModel",
    "operation",
    "responseId",
    "serviceTier",
    "region",
    "errorCode",
    "endpointTag",
    "feature",
    "featureTag",
    "promptVersion",
    "userId",
    "sessionId",
    "tenantId",
    "tenant",
    "team",
    "environment",
]
TOKENS = [
    "inputTokens",
    "outputTokens",
    "totalTokens",
    "cachedInputTokens",
    "cacheWriteTokens",
    "cacheWrite30mTokens",
    "cacheWrite1hTokens",
    "cacheWrite12hTokens",
    "reasoningTokens",
    "audioInputTokens",
    "audioOutputTokens",
    "imageInputTokens",
    "imageOutputTokens",
    "webSearches",
    "webFetches",
    "fileSearches",
    "codeSessions",
    "images",
    "characters",
    "audioSeconds",
]


def test_a_usual_call_takes_the_short_way() -> None:
    told = {
        **CALL,
        "inputTokens": 9,
        "cachedInputTokens": 4,
        "cacheWriteTokens": 2,
        "outputTokens": 3,
        "responseId": "x",
    }
    span = scrub(
        incoming({**told, "metadata": {"plan": "pro"}, "userId": "u", "region": "eu-west-1"}, "p", "", NOW).span
    )
    assert [posted.call_of(span)] == calls_of([span])
    assert calls_of([span])[0].region == "eu-west-1"


def test_writes_to_caches_of_each_lifetime_are_told_apart() -> None:
    told = {"cacheWriteTokens": 1, "cacheWrite30mTokens": 2, "cacheWrite1hTokens": 4, "cacheWrite12hTokens": 8}
    span = incoming({**CALL, "inputTokens": 100, "outputTokens": 1, **told}, "p", "", NOW).span
    (call,) = calls_of([span])
    assert dict(call.usage.buckets) == {
        "input": 85,
        "cache_write": 1,
        "cache_write_30m": 2,
        "cache_write_1h": 4,
        "cache_write_12h": 8,
        "output": 1,
    }
    assert posted.call_of(span) == call


def test_no_name_of_the_doors_own_is_content_or_secret() -> None:
    told = dict.fromkeys((*NAMES, "userId"), "x") | dict.fromkeys(TOKENS, 1) | {"costUsd": "1", "dataMode": "test"}
    attributes = incoming({**CALL, **told, "ttftMs": 1, "streaming": True}, "p", "", NOW).span.attributes
    assert {kind_of(name) for name in attributes} == {Kind.PLAIN}
