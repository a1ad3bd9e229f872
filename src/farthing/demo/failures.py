"""A provider and what went wrong in; how its SDK's exception looks in telemetry out."""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What went wrong."""

    RATE_LIMIT = "rate_limit"
    TIMEOUT = "timeout"
    SERVER = "server"
    TOO_LONG = "too_long"


class Failure(msgspec.Struct, frozen=True):
    """A failed call as the SDK raises it."""

    kind: Kind
    exception: str
    """The exception's class."""
    qualified: str
    """The same with its module."""
    wire: str
    """The error type in the provider's answer; "" where there was no answer."""
    status: int
    """The HTTP status; 0 where there was no answer."""
    message: str
    least_us: int
    """The call took at least this long."""
    spread_us: int
    """And up to so much longer."""

    @property
    def retryable(self) -> bool:
        """Whether the application tries again."""
        return self.kind in (Kind.RATE_LIMIT, Kind.SERVER)


_OPENAI_LIMIT = (
    "Error code: 429 - {'error': {'message': 'Rate limit reached for organization org-quillmarket on tokens per min "
    "(TPM): Limit 2000000, Used 1996412, Requested 5210. Please try again in 48ms.', 'type': 'tokens', 'param': None, "
    "'code': 'rate_limit_exceeded'}}"
)
_OPENAI_SERVER = (
    "Error code: 500 - {'error': {'message': 'The server had an error while processing your request.', "
    "'type': 'server_error', 'param': None, 'code': None}}"
)
_OPENAI_LONG = (
    "Error code: 400 - {'error': {'message': 'Input tokens exceed the configured limit.', "
    "'type': 'invalid_request_error', 'param': 'messages', 'code': 'context_length_exceeded'}}"
)
_ANTHROPIC_LIMIT = (
    "Error code: 429 - {'type': 'error', 'error': {'type': 'rate_limit_error', 'message': \"This request would exceed "
    "your organization's rate limit of 800,000 input tokens per minute.\"}}"
)
_ANTHROPIC_SERVER = (
    "Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}"
)
_ANTHROPIC_LONG = (
    "Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', "
    "'message': 'prompt is too long: 203117 tokens > 200000 maximum'}}"
)
_GOOGLE_LIMIT = "429 RESOURCE_EXHAUSTED. {'error': {'code': 429, 'message': 'Quota exceeded for requests per minute.'}}"
_GOOGLE_SERVER = "503 UNAVAILABLE. {'error': {'code': 503, 'message': 'The model is overloaded.'}}"
_GOOGLE_LONG = "400 INVALID_ARGUMENT. {'error': {'code': 400, 'message': 'The input token count exceeds the maximum.'}}"


def _three(library: str, limit: tuple[str, ...], server: tuple[str, ...], long: tuple[str, ...]) -> tuple[Failure, ...]:
    rows = (
        (Kind.RATE_LIMIT, *limit, 429, 120_000, 2_600_000),
        (Kind.SERVER, *server, int(server[2].removeprefix("Error code: ")[:3]), 400_000, 9_000_000),
        (Kind.TOO_LONG, *long, 400, 90_000, 200_000),
    )
    return tuple(
        Failure(kind, name, f"{library}.{name}", wire, status, message, least, spread)
        for kind, name, wire, message, status, least, spread in rows
    )


_ALL = {
    "openai": (
        *_three(
            "openai",
            ("RateLimitError", "rate_limit_exceeded", _OPENAI_LIMIT),
            ("InternalServerError", "server_error", _OPENAI_SERVER),
            ("BadRequestError", "context_length_exceeded", _OPENAI_LONG),
        ),
        Failure(
            Kind.TIMEOUT, "APITimeoutError", "openai.APITimeoutError", "", 0, "Request timed out.", 30_002_000, 40_000
        ),
    ),
    "anthropic": (
        *_three(
            "anthropic",
            ("RateLimitError", "rate_limit_error", _ANTHROPIC_LIMIT),
            ("InternalServerError", "overloaded_error", _ANTHROPIC_SERVER),
            ("BadRequestError", "invalid_request_error", _ANTHROPIC_LONG),
        ),
        Failure(
            Kind.TIMEOUT,
            "APITimeoutError",
            "anthropic.APITimeoutError",
            "",
            0,
            "Request timed out or interrupted.",
            30_002_000,
            40_000,
        ),
    ),
    "google": (
        *_three(
            "google.genai.errors",
            ("ClientError", "rate_limit_exceeded", _GOOGLE_LIMIT),
            ("ServerError", "server_error", _GOOGLE_SERVER),
            ("ClientError", "invalid_request", _GOOGLE_LONG),
        ),
        Failure(Kind.TIMEOUT, "ReadTimeout", "httpx.ReadTimeout", "timeout", 0, "", 30_002_000, 40_000),
    ),
}

FAILURES = {provider: {failure.kind: failure for failure in failures} for provider, failures in _ALL.items()}
"""By provider, then by kind."""
