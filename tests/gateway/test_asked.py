"""What is read of a request's body, and that exchanging members leaves all others as they were."""

import json

import pytest

from farthing.errors import BadRequestError
from farthing.gateway import asked
from farthing.gateway.kinds import find

BODY = b'{ "model":"gpt-4o" , "n" : 1.50e1, "odd\\u0041":[ 1,  2 ],"stream":true,"unknown":{"a" :"caf\xc3\xa9"} }'


def kind(path: str = "chat/completions"):
    found = find(f"/v1/{path}", "POST")
    assert found
    return found.kind


def test_exchanged_members_and_untouched_others() -> None:
    body = asked.spliced(asked.read(BODY, kind()).members, {"model": "m", "unknown": None, "new": [1]})
    assert body == b'{"model":"m","n":1.50e1,"oddA":[ 1,  2 ],"stream":true,"new":[1]}'


def test_what_a_chat_asks_for() -> None:
    body = {
        "model": "gpt-4o", "stream": True, "stream_options": {"include_usage": True, "x": 1}, "max_tokens": 10,
        "max_completion_tokens": 7, "n": 3, "user": "u1", "service_tier": "flex",
        "metadata": {"tenantSlug": "acme", "deep": {"a": 1}, "on": True},
    }  # fmt: skip
    found = asked.read(json.dumps(body).encode(), kind())
    assert (found.model, found.streams, found.wants_usage, found.cap) == ("gpt-4o", True, True, 30)
    assert (found.user, found.tier, found.metadata) == ("u1", "flex", {"tenantSlug": "acme", "on": True})
    assert asked.with_usage(found.members) == {"include_usage": True, "x": 1}


def test_anthropic_tells_the_user_among_the_metadata() -> None:
    found = asked.read(b'{"model":"claude","max_tokens":5,"metadata":{"user_id":"u"}}', kind("messages"))
    assert (found.user, found.metadata, found.cap) == ("u", {}, 5)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"{}", b'{"model":7}', b'{"model":""}', b"\xff", b"[" * 3000])
def test_what_is_no_request(body: bytes) -> None:
    with pytest.raises(BadRequestError):
        asked.read(body, kind())


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ('"\\ud800"', "\ufffd"),
        ('"\\udc00\\ud83d\\ude00\\uD83Dx"', "\ufffd\U0001f600\ufffdx"),
        ('"\\\\ud800 \\ud800"', "\\ud800 \ufffd"),
    ],
)
def test_half_a_surrogate_pair_is_passed_on(said: str, read: str) -> None:
    body = b'{"model":"m","user":%b}' % said.encode()
    found = asked.read(body, kind())
    assert (found.body, found.user) == (body, read)


@pytest.mark.parametrize(
    ("body", "twice"),
    [
        (b'{"model":"a","model":"b"}', "model"),
        (b'{"mod\\u0065l":"a","model":"b"}', "model"),
        (b'{"model":"a","max_tokens":9,"max_tokens":1}', "max_tokens"),
        (b'{"model":"a","n":9,"messages":[],"n":1}', "n"),
    ],
)
def test_what_limits_go_by_is_told_once(body: bytes, twice: str) -> None:
    with pytest.raises(BadRequestError, match=f'"{twice}" twice'):
        asked.read(body, kind())


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"a","temperature":1,"temperature":2}',
        b'{"model":"a","x\\"y":{"model":"b","n":1},"n":1}',
        b'{"model":"a","m":[{"model":"caf\xc3\xa9 \\"model\\""}],"n":1' + b"0" * 5000 + b"}",
    ],
)
def test_what_else_is_told_twice_passes(body: bytes) -> None:
    assert asked.read(body, kind()).body is body


@pytest.mark.parametrize(
    ("body", "holds_no_number"),
    [
        (b'\xef\xbb\xbf{"model":"m","user":"NaN"}', False),
        (b'{"model":"m","user":"NaN","temperature":NaN,"stop":[Infinity, -Infinity ,NaN]}', True),
        (b'\xef\xbb\xbf{"model":"m","x":{"y": NaN},"user":"NaN"}', True),
    ],
)
def test_what_is_nearly_json_is_passed_on(body: bytes, holds_no_number: bool) -> None:
    found = asked.read(body, kind())
    assert (found.model, found.user, found.holds_no_number) == ("m", "NaN", holds_no_number)
    assert found.body is body


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"model":"m","max_tokens":NaN}', '"max_tokens" is no number'),
        (b'{"model":[NaN]}', '"model" is no number'),
        (b'{"model":"m","n":-Infinity}', '"n" is no number'),
        (b'{"model":"m","temperature":nan}', "no JSON object"),
        (b'{"model":"m","temperature":NaN', "no JSON object"),
        (b'\xef\xbb\xbf{"model":"a","model":"b"}', '"model" twice'),
    ],
)
def test_what_limits_go_by_has_to_be_json(body: bytes, why: str) -> None:
    with pytest.raises(BadRequestError, match=why):
        asked.read(body, kind())
