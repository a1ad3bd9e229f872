"""Requests that nothing else here answers in; 501 with a sentence for what Langfuse has and we don't, 404 for the rest, out."""

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from farthing.langfuse.identity import reading
from farthing.langfuse.parts import Parts
from farthing.langfuse.refusals import refusal
from farthing.langfuse.shapes import PREFIX, new_router

UNSUPPORTED: Mapping[str, str] = {
    "projects": "Projects and their keys are made by POST /api/v1/projects and /api/v1/keys, or in the UI.",
    "organizations": "Organizations are not kept here: a project has its keys, see the settings.",
    "scim": "Users are not provisioned by SCIM here.",
    "llm-connections": "Accounts of providers are kept by the gateway: /api/v1/gateway/accounts.",
    "integrations": "Data goes out by /api/v1/export and by forwarding, not by an integration of Langfuse's.",
    "unstable": "What Langfuse itself calls unstable is not offered here.",
    "feedback": "Nothing is sent to Langfuse's makers from here.",
    "slack": "Alerts go to Slack by a channel: /api/v1/alerts/channels.",
}
"""The first segment of a path, and what to do instead. docs/langfuse.md lists them."""

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def router(parts: Parts) -> APIRouter:
    """The route that takes what is left; it goes last."""
    routes = new_router()

    @routes.api_route("/{path:path}", methods=_METHODS, dependencies=[Depends(reading(parts))])
    async def nothing(request: Request, path: str) -> Response:
        said = UNSUPPORTED.get(path.removeprefix("v2/").removeprefix("v3/").split("/", 1)[0])
        if said:
            return refusal(501, said)
        return refusal(404, f"There is nothing here that answers {request.method} {PREFIX}/{path[:200]}.")

    return routes
