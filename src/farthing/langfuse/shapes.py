"""Values of ours in; JSON, pages, cursors and times as Langfuse's SDKs write and read them, out; and bodies, read."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from farthing.errors import BadRequestError, TooLargeError, UnsupportedError
from farthing.langfuse.refusals import Route
from farthing.query import moments
from farthing.query.errors import ParameterError

PREFIX = "/api/public"
MOST_ON_A_PAGE = 100
MOST_OF_CURSOR = 1_000

Json = dict[str, Any]

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def new_router() -> APIRouter:
    """A group of routes under Langfuse's prefix. A name with slashes in a path is `{name:path}`: SDKs send them raw."""
    return APIRouter(prefix=PREFIX, route_class=Route, include_in_schema=False)


def answer(told: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(_ENCODER.encode(told), status, media_type="application/json")


async def body_of(request: Request, most_bytes: int) -> Any:
    """A request's JSON. Raises `BadRequestError`, `TooLargeError`, `UnsupportedError`."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        msg = "A body is read as plain JSON here, without Content-Encoding."
        raise UnsupportedError(msg)
    said = bytearray()
    async for piece in request.stream():
        said += piece
        if len(said) > most_bytes:
            msg = f"The body is larger than {most_bytes // (1 << 20)} MiB. Send smaller batches, or raise FARTHING_MAX_BODY_MB."
            raise TooLargeError(msg)
    try:
        return msgspec.json.decode(bytes(said))
    except (msgspec.DecodeError, RecursionError) as error:
        msg = f"The body is no JSON: {error}."
        raise BadRequestError(msg) from error


async def object_of(request: Request, most_bytes: int) -> Json:
    """The same, where it has to be an object."""
    told = await body_of(request, most_bytes)
    if not isinstance(told, dict):
        msg = "The body has to be a JSON object."
        raise BadRequestError(msg)
    return cast("Json", told)


class Page(msgspec.Struct, frozen=True):
    """Which part of a list is asked for; pages count from 1."""

    page: int
    limit: int

    @property
    def offset(self) -> int:
        """How many come before it."""
        return (self.page - 1) * self.limit

    def of(self, data: list[Any], total: int) -> Json:
        """The answer."""
        pages = -(-total // self.limit)
        meta = {"page": self.page, "limit": self.limit, "totalItems": total, "totalPages": pages}
        return {"data": data, "meta": meta}


def page_of(request: Request, default: int = 50, most: int = MOST_ON_A_PAGE) -> Page:
    """The page that `page` and `limit` name. Raises `BadRequestError`."""
    return Page(number_of(request, "page", 1, 1, 1_000_000), number_of(request, "limit", default, 1, most))


def number_of(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A whole number among the query's parameters; what is larger than `most` is `most`. Raises `BadRequestError`."""
    said = request.query_params.get(name)
    if not said:
        return default
    if not (said.isascii() and said.isdigit()) or int(said[:12]) < least:
        msg = f"{name} has to be a whole number from {least} on, not {said[:40]!r}."
        raise BadRequestError(msg)
    return min(int(said[:12]), most)


def cursor_page(data: list[Any], limit: int, after: Any | None) -> Json:
    """The answer of a list with a cursor; `after` is where the next part begins, None at the end."""
    return {"data": data, "meta": {"cursor": None if after is None else cursor(after), "limit": limit}}


def cursor(after: Any) -> str:
    """A place in a list, as text for the address of the next part."""
    return base64.urlsafe_b64encode(msgspec.json.encode(after)).decode().rstrip("=")


def cursor_of(request: Request) -> Any | None:
    """What `cursor` was given; None where the list begins. Raises `BadRequestError`."""
    said = request.query_params.get("cursor")
    if not said:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        msg = "cursor is none that was given out here."
        raise BadRequestError(msg) from error


def moment(ns: int) -> str:
    """A time as Langfuse writes it, in milliseconds. Times go in and out as Unix nanoseconds."""
    return time_text(datetime.fromtimestamp(ns // 1_000_000 / 1000, UTC))


def time_text(at: datetime) -> str:
    """The same of a time of the meta store."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_of(name: str, said: Any) -> int | None:
    """A time that was sent, as Unix nanoseconds; None where none was. Raises `BadRequestError`."""
    if said is None or said == "":
        return None
    try:
        return moments.parse(name, str(said), 0, UTC)
    except ParameterError as error:
        raise BadRequestError(str(error)) from error
