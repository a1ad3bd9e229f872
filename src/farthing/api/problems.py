"""Errors in; RFC 9457 problem documents out, in one place.

Source: https://www.rfc-editor.org/rfc/rfc9457
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from farthing.api.model import Model
from farthing.errors import FarthingError

log = logging.getLogger(__name__)

_UNREADABLE = "There was an error parsing the body"
"""What the framework says of a body that is no text; of text that is no JSON it says what it says of wrong fields."""

MEDIA_TYPE = "application/problem+json"


class Problem(Model):
    """What went wrong, for a program (`code`) and for a person (`detail`)."""

    type: str = "about:blank"
    title: str = Field(description="The HTTP status in words.")
    status: int
    detail: str = Field(description="What was wrong with what, and what to do.")
    code: str = Field(description="A stable name of the error.")
    errors: list[dict[str, Any]] | None = Field(default=None, description="Of many things that are wrong, each.")


def answer(
    status: int,
    detail: str,
    code: str,
    headers: dict[str, str] | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
) -> Response:
    """The response for an error."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        problem["errors"] = errors
    return Response(msgspec.json.encode(problem), status, headers, MEDIA_TYPE)


def install(web: FastAPI) -> None:
    """Answer every error of this application by a problem document."""
    web.add_exception_handler(FarthingError, _known)
    web.add_exception_handler(HTTPException, _http)
    web.add_exception_handler(RequestValidationError, _invalid)
    web.add_exception_handler(Exception, _unknown)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these errors."""
    return {status: {"model": Problem, "content": {MEDIA_TYPE: {}}} for status in statuses}


async def _known(_: Request, error: Exception) -> Response:
    assert isinstance(error, FarthingError)  # noqa: S101  registered for it alone
    headers = {"Retry-After": str(getattr(error, "retry_after", 1))} if error.retryable else {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return answer(error.status, str(error), error.code, headers, getattr(error, "errors", ()))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it alone
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail, code = f"There is nothing at {request.url.path}; see /openapi.json.", "not_found"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail, code = f"{request.url.path} does not take {request.method}.", "method_not_allowed"
    elif error.detail == _UNREADABLE:
        return answer(HTTPStatus.UNPROCESSABLE_ENTITY, "body: it is no JSON.", "invalid")
    else:
        detail, code = str(error.detail), "http_error"
    return answer(error.status_code, detail, code, dict(error.headers or {}))


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for it alone
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
    return answer(422, f"{where}: {first['msg']}.", "invalid")


async def _unknown(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(500, "Something broke here; the server's log says what.", "internal")
