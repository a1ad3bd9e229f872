"""The parts of the house in; the routes of Langfuse's public API, group by group, out."""

from fastapi import APIRouter

from farthing.langfuse import project, unsupported
from farthing.langfuse.parts import Parts


def routers(parts: Parts) -> list[APIRouter]:
    """All groups, in the order they are tried. What takes any path goes last."""
    return [
        project.router(parts),
        unsupported.router(parts),
    ]
