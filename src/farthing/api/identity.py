"""A request's key in; a FastAPI dependency that lets only the right scope through, and whose project it is, out."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from farthing.access.credentials import from_headers
from farthing.access.identity import Identity, Scope
from farthing.access.keys import Keys

Guard = Callable[[Request], Awaitable[None]]


def needs(keys: Keys, scope: Scope) -> Guard:
    """A dependency that lets in keys with this scope. Raises `UnauthenticatedError`, `ForbiddenError`."""

    async def guard(request: Request) -> None:
        headers = request.headers
        found = await keys.identify(from_headers(headers.get("authorization"), headers.get("x-api-key")))
        found.require(scope)
        request.state.identity = found

    return guard


def project_of(request: Request) -> str:
    """The project of the key a guard has let in: the only one whose data the request can reach."""
    identity: Identity = request.state.identity
    return identity.project_id
