"""A request's key, or the cookie of a browser, in; a FastAPI dependency that lets only the right scope through, out."""

from collections.abc import Awaitable, Callable

import msgspec
from fastapi import Request

from farthing import errors
from farthing.access.credentials import from_headers
from farthing.access.identity import Identity, Scope
from farthing.access.keys import Keys
from farthing.access.people import People

Guard = Callable[[Request], Awaitable[None]]

COOKIE = "farthing_session"
PROJECT_HEADER = "x-farthing-project"
UI_HEADER = "x-farthing-ui"
"""A header that no other site can make a browser send without being asked: it stands for our own pages."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Access(msgspec.Struct, frozen=True):
    """Who is let in: machines by their keys, people by their browsers."""

    keys: Keys
    people: People
    root_path: str = ""
    """The prefix under which browsers see us: their cookie is for it alone."""


def needs(access: Access, scope: Scope) -> Guard:
    """A dependency that lets in who has this scope. Raises `UnauthenticatedError`, `ForbiddenError`."""

    async def guard(request: Request) -> None:
        headers = request.headers
        key, api_key, cookie = headers.get("authorization"), headers.get("x-api-key"), request.cookies.get(COOKIE)
        if cookie and not key and not api_key:
            check_origin(request)
            project = headers.get(PROJECT_HEADER) or request.query_params.get("project") or ""
            found = await access.people.identify(cookie, project)
        else:
            found = await access.keys.identify(from_headers(key, api_key))
        found.require(scope)
        request.state.identity = found

    return guard


def check_origin(request: Request) -> None:
    """Raises `ForbiddenError` when a page of another site may have sent this with our cookie."""
    if request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site", "same-origin")
    if request.headers.get(UI_HEADER) is None or site not in ("same-origin", "none"):
        msg = f"A browser's cookie alone can't change anything: send the header {UI_HEADER}: 1 from Farthing's own pages, or a key."
        raise errors.ForbiddenError(msg)


def project_of(request: Request) -> str:
    """The project a guard has let in to: the only one whose data the request can reach."""
    identity: Identity = request.state.identity
    return identity.project_id
