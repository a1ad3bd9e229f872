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


def test_what_is_too_large_is_not_let_through() -> None:
    with pytest.raises(GuardBlockedError, match="too large"):
        guarding.of_answer(PLAN, None, streams=False)
    assert guarding.of_answer(PLAN, None, streams=True) == {"guard.words": "marked"}


def test_what_is_harmless_passes() -> None:
    assert guarding.of_answer(PLAN, zlib.compress(HARMLESS), "deflate", streams=False) == {}
    assert guarding.of_answer(Plan(()), TOLD, "br", streams=False) == {}
