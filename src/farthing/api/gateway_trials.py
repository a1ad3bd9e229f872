"""An account to test, a prompt to preview, a call from the playground in; what the gateway makes of it out. Scope admin.

The gateway is another door: what it does here comes as callables.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal, Protocol

import msgspec
from fastapi import Depends, Header, Request
from pydantic import Field
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from farthing.access.identity import Identity
from farthing.api.identity import Guard, project_of
from farthing.api.model import Model
from farthing.api.price_schemas import Strict
from farthing.api.problems import MEDIA_TYPE, Problem, documented
from farthing.api.routes import Routes
from farthing.errors import ConflictError
from farthing.routing import templates
from farthing.routing.accounts import Accounts
from farthing.routing.live import Routing
from farthing.routing.plan import Account

_FORMS: Mapping[str, str] = {"openai": "chat/completions", "anthropic": "messages"}

Slug = Annotated[str, Header(pattern=r"^[a-z0-9._-]{0,64}$", description="The environment to act in, by its slug.")]


class Checked(Protocol):
    """What came of asking a provider."""

    @property
    def works(self) -> bool: ...
    @property
    def message(self) -> str: ...
    @property
    def status(self) -> int | None: ...
    @property
    def latency_ms(self) -> int | None: ...
    @property
    def models(self) -> int | None: ...


class Trials(msgspec.Struct, frozen=True):
    """What the gateway does for us."""

    check: Callable[[Account], Awaitable[Checked]]
    act: Callable[[Identity, str], ASGIApp]
    """Somebody and what follows `/v1/`: an application that makes one call for them."""


class AccountChecked(Model):
    """Whether an account's provider answers."""

    works: bool
    message: str = Field(description="The same in words, with what to do.")
    status: int | None = Field(description="What the provider answered; null when it did not.")
    latency_ms: int | None
    models: int | None = Field(description="How many models it offers; null when it doesn't tell.")


class PromptWanted(Strict):
    """A template, and what a call tells it."""

    system_prompt: str = Field(max_length=templates.LONGEST_TEMPLATE)
    input: dict[str, Any] = Field(default={}, description="The members of a call's input.")


class PromptShown(Model):
    """What the provider would be told."""

    text: str


class OfferedModel(Model):
    """A model that calls may name."""

    id: str = Field(description="`@account/model`; or as the provider calls it, where that name leads to its account.")
    object: str
    created: int = Field(description="Seconds since 1970; 0 where the provider doesn't say.")
    owned_by: str


class OfferedModels(Model):
    """What all accounts offer, as at /v1/models. The header x-farthing-accounts-left-out names those that did not tell."""

    object: str
    data: list[OfferedModel]


class _Handed(Response):
    """The answer is somebody else's."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def router(trials: Trials, accounts: Accounts, routing: Routing, may_change: Guard) -> Routes:
    """The routes; the guard lets in keys with the scope admin, and people whose browsers are signed in."""
    routes = Routes(prefix="/api/v1/gateway", tags=["gateway"], dependencies=[Depends(may_change)])
    refused = documented(400, 401, 403, 422, 503)

    @routes.post(
        "/accounts/{account}/test",
        summary="Ask an account's provider for its models",
        description="That costs nothing, and no provider answers it without looking at the key.",
        responses=refused | documented(404, 409),
    )
    async def test(account: str, request: Request) -> AccountChecked:
        found = await trials.check(_usable(account, project_of(request), accounts, routing))
        return AccountChecked(
            works=found.works,
            message=found.message,
            status=found.status,
            latency_ms=found.latency_ms,
            models=found.models,
        )

    @routes.post("/preview", summary="What a system prompt says, given an input", responses=refused)
    def preview(wanted: PromptWanted) -> PromptShown:
        templates.check(wanted.system_prompt)
        return PromptShown(text=templates.render(wanted.system_prompt, wanted.input))

    @routes.get(
        "/models",
        summary="List the models of all accounts, as who one is",
        description="As GET /v1/models with a key. What an account offers is remembered for five minutes.",
        response_model=None,
        responses=_answers() | {200: {"model": OfferedModels}},
    )
    async def models(request: Request) -> Response:
        return _Handed(trials.act(request.state.identity, "models"))

    @routes.post(
        "/playground/{form}",
        summary="Make a model call as who one is",
        description="As a call with a key at /v1/chat/completions (openai) or /v1/messages (anthropic): with the same configs, "
        "limits and budgets, and it is in the ledger like any other. For the web UI; applications have keys.",
        response_model=None,
        responses=_answers(),
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}},
    )
    async def play(
        form: Literal["openai", "anthropic"], request: Request, x_farthing_environment: Slug = ""
    ) -> Response:
        identity: Identity = request.state.identity
        if x_farthing_environment:
            identity = msgspec.structs.replace(identity, environment=x_farthing_environment)
        return _Handed(trials.act(identity, _FORMS[form]))

    return routes


def _usable(name: str, project: str, accounts: Accounts, routing: Routing) -> Account:
    """The account with its secret. Raises `NotFoundError`, `ConflictError`."""
    usable = routing.accounts(project)
    found = next((one for one in usable if one.id == name), None) or next(
        (one for one in usable if one.slug == name), None
    )
    if found is not None:
        return found
    kept = accounts.get(project, name)
    why = "its secret can't be read with the server's key" if kept.enabled else "it is off; turn it on first"
    msg = f"The account {kept.slug!r} can't be tested: {why}."
    raise ConflictError(msg)


def _answers() -> dict[int | str, dict[str, Any]]:
    """The provider's own, or an error in its shape; or a problem, where it doesn't come to a call."""
    # Not by `model`: the framework would say that what is of the provider's shape is a problem, too.
    problem = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}
    refusals: dict[int | str, dict[str, Any]] = {
        status: {"content": {MEDIA_TYPE: problem, "application/json": {"schema": {"type": "object"}}}}
        for status in (400, 401, 403, 404, 413, 415, 422, 429, 500, 502, 503, 504)
    }
    return {200: {"description": "What the provider answered.", "content": {"*/*": {}}}, **refusals}
