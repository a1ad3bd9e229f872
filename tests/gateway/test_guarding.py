"""An answer that guards look at: as it came, packed, or packed in a way that can't be read."""

import json
import zlib

import msgspec
import pytest

from farthing.gateway import guarding
from farthing.gateway.asked import Asked
from farthing.gateway.guarding import GuardBlockedError
from farthing.routing.plan import Guard, Plan

PLAN = Plan((), guards=(Guard("words", "regex", "response", "block", {"pattern": "secret"}),))
MARKING = Plan((), guards=(Guard("words", "regex", "response", "mark", {"pattern": "secret"}),))
TOLD = json.dumps({"choices": [{"message": {"role": "assistant", "content": "a secret"}}]}).encode()
HARMLESS = TOLD.replace(b"a secret", b"nothing")


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TOLD, ""),
        (zlib.compress(TOLD), "deflate"),
        (HARMLESS, "br"),
        (HARMLESS, "lzma"),
        (zlib.compress(HARMLESS)[:-8], "deflate"),
    ],
)
def test_what_is_packed_is_no_way_around_a_guard(body: bytes, encoding: str) -> None:
    with pytest.raises(GuardBlockedError) as caught:
        guarding.of_answer(PLAN, body, encoding, streams=False)
    assert caught.value.marks == {"guard.words": "blocked"}
    # A stream is on its way already.
    assert guarding.of_answer(PLAN, body, encoding, streams=True) in ({"guard.words": "marked"}, {})


FORM = b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n--x--\r\n'


@pytest.mark.parametrize("said", [b"a secret", b"a" * 5_000 + b" secret"])
def test_a_form_is_no_way_around_a_guard(said: bytes) -> None:
    plan = Plan((), guards=(Guard("words", "regex", "request", "block", {"pattern": "secret"}),))
    kind = "multipart/form-data; boundary=x"
    asked = Asked(FORM % (b"prompt", said), model="gpt-image-1")
    with pytest.raises(GuardBlockedError):
        guarding.of_request(plan, asked, kind)
    assert guarding.of_request(plan, Asked(FORM % (b'file"; filename="f', said)), kind) == {}


@pytest.mark.parametrize("said", [b'"harmless \xff"', b"[" * 2_000 + b"1" + b"]" * 2_000], ids=["no Unicode", "deep"])
def test_what_cant_be_read_is_no_way_around_a_guard(said: bytes) -> None:
    plan = Plan((), guards=(Guard("words", "regex", "request", "block", {"pattern": "secret"}),))
    asked = Asked(b"{}", {"messages": msgspec.Raw(b'[{"content":%b}]' % said)})
    with pytest.raises(GuardBlockedError, match="can't be read here"):
        guarding.of_request(plan, asked)


NO_UNICODE = TOLD.replace(b"a secret", b"a sec\xffret")
DEEP = HARMLESS[:-1] + b',"x":%b}' % (b"[" * 2_000 + b"1" + b"]" * 2_000)


@pytest.mark.parametrize("kind", ["application/json", "application/problem+json", "text/plain", ""])
@pytest.mark.parametrize(
    "body", [NO_UNICODE, b"{" + TOLD, TOLD.decode().encode("utf-16")], ids=["no Unicode", "odd", "utf-16"]
)
def test_an_answer_that_cant_be_read_is_no_way_around_a_guard(body: bytes, kind: str) -> None:
    with pytest.raises(GuardBlockedError, match=r"can't be read here|matches a pattern") as caught:
        guarding.of_answer(PLAN, body, kind=kind, streams=False)
    assert caught.value.marks == {"guard.words": "blocked"}
    assert guarding.of_answer(MARKING, body, kind=kind, streams=False) == {"guard.words": "marked"}


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_is_nested_too_deeply_is_no_way_around_a_guard(packed: bool) -> None:
    body, encoding = (zlib.compress(DEEP), "gzip") if packed else (DEEP, "")
    with pytest.raises(GuardBlockedError, match="can't be read here"):
        guarding.of_answer(PLAN, body, encoding, "application/json", streams=False)
    stream = b"data: %b\n\n" % DEEP
    body = zlib.compress(stream) if packed else stream
    assert guarding.of_answer(PLAN, body, encoding, "text/event-stream", streams=True) == {"guard.words": "marked"}


@pytest.mark.parametrize("kind", ["audio/mpeg", "application/octet-stream", "image/png"])
def test_sounds_and_pictures_pass(kind: str) -> None:
    assert guarding.of_answer(PLAN, b"\xff\xfb\x90{secret", kind=kind, streams=False) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"This is a secret.",
        b'data: {"choices":[{"delta":{"content":"a \\u0073ecret"}}]}\n\n',
        json.dumps([["a secret"]]).encode(),
    ],
)
def test_plain_text_is_looked_at(body: bytes) -> None:
    with pytest.raises(GuardBlockedError, match="matches"):
        guarding.of_answer(PLAN, body, kind="text/plain", streams=False)
    assert guarding.of_answer(PLAN, b"data: nothing", kind="text/plain", streams=False) == {}


def test_what_is_too_large_is_not_let_through() -> None:
    with pytest.raises(GuardBlockedError, match="too large"):
        guarding.of_answer(PLAN, None, streams=False)
    assert guarding.of_answer(PLAN, None, streams=True) == {"guard.words": "marked"}


def test_what_is_harmless_passes() -> None:
    assert guarding.of_answer(PLAN, zlib.compress(HARMLESS), "deflate", streams=False) == {}
    assert guarding.of_answer(Plan(()), TOLD, "br", streams=False) == {}
