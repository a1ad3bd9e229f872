"""What goes wrong behind a route in; an answer in the shape that Langfuse's SDKs parse, {"message", "error"}, out."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from farthing.errors import FarthingError

log = logging.getLogger(__name__)

_NAMES = {
    400: "InvalidRequestError",
    401: "UnauthorizedError",
    403: "ForbiddenError",
    404: "LangfuseNotFoundError",
    405: "MethodNotAllowedError",
    409: "LangfuseConflictError",
    413: "PayloadTooLargeError",
    415: "UnsupportedMediaTypeError",
    422: "InvalidRequestError",
    429: "RateLimitError",
    501: "NotImplementedError",
    503: "ServiceUnavailableError",
}

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """An error's answer."""
    told = {"message": message, "error": _NAMES.get(status, "InternalServerError")}
    return Response(msgspec.json.encode(told), status, headers, "application/json")


class Route(APIRoute):
    """A route whose errors are told as Langfuse tells them."""

    def get_route_handler(self) -> _Handler:
        """The handler, with its errors answered."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except FarthingError as error:
                return _known(error)
            except RequestValidationError as error:
                first = error.errors()[0]
                return refusal(400, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.")
            except HTTPException:
                raise
            except Exception:
                log.exception("%s %s failed", request.method, request.url.path)
                return refusal(500, "Something broke here; the server's log says what.")

        return answer


def _known(error: FarthingError) -> Response:
    headers = {"Retry-After": str(getattr(error, "retry_after", 1))} if error.retryable else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Basic"
    return refusal(error.status, str(error), headers)
