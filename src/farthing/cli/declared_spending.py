"""What a file says of budgets and of prices of one's own in; the steps that make it so out."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from farthing.cli.client import Client
from farthing.cli.differing import Asked, ById, Json, Step, require, rows, steps

BUDGETS = "/api/v1/budgets"
OVERRIDES = "/api/v1/prices/overrides"

_BUDGET = (
    "name", "limit_usd", "period", "window", "timezone", "filters", "thresholds", "warning_ratio", "enforcement", "starts_at",
    "ends_at",
)  # fmt: skip
_OVERRIDE = (
    "kind", "provider", "model", "names", "scope", "rates", "discount_percent", "of_provider", "of_model", "tier", "region",
    "valid_from", "valid_until", "source", "note",
)  # fmt: skip
_SAME_PRICE = ("kind", "provider", "model", "tier", "region", "valid_from")
_PRICE_DEFAULTS: Json = {"provider": "", "model": "", "tier": "standard", "region": "*", "valid_from": None}


def budgets(client: Client, declared: Mapping[str, Any], *, prune: bool) -> list[Step]:
    """Those of the budgets, told apart by their names."""
    given = rows(declared, "budgets")
    for one in given:
        require(one, ("name", "limit_usd", "period"), _BUDGET, f"budget {one.get('name')}")
        zone = str(one.get("timezone", "UTC"))
        for field in ("starts_at", "ends_at"):
            if field in one:
                one[field] = _moment(one[field], zone)
        one["limit_usd"] = str(one["limit_usd"])

    return steps(_Budgets("budget", BUDGETS), given, client.get(BUDGETS)["data"], prune=prune)


class _Budgets(ById):
    def name_of(self, one: Json) -> str:
        return str(one["name"])


def prices(client: Client, declared: Mapping[str, Any], *, prune: bool) -> list[Step]:
    """Those of the project's own prices, told apart by what they are a price of and from when on."""
    given = [_PRICE_DEFAULTS | one for one in rows(declared, "prices")]
    for one in given:
        require(one, ("kind",), _OVERRIDE, f"price of {one['model'] or one['provider']}")
        for field in ("valid_from", "valid_until"):
            if field in one:
                one[field] = _moment(one[field], "UTC")
        if isinstance(one.get("rates"), dict):
            rates = cast("dict[str, Any]", one["rates"])
            one["rates"] = {
                bucket: rate if isinstance(rate, dict) else {"usd": str(rate)} for bucket, rate in rates.items()
            }
        if "discount_percent" in one:
            one["discount_percent"] = str(one["discount_percent"])
        one.setdefault("scope", {"level": "project"})
    # What came with an import, or holds for the organisation and isn't named, is none of the file's business.
    held = [one for one in client.get(OVERRIDES)["data"] if not one["batch"]]
    for one in held:
        for field in ("valid_from", "valid_until"):
            one[field] = _moment(one[field], "UTC")

    section = _Prices("price", OVERRIDES)
    named = {section.name_of(one) for one in given}
    mine = [one for one in held if one["scope"]["level"] == "project" or section.name_of(one) in named]
    return steps(section, given, mine, prune=prune)


class _Prices(ById):
    def name_of(self, one: Json) -> str:
        whose = [str(one["scope"].get(field) or "") for field in ("level", "key")]
        return " ".join(text for text in (*(str(one[field] or "") for field in _SAME_PRICE), *whose) if text)

    def change(self, one: Json, held: Json, differing: Json) -> list[Asked]:  # noqa: ARG002
        return [Asked("PUT", self._place(held), {field: held[field] for field in _OVERRIDE} | one)]


def _moment(value: Any, zone: str) -> Any:
    """As the server tells it. What is no moment goes as it is, for the server to refuse."""
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day, tzinfo=ZoneInfo(zone))
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value)) if value else None
        aware = at if at is None or at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError):
        return value
    return None if aware is None else aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
