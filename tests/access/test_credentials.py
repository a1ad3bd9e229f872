"""A key is found in either header, in every form clients send it, and its absence is told in a sentence."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing import errors
from farthing.access.credentials import Credential, digest, from_headers

KEY = "fk_" + "a" * 43
PAIR = Credential("sk-lf-2", "pk-lf-1")


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [
        (f"Bearer {KEY}", None),
        (f"bearer {KEY}", None),
        (f"  BEARER   {KEY}  ", None),
        (f"Bearer%20{KEY}", None),
        (None, KEY),
        (None, f" {KEY} "),
        ("", KEY),
        ("Basic !!!", KEY),
        (f"Bearer {KEY}", "something of a proxy's"),
        (basic(f"anything:{KEY}"), None),
        (basic(f":{KEY}"), None),
        (basic(f"{KEY}:"), None),
        (basic(f"ä:{KEY}"), None),
        (basic(f"x:{KEY}").replace("Basic ", "basic%20"), None),
        (basic(f"x:{KEY}").rstrip("="), None),
    ],
)
def test_a_key_is_found(authorization: str | None, api_key: str | None) -> None:
    assert from_headers(authorization, api_key) == Credential(KEY)


@pytest.mark.parametrize("header", [basic("pk-lf-1:sk-lf-2"), basic("pk-lf-1:sk-lf-2").replace("Basic", "bAsIc")])
def test_a_pair_is_found(header: str) -> None:
    assert from_headers(header) == PAIR


@pytest.mark.parametrize(
    ("authorization", "api_key", "said"),
    [
        (None, None, "No key was sent. Send `Authorization: Bearer fk_…`"),
        ("", "", "No key was sent"),
        (" ", None, "No key was sent"),
        (None, "sk-123", "X-API-Key holds no key of ours"),
        ("Bearer sk-123", None, "The Bearer token is no key of ours, which begins with fk_"),
        ("Bearer", None, "The Bearer token is no key of ours"),
        ("Bearer fk_", None, "The Bearer token is no key of ours"),
        (f"Bearer {KEY} {KEY}", None, "The Bearer token is no key of ours"),
        ("Bearer fk_" + "a" * 300, None, "The Bearer token is no key of ours"),
        ("Bearer fk_ä", None, "The Bearer token is no key of ours"),
        (KEY, None, "unknown scheme"),
        ("Digest username=x", None, "unknown scheme"),
        ("Basic", None, "have no colon"),
        ("Basic !!!", None, "not valid base64"),
        ("Basic " + "A" * 5000, None, "not valid base64"),
        ("Basic " + base64.b64encode(b"\xff\xfe:x").decode(), None, "not valid base64"),
        (basic("nocolon"), None, "have no colon"),
        (basic("user:password"), None, "should be pk-lf-…:sk-lf-…"),
        (basic("pk-lf-1:"), None, "should be pk-lf-…:sk-lf-…"),
        (basic("sk-lf-2:pk-lf-1"), None, "should be pk-lf-…:sk-lf-…"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(authorization: str | None, api_key: str | None, said: str) -> None:
    with pytest.raises(errors.UnauthenticatedError) as caught:
        from_headers(authorization, api_key)
    assert said in str(caught.value)
    assert str(caught.value).endswith(".")


@given(st.text(max_size=40), st.sampled_from(["", "Bearer ", "Basic ", "Basic%20"]), st.booleans())
def test_nothing_else_comes_out_of_it(text: str, scheme: str, encoded: bool) -> None:
    value = base64.b64encode(text.encode()).decode() if encoded else text
    try:
        found = from_headers(scheme + value, text)
    except errors.UnauthenticatedError:
        return
    assert found.secret.startswith(("fk_", "sk-lf-"))


def test_a_secret_is_not_told() -> None:
    assert KEY not in repr(Credential(KEY))
    assert KEY.encode() not in digest(KEY)
    assert len(digest(KEY)) == 32
