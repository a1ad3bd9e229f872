"""A call as the client made it and one place it may go to in; the request to the provider out. Pure."""

from typing import Any, NamedTuple, cast
from urllib.parse import quote

import msgspec

from farthing.errors import BadRequestError
from farthing.gateway import providers
from farthing.gateway.asked import Asked, spliced, with_usage
from farthing.gateway.entry import Entry
from farthing.gateway.kinds import Found
from farthing.gateway.prompting import prompted
from farthing.gateway.providers import Metadata
from farthing.routing.plan import Account, Plan, Target

_VERSION = "api-version="
_IN_PATH = "/:@!$&'()*+,;=~"


class Outgoing(msgspec.Struct, frozen=True):
    """A request to a provider."""

    address: str
    headers: dict[str, str]
    body: bytes | None
    """None where it is passed on as it comes."""
    model: str
    """As the provider calls it."""
    hides_usage: bool = False
    """Whether a stream tells usage that the client did not ask for."""


class _Alike(NamedTuple):
    account: Account
    told: dict[str, str]
    """The client's headers."""
    address: str
    headers: dict[str, str]
    """Not to be changed."""


_MOST_ALIKE = 256
_held: dict[tuple[int, int, str, str, str, str, str], _Alike] = {}


def outgoing(  # noqa: PLR0913  what a request depends on
    found: Found,
    asked: Asked | None,
    entry: Entry,
    plan: Plan,
    target: Target,
    query: str,
    span_id: str,
    *,
    asks_usage: bool = True,
) -> Outgoing:
    """What goes to this target. Raises `BadRequestError` when its account lacks something."""
    model = target.model or (asked.model if asked else "")
    streams = asked is not None and asked.streams
    # What is to be read on its way must not be packed, or only so that it can be unpacked.
    encoding = "gzip" if entry.accepts_gzip and not streams else "identity"
    _, _, address, common = _alike(found, entry, target, model, query, encoding)
    headers = {**common, "traceparent": f"00-{entry.trace_id}-{span_id}-{entry.flags}"}
    if asked is None:
        return Outgoing(address, headers, None, model)
    changes, hides = (
        _changes(found, asked, plan, target, model, asks_usage=asks_usage) if asked.is_json else ({}, False)
    )
    if asked.form_model is not None and model != asked.model:
        start, end = asked.form_model
        return Outgoing(address, headers, asked.body[:start] + model.encode() + asked.body[end:], model)
    if asked.holds_no_number and changes:
        # What is left out then, a direct client would not have had either.
        if needed := ", ".join(sorted(set(changes) - {"input", "metadata", "stream_options"})):
            msg = (
                f"The body holds NaN or Infinity, which is no JSON, and so {needed} can't be set in it. Leave them out."
            )
            raise BadRequestError(msg)
        return Outgoing(address, headers, asked.body, model)
    body = spliced(asked.members, changes) if changes else asked.body
    return Outgoing(address, headers, body, model, hides)


def _address(found: Found, target: Target, model: str, query: str) -> str:
    family, path, version = found.kind.family, found.path, ""
    if found.kind.name == "models":
        # Its name here may say more than it does there.
        path = quote(f"models/{target.model}" if path.startswith("models/") and target.model else path, safe=_IN_PATH)
        model = ""
    if found.model or target.account.provider == "azure":
        version, query = _deployed(found, target, model, query)
    address = providers.address(target.account, family, path, model, version)
    return f"{address}{'&' if '?' in address else '?'}{query}" if query else address


def _deployed(found: Found, target: Target, model: str, query: str) -> tuple[str, str]:
    """The version that a client of Azure names, and the rest of its query. Other providers' plain paths know no version."""
    is_azure = target.account.provider == "azure"
    if not is_azure and "deployments/" in found.path:
        if model != found.model:
            msg = f"The path names the deployment {found.model!r}, and the config another model; leave one of them out."
            raise BadRequestError(msg)
        return "", query
    parts = query.split("&")
    version = next((one[len(_VERSION) :] for one in parts if one.startswith(_VERSION)), "")
    return version if is_azure else "", "&".join(one for one in parts if not one.startswith(_VERSION))


def _alike(found: Found, entry: Entry, target: Target, model: str, query: str, encoding: str) -> _Alike:
    """What calls of one client have in common that go to one place."""
    account, kind = target.account, found.kind
    key = (id(account), id(entry.headers), kind.family, found.path, found.model, model, encoding)
    held = None if query else _held.get(key)
    # While they are held nothing else can be where they are.
    if held is not None and held[0] is account and held[1] is entry.headers:
        return held
    address = _address(found, target, model, query)
    headers = dict(entry.headers)
    if not entry.brings_key:
        headers |= providers.headers(account, kind.family)
    if kind.family == "anthropic":
        headers.setdefault("anthropic-version", providers.ANTHROPIC_VERSION)
    headers["accept-encoding"] = encoding
    if account.base_url:  # it may lead to a gateway, perhaps to this one
        headers["x-farthing-hops"] = str(entry.hops + 1)
    made = _Alike(account, entry.headers, address, headers)
    if kind.has_model and not query:  # all others name what they ask for in their paths
        if len(_held) >= _MOST_ALIKE:
            _held.clear()
        _held[key] = made
    return made


def _changes(
    found: Found, asked: Asked, plan: Plan, target: Target, model: str, *, asks_usage: bool
) -> tuple[dict[str, Any], bool]:
    kind, provider = found.kind, providers.of(target.account.provider)
    changes: dict[str, Any] = dict(plan.parameters)
    if plan.system_prompt:
        changes |= prompted(asked.members, kind, plan.system_prompt)
    # Azure goes by the deployment in the path, others by the body, which may name none or another.
    is_moved = bool(found.model) and target.account.provider != "azure" and "deployments/" not in found.path
    if model != asked.model or is_moved:
        changes["model"] = model
    forces = asks_usage and kind.forces_usage and provider.stream_options
    hides = forces and asked.streams and not asked.wants_usage
    if hides:
        changes["stream_options"] = with_usage(asked.members)
    if "metadata" in asked.members and not _takes_metadata(found, asked, provider.metadata):
        changes["metadata"] = _user_only(asked) if kind.name == "messages" else None
    if plan.config and "input" in asked.members and kind.name in ("chat", "messages"):
        changes["input"] = None
    return changes, hides


def _takes_metadata(found: Found, asked: Asked, taken: Metadata) -> bool:
    if found.kind.name == "responses":
        return True
    if found.kind.name == "messages":
        return _is_user_only(asked)
    if found.kind.name != "chat" or taken is Metadata.NEVER:
        return False
    return taken is Metadata.ALWAYS or bytes(asked.members.get("store", b"")) == b"true"


def _is_user_only(asked: Asked) -> bool:
    """Whether it is what Anthropic takes: one member, `user_id`."""
    return set(_metadata(asked)) <= {"user_id"}


def _user_only(asked: Asked) -> dict[str, Any] | None:
    told = _metadata(asked)
    return {"user_id": told["user_id"]} if "user_id" in told else None


def _metadata(asked: Asked) -> dict[str, Any]:
    try:
        raw = msgspec.json.decode(asked.members["metadata"])
    except (msgspec.DecodeError, RecursionError):
        return {}
    return cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
