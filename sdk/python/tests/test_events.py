"""Streams cut into pieces anywhere: what the application sees is what it would have seen without us."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from farthing_sdk._events import Events, Frames, WithoutUsage, body
from farthing_sdk._glance import ENDS, SAYS, TELLS, glance
from farthing_sdk._hosts import provider_at, region_at
from farthing_sdk._unread import Unread
from farthing_sdk._usage_anthropic import usage_of
from farthing_sdk._usage_openai import answered, chunk

if TYPE_CHECKING:
    from collections.abc import Mapping

USAGE = {"prompt_tokens": 21, "completion_tokens": 17, "total_tokens": 38}


def sse(event: Mapping[str, Any], end: str = "\n\n") -> str:
    return f"data: {json.dumps(event, ensure_ascii=False)}{end}"


def frame(delta: dict[str, Any], finish: str | None, **more: Any) -> dict[str, Any]:
    return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def spoken(asked: bool, end: str) -> bytes:
    null: dict[str, Any] = {"usage": None} if asked else {}
    told = [
        frame({"role": "assistant", "content": ""}, None, **null),
        frame({"content": 'they say "usage":null, é'}, None, **null, obfuscation="xyz"),
        frame({"tool_calls": [{"function": {"arguments": '{"usage": null}'}}]}, None, **null),
        frame({}, "stop", **null),
    ]
    usage: list[dict[str, Any]] = [{"id": "c", "choices": [], "usage": USAGE}] if asked else []
    return (": hello" + end + "".join(sse(one, end) for one in [*told, *usage]) + "data: [DONE]" + end).encode()


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n"])
def test_usage_is_taken_out_to_the_last_byte(end: str) -> None:
    dice = random.Random(7)
    for _ in range(200):
        seen: list[Mapping[str, Any]] = []
        ended: list[bool] = []
        events = WithoutUsage(seen.append, lambda ended=ended: ended.append(True))
        sent, out = spoken(True, end), b""
        while sent:
            at = dice.randint(1, 60)
            out += events.feed(sent[:at])
            sent = sent[at:]
        out += events.rest()
        assert out == spoken(False, end)
        assert seen[-1]["usage"] == USAGE
        assert ended == [True]


def later(asked: bool, last: bool) -> list[dict[str, Any]]:
    """Chunks whose usage stands before or behind what they say, with things in them that look like it."""

    def one(delta: dict[str, Any], finish: str | None, **more: Any) -> dict[str, Any]:
        null: dict[str, Any] = {"usage": None} if asked else {}
        chunk = frame(delta, finish)
        return {**chunk, **null, **more} if last else {"id": "c", **null, **chunk, **more}

    said = [
        one({"role": "assistant", "content": ""}, None),
        *(
            one({"content": word}, None, obfuscation="x")
            for word in ("a", "b", '"usage": null', '"finish_reason": "stop"')
        ),
        one({"content": "é"}, None, usage_of={"usage": None}),
        one({"content": "n", "usage": None}, None, more=[1]),
        one({"content": "m"}, None),
        one({"usage": None, "content": "k"}, "stop"),
        one({"content": "l"}, None),
        one({}, "length", native_finish_reason="x"),
    ]
    return [*said, {"id": "c", "choices": [], "usage": USAGE}] if asked else said


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("around", [0, 1, -1, 2])
@pytest.mark.parametrize("tight", [True, False])
def test_usage_is_taken_out_of_events_that_come_one_by_one(last: bool, around: int, tight: bool) -> None:
    def sent(asked: bool) -> list[bytes]:
        separators = (",", ":") if tight else None
        told = [json.dumps(one, separators=separators) for one in later(asked, last)]
        return [f"data: {one}\n\n".encode() for one in [*told, "[DONE]"]]

    seen: list[Mapping[str, Any]] = []
    ended: list[bool] = []

    def see(event: Mapping[str, Any]) -> None:
        seen.append(event)
        if chunk(event)[1]:
            events.spoken()

    events = WithoutUsage(see, lambda: ended.append(True))
    pieces = sent(True)
    whole, ends, at = b"".join(pieces), 0, 0
    out = b""
    for piece in pieces:
        ends += len(piece)
        out += events.feed(whole[at : ends + around])
        at = ends + around
    out += events.feed(whole[at:]) + events.rest()
    assert out == b"".join(sent(False))
    assert seen[-1]["usage"] == USAGE
    assert ended == [True]
    # What merely says more isn't looked into.
    assert len(seen) < 5


class Glancing:
    """What a call is told of a stream whose events need no reading."""

    def __init__(self) -> None:
        self.spoke = 0
        self.unread = Unread(chunk)

    def says(self) -> None:
        self.spoke += 1

    def later(self, data: bytes) -> None:
        self.unread.add(data)


@pytest.mark.parametrize("tight", [True, False])
@pytest.mark.parametrize("hidden", [True, False])
def test_a_chat_is_not_read_where_it_passes(tight: bool, hidden: bool) -> None:
    def sent(asked: bool) -> list[bytes]:
        null: dict[str, Any] = {"usage": None} if asked else {}
        told = [
            frame({"role": "assistant", "content": "", "refusal": None}, None, **null),
            *(frame({"content": word}, None, **null) for word in ("they say ", '"usage":null', '"text": "x"')),
            frame({}, "stop", **null),
        ]
        usage: list[dict[str, Any]] = [{"id": "c", "choices": [], "usage": USAGE}] if asked else []
        separators = (",", ":") if tight else None
        lines = [json.dumps(one, separators=separators) for one in [*told, *usage]]
        return [f"data: {line}\n\n".encode() for line in [*lines, "[DONE]"]]

    seen: list[Mapping[str, Any]] = []
    ended: list[bool] = []
    call = Glancing()
    events = (WithoutUsage if hidden else Events)(seen.append, lambda: ended.append(True), call)
    spoke: list[int] = []
    out: list[bytes] = []
    for piece in sent(True):
        out.append(events.feed(piece))
        spoke.append(call.spoke)
    assert b"".join(out) + events.rest() == b"".join(sent(not hidden))
    # Only what isn't written as OpenAI writes it is read here.
    assert len(seen) <= (0 if tight or not hidden else 1)
    assert spoke[:2] == [0, 1]
    assert spoke[-1] == 1
    assert ended
    told: dict[str, Any] = {}
    call.unread.read(told)
    assert (told["response_id"], told["input_tokens"], told["output_tokens"]) == ("c", 21, 17)


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ({"type": "response.created", "response": {"error": None}}, 0),
        ({"type": "response.output_text.delta", "delta": "x"}, SAYS),
        ({"type": "response.completed", "response": {"error": None}}, TELLS | ENDS),
        ({"type": "response.failed", "response": {}}, None),
        ({"type": "message_start"}, TELLS),
        ({"type": "ping"}, None),
        ({"type": "error", "error": {}}, None),
        ({"type": "message_stop"}, ENDS),
        ({"choices": [{"delta": {"tool_calls": [{"function": {"name": "f"}}]}}]}, None),
        ({"choices": [{"delta": {"content": "x"}}], "usage": USAGE}, None),
        ({"choices": [], "usage": {"cost": 1.5, **USAGE}}, None),
        ({"choices": [], "usage": USAGE}, TELLS | ENDS),
        ({"choices": [{"text": "x"}]}, SAYS | TELLS),
        ({"error": {"message": "no"}}, None),
    ],
)
def test_what_a_glance_tells(event: dict[str, Any], what: int | None) -> None:
    assert glance(json.dumps(event).encode()) == what
    assert glance(json.dumps(event, separators=(",", ":")).encode()) == what


def test_what_fails_within_a_piece_is_seen() -> None:
    seen: list[Mapping[str, Any]] = []
    events = Events(seen.append, lambda: None)
    events.spoken()
    failed = {"type": "response.failed", "response": {"usage": None}}
    events.feed((sse({"type": "response.output_text.delta"}) + sse(failed)).encode())
    assert seen == [failed]


def test_a_stream_that_breaks_off_gives_all_it_got() -> None:
    events = WithoutUsage(lambda _: None, lambda: None)
    sent = sse(frame({}, "stop", usage=None)) + 'data: {"id": "c", "cho'
    assert events.feed(sent.encode()) + events.rest() == (sse(frame({}, "stop")) + 'data: {"id": "c", "cho').encode()


def test_what_was_asked_for_passes_untouched() -> None:
    seen: list[Mapping[str, Any]] = []
    events = Events(seen.append, lambda: None)
    sent = spoken(True, "\n\n")
    assert b"".join(events.feed(sent[at : at + 7]) for at in range(0, len(sent), 7)) + events.rest() == sent
    assert seen[-1]["usage"] == USAGE


def test_frames_of_bedrock() -> None:
    seen: list[Mapping[str, Any]] = []
    events = Frames(seen.append, lambda: None)
    told = [{"type": "message_start"}, {"type": "message_delta", "usage": {"output_tokens": 3}}]
    sent = b"".join(
        b'\x00\x01{"bytes":"' + base64.b64encode(json.dumps(one).encode()) + b'","p":"a"}\xff' for one in told
    )
    assert b"".join(events.feed(sent[at : at + 5]) for at in range(0, len(sent), 5)) == sent
    assert seen == told


def test_usage_of_a_large_answer() -> None:
    large = json.dumps({"data": ["x" * 1_100_000], "usage": USAGE}).encode()
    assert body(large) == {"usage": USAGE}


def test_reasoning_counted_beside_the_output_is_part_of_it() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 35}
    told = answered({"usage": {**usage, "completion_tokens_details": {"reasoning_tokens": 20}}})
    assert (told["output_tokens"], told["reasoning_tokens"]) == (25, 20)


def test_what_was_written_to_a_cache_by_how_long_it_stays() -> None:
    lives = {"ttl_30m_tokens": 30, "ttl_12h_tokens": 12}
    usage = {
        "input_tokens": 99,
        "input_tokens_details": {"cache_write_tokens": 50, "cache_write_tokens_details": lives},
    }
    told = answered({"usage": usage})
    assert [told[f"cache_write_{life}tokens"] for life in ("", "30m_", "12h_")] == [8, 30, 12]


def test_anthropic_tells_where_it_was_served() -> None:
    assert [usage_of({"inference_geo": place})["region"] for place in ("us", "not_available", None)] == [
        "us",
        None,
        None,
    ]


def test_a_failed_stream_says_why() -> None:
    assert chunk({"error": {"code": "server_error"}})[0] == {"status": "error", "error_code": "server_error"}
    failed = {"type": "response.failed", "response": {"id": "r", "error": {"code": "rate_limit_exceeded"}}}
    assert chunk(failed)[0]["error_code"] == "rate_limit_exceeded"


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("api.openai.com", "openai"),
        ("eu.api.openai.com", "openai"),
        ("shop.openai.azure.com", "azure"),
        ("openrouter.ai", "openrouter"),
        ("api.groq.com", "groq"),
        ("us-central1-aiplatform.googleapis.com", "vertex_ai"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "bedrock"),
        ("llm.example.com", "openai"),
    ],
)
def test_who_serves_at_a_host(host: str, provider: str) -> None:
    assert provider_at(host, "openai") == provider


@pytest.mark.parametrize(
    ("host", "model", "region"),
    [
        ("api.openai.com", "gpt-4o", None),
        ("eu.api.openai.com", "gpt-4o", "eu"),
        ("us-east5-aiplatform.googleapis.com", "claude-sonnet-4-5", "us-east5"),
        ("aiplatform.googleapis.com", "claude-sonnet-4-5", "global"),
        ("bedrock-runtime.eu-west-1.amazonaws.com", "anthropic.claude-sonnet-4-5", "eu-west-1"),
        ("bedrock-runtime.us-gov-west-1.amazonaws.com", "anthropic.claude-sonnet-4-5", "us-gov-west-1"),
        ("bedrock-runtime.eu-west-1.amazonaws.com", "eu.anthropic.claude-sonnet-4-5", None),
        ("bedrock.eu-west-1.example.com", "m", None),
    ],
)
def test_where_a_host_serves(host: str, model: str, region: str | None) -> None:
    assert region_at(host, model) == region
