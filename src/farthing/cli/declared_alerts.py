"""What a file says of alert rules in; the steps that make it so out."""

from collections.abc import Mapping, Sequence
from typing import Any

from farthing.cli.client import Client
from farthing.cli.declared_channels import CHANNELS
from farthing.cli.differing import ById, Json, Step, require, rows, steps
from farthing.errors import BadRequestError

RULES = "/api/v1/alerts/rules"
PRESETS = "/api/v1/alerts/presets"

FIELDS = (
    "name", "kind", "measure", "filters", "by", "window", "compare", "limit", "critical_limit", "direction", "sensitivity",
    "least_usd", "least_calls", "severity", "channels", "every", "cooldown", "remind", "quiet_hours", "enabled", "observe_only",
)  # fmt: skip
_NUMBERS = ("limit", "critical_limit", "sensitivity", "least_usd")
_LENGTHS = ("window", "every", "cooldown", "remind")


def alerts(client: Client, declared: Mapping[str, Any], *, prune: bool) -> list[Step]:
    """The rules, told apart by their names. One with a `preset` has what that says, unless it says otherwise itself."""
    given = rows(declared, "alerts")
    presets: dict[str, Json] = {}
    if any("preset" in one for one in given):
        presets = {one["name"]: one["rule"] for one in client.get(PRESETS)["data"]}
    whole = [_whole(one, presets) for one in given]
    if any(one.get("channels") for one in whole):
        _require_channels(client, declared, whole)
    return steps(_Rules("alert", RULES), whole, client.get(RULES)["data"], prune=prune)


def _require_channels(client: Client, declared: Mapping[str, Any], whole: Sequence[Json]) -> None:
    """Before anything is changed: a rule that would tell nobody isn't noticed until it should have told."""
    held = client.get(CHANNELS)["data"]
    known = {str(one["name"]) for one in rows(declared, "channels") + held if "name" in one}
    known |= {str(one["id"]) for one in held}
    for one in whole:
        for channel in one.get("channels") or ():
            if str(channel) not in known:
                msg = f"alert {one['name']}: there is no channel {channel!r}, here or on the server."
                raise BadRequestError(msg)


def _whole(one: Json, presets: Mapping[str, Json]) -> Json:
    if one.get("preset") is not None:
        one = _of_preset(one, presets)
    require(one, ("name", "kind"), FIELDS, f"alert {one.get('name') or '(without a name)'}")
    one["name"] = str(one["name"])
    for field in _NUMBERS:
        if one.get(field) is not None:
            one[field] = str(one[field])
    for field in _LENGTHS:
        if field in one:
            one[field] = str(one[field])
    if isinstance(one.get("by"), str):
        one["by"] = [part.strip() for part in one["by"].split(",") if part.strip()]
    if isinstance(one.get("channels"), str):
        one["channels"] = [part.strip() for part in one["channels"].split(",") if part.strip()]
    if isinstance(one.get("quiet_hours"), dict):
        one["quiet_hours"] = {name: _of_day(value) for name, value in one["quiet_hours"].items()}
    if isinstance(one.get("compare"), dict):
        one["compare"] = {name: str(value) for name, value in one["compare"].items()}
    return one


def _of_preset(one: Json, presets: Mapping[str, Json]) -> Json:
    preset = str(one.pop("preset"))
    if preset not in presets:
        msg = f"alert {one.get('name', preset)}: there is no preset {preset!r}; there are {', '.join(presets)}."
        raise BadRequestError(msg)
    return presets[preset] | one


def _of_day(value: Any) -> Any:
    """YAML reads 22:00 without quotes as 22 times 60."""
    is_time = isinstance(value, int) and not isinstance(value, bool)
    return f"{value // 60:02}:{value % 60:02}" if is_time else value


class _Rules(ById):
    def name_of(self, one: Json) -> str:
        return str(one["name"])
