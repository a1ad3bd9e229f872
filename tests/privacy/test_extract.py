"""Responses and requests as libraries put them on spans, whole, cut short and hostile, and the facts saved from them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.model.span import Resource, Scope, Span, SpanEvent
from farthing.privacy import documents, extract

OPENAI = {
    "id": "chatcmpl-12345",
    "model": "gpt-4o-2024-08-06",
    "service_tier": "default",
    "choices": [{"finish_reason": "stop", "message": {"content": 'a secret with "usage": {"prompt_tokens": 1}'}}],
    "usage": {
        "prompt_tokens": 9,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 3, "note": "words"},
    },
}
OF_OPENAI = {
    "farthing.response_id": "chatcmpl-12345",
    "farthing.model": "gpt-4o-2024-08-06",
    "farthing.usage": {"prompt_tokens": 9, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}},
    "farthing.finish_reason": "stop",
    "farthing.served_tier": "default",
}


def facts(
    attributes: dict[str, Any], scope: str = "some.library", events: tuple[SpanEvent, ...] = ()
) -> dict[str, Any]:
    found = extract.facts(
        Span(b"t" * 16, b"s" * 8, b"", "span", 1, 0, 1, 1, "", Scope(scope), Resource(), attributes, events)
    )
    return {key: json.loads(value) if key == "farthing.usage" else value for key, value in found.items()}


@pytest.mark.parametrize("key", ["output.value", "mlflow.spanOutputs", "response_data"])
def test_a_response_tells_its_facts_and_nothing_that_was_said(key: str) -> None:
    assert facts({key: json.dumps(OPENAI)}) == OF_OPENAI


SAID_IN_OWN_WAYS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            "id": "msg_1",
            "model": "claude",
            "stop_reason": "end_turn",
            "usage": {
                "input_tokens": 12,
                "service_tier": "priority",
                "cache_creation": {"ephemeral_1h_input_tokens": 2},
            },
        },
        {
            "farthing.response_id": "msg_1",
            "farthing.finish_reason": "end_turn",
            "farthing.served_tier": "priority",
            "farthing.usage": {"input_tokens": 12, "cache_creation": {"ephemeral_1h_input_tokens": 2}},
        },
    ),
    (
        {"id": "resp_1", "object": "response", "status": "completed", "usage": {"input_tokens": 1}, "output": []},
        {"farthing.response_id": "resp_1", "farthing.finish_reason": "completed"},
    ),
    (
        {
            "responseId": "abcd-1",
            "modelVersion": "gemini-2.5-pro",
            "candidates": [{"finishReason": "STOP", "content": {}}],
            "usageMetadata": {
                "promptTokenCount": 5,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3}, {"modality": "AUDIO", "tokenCount": 2}],
            },
        },
        {
            "farthing.response_id": "abcd-1",
            "farthing.model": "gemini-2.5-pro",
            "farthing.finish_reason": "STOP",
            "farthing.usage": {"promptTokenCount": 5, "promptTokensDetails": {"text": 3, "audio": 2}},
        },
    ),
    (
        {"output": {"message": {}}, "stopReason": "max_tokens", "usage": {"inputTokens": 5, "outputTokens": 6}},
        {"farthing.finish_reason": "max_tokens", "farthing.usage": {"inputTokens": 5, "outputTokens": 6}},
    ),
    (
        {"model": "llama3", "done_reason": "stop", "prompt_eval_count": 5, "eval_count": 6},
        {"farthing.usage": {"prompt_eval_count": 5, "eval_count": 6}},
    ),
    ({"choices": [{"finish_reason": "stop"}, {"finish_reason": "length"}]}, {"farthing.finish_reason": "stop,length"}),
    ({"message": {"role": "assistant"}, "raw": OPENAI}, OF_OPENAI),
    ({"id": "run-1", "generations": [[{"message": {"kwargs": {"id": "lc_run-1"}}}]]}, {}),
]


@pytest.mark.parametrize(("response", "expected"), SAID_IN_OWN_WAYS)
def test_every_provider_says_it_in_its_own_way(response: dict[str, Any], expected: dict[str, Any]) -> None:
    found = facts({"output.value": json.dumps(response)})
    assert {key: found.get(key) for key in expected} == expected
    assert bool(found) == bool(expected)


def test_a_text_that_was_cut_short_still_names_itself() -> None:
    whole = json.dumps(OPENAI | {"padding": "x" * 100})
    assert facts({"output.value": whole[:60]})["farthing.response_id"] == "chatcmpl-12345"
    assert facts({"output.value": whole[:60]})["farthing.model"] == "gpt-4o-2024-08-06"


def test_a_text_that_is_too_long_is_looked_at_by_its_ends() -> None:
    response = {"id": "chatcmpl-12345", "padding": "x" * documents.LONGEST, "usage": OPENAI["usage"]}
    found = facts({"output.value": json.dumps(response)})
    assert found["farthing.response_id"] == "chatcmpl-12345"
    assert found["farthing.usage"]["prompt_tokens"] == 9


def test_the_request_tells_the_model_asked_for() -> None:
    asked = {"model": "gpt-4o", "stream": True, "service_tier": "flex", "messages": [{"content": "words"}]}
    assert facts({"llm.invocation_parameters": json.dumps(asked)}) == {
        "farthing.request_model": "gpt-4o",
        "farthing.requested_tier": "flex",
        "farthing.streaming": True,
    }


def test_whether_caching_was_asked_for_is_told_for_anthropic() -> None:
    asked: dict[str, Any] = {"model": "claude", "system": [{"text": "words", "cache_control": {}}]}
    scope = "openinference.instrumentation.anthropic"
    assert facts({"input.value": json.dumps(asked)}, scope)["farthing.caching_asked"] is True
    assert facts({"input.value": '{"messages": "say \\"cache_control\\""}'}, scope)["farthing.caching_asked"] is False
    assert "farthing.caching_asked" not in facts({"input.value": json.dumps(asked)})


def test_spans_that_are_no_calls_are_left_alone() -> None:
    document = json.dumps(OPENAI)
    assert facts({"openinference.span.kind": "CHAIN", "output.value": document}) == {}
    assert facts({"mlflow.spanType": '"TOOL"', "mlflow.spanOutputs": document}) == {}
    assert facts({"gen_ai.request.model": "gpt-4o", "gen_ai.output.messages": document}) == {}


def test_what_providers_add_to_a_vercel_span() -> None:
    metadata = {
        "anthropic": {"usage": {"input_tokens": 12, "service_tier": "standard"}, "cacheCreationInputTokens": 2048}
    }
    assert facts({"ai.response.providerMetadata": json.dumps(metadata)}) == {
        "farthing.usage": {"cacheCreationInputTokens": 2048, "input_tokens": 12},
        "farthing.served_tier": "standard",
    }
    openai = {"openai": {"responseId": "resp_1", "serviceTier": "default", "logprobs": [{"token": "words"}]}}
    assert facts({"ai.response.providerMetadata": json.dumps(openai)}) == {
        "farthing.response_id": "resp_1",
        "farthing.served_tier": "default",
    }


def test_litellms_copy_of_a_response() -> None:
    found = facts(
        {
            "llm.anthropic.id": "msg_1",
            "llm.anthropic.model": "claude",
            "llm.anthropic.stop_reason": "end_turn",
            "llm.anthropic.usage": "{'input_tokens': 12, 'service_tier': 'standard', 'cache_read_input_tokens': None}",
            "llm.anthropic.content": "[{'type': 'text', 'text': 'words'}]",
            "hidden_params": '{"response_cost": 1.335e-05, "additional_headers": {"set-cookie": "x"}}',
        }
    )
    assert found == {
        "farthing.response_id": "msg_1",
        "farthing.model": "claude",
        "farthing.finish_reason": "end_turn",
        "farthing.served_tier": "standard",
        "farthing.usage": {"input_tokens": 12},
        "farthing.reported_cost": "0.00001335",
    }
    finish = {
        "llm.openai.choices": "[{'finish_reason': 'tool_calls', 'message': {'content': \"'finish_reason': 'x'\"}}]"
    }
    assert facts(finish) == {"farthing.finish_reason": "tool_calls"}
    assert facts({"llm.token_count.usage": "{'a': 1}", "llm.request.id": "x"}) == {}


def test_the_pieces_of_a_stream() -> None:
    pieces = [{"id": "chatcmpl-12345", "usage": None}, {"id": "chatcmpl-12345", "usage": {"prompt_tokens": 5}}]
    events = tuple(SpanEvent("mlflow.chunk.item", 1, {"mlflow.chunk.value": json.dumps(piece)}) for piece in pieces)
    assert facts({"mlflow.spanOutputs": '"words"'}, "mlflow.tracing.provider", events) == {
        "farthing.response_id": "chatcmpl-12345",
        "farthing.usage": {"prompt_tokens": 5},
    }


def test_a_usage_object_is_bounded() -> None:
    many = {f"count_{number}": number for number in range(1000)}
    deep: dict[str, Any] = {"count": 1}
    for _ in range(50):
        deep = {"deeper": deep}
    found = facts({"gen_ai.usage.raw": json.dumps(many | {"deep": deep})})["farthing.usage"]
    assert len(found) <= 100
    assert "deep" not in found


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["{" * 5000, "[" * 5000, '{"usage": ' * 400, '{"id": "\ud800"}', '{"usage": {"\ud800": 1}}']),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "usage", "model", "choices", "raw", "generations"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    ).map(json.dumps),
    st.dictionaries(st.text(max_size=5), st.integers() | st.floats(), max_size=3),
    st.binary(max_size=10),
    st.integers(),
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "output.value",
                "input.value",
                "mlflow.spanOutputs",
                "gen_ai.usage.raw",
                "ai.response.providerMetadata",
                "llm.openai.usage",
                "llm.openai.id",
                "metadata.usage_object",
                "hidden_params",
                "openinference.span.kind",
            ]
        ),
        HOSTILE,
        max_size=4,
    )
)
def test_nothing_breaks_it_and_only_small_facts_come_out(attributes: dict[str, Any]) -> None:
    found = facts(attributes)
    assert all(len(str(value)) < 20_000 for value in found.values())
