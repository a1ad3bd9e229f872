"""Spans with content and secrets in every shape; what of them may be written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.model.span import Resource, Scope, Span, SpanEvent
from farthing.privacy.names import Kind, kind_of
from farthing.privacy.scrub import CONTENT_MARK, SECRET_MARK, scrub


def span(attributes: dict[str, Any], resource: dict[str, Any] | None = None, **of_event: Any) -> Span:
    events = (SpanEvent("gen_ai.choice", 1, of_event),) if of_event else ()
    return Span(
        b"t" * 16, b"s" * 8, b"", "chat", 3, 0, 1, 1, "", Scope("lib"), Resource(resource or {}), attributes, events
    )


def kept(attributes: dict[str, Any]) -> dict[str, Any]:
    return scrub(span(attributes)).attributes


def test_a_span_without_content_is_the_same_object() -> None:
    plain = span({"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 5, "tags": ["a"], "deep": {"n": 1}})
    assert scrub(plain) is plain


@pytest.mark.parametrize(
    "value", ["words", ["words"], [["words"]], {"role": "user", "content": "words"}, [{"content": "words"}], b"words"]
)
def test_content_of_any_type_leaves_a_mark(value: Any) -> None:
    assert kept({"gen_ai.input.messages": value}) == {"gen_ai.input.messages": CONTENT_MARK}


def test_content_within_structures_is_found_by_its_path_or_name() -> None:
    nested = {"input": {"messages": [{"content": "words"}]}, "usage": {"input_tokens": 5}, "model": "m"}
    found = kept({"gen_ai": nested, "list": [{"text": "words", "index": 0}]})
    assert "words" not in json.dumps(found)
    assert found["gen_ai"]["usage"] == {"input_tokens": 5}
    assert found["gen_ai"]["model"] == "m"
    assert found["list"][0]["index"] == 0
    assert kept({"config": {"api_key": "sk-1", "n": 1}}) == {"config": {"api_key": SECRET_MARK, "n": 1}}


def test_events_and_resources_pass_the_same_gate() -> None:
    found = scrub(span({}, {"service.name": "shop", "password": "x"}, **{"gen_ai.completion": "words", "index": 0}))
    assert found.resource.attributes == {"service.name": "shop", "password": SECRET_MARK}
    assert found.events[0].attributes == {"gen_ai.completion": CONTENT_MARK, "index": 0}


def test_numbers_and_empty_values_are_no_content() -> None:
    plain: dict[str, Any] = {
        "llm.token_count.prompt": 5,
        "input": 7,
        "tools": [],
        "gen_ai.prompt": "",
        "llm.usage.completion": 0.5,
    }
    assert kept(plain) == plain


@pytest.mark.parametrize(
    "name",
    [
        "gen_ai.prompt.0.content",
        "gen_ai.tool.args",
        "llm.input_messages.3.message.contents.0.message_content.text",
        "llm.anthropic.system",
        "llm.None.output",
        "llm.bedrock.anything_new",
        "embedding.embeddings.0.embedding.vector",
        "mlflow.chat.tools",
        "ai.response.files",
        "crewai.task.description",
        "newcomer.step.output",
        "newcomer.messages",
        "gcp.vertex.agent.llm_request",
        "tool_parameters",
        "function.kwargs",
        "reranker.query",
    ],
)
def test_content_is_known_by_name(name: str) -> None:
    assert kind_of(name) is Kind.CONTENT


@pytest.mark.parametrize(
    "name",
    [
        "gen_ai.output.type",
        "gen_ai.completion.0.finish_reason",
        "gen_ai.prompt.version",
        "gen_ai.response.id",
        "gen_ai.usage.raw",
        "llm.prompt_template.version",
        "llm.openai.id",
        "llm.openai.usage",
        "llm.token_count.prompt_details.cache_read",
        "metadata",
        "metadata.user_api_key_team_alias",
        "metadata.usage_object",
        "mlflow.chat.tokenUsage",
        "langfuse.observation.usage_details",
        "langfuse.observation.metadata.tenant",
        "exception.message",
        "db.query.text",
        "tag.tags",
        "tenant",
        "openlit.agent.version_hash",
    ],
)
def test_what_names_counts_or_measures_stays(name: str) -> None:
    assert kind_of(name) is Kind.PLAIN


@pytest.mark.parametrize(
    "name",
    [
        "http.request.header.authorization",
        "http.response.header.set-cookie",
        "openai.api_key",
        "metadata.user_api_key",
        "metadata.user_api_key_hash",
        "DB_PASSWORD",
    ],
)
def test_secrets_are_known_by_name(name: str) -> None:
    assert kind_of(name) is Kind.SECRET
    assert kept({name: "sk-1"}) == {name: SECRET_MARK}


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://api.openai.com/v1/chat?x=1", "https://api.openai.com/v1/chat?x=1"),
        ("https://h/v1/models/m?key=AIza1&alt=sse", f"https://h/v1/models/m?key={SECRET_MARK}&alt=sse"),
        ("https://h/x?a=1&X-Amz-Signature=ab", f"https://h/x?a=1&X-Amz-Signature={SECRET_MARK}"),
        ("https://me:pw@h/x", f"https://me:{SECRET_MARK}@h/x"),
    ],
)
def test_addresses_lose_their_credentials(address: str, written: str) -> None:
    assert kept({"url.full": address}) == {"url.full": written}


def test_facts_of_the_call_are_saved_before_its_content_goes() -> None:
    response = json.dumps({"id": "chatcmpl-1", "usage": {"prompt_tokens": 9}})
    found = kept({"output.value": response})
    assert found == {
        "output.value": CONTENT_MARK,
        "farthing.response_id": "chatcmpl-1",
        "farthing.usage": '{"prompt_tokens":9}',
    }
    assert kept(found) == found


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.text(max_size=8) | st.sampled_from(
    ["input.value", "gen_ai", "messages", "url.full", "api_key", "llm.x.usage"]
)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_any_span_passes_and_passing_twice_changes_nothing(attributes: dict[str, Any]) -> None:
    once = scrub(span(attributes))
    assert set(attributes) <= set(once.attributes)
    assert scrub(once).attributes is once.attributes or repr(scrub(once).attributes) == repr(once.attributes)


def test_a_bottomless_value_is_cut() -> None:
    deep: dict[str, Any] = {"n": 1}
    for _ in range(100):
        deep = {"deeper": deep}
    assert CONTENT_MARK in json.dumps(kept({"some": deep}))
