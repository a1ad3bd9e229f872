"""Whose a request is, what it is for, and what of its headers the provider sees."""

import pytest

from farthing.errors import UnauthenticatedError
from farthing.gateway.entry import Entry, read

KEY = "fk_0123456789abcdef"
ONE, OTHER = "11111111-1f0a-4c58-9b0e-5a4f4c2e9d11", "22222222-1f0a-4c58-9b0e-5a4f4c2e9d11"
CALL = "0123456789abcdef0123456789abcdef"


def entry(**headers: str) -> Entry:
    return read(
        [(name.replace("_", "-").lower().encode(), value.encode("latin-1")) for name, value in headers.items()], CALL
    )


def test_a_key_of_ours_in_the_provider_s_place() -> None:
    for found in (
        entry(Authorization=f"Bearer {KEY}", Accept="x", Cookie="session=1", Host="h", X_Forwarded_For="1.2.3.4"),
        entry(x_api_key=KEY, accept="x"),
        entry(api_key=KEY, accept="x"),
    ):
        assert found.credential.secret == KEY
        assert not found.brings_key
        assert found.headers == {"accept": "x"}


def test_the_client_s_own_key_is_passed_on() -> None:
    found = entry(authorization="Bearer sk-own", x_farthing_key=KEY, openai_beta="a")
    assert found.credential.secret == KEY
    assert found.brings_key
    assert found.headers == {"authorization": "Bearer sk-own", "openai-beta": "a"}
    assert entry(x_api_key=KEY, authorization="Bearer sk-own").headers == {"authorization": "Bearer sk-own"}
    assert KEY not in repr(entry(x_api_key=KEY, authorization=f"Bearer {KEY}").headers)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer sk-x"}, {"x_api_key": "sk-x"}, {"x_farthing_key": "sk"}]
)
def test_no_key_of_ours(headers: dict[str, str]) -> None:
    with pytest.raises(UnauthenticatedError):
        entry(**headers)


def test_where_another_s_key_stands_is_told() -> None:
    with pytest.raises(UnauthenticatedError, match="X-API-Key holds no key of ours"):
        entry(x_api_key="sk-ant-x")
    assert entry(x_api_key="sk-ant-x", authorization=f"Bearer {KEY}").headers == {}


def test_ids_and_traces() -> None:
    told = "0B6F9C1E-1F0A-4C58-9B0E-5A4F4C2E9D11"
    found = entry(x_api_key=KEY, x_farthing_request_id=told, traceparent=f"00-{'a' * 32}-{'b' * 16}-00")
    assert (found.request_id, found.trace_id, found.parent_id, found.flags) == (told.lower(), "a" * 32, "b" * 16, "00")
    found = entry(x_api_key=KEY, x_farthing_request_id="seven", traceparent=f"00-{'0' * 32}-{'b' * 16}-01")
    assert found.request_id == "01234567-89ab-cdef-0123-456789abcdef"
    assert (found.trace_id, found.parent_id) == (CALL, "")
    assert entry(x_api_key=KEY, x_llmops_trace_id="c" * 32).trace_id == "c" * 32
    assert entry(x_api_key=KEY, x_farthing_trace_id="0" * 32).trace_id == CALL


def test_calls_of_one_client_share_nothing_of_their_own() -> None:
    first, second = (entry(x_api_key=KEY, x_farthing_request_id=told, content_length=told[0]) for told in (ONE, OTHER))
    assert (first.request_id, second.request_id) == (ONE, OTHER)
    assert first.headers == second.headers == {}
    first.accepts_gzip = True
    assert not entry(x_api_key=KEY).accepts_gzip
    assert entry(x_api_key=KEY + "x").credential != first.credential


@pytest.mark.parametrize(("said", "encoding"), [("Jürgen", "utf-8"), ("Jürgen", "latin-1"), ("日本", "utf-8")])
def test_names_are_told_in_utf_8_or_latin_1(said: str, encoding: str) -> None:
    found = read([(b"x-api-key", KEY.encode()), (b"x-farthing-user", said.encode(encoding))], CALL)
    assert found.told == {"user_id": said}


def test_what_it_is_for() -> None:
    found = entry(
        x_api_key=KEY, x_llmops_prompt="summary", x_llmops_user_id="u", x_farthing_session="s",
        x_farthing_tags="plan=pro, beta", accept_encoding="gzip, br",
    )  # fmt: skip
    assert (found.config, found.told, found.tags) == (
        "summary", {"user_id": "u", "session_id": "s"}, {"plan": "pro", "beta": "true"},
    )  # fmt: skip
    assert found.accepts_gzip
    assert found.headers == {}
