"""What a file says of channels in; the steps that make it so out. Their secrets stand in variables, which the file names."""

from collections.abc import Mapping
from typing import Any, cast

from farthing.cli.client import Client
from farthing.cli.differing import ById, Json, Step, require, rows, steps, told
from farthing.errors import BadRequestError
from farthing.settings import variables

CHANNELS = "/api/v1/alerts/channels"

SECRETS: Mapping[str, str] = {
    "slack": "url",
    "discord": "url",
    "teams": "url",
    "webhook": "url",
    "pagerduty": "routing_key",
    "email": "password",
}
"""What `secret_from` stands for."""

_FIELDS = ("name", "kind", "settings", "secret_from", "signing_secret_from", "least_severity", "digest", "enabled")
_HINT = 4


def channels(client: Client, declared: Mapping[str, Any], *, prune: bool) -> list[Step]:
    """Those of the channels, told apart by their names."""
    given = rows(declared, "channels")
    held = {str(one["name"]): one for one in client.get(CHANNELS)["data"]}
    for one in given:
        name = str(one.get("name"))
        require(one, ("name", "kind"), _FIELDS, f"channel {name}")
        settings = cast("Json", dict(one.get("settings") or {}))
        for field, variable in _secrets(one).items():
            settings[field] = _secret(variable, name)
        one["settings"] = settings
        before = held.get(name)
        if before is None:
            continue
        if before["kind"] != one["kind"]:
            msg = f"channel {name}: it is one of {before['kind']}, which can't be changed; use another name."
            raise BadRequestError(msg)
        for field, hint in before["secrets"].items():
            # As far as can be told; the server never shows more of it.
            if field in settings and str(settings[field])[-_HINT:] == str(hint)[-_HINT:]:
                before["settings"][field] = settings[field]
    return steps(_Channels("channel", CHANNELS), given, held.values(), prune=prune)


class _Channels(ById):
    def name_of(self, one: Json) -> str:
        return str(one["name"])

    def shown(self, field: str, value: Any) -> str:
        if field != "settings" or not isinstance(value, Mapping):
            return told(value)
        plain = cast("Mapping[str, Any]", value)
        hidden = {*SECRETS.values(), "signing_secret", "headers"}
        return ", ".join(f"{name}={'set' if name in hidden else told(one)}" for name, one in plain.items())


def _secrets(one: Json) -> dict[str, str]:
    """The secret settings, and the variables that hold them."""
    named = {SECRETS.get(str(one["kind"]), ""): one.pop("secret_from", "")}
    named["signing_secret"] = one.pop("signing_secret_from", "")
    return {field: str(variable) for field, variable in named.items() if field and variable}


def _secret(variable: str, name: str) -> str:
    found = variables([variable]).get(variable)
    if not found:
        msg = f"channel {name}: the variable {variable} is not set."
        raise BadRequestError(msg)
    return found
