"""A notice in; a signed request to any URL out, its body ours or one that an operator laid out.

A body is a JSON document whose texts are templates: whatever a value holds, the result is JSON of the same shape.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels import lines, signing
from farthing.alerts.channels.kind import Kind
from farthing.alerts.channels.posting import Envelope, Post, by_post, check_url
from farthing.alerts.notice import Notice
from farthing.alerts.undelivered import Undelivered
from farthing.errors import BadRequestError
from farthing.query.errors import ParameterError
from farthing.routing import templates

_MOST_HEADERS, _LONGEST_HEADER, _LONGEST_BODY, _DEEPEST = 20, 2_000, 50_000, 20
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = frozenset({"content-type", "content-length", "host", "connection", "transfer-encoding", "idempotency-key"})
_AS_JSON = re.compile(r"\s*\{\{[^{}]*\|\s*tojson\s*\}\}\s*")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is entered."""

    url: str
    signing_secret: str = ""
    """One is made where none is given; several, comma-separated, all sign. `none` signs nothing."""
    headers: dict[str, str] = {}
    """Such as Authorization."""
    body: Any = None
    """A JSON document whose texts are templates; None for ours."""


UNSIGNED = "none"


def posts(settings: Settings, notice: Notice, envelope: Envelope) -> list[Post]:
    """The request. Raises `Undelivered` when the body can't be made of this notice."""
    told = lines.document(notice, envelope.delivery_id)
    if settings.body is not None:
        try:
            told = laid_out(settings.body, told["data"] | {"type": told["type"], "timestamp": told["timestamp"]})
        except BadRequestError as error:
            msg = f"The body can't be made of this notice: {error}"
            raise Undelivered(msg, permanent=True) from error
    body = lines.encoded(told)
    secret = "" if settings.signing_secret == UNSIGNED else settings.signing_secret
    headers = signing.headers(secret, envelope.delivery_id, envelope.now_s, body)
    hidden = (settings.url, settings.signing_secret, *settings.headers.values())
    return [Post(settings.url, body, {**settings.headers, **headers}, hidden)]


def laid_out(body: Any, values: Mapping[str, Any], depth: int = 0) -> Any:
    """The document with its texts rendered. A text that is nothing but `{{ … | tojson }}` becomes that value.

    Raises `BadRequestError`.
    """
    if depth > _DEEPEST:
        raise ParameterError("body", f"at most {_DEEPEST} levels deep.")
    if isinstance(body, str):
        text = templates.render(body, values)
        return msgspec.json.decode(text) if text and _AS_JSON.fullmatch(body) else text
    if isinstance(body, Mapping):
        named = cast("Mapping[str, Any]", body)
        return {name: laid_out(value, values, depth + 1) for name, value in named.items()}
    if isinstance(body, list):
        return [laid_out(value, values, depth + 1) for value in cast("list[Any]", body)]
    return body


def _check(settings: Settings, addresses: Addresses) -> None:
    check_url("settings.url", settings.url, addresses)
    if settings.signing_secret != UNSIGNED:
        signing.check("settings.signing_secret", settings.signing_secret)
    if len(settings.headers) > _MOST_HEADERS:
        raise ParameterError("settings.headers", f"at most {_MOST_HEADERS}.")
    for name, value in settings.headers.items():
        field = f"settings.headers.{name[:60]}"
        is_ours = name.lower() in _OURS or name.lower().startswith("webhook-")
        if not _HEADER.fullmatch(name) or is_ours:
            raise ParameterError(field, "no name of a header that may be set.")
        if not (value.isascii() and value.isprintable()) or len(value) > _LONGEST_HEADER:
            raise ParameterError(field, f"printable ASCII of at most {_LONGEST_HEADER} characters.")
    if settings.body is not None:
        _check_body(settings.body)


def _check_body(body: Any) -> None:
    if len(msgspec.json.encode(body)) > _LONGEST_BODY:
        raise ParameterError("settings.body", f"at most {_LONGEST_BODY:,} bytes of JSON.")
    for text in _texts(body):
        templates.check(text, "settings.body")
    try:
        laid_out(body, lines.document(_SAMPLE, "dl_sample")["data"])
    except ParameterError:
        raise
    except BadRequestError as error:
        raise ParameterError("settings.body", str(error)) from error


def _texts(body: Any, depth: int = 0) -> list[str]:
    if depth > _DEEPEST:
        raise ParameterError("settings.body", f"at most {_DEEPEST} levels deep.")
    if isinstance(body, str):
        return [body]
    inner: list[Any] = []
    if isinstance(body, Mapping):
        inner = list(cast("Mapping[str, Any]", body).values())
    elif isinstance(body, list):
        inner = cast("list[Any]", body)
    return [text for value in inner for text in _texts(value, depth + 1)]


_SAMPLE = Notice(
    id="sample", what="test", severity="info", title="A test", summary="A test.", at="2026-01-01T00:00:00Z"
)

WEBHOOK = Kind("webhook", Settings, ("url", "signing_secret", "headers"), _check, by_post(posts))
