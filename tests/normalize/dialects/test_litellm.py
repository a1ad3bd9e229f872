"""Attribute sets as LiteLLM's callbacks of several versions and shapes send them, and the calls they mean."""

import base64
from typing import Any

import pytest

from farthing.model import money
from farthing.model.call import Call, Status
from farthing.model.span import STATUS_ERROR, Resource, Scope, Span
from farthing.model.usage import MISSING, UsageSource
from farthing.normalize.dialects import litellm
from farthing.normalize.trace import calls_of
from farthing.privacy.scrub import scrub


def span(attributes: dict[str, Any], span_id: bytes = b"s" * 8, parent: bytes = b"", scope: str = "litellm") -> Span:
    held = Span(b"t" * 16, span_id, parent, "litellm_request", 1, 0, 10**9, 1, "", Scope(scope), Resource(), attributes)
    return scrub(held)


def called(attributes: dict[str, Any]) -> Call:
    reading = litellm.read(span(attributes))
    assert reading is not None
    return reading.call


def request(response_id: str, prompt: int, completion: int, **more: Any) -> dict[str, Any]:
    return {
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.system": "openai",
        "gen_ai.operation.name": "chat",
        "llm.request.type": "completion",
        "llm.is_streaming": "False",
        "gen_ai.response.id": response_id,
        "gen_ai.usage.input_tokens": prompt,
        "gen_ai.usage.output_tokens": completion,
        "metadata.user_api_key_hash": "",
    } | more


def raw(response_id: str, usage: str, provider: str = "openai") -> dict[str, Any]:
    return {
        f"llm.{provider}.messages": "[{'role': 'user', 'content': 'words'}]",
        f"llm.{provider}.id": response_id,
        f"llm.{provider}.model": "the-model-that-answered",
        f"llm.{provider}.usage": usage,
    }


def test_its_usage_object_has_the_parts() -> None:
    printed = (
        "{'completion_tokens': 42, 'prompt_tokens': 3084, 'total_tokens': 3126, 'completion_tokens_details': None, "
        "'prompt_tokens_details': {'cached_tokens': 1024, 'text_tokens': 12}, 'cache_creation_input_tokens': 2048, "
        "'cache_read_input_tokens': 1024}"
    )
    call = called(request("chatcmpl-1", 3084, 42) | {"metadata.usage_object": printed})
    assert dict(call.usage.buckets) == {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}
    assert call.streaming is False


@pytest.mark.parametrize(
    "printed",
    [
        "Usage(completion_tokens=17, prompt_tokens=21, total_tokens=38, prompt_tokens_details="
        "PromptTokensDetailsWrapper(audio_tokens=None, cached_tokens=20))",
        '{"completion_tokens": 17, "prompt_tokens": 21, "prompt_tokens_details": {"cached_tokens": 20}}',
    ],
)
def test_a_usage_object_may_be_printed_in_several_ways(printed: str) -> None:
    call = called(request("chatcmpl-1", 21, 17) | {"metadata.usage_object": printed})
    assert dict(call.usage.buckets) == {"input": 1, "cache_read": 20, "output": 17}


EARLY = (
    "{'completion_tokens': 42, 'prompt_tokens': 1036, 'total_tokens': 1078, 'completion_tokens_details': None, "
    "'prompt_tokens_details': {'audio_tokens': None, 'cached_tokens': 1024, 'text_tokens': None}, "
    "'cache_creation_input_tokens': 2048, 'cache_read_input_tokens': 1024}"
)
GUESSED = (
    "{'completion_tokens': 19, 'prompt_tokens': 26, 'total_tokens': 45, 'completion_tokens_details': "
    "{'reasoning_tokens': 0}, 'prompt_tokens_details': None}"
)


def test_early_versions_leave_out_what_was_written_to_the_cache() -> None:
    call = called(request("chatcmpl-1", 1036, 42) | {"metadata.usage_object": EARLY})
    assert dict(call.usage.buckets) == {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}


def test_early_versions_guess_the_tokens_of_a_stream_without_usage() -> None:
    guessed = request("chatcmpl-1", 26, 19) | {"metadata.usage_object": GUESSED}
    usage = called(guessed | {"llm.is_streaming": "True"}).usage
    assert (usage.source, usage.input_tokens, usage.output_tokens) == (UsageSource.ESTIMATED, None, None)
    assert called(guessed).usage.source is UsageSource.PROVIDER
    as_json = GUESSED.replace("'", '"').replace("None", "null")
    shaped = {"llm.model_name": "m", "llm.is_streaming": "True", "llm.token_count.prompt": 26}
    assert called(shaped | {"metadata": f'{{"usage_object": {as_json}}}'}).usage.source is UsageSource.ESTIMATED


def test_the_raw_response_speaks_the_providers_language() -> None:
    usage = "{'input_tokens': 12, 'cache_creation_input_tokens': 2048, 'cache_read_input_tokens': 1024, 'output_tokens': 42}"
    call = called(raw("msg_1", usage, "anthropic") | {"llm.anthropic.stop_reason": "end_turn"})
    assert (call.provider, call.response_id, call.finish_reason) == ("anthropic", "msg_1", "end_turn")
    assert (call.usage.input_tokens, call.usage.output_tokens) == (3084, 42)
    assert call.response_model == "the-model-that-answered"


def test_a_raw_response_of_googles() -> None:
    usage = (
        "{'promptTokenCount': 10, 'candidatesTokenCount': 20, 'thoughtsTokenCount': 30, "
        "'promptTokensDetails': [{'modality': 'TEXT', 'tokenCount': 4}, {'modality': 'AUDIO', 'tokenCount': 6}]}"
    )
    call = called(
        {
            "llm.gemini.contents": "[{'parts': [{'text': 'words'}]}]",
            "llm.gemini.candidates": "[{'content': {}}]",
            "llm.gemini.usageMetadata": usage,
            "llm.gemini.modelVersion": "gemini-2.5-pro",
            "llm.gemini.responseId": "abcd-1",
        }
    )
    assert (call.provider, call.response_id, call.response_model) == ("gcp.gemini", "abcd-1", "gemini-2.5-pro")
    assert dict(call.usage.buckets) == {"input": 4, "audio_input": 6, "output": 20, "reasoning": 30}


def test_a_raw_span_of_a_stream_is_no_call_of_its_own() -> None:
    assert litellm.read(span({})) is None
    assert litellm.read(span({"llm.openai.messages": "[]", "llm.openai.model": "gpt-4o"})) is None


def test_zeros_of_a_stream_are_unknown() -> None:
    call = called(request("chatcmpl-1", 0, 0) | {"llm.is_streaming": "True", "gen_ai.cost.total_cost": 0.0})
    assert call.usage.source is UsageSource.MISSING
    assert call.reported_cost is None
    assert call.streaming is True


def test_ids_that_litellm_makes_up_are_not_the_providers() -> None:
    made = "159d80bf-2371-497f-be4d-047db77eea63"
    assert called(request(f"chatcmpl-{made}", 1, 1) | {"gen_ai.system": "anthropic"}).response_id == ""
    assert called(request(f"chatcmpl-{made}", 1, 1) | {"gen_ai.system": "groq"}).response_id == f"chatcmpl-{made}"
    assert called(request("own", 1, 1) | {"litellm.call_id": "own"}).response_id == ""
    inner = base64.b64encode(b"litellm:custom_llm_provider:openai;model_id:None;response_id:resp_12ab").decode()
    assert called(request(f"resp_{inner}", 1, 1)).response_id == "resp_12ab"
    assert called(request("resp_12ab", 1, 1)).response_id == "resp_12ab"


def test_calls_under_an_applications_span_are_all_counted() -> None:
    usage = "{'completion_tokens': 17, 'prompt_tokens': 21, 'total_tokens': 38}"
    overwritten = span(
        request("chatcmpl-2", 21, 17) | {"gen_ai.cost.total_cost": 1.335e-05}, b"parent--", scope="my.app"
    )
    first = span(raw("chatcmpl-1", usage), b"first---", b"parent--")
    second = span(raw("chatcmpl-2", usage), b"second--", b"parent--")
    owners = [call for call in calls_of([overwritten, first, second]) if call.owner is None]
    assert sorted(call.response_id for call in owners) == ["chatcmpl-1", "chatcmpl-2"]
    assert sum(call.usage.input_tokens or 0 for call in owners) == 42


def test_a_request_and_its_raw_span_are_one_call() -> None:
    usage = "{'input_tokens': 12, 'cache_creation_input_tokens': 0, 'cache_read_input_tokens': 0, 'output_tokens': 42}"
    made = "chatcmpl-159d80bf-2371-497f-be4d-047db77eea63"
    outer = span(request(made, 12, 42) | {"gen_ai.system": "anthropic", "gen_ai.cost.total_cost": 0.5}, b"outer---")
    inner = span(raw("msg_1", usage, "anthropic"), b"inner---", b"outer---")
    owners = [call for call in calls_of([outer, inner]) if call.owner is None]
    assert len(owners) == 1
    assert owners[0].response_id == "msg_1"
    assert owners[0].request_model == "gpt-4o-mini"
    assert owners[0].reported_cost == money.to_units("0.5")


def test_shaped_for_langfuse_the_attributes_are_openinferences() -> None:
    call = called(
        {
            "openinference.span.kind": "LLM",
            "llm.model_name": "gpt-4o-mini",
            "llm.provider": "openai",
            "llm.request.type": "completion",
            "llm.response.id": "chatcmpl-1",
            "llm.response.model": "gpt-4o-mini-2024-07-18",
            "llm.token_count.prompt": 2006,
            "llm.token_count.completion": 300,
            "llm.token_count.total": 2306,
            "llm.token_count.prompt_details.cache_read": 1920,
            "llm.cost.total": 0.0042,
        }
    )
    assert (call.response_id, call.request_model, call.response_model) == (
        "chatcmpl-1",
        "gpt-4o-mini",
        "gpt-4o-mini-2024-07-18",
    )
    assert dict(call.usage.buckets) == {"input": 86, "cache_read": 1920, "output": 300}
    assert call.reported_cost == money.to_units("0.0042")


def test_an_embedding_has_no_output() -> None:
    call = called(request("own", 16, 0) | {"gen_ai.operation.name": "aembedding", "litellm.call_id": "own"})
    assert (call.operation, call.usage.input_tokens, call.usage.output_tokens) == ("embeddings", 16, 0)


def test_housekeeping_is_no_call() -> None:
    held = {"gen_ai.request.model": "m", "gen_ai.operation.name": "afile_list", "llm.request.type": "afile_list"}
    assert litellm.read(span(held)) is None
    reading = litellm.read(span(held | {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 7}))
    assert reading is not None
    assert reading.call.operation == "generate_content"


def test_a_failed_call_has_no_usage() -> None:
    failed = Span(
        b"t" * 16,
        b"s" * 8,
        b"",
        "litellm_request",
        1,
        0,
        10**9,
        STATUS_ERROR,
        "",
        Scope("litellm"),
        Resource(),
        {"gen_ai.request.model": "rate-limited", "llm.request.type": "completion", "error.type": "RateLimitError"},
    )
    reading = litellm.read(scrub(failed))
    assert reading is not None
    assert (reading.call.status, reading.call.error_type) == (Status.ERROR, "RateLimitError")
    assert reading.call.usage == MISSING
