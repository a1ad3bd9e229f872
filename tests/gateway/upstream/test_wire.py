"""Addresses as operators write them, and the bytes that go out."""

import pytest

from farthing.gateway.upstream.wire import Origin, head, place


@pytest.mark.parametrize(
    ("address", "origin", "host", "target"),
    [
        ("https://api.openai.com/v1/chat", Origin(True, "api.openai.com", 443), "api.openai.com", "/v1/chat"),
        ("http://localhost:11434/v1?a=b#c", Origin(False, "localhost", 11434), "localhost:11434", "/v1?a=b"),
        ("HTTPS://Example.COM:443", Origin(True, "example.com", 443), "example.com", "/"),
        ("http://[::1]:8000/x", Origin(False, "::1", 8000), "[::1]:8000", "/x"),
        ("https://bücher.example/ä b", Origin(True, "xn--bcher-kva.example", 443), "xn--bcher-kva.example", "/%C3%A4%20b"),
    ],
)  # fmt: skip
def test_addresses(address: str, origin: Origin, host: str, target: str) -> None:
    found = place(address)
    assert (found.origin, found.host, found.target, found.authorization) == (origin, host, target, "")


def test_a_name_and_a_password_in_an_address() -> None:
    found = place("http://me:p%40ss@localhost/")
    assert found.origin == Origin(False, "localhost", 80)
    assert (
        head("GET", found, {}, "") == b"GET / HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic bWU6cEBzcw==\r\n\r\n"
    )
    assert b"Basic" not in head("GET", found, {"authorization": "Bearer x"}, "")


@pytest.mark.parametrize("address", ["", "localhost:80/v1", "ftp://x/", "http://", "http://x:port/", "http://[::1/"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        place(address)


def test_no_header_becomes_two() -> None:
    to = place("http://localhost/")
    for wrong in ("a\r\nb: c", "a\nb", "a\rb", "a\0b"):
        with pytest.raises(ValueError, match="end of a line"):
            head("POST", to, {"x": wrong}, "content-length: 0")
