"""Errors as clients of each library see them, and whether these ask again by themselves."""

import pytest

from farthing.errors import BusyError, FarthingError, NotFoundError, SpentError
from farthing.gateway.refusals import UpstreamCutError, UpstreamError, UpstreamTimeoutError, answer


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SpentError("x"), {b"x-should-retry": b"false"}),
        (NotFoundError("x"), {b"x-should-retry": b"false"}),
        (BusyError("x"), {b"retry-after": b"1"}),
        (UpstreamError("x"), {}),
        (UpstreamCutError("x"), {}),
        (UpstreamTimeoutError("x"), {}),
    ],
    ids=["spent", "not found", "busy", "unreachable", "cut", "timeout"],
)
def test_a_client_asks_again_where_that_may_help(error: FarthingError, told: dict[bytes, bytes]) -> None:
    _, headers, _ = answer(error, "openai")
    assert {name: value for name, value in headers if not name.startswith(b"content-")} == told
