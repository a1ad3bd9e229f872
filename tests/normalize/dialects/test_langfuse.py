"""Attribute sets as Langfuse's SDKs send them, Python 3 to 5 and JavaScript 4 and 5, and the calls they mean."""

import json
from typing import Any

import pytest

from farthing.model import money
from farthing.model.call import Status
from farthing.model.span import Resource, Scope, Span
from farthing.normalize.dialects import langfuse
from farthing.normalize.reading import Reading

START = 1_795_217_584_000_000_000  # 2026-11-20T23:33:04Z
OPENAI = {"prompt_tokens": 21, "completion_tokens": 17, "total_tokens": 38}


def read(attributes: dict[str, Any], **more: Any) -> Reading | None:
    span = Span(
        b"t" * 16,
        b"s" * 8,
        b"",
        more.get("name", "OpenAI-generation"),
        1,
        START,
        START + 10**9,
        more.get("status", 0),
        "",
        Scope(more.get("scope", "langfuse-sdk"), "5.0.4"),
        Resource(),
        {f"langfuse.observation.{key}" if ":" not in key else key[1:]: value for key, value in attributes.items()},
    )
    return langfuse.read(span)


def called(attributes: dict[str, Any], **more: Any) -> Reading:
    reading = read(attributes, **more)
    assert reading is not None
    return reading


def generation(**more: Any) -> dict[str, Any]:
    return {
        "type": "generation",
        "model.name": "gpt-4o-mini",
        "usage_details": json.dumps({"input": 21, "output": 17}),
    } | more


def test_a_generation_is_a_call() -> None:
    call = called(generation()).call
    assert (call.request_model, call.response_model, call.operation) == ("gpt-4o-mini", "", "chat")
    assert call.usage.buckets == {"input": 21, "output": 17}


def test_a_drop_in_tells_the_model_that_answered() -> None:
    attributes = generation(usage_details=json.dumps(OPENAI)) | {"model.name": "gpt-4o-mini-2024-07-18"}
    call = called(attributes).call
    assert (call.request_model, call.response_model, call.model) == ("", *["gpt-4o-mini-2024-07-18"] * 2)


@pytest.mark.parametrize("kind", ["span", "agent", "tool", "chain", "retriever", "evaluator", "guardrail", "event"])
def test_other_observations_are_none(kind: str) -> None:
    assert read({"type": kind}) is None
    assert called(generation(type=kind)).wrapper


def test_a_generation_that_says_nothing_is_no_call() -> None:
    assert read({"type": "generation"}) is None
    assert read({"type": "embedding"}) is None


def test_a_stream_without_usage_is_unknown() -> None:
    attributes = {"type": "generation", "model.name": "gpt-4o-mini", "metadata.finish_reason": '"stop"'}
    call = called(attributes | {"completion_start_time": '"2026-11-20T23:33:05.111379Z"'}).call
    assert call.usage.input_tokens is None
    assert (call.streaming, call.ttft_ns, call.finish_reason) == (True, 1_111_379_000, "stop")


@pytest.mark.parametrize("moment", ['"yesterday"', "2025-01-01T00:00:00Z", "", 7])
def test_a_first_piece_at_no_likely_time_is_not_told(moment: Any) -> None:
    assert called(generation(completion_start_time=moment)).call.ttft_ns is None


def test_an_embedding_has_no_output() -> None:
    attributes = {"type": "embedding", "model.name": "text-embedding-3-small", "usage_details": '{"input": 16}'}
    call = called(attributes).call
    assert (call.operation, call.usage.buckets) == ("embeddings", {"input": 16, "output": 0})


def test_javascripts_drop_in_says_less_of_embeddings_and_streams() -> None:
    attributes = {"type": "generation", "model.name": "text-embedding-3-small"}
    call = called(attributes, name="OpenAI.embeddings").call
    assert (call.operation, call.usage.input_tokens) == ("embeddings", None)
    assert called(generation() | {"model.parameters": '{"stream":true,"response_format":""}'}).call.streaming


def test_a_failed_call_costs_nothing_that_is_known() -> None:
    attributes = {"type": "generation", "model.name": "m", "level": "ERROR", "status_message": "429"}
    call = called(attributes | {"cost_details": '{"input": 0, "output": 0, "total": 0}'}).call
    assert (call.status, call.error_type, call.reported_cost) == (Status.ERROR, "", None)
    for message in ("Error code: 429 - Rate limit reached", "Error: 429 Rate limit reached"):
        assert called(attributes | {"status_message": message}).call.error_type == "429"


def test_the_applications_own_cost_is_kept() -> None:
    assert called(generation(cost_details='{"total": 0.002}')).call.reported_cost == money.to_units("0.002")
    parts = called(generation(cost_details='{"input": 0.001, "output": "0.0025"}')).call.reported_cost
    assert parts == money.to_units("0.0035")


def test_a_responses_id_and_tier_may_stand_in_the_metadata() -> None:
    for said in ("resp_1ed485", '"resp_1ed485"'):
        call = called(generation() | {"metadata.id": said, "metadata.service_tier": "default"}).call
        assert (call.response_id, call.served_tier) == ("resp_1ed485", "default")
    assert called(generation() | {"metadata.id": "order 17"}).call.response_id == ""
    assert called(generation() | {"model.parameters": '{"service_tier": "flex"}'}).call.served_tier == "flex"


def test_langchains_handler_names_model_and_provider() -> None:
    attributes = generation() | {"model.name": "gpt-4o-2024-08-06"}
    for model, provider in (("gpt-4o", "openai"), ('"gpt-4o"', '"openai"')):
        call = called(attributes | {"metadata.ls_model_name": model, "metadata.ls_provider": provider}).call
        assert (call.provider, call.request_model, call.response_model) == ("openai", "gpt-4o", "gpt-4o-2024-08-06")


def test_an_input_of_nothing_is_unknown() -> None:
    usage = called(generation(usage_details='{"input": 0, "output": 42, "total": 42}')).call.usage
    assert (usage.input_tokens, usage.output_tokens, usage.whole) == (None, 42, False)


def test_conventions_beside_langfuses_attributes_are_read_too() -> None:
    attributes = {
        "type": "generation",
        ":gen_ai.operation.name": "chat",
        ":gen_ai.provider.name": "openai",
        ":gen_ai.request.model": "gpt-4o",
        ":gen_ai.response.id": "chatcmpl-1",
        ":gen_ai.usage.input_tokens": 5,
        ":gen_ai.usage.output_tokens": 7,
    }
    call = called(attributes, scope="my.app").call
    assert (call.provider, call.request_model, call.response_id) == ("openai", "gpt-4o", "chatcmpl-1")
    assert call.usage.buckets == {"input": 5, "output": 7}
    asked = called(attributes | {"model.name": "gpt-4o-2024-08-06"}).call
    assert (asked.request_model, asked.response_model) == ("gpt-4o", "gpt-4o-2024-08-06")
