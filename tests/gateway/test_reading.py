"""What answers tell, in one piece and cut anywhere, and what the client gets of a stream whose usage it did not ask for."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from stub_provider import anthropic, openai

from farthing.gateway import events, reading

CHAT: dict[str, Any] = {"model": "gpt-4o", "stream": True, "messages": []}
USAGE_WANTED: dict[str, Any] = {**CHAT, "stream_options": {"include_usage": True}}
MESSAGE: dict[str, Any] = {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": "hi"}]}
RESPONSE: dict[str, Any] = {"model": "o4-mini", "input": "hi"}


def encoded(events: Iterable[str]) -> bytes:
    return "".join(events).encode()


def passed(stream: bytes, size: int, *, hides_usage: bool) -> tuple[bytes, reading.Told]:
    reader = reading.Stream(hides_usage=hides_usage)
    out = b"".join(reader.feed(stream[at : at + size]) for at in range(0, len(stream), size))
    return out + reader.rest(), reader.told


def test_forced_usage_is_taken_out_wherever_it_is_cut() -> None:
    whole = openai.chat(CHAT)
    wanted = encoded(openai.chat_stream(CHAT, whole))
    stream = encoded(openai.chat_stream(USAGE_WANTED, whole)).replace(b', "usage": null', b',"usage":null')
    for size in (1, 2, 3, 7, 64, 1000, len(stream)):
        out, told = passed(stream, size, hides_usage=True)
        assert out == wanted
        assert told.usage == whole["usage"]
        assert (told.response_id, told.model, told.finish, told.tier) == (
            whole["id"], "gpt-4o-2024-08-06", ["stop"], "default",
        )  # fmt: skip
        assert told.ended


def test_usage_that_comes_with_the_last_words_stays_where_it_is() -> None:
    stream = (
        b'data: {"id":"c","model":"m","choices":[{"delta":{"content":"x"}}]}\n\n'
        b'data: {"id":"c","choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}\n\ndata: [DONE]\n\n'
    )
    out, told = passed(stream, 5, hides_usage=True)
    assert out == stream
    assert told.usage == {"prompt_tokens": 3}


@pytest.mark.parametrize("size", [1, 5, 100, 100_000])
def test_streams_that_are_only_looked_at_keep_every_byte(size: int) -> None:
    message, response = anthropic.message(MESSAGE), openai.responses(RESPONSE)
    for stream, usage, ident in (
        (encoded(anthropic.message_stream(MESSAGE, message)), message["usage"], message["id"]),
        (encoded(openai.responses_stream(RESPONSE, response)), response["usage"], response["id"]),
    ):
        out, told = passed(stream, size, hides_usage=False)
        assert out == stream
        assert (told.usage, told.response_id) == (usage, ident)
        assert told.ended


@pytest.mark.parametrize(
    ("last", "hidden"),
    [
        (b'data: {"choices": [], "usage": {"prompt_tokens": 1}}', True),
        (b'data: {"choices": null, "usage": {"prompt_tokens": 1}}\n\n', True),
        (b'data: {"choices": [], "usage": {"prompt_tokens": NaN}}\n\n', True),
        (b'data: {"choices": [], "usage": [1]}\n\n', True),
        (b'data: {"choices": [],\ndata: "usage": {"prompt_tokens": 1}}\r\n\r\n', True),
        (b'data: {"choices": [], "prompt_filter_results": []}\n\n', False),
        (b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1}}\n\n', False),
    ],
)
def test_usage_that_nobody_asked_for_is_hidden_however_it_is_told(last: bytes, hidden: bool) -> None:
    first = b'data: {"id": "c", "choices": [{"delta": {"content": "a"}}]}\n\n'
    for size in (1, 7, 1000):
        out, _ = passed(first + last, size, hides_usage=True)
        assert out == first + (b"" if hidden else last)


def test_content_that_looks_like_usage_is_content() -> None:
    said = json.dumps({"usage": {"prompt_tokens": 999}, "finish_reason": "stop", "error": "x"})
    events = [
        {"id": "c", "model": "m", "choices": [{"delta": {"content": "a"}}]},
        {"id": "c", "model": "m", "choices": [{"delta": {"content": said}}]},
    ]
    stream = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
    out, told = passed(stream, 9, hides_usage=True)
    assert out == stream
    assert (told.usage, told.finish, told.error) == ({}, [], "")


def test_an_error_within_a_stream() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "secret words"}}
    _, told = passed(f"event: error\ndata: {json.dumps(error)}\n\n".encode(), 4, hides_usage=False)
    assert told.error == "overloaded_error"
    assert told.ended


@pytest.mark.parametrize(
    ("body", "reads", "told"),
    [
        (openai.embeddings({"model": "text-embedding-3-small", "input": "x"}), "chat", {"total_tokens": 16, "prompt_tokens": 16}),
        ({"created": 1, "data": [{"b64_json": "x"}, {"b64_json": "y"}]}, "image", {}),
        ({"text": "hi", "usage": {"type": "duration", "seconds": 3}}, "audio", {"type": "duration", "seconds": 3}),
    ],
)  # fmt: skip
def test_answers_in_one_piece(body: dict[str, Any], reads: str, told: dict[str, Any]) -> None:
    found = reading.whole(json.dumps(body).encode(), reads)
    assert found.usage == told
    assert found.facts == ({"gen_ai.response.image": 2} if reads == "image" else {})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'"x"', b'{"usage": 1, "choices": 7, "id": []}', b"\xff\xfe"]
)
def test_what_can_t_be_read_tells_nothing(body: bytes) -> None:
    found = reading.whole(body, "chat")
    assert (found.usage, found.response_id, found.error) == ({}, "", "")


def test_usage_is_read_after_what_is_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_HELD", 1_000)
    stream = reading.Stream(hides_usage=False)
    for piece in (b"data: " + b"a" * 2_000, b"a" * (1 << 20), b'data: {"usage": {"prompt_tokens": 1}}\n\n'):
        assert stream.feed(piece) == piece
    assert stream.told.usage == {"prompt_tokens": 1}


def test_what_is_told_is_bounded() -> None:
    said = {"id": "i" * 10_000, "model": "m" * 10_000, "usage": {str(at): at for at in range(10_000)}}
    found = reading.whole(json.dumps(said).encode(), "chat")
    assert (len(found.response_id), len(found.model), found.usage_json) == (512, 512, "")
    assert len(reading.whole(json.dumps({"error": {"code": "e" * 10_000}}).encode(), "chat").error) == 512
    stops = b'data: {"choices":[{"finish_reason":"stop"}]}\n\n' * 1_000
    assert len(passed(stops, 1 << 20, hides_usage=False)[1].finish) < 200


def test_errors_are_told_by_their_names_alone() -> None:
    for body, name in (
        ({"error": {"code": "rate_limit_exceeded", "type": "t", "message": "words"}}, "rate_limit_exceeded"),
        ({"error": {"code": None, "type": "invalid_request_error"}}, "invalid_request_error"),
        ([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}], "429"),
        ({"error": "words"}, "error"),
    ):
        assert reading.whole(json.dumps(body).encode(), "chat").error == name
