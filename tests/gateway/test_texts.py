"""Requests and answers in which tools are called in; what guards get to see of them, out."""

import json
from typing import Any

import msgspec
import pytest

from farthing.gateway import guarding, texts
from farthing.gateway.asked import Asked
from farthing.gateway.guarding import GuardBlockedError
from farthing.routing.plan import Guard, Plan

HIDDEN = '{"to": "\\u0061 \\u0073ecret", "n": 1}'
"""What it says is legible only once it is unescaped."""


def members(request: dict[str, Any]) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(json.dumps(value).encode()) for name, value in request.items()}


def plan(on: str, kind: str = "regex", **parameters: Any) -> Plan:
    return Plan((), guards=(Guard("words", kind, on, "block", parameters or {"pattern": "a secret"}),))


def chat(**message: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Do it"}, {"role": "assistant", "content": None, **message}]}


def called(arguments: Any) -> dict[str, Any]:
    return {"tool_calls": [{"id": "c1", "type": "function", "function": {"name": "send", "arguments": arguments}}]}


DEEP = HIDDEN[:-1] + ', "x": ' + "[" * 2_000 + "]" * 2_000 + "}"
NEARLY = HIDDEN[:-1] + ", 'x': \"\\y\",}"

REQUESTS: dict[str, dict[str, Any]] = {
    "arguments": chat(**called('{"to": "a secret"}')),
    "arguments_escaped": chat(**called(HIDDEN)),
    "arguments_name": chat(**called('{"a secret": 1}')),
    "arguments_no_text": chat(**called({"id": "a secret"})),
    "arguments_deep": chat(**called(DEEP)),
    "arguments_nearly_json": chat(**called(NEARLY)),
    "arguments_twice_hidden": chat(**called(json.dumps({"a": DEEP}))),
    "function_call": chat(function_call={"name": "send", "arguments": HIDDEN}),
    "custom": chat(tool_calls=[{"type": "custom", "custom": {"name": "send", "input": "a secret"}}]),
    "tool": chat(role="tool", tool_call_id="c1", content=HIDDEN),
    "tool_parts": chat(role="tool", tool_call_id="c1", content=[{"type": "text", "text": "a secret"}]),
    "item": {"input": [{"type": "function_call", "call_id": "c1", "name": "send", "arguments": HIDDEN}]},
    "item_output": {"input": [{"type": "function_call_output", "call_id": "c1", "output": HIDDEN}]},
    "item_custom": {"input": [{"type": "custom_tool_call", "call_id": "c1", "name": "send", "input": "a secret"}]},
    "item_shell": {"input": [{"type": "local_shell_call", "action": {"type": "exec", "command": ["a secret"]}}]},
    "item_typed": {"input": [{"type": "computer_call", "action": {"type": "a secret"}}]},
    "tool_use": chat(content=[{"type": "tool_use", "id": "t1", "name": "send", "input": {"id": "a secret"}}]),
    "tool_result": chat(content=[{"type": "tool_result", "tool_use_id": "t1", "content": HIDDEN}]),
    "tool_result_parts": chat(content=[{"type": "tool_result", "content": [{"type": "text", "text": "a secret"}]}]),
    "document": chat(content=[{"type": "document", "source": {"type": "text", "data": "a secret"}}]),
    "said_like_data": {"input": "data:text/plain, a secret"},
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_tools_are_called_with_and_return_is_no_way_around_a_guard(name: str) -> None:
    raw = members(REQUESTS[name])
    asked = Asked(b"{}", model="m", members=raw)
    with pytest.raises(GuardBlockedError):
        guarding.of_request(plan("request"), asked)
    assert guarding.of_request(plan("request", pattern="another"), asked) == {}


CARD = 4111111111111111


@pytest.mark.parametrize(
    "request_",
    [
        chat(**called({"card": CARD})),
        chat(**called(json.dumps({"card": CARD}))),
        chat(content=[{"type": "tool_use", "id": "t", "name": "pay", "input": {"card": CARD}}]),
    ],
    ids=["object", "text", "tool_use"],
)
def test_a_number_that_a_tool_is_called_with_is_looked_at(request_: dict[str, Any]) -> None:
    with pytest.raises(GuardBlockedError, match="card"):
        guarding.of_request(plan("request", "pii", kinds=["card"]), Asked(b"{}", model="m", members=members(request_)))


def test_pictures_are_stepped_over() -> None:
    picture = "data:image/png;base64,AAAA"
    told = texts.of_request(
        members(
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture}}]},
                    {"role": "user", "content": [{"type": "image", "source": {"type": "base64", "data": "AAAA"}}]},
                ],
                "input": [
                    {"type": "image_generation_call", "id": "i", "result": "AAAA"},
                    {"type": "reasoning", "encrypted_content": "AAAA"},
                    {"type": "input_image", "image_url": picture},
                ],
            }
        )
    )
    assert told == texts.Texts([], [])


def events(*told: dict[str, Any]) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in told)


def delta(**told: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": told}]}


TOOL = {"index": 0, "function": {"name": "send", "arguments": HIDDEN[:9]}}
REST = {"index": 0, "function": {"arguments": HIDDEN[9:]}}
USE: dict[str, Any] = {"type": "tool_use", "id": "t1", "name": "send", "input": {}}
ITEM = {"type": "function_call", "call_id": "c1", "name": "send", "arguments": HIDDEN}

ANSWERS: dict[str, dict[str, Any]] = {
    "tool_calls": {"choices": [{"message": {"content": None, **called(HIDDEN)}}]},
    "custom": {"choices": [{"message": {"tool_calls": [{"custom": {"name": "send", "input": "a secret"}}]}}]},
    "function_call": {"choices": [{"message": {"function_call": {"name": "send", "arguments": HIDDEN}}}]},
    "tool_calls_deep": {"choices": [{"message": {"content": None, **called(DEEP)}}]},
    "item": {"output": [ITEM]},
    "item_of_the_providers": {"output": [{"type": "web_search_call", "action": {"query": "a secret"}}]},
    "tool_use": {"content": [{**USE, "input": {"type": "a secret"}}]},
    "transcript": {"text": "a secret"},
}
STREAMS = {
    "tool_calls": events(delta(tool_calls=[TOOL]), delta(tool_calls=[REST])),
    "custom": events(*(delta(tool_calls=[{"index": 0, "custom": {"input": one}}]) for one in ("a sec", "ret"))),
    "function_call": events(*(delta(function_call={"arguments": one}) for one in (HIDDEN[:9], HIDDEN[9:]))),
    "item": events({"type": "response.output_item.done", "output_index": 0, "item": ITEM}),
    "tool_use": events(
        {"type": "content_block_start", "index": 0, "content_block": USE},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": one}}
            for one in (HIDDEN[:9], HIDDEN[9:])
        ),
    ),
    "said": events(delta(content="a "), delta(content="secret")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_that_call_tools_are_looked_at(name: str) -> None:
    body = json.dumps(ANSWERS[name]).encode()
    with pytest.raises(GuardBlockedError):
        guarding.of_answer(plan("response"), body, streams=False)
    assert guarding.of_answer(plan("response", pattern="another"), body, streams=False) == {}


@pytest.mark.parametrize("name", STREAMS)
def test_streams_that_call_tools_are_marked(name: str) -> None:
    assert guarding.of_answer(plan("response"), STREAMS[name], streams=True) == {"guard.words": "marked"}
    assert guarding.of_answer(plan("response", pattern="another"), STREAMS[name], streams=True) == {}


def test_only_what_is_said_must_be_as_a_guard_wants_it() -> None:
    body = {"choices": [{"message": {"content": '{"a":1}', **called("no JSON, but it may be called with that")}}]}
    wanted = plan("response", "json_schema", schema={"required": ["a"]})
    assert guarding.of_answer(wanted, json.dumps(body).encode(), streams=False) == {}
    with pytest.raises(GuardBlockedError, match="must"):
        guarding.of_answer(plan("response", pattern="but", required=True), json.dumps(body).encode(), streams=False)
