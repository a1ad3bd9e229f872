"""Requests about projects in; projects out. Scope admin; what concerns other projects is for admins of the organisation."""

from datetime import datetime

from fastapi import Depends, Request
from pydantic import ConfigDict, Field

from farthing.access.identity import Identity
from farthing.access.workspaces import LONGEST_NAME, Projects
from farthing.api.identity import Guard
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.store.meta.projects import Project


class ProjectInfo(Model):
    """A project; its id stands in addresses and rows, and never changes."""

    id: str
    name: str
    created_at: datetime


class ProjectInfos(Model):
    """Projects, oldest first."""

    data: list[ProjectInfo]
    next_cursor: str | None = None


class ProjectChanges(Model):
    """Another name."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME)


class ProjectWanted(ProjectChanges):
    """A project to be made."""

    id: str = Field(min_length=1, max_length=64, description="a-z, 0-9 and -, with no - at either end.")


def router(projects: Projects, changing: Guard) -> Routes:
    """The routes; `changing` lets in those with the scope admin."""
    routes = Routes(
        prefix="/api/v1/projects",
        tags=["projects"],
        dependencies=[Depends(changing)],
        responses=documented(400, 401, 403, 422, 503),
    )

    @routes.get("", summary="List projects")
    def listing(request: Request) -> ProjectInfos:
        return ProjectInfos(data=[_shown(one) for one in projects.seen_by(_who(request))])

    @routes.post("", summary="Make a project", status_code=201, responses=documented(409))
    def create(wanted: ProjectWanted, request: Request) -> ProjectInfo:
        return _shown(projects.create(_who(request), wanted.id, wanted.name))

    @routes.patch("/{project_id}", summary="Give a project another name", responses=documented(404))
    def rename(project_id: str, wanted: ProjectChanges, request: Request) -> ProjectInfo:
        return _shown(projects.rename(_who(request), project_id, wanted.name))

    return routes


def _who(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity


def _shown(project: Project) -> ProjectInfo:
    return ProjectInfo(id=project.id, name=project.name, created_at=project.created_at)
