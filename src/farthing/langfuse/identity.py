"""The key pair (HTTP Basic) or key (Bearer) of a request in; a FastAPI dependency that lets the right scope through, out."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from farthing.access.credentials import from_headers
from farthing.access.identity import Identity, Scope
from farthing.langfuse.parts import Parts

Guard = Callable[[Request], Awaitable[None]]


def reading(parts: Parts) -> Guard:
    """Lets in who may ask questions. Raises `UnauthenticatedError`, `ForbiddenError`."""
    return _needs(parts, Scope.READ)


def sending(parts: Parts) -> Guard:
    """Lets in who may send: whatever an application writes with its key pair. Raises what `reading` raises."""
    return _needs(parts, Scope.INGEST)


def identity_of(request: Request) -> Identity:
    """Who a guard has let in."""
    found: Identity = request.state.identity
    return found


def project_of(request: Request) -> str:
    """The project a guard has let in to: the only one whose data the request can reach."""
    return identity_of(request).project_id


def _needs(parts: Parts, scope: Scope) -> Guard:
    async def guard(request: Request) -> None:
        headers = request.headers
        found = await parts.keys.identify(from_headers(headers.get("authorization"), headers.get("x-api-key")))
        found.require(scope)
        request.state.identity = found

    return guard
