"""Streams of each dialect: put together they say what the same answer says in one piece, wherever they are cut off or odd."""

import json
from typing import Any

import pytest
from stub_provider import anthropic, openai
from stub_provider.served import TEXT

from farthing.gateway.assembled import assembled

ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "prompt": "hi", "input": "hi"}
TOOLS: dict[str, Any] = {
    "tools": [{"name": "weather", "type": "function", "function": {"name": "weather"}, "input_schema": {}}]
}


def events(*told: dict[str, Any]) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in told)


def streamed(whole: Any, stream: Any, request: dict[str, Any]) -> tuple[Any, Any]:
    answer = whole(request)
    made = assembled("".join(stream(request, answer)).encode())
    assert made.is_whole
    return answer, made.answer


def test_chats() -> None:
    whole, made = streamed(openai.chat, openai.chat_stream, ASKED)
    assert made["choices"][0]["message"]["content"].strip() == TEXT
    assert made["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"] == "stop"
    whole, made = streamed(openai.chat, openai.chat_stream, {**ASKED, **TOOLS})
    assert made["choices"][0]["message"]["tool_calls"] == whole["choices"][0]["message"]["tool_calls"]
    _, made = streamed(openai.completions, openai.completions_stream, ASKED)
    assert made["choices"][0]["message"]["content"].strip() == TEXT


def test_responses() -> None:
    for more in ({}, {"tools": [{"type": "function", "name": "weather"}]}):
        whole, made = streamed(openai.responses, openai.responses_stream, {**ASKED, **more})
        assert made == {"object": "response", "output": whole["output"]}


def test_messages() -> None:
    whole, made = streamed(anthropic.message, anthropic.message_stream, ASKED)
    assert (made["content"][0]["text"].strip(), made["stop_reason"]) == (whole["content"][0]["text"], "end_turn")
    whole, made = streamed(anthropic.message, anthropic.message_stream, {**ASKED, **TOOLS})
    (called,) = made["content"]
    assert {**called, "input": json.loads(called["input"])} == whole["content"][0]


def test_what_came_before_it_was_cut_off() -> None:
    said = "".join(openai.responses_stream(ASKED, openai.responses(ASKED)))
    made = assembled(said[: said.index("event: response.output_text.done")].encode()).answer
    assert made["output"][0]["content"][0]["text"].strip() == TEXT
    thought = {"index": 0, "delta": {"reasoning_content": "Hm"}}
    assert assembled(events({"choices": [thought]}, {"choices": [thought]}) + b'data: {"choi') == (
        {"choices": [{"index": 0, "message": {"role": "assistant", "reasoning_content": "HmHm"}}]},
        True,
    )


DEEP = b"[" * 2_000 + b"1" + b"]" * 2_000


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\n"], ids=["lf", "crlf", "no_end"])
@pytest.mark.parametrize(
    "unread",
    [b'{"choices":[{"delta":{"content":"\xff"}}]}', b'{"a":%b}' % DEEP, b"{"],
    ids=["no_unicode", "deep", "no_json"],
)
def test_an_event_that_cant_be_read_is_told_of(unread: bytes, end: bytes) -> None:
    fine = {"choices": [{"index": 0, "delta": {"content": "é"}}]}
    made = assembled(b": ping\n\nevent: odd\n\n" + events(fine) + b"data: %b" % unread + end)
    assert made == ({"choices": [{"index": 0, "message": {"role": "assistant", "content": "é"}}]}, False)
    assert assembled(events(fine) + b": a ping\n\nevent: nothing\n\ndata: [DONE]\n\n").is_whole


ODD: list[dict[str, Any]] = [
    {"choices": [None, 1, {"index": "x", "delta": [], "finish_reason": 3}]},
    {"choices": [{"delta": {"tool_calls": [{"function": None}, 7], "audio": 1, "content": 5}}]},
    {"type": "response.output_text.delta", "delta": {}, "output_index": None},
    {"type": "response.output_item.done", "item": 1},
    {"type": "response.completed", "response": {"output": [1]}},
    {"type": "content_block_delta", "index": True, "delta": "x"},
    {"type": "content_block_start", "content_block": None},
    {"type": ["x"]},
    {"type": "transcript.text.delta", "delta": None},
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_events_break_nothing(odd: dict[str, Any]) -> None:
    assembled(events(odd, odd))
