"""Posted calls read the short way: the same calls, costs and rows as the general way makes of their spans."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from farthing.intake.direct_calls import incoming
from farthing.model.call import Call, PricedCall
from farthing.model.ledger import Cost
from farthing.normalize import posted
from farthing.normalize.trace import calls_of
from farthing.prepare import Prepared, Sender, make_rows, prepare, prepare_posted
from farthing.pricing import base
from farthing.pricing.cost import price
from farthing.privacy.names import Kind, kind_of
from farthing.privacy.scrub import scrub
from farthing.store.telemetry import external_requests
from farthing.store.telemetry.external_requests import Note

NOW = 1_795_217_047_000_000_000
SENDER = Sender("p", "k")

CALL: dict[str, Any] = {"externalRequestId": "req-1", "provider": "openai", "model": "gpt-4o", "status": "success"}
TEXTS = st.one_of(
    st.sampled_from(["", "a", "[content not kept]", '"quoted"', "[secret removed]", "[x", "us.anthropic.claude-v1"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
)
COUNTS = st.sampled_from([0, 1, 5, 100, 2**53])
VALUES = st.one_of(TEXTS, st.integers(-9, 9), st.booleans(), st.none(), st.lists(TEXTS, max_size=2))
OWN = st.dictionaries(
    st.one_of(
        st.sampled_from(
            ["plan", "team", "dataMode", "api_key", "prompt", "metadata", "tags", "environment", "user.id"]
        ),
        TEXTS,
    ),
    st.one_of(VALUES, st.dictionaries(TEXTS, VALUES, max_size=2)),
    max_size=4,
)
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
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "provider": st.sampled_from(["openai", "Anthropic", "aws.bedrock", "langchain", "acme"]),
    "model": st.sampled_from(["gpt-4o", "claude-sonnet-4-5", "eu.anthropic.claude-sonnet-4-5", "gpt-4o-mini", "quill"]),
    "status": st.sampled_from(["success", "error"]),
    **dict.fromkeys(NAMES, st.one_of(st.none(), TEXTS)),
    "operation": st.sampled_from(["chat", "embedding", "embeddings", "invoke_agent", "execute_tool"]),
    **dict.fromkeys(TOKENS, COUNTS),
    "audioSeconds": st.sampled_from([0, 0.5, 7]),
    "imageQuality": st.sampled_from(["hd", "auto"]),
    "imageSize": st.sampled_from(["1024x1024", ""]),
    "costUsd": st.sampled_from(["0.1", "1e-9", 0.25, 3]),
    "latencyMs": st.sampled_from([0, 1.5, 820]),
    "ttftMs": st.sampled_from([0, 0.1, 31]),
    "streaming": st.booleans(),
    "dataMode": st.sampled_from(["real", "test", "demo"]),
    "traceparent": st.sampled_from([f"00-{'ab' * 16}-{'cd' * 8}-01", f"00-{'ab' * 16}-{'ef' * 8}-01", "nothing"]),
    "metadata": OWN,
}
CALLS = st.fixed_dictionaries({}, optional=FIELDS)


def priced(call: Call, _: object) -> Cost:
    return price(call, base.load())


def note(span_id: bytes, calls: list[PricedCall]) -> Note:
    told = [(one.call.span_id.hex(), one.cost.amount) for one in calls]
    return Note(span_id.hex(), msgspec.Raw(msgspec.json.encode(told, enc_hook=str)))


def noted(prepared: Prepared) -> Prepared:
    """The general way, with the notes put in afterwards."""
    calls = {one.trace_id: found for one, found in zip(prepared.pieces, prepared.derived, strict=True)}
    ids: Any = zip(*[prepared.spans.column(name).to_pylist() for name in ("trace_id", "span_id")], strict=True)
    notes = {span_id: note(span_id, calls[trace_id]) for trace_id, span_id in ids}
    prepared.spans = external_requests.noted(prepared.spans, notes)
    return prepared


def same(told: list[dict[str, Any]]) -> None:
    spans = [incoming({**CALL, "externalRequestId": f"r{n}", **one}, "p", "", NOW).span for n, one in enumerate(told)]
    general = noted(prepare(SENDER, spans, priced, rows_later=True))
    short = prepare_posted(SENDER, spans, priced, note)
    assert short.derived == general.derived
    by_id: Any = "span_id"
    assert short.spans.sort_by(by_id) == general.spans.sort_by(by_id)
    assert (short.pieces, short.refused, short.repaired, short.others, short.told) == (
        general.pieces,
        general.refused,
        general.repaired,
        general.others,
        general.told,
    )
    assert make_rows("p", [short]) == make_rows("p", [general])
    assert short.calls is not None and general.calls is not None
    assert short.calls.equals(general.calls)


@given(st.lists(CALLS, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_ways_make_the_same_rows(told: list[dict[str, Any]]) -> None:
    same(told)


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


@pytest.mark.parametrize("own", [{"note": "x" * 70_000}, {f"k{n}": "y" * 9_000 for n in range(70)}])
def test_what_must_be_cut_is_cut_either_way(own: dict[str, str]) -> None:
    same([{"metadata": own, "inputTokens": 1, "outputTokens": 1}, {"inputTokens": 2}])


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
