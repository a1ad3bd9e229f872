"""Sign-in of people: a name and password, or a one-time link, in; a cookie that no script can read, out."""

from datetime import datetime
from typing import Any

from fastapi import Depends, Request, Response
from pydantic import ConfigDict, Field

from farthing.access.identity import Identity, Scope
from farthing.access.people import LONGEST, People
from farthing.api.identity import COOKIE, Access, check_origin, needs
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.errors import ForbiddenError, UnauthenticatedError


class Login(Model):
    """A name or e-mail, and the password."""

    model_config = ConfigDict(extra="forbid")

    login: str = Field(min_length=1, max_length=320)
    password: str = Field(min_length=1, max_length=1000)


class Link(Model):
    """The token of a one-time link, and the password to set."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000, description="The new one, of at least 8 characters.")


class LinkWanted(Model):
    """For whom a link is to be."""

    model_config = ConfigDict(extra="forbid")

    login: str = Field(default="", max_length=320, description="A name or e-mail; the first admin by default.")


class LinkMade(Model):
    """A one-time link; the one before it is void."""

    name: str = Field(description="Whom it signs in.")
    path: str = Field(description="To be put behind the server's address.")
    expires_at: datetime


class Person(Model):
    """Who is signed in."""

    id: str
    name: str
    email: str | None


class ProjectShown(Model):
    """A project that can be looked at."""

    id: str
    name: str


class SessionShown(Model):
    """Who is signed in, and for which projects."""

    user: Person
    projects: list[ProjectShown]


def router(access: Access) -> Routes:
    """The routes. They are for people; only a new link is for an admin's key as well."""
    routes = Routes(prefix="/api/v1/session", tags=["session"], responses=documented(401, 403, 422))
    people, path = access.people, access.root_path or "/"

    def let_in(request: Request, response: Response, token: str) -> SessionShown:
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(LONGEST.total_seconds()),
            path=path,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return _shown(people, token)

    @routes.get("", summary="Who is signed in")
    def who(request: Request) -> SessionShown:
        return _shown(people, _token(request))

    @routes.post("", summary="Sign in", responses=documented(429))
    def enter(login: Login, request: Request, response: Response) -> SessionShown:
        check_origin(request)
        address = request.client.host if request.client else ""
        return let_in(request, response, people.enter(login.login, login.password, address))

    @routes.post("/link", summary="Sign in by a one-time link and set a password", responses=documented(400))
    def enter_by_link(link: Link, request: Request, response: Response) -> SessionShown:
        check_origin(request)
        return let_in(request, response, people.enter_by_link(link.token, link.password))

    @routes.post(
        "/links",
        summary="Make a one-time link for somebody who can't sign in",
        description="For admins of the organisation. Whoever uses it sets a new password and ends all other sessions.",
        status_code=201,
        responses=documented(404, 503),
        dependencies=[Depends(needs(access, Scope.ADMIN))],
    )
    def new_link(wanted: LinkWanted, request: Request) -> LinkMade:
        identity: Identity = request.state.identity
        if not identity.is_of_organisation:
            msg = "Only admins of the organisation can make sign-in links."
            raise ForbiddenError(msg)
        user, token, expires_at = people.new_link(wanted.login)
        return LinkMade(name=user.name, path=f"{access.root_path}/sign-in?token={token}", expires_at=expires_at)

    @routes.delete("", summary="Sign out", status_code=204)
    def leave(request: Request, response: Response) -> None:
        check_origin(request)
        people.leave(_token(request))
        response.delete_cookie(COOKIE, path=path, httponly=True, samesite="lax")

    return routes


def _token(request: Request) -> str:
    token = request.cookies.get(COOKIE)
    if not token:
        msg = "Nobody is signed in with this browser."
        raise UnauthenticatedError(msg)
    return token


def _shown(people: People, token: str) -> SessionShown:
    user = people.of(token).user
    data: Any = [ProjectShown(id=project.id, name=project.name) for project in people.projects()]
    return SessionShown(user=Person(id=user.id, name=user.name, email=user.email), projects=data)
