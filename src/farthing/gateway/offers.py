"""Who asks for models in; those of all accounts that they may use, in OpenAI's shape or in Anthropic's, out.

What an account offers is remembered for some minutes. It belongs to the event loop.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import unquote_plus

import msgspec
from msgspec.structs import replace

from farthing.access.identity import Identity
from farthing.errors import FarthingError
from farthing.gateway import listing, providers
from farthing.gateway.admission import Admission, Wanted
from farthing.gateway.answering import Out
from farthing.gateway.entry import RawHeaders
from farthing.gateway.kinds import Found
from farthing.gateway.listing import Model
from farthing.gateway.refusals import Headers, UpstreamError
from farthing.gateway.upstream.client import Upstream
from farthing.routing.plan import Account, Plan, Target, Wish

SECONDS = 5.0
"""One that takes longer is left out."""
KEPT_S = 300.0
FAILURE_KEPT_S = 20.0
"""So long nobody has to wait again for an account that did not answer."""
MOST_ACCOUNTS = 256

LEFT_OUT = b"x-farthing-accounts-left-out"
"""Names the accounts that did not tell their models."""

_MODELS = "models"
_ONE = "models/"
_SPEAKS_ANTHROPIC = b"anthropic-version"
_ACCOUNT = "account="


class Routes(Protocol):
    """Knows where calls go. From any thread."""

    def plan(self, wish: Wish) -> Plan:
        """From memory. Raises `FarthingError`."""
        ...

    def accounts(self, project_id: str) -> Sequence[Account]:
        """Those a project may use, those that go before others first."""
        ...


class _Kept(msgspec.Struct, frozen=True):
    account: Account
    asking: "asyncio.Task[Sequence[Model] | None]"
    at: float

    def holds(self, account: Account, now: float) -> bool:
        """Whether it need not be asked again: it is being asked, or was lately, and is the same as then."""
        if self.account != account:
            return False
        if not self.asking.done():
            return True
        return now - self.at < (FAILURE_KEPT_S if self.asking.result() is None else KEPT_S)


class Offers:
    """Lists models."""

    def __init__(self, upstream: Upstream, routes: Routes, admission: Admission) -> None:
        """All collaborators are running."""
        self._upstream = upstream
        self._routes = routes
        self._admission = admission
        self._kept: dict[str, _Kept] = {}

    async def close(self) -> None:
        """Nobody asks any more."""
        asking = [one.asking for one in self._kept.values()]
        self._kept.clear()
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def answer(self, wanted: Wanted, out: Out) -> None:
        """Answer with the models. Raises `FarthingError`; `wanted` has no plan yet."""
        wish = wanted.wish
        by_slug: dict[str, Account] = {}
        for one in self._routes.accounts(wish.project_id):
            if wish.family == "anthropic" and wish.family not in providers.of(one.provider).families:
                continue  # no message can go there
            by_slug.setdefault(one.slug, one)  # others of its name nobody can address
        accounts = list(by_slug.values())
        # Without any, this says what to set up.
        plan = Plan(tuple(Target(one, "") for one in accounts)) if accounts else self._routes.plan(wish)
        ticket = await self._admission.admit(replace(wanted, plan=plan))
        try:
            out.told += ticket.headers
            out.is_attempted = True
            offered = await self._asked(accounts)
        finally:
            ticket.release()
        lost = [account.slug for account, models in offered if models is None]
        if len(lost) == len(offered):
            msg = f"No account told its models: {', '.join(lost)}. Its test in the UI says why: Gateway, Providers."
            raise UpstreamError(msg)
        # A name is looked up like a call's: with a thousand of them, others would have to wait for that.
        body = await asyncio.to_thread(self._merged, wanted.identity, wish, offered)
        headers: Headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *out.told,
        ]
        if lost:
            headers.append((LEFT_OUT, ", ".join(lost).encode()))
        await out.send({"type": "http.response.start", "status": 200, "headers": headers})
        await out.send({"type": "http.response.body", "body": body})

    async def _asked(self, accounts: Sequence[Account]) -> Sequence[tuple[Account, Sequence[Model] | None]]:
        now = time.monotonic()
        asking = [self._asking(one, now) for one in accounts]
        # Who goes away meanwhile leaves the others waiting for the same.
        await asyncio.wait(asking)
        return [(account, one.result()) for account, one in zip(accounts, asking, strict=True)]

    def _asking(self, account: Account, now: float) -> "asyncio.Task[Sequence[Model] | None]":
        kept = self._kept.pop(account.id, None)
        if kept is None or not kept.holds(account, now):
            kept = _Kept(account, asyncio.create_task(self._ask(account)), now)
        self._kept[account.id] = kept
        while len(self._kept) > MOST_ACCOUNTS:
            del self._kept[next(iter(self._kept))]
        return kept.asking

    async def _ask(self, account: Account) -> Sequence[Model] | None:
        try:
            async with asyncio.timeout(SECONDS):
                status, body = await listing.ask(self._upstream, account, SECONDS)
        except (FarthingError, TimeoutError):
            return None
        return listing.named(body) if status == 200 else None

    def _merged(
        self, identity: Identity, wish: Wish, offered: Sequence[tuple[Account, Sequence[Model] | None]]
    ) -> bytes:
        plain: dict[str, Any] = {}
        addressed: dict[str, Any] = {}
        shaped = _anthropic if wish.family == "anthropic" else _openai
        for account, models in offered:
            for model in models or ():
                for name in self._names(identity, wish, account, model.id):
                    (addressed if name.startswith("@") else plain).setdefault(name, shaped(name, model, account))
        data = [*plain.values(), *addressed.values()]
        if wish.family != "anthropic":
            return msgspec.json.encode({"object": "list", "data": data})
        first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
        return msgspec.json.encode({"data": data, "has_more": False, "first_id": first, "last_id": last})

    def _names(self, identity: Identity, wish: Wish, account: Account, model: str) -> Iterator[str]:
        """What calls may name it, first as the provider does, if that leads to this account."""
        may_ask = self._admission.may_ask
        try:
            (target, *_) = self._routes.plan(replace(wish, model=model, config="")).targets
        except FarthingError:
            pass
        else:
            leads_here = target.account.id == account.id and (target.model or model) == model
            if leads_here and may_ask(identity, model, target):
                yield model
        name = f"@{account.slug}/{model}"
        if may_ask(identity, name, Target(account, model)):
            yield name


def _openai(name: str, model: Model, account: Account) -> dict[str, Any]:
    owner = model.owned_by or model.organization or account.provider
    return {"id": name, "object": "model", "created": model.created_s, "owned_by": owner}


def _anthropic(name: str, model: Model, account: Account) -> dict[str, Any]:  # noqa: ARG001  as the other shape
    created = datetime.fromtimestamp(model.created_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"type": "model", "id": name, "display_name": model.display_name or name, "created_at": created}


def are_asked_for(found: Found, method: str) -> bool:
    """Whether it is the list of all: `GET /v1/models`, of nobody in particular."""
    return found.path == _MODELS and method == "GET" and not found.account


def understood(found: Found, headers: RawHeaders) -> Found:
    """Models in the words of whoever asks; and one of them, `models/{id}`, of the account that its name leads to."""
    if any(name == _SPEAKS_ANTHROPIC for name, _ in headers):
        found = replace(found, kind=replace(found.kind, family="anthropic"))
    if found.path.startswith(f"{_ONE}@"):
        account, _, model = found.path[len(_ONE) + 1 :].partition("/")
        return replace(found, account=account, path=f"{_ONE}{model}")
    return found


def model(found: Found) -> str:
    """Whose name decides where it goes: that of `models/{id}`, where no account is named."""
    return found.path[len(_ONE) :] if found.kind.name == _MODELS and not found.account else ""


def narrowed(found: Found, query: str) -> tuple[Found, str]:
    """`?account=` asks one account, which sees the rest of the query."""
    if found.kind.name != _MODELS or _ACCOUNT not in query:
        return found, query
    parts = query.split("&")
    account = next((unquote_plus(one[len(_ACCOUNT) :]) for one in parts if one.startswith(_ACCOUNT)), "")
    return replace(found, account=account), "&".join(one for one in parts if not one.startswith(_ACCOUNT))
