"""A request's key in, who it is out; FastAPI dependencies that ask for a scope."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from farthing.access.credentials import from_headers
from farthing.access.identity import Identity, Scope
from farthing.access.keys import Keys

Needs = Callable[[Request], Awaitable[Identity]]


def needs(keys: Keys, scope: Scope) -> Needs:
    """A dependency that lets in keys with this scope. Raises `UnauthenticatedError`, `ForbiddenError`."""

    async def identity(request: Request) -> Identity:
        headers = request.headers
        found = await keys.identify(from_headers(headers.get("authorization"), headers.get("x-api-key")))
        found.require(scope)
        return found

    return identity
