"""An error in; the answer to the client, in the shape its own library knows how to read, out. Pure."""

from http import HTTPStatus

import msgspec
from starlette.types import Message

from farthing.errors import FarthingError

_encode = msgspec.json.encode

Headers = list[tuple[bytes, bytes]]

_OPENAI = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
}
_ANTHROPIC = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}


class UpstreamError(FarthingError):
    """The provider could not be reached: it never had the request."""

    code = "upstream_unreachable"
    status = 502


class UpstreamCutError(UpstreamError):
    """The provider had the request and went away before all of its answer was here."""

    code = "upstream_cut"


class UpstreamTimeoutError(UpstreamError):
    """The provider had the request and took too long."""

    code = "upstream_timeout"
    status = 504


def body(error: FarthingError, family: str) -> bytes:
    """The error in the words of a wire family."""
    return _body(str(error), error.code, error.status, family)


def _body(message: str, code: str, status: int, family: str) -> bytes:
    if family == "anthropic":
        kind = _ANTHROPIC.get(status, "api_error")
        return _encode({"type": "error", "error": {"type": kind, "message": message, "code": code}})
    kind = _OPENAI.get(status, "api_error")
    return _encode({"error": {"message": message, "type": kind, "param": None, "code": code}})


def answer(error: FarthingError, family: str) -> tuple[int, Headers, bytes]:
    """Status, headers and body."""
    said = body(error, family)
    headers: Headers = [(b"content-type", b"application/json"), (b"content-length", str(len(said)).encode())]
    if error.retryable:
        headers.append((b"retry-after", str(getattr(error, "retry_after", 1)).encode()))
    elif not isinstance(error, UpstreamError):  # of the provider's failures its client makes what it would without us
        # Its clients ask again by themselves; that can't help here.
        headers.append((b"x-should-retry", b"false"))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    return error.status, headers, said


def messages(error: FarthingError, family: str, told: Headers) -> tuple[Message, Message]:
    """What is sent to answer with an error; `told` are headers for the client, whatever the answer."""
    status, headers, said = answer(error, family)
    return (
        {"type": "http.response.start", "status": status, "headers": headers + told},
        {"type": "http.response.body", "body": said},
    )


class LoopError(FarthingError):
    """A call that goes round in circles."""

    code = "loop"
    status = 508

    def __init__(self) -> None:
        """It says where to look."""
        super().__init__(
            "This call came back to the gateway again and again: the base URL of its account leads to this server."
        )


class InternalError(FarthingError):
    """Something broke here."""

    code = "internal"
    status = 500
