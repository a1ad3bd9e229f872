"""What a file says of evaluations in; the steps that make it so out."""

from collections.abc import Mapping
from typing import Any, cast

from farthing.cli.client import Client
from farthing.cli.differing import ById, Json, Step, require, rows, steps

EVALUATIONS = "/api/v1/evaluations"

_FIELDS = ("name", "sample", "filters", "evaluator", "calls_per_day", "usd_per_day", "when_unpriced", "state")
_NUMBERS = ("sample", "usd_per_day")


def evaluations(client: Client, declared: Mapping[str, Any], *, prune: bool) -> list[Step]:
    """Those of the evaluations, told apart by their names."""
    given = [_whole(one) for one in rows(declared, "evaluations")]
    wanted = {one["name"]: one for one in given}
    held = [_as_compared(one, wanted.get(one["name"])) for one in client.get(EVALUATIONS)["data"]]
    return steps(_Evaluations("evaluation", EVALUATIONS), given, held, prune=prune)


def _whole(one: Json) -> Json:
    require(one, ("name", "sample", "evaluator"), _FIELDS, f"evaluation {one.get('name') or '(without a name)'}")
    one["name"] = str(one["name"])
    for field in _NUMBERS:
        if one.get(field) is not None:
            one[field] = str(one[field])
    if isinstance(one.get("filters"), dict):
        one["filters"] = _listed(one["filters"])
    return one


def _listed(filters: Mapping[str, Any]) -> dict[str, list[str]]:
    """One value is a list of one."""
    found: dict[str, list[str]] = {}
    for name, value in filters.items():
        parts = cast("list[Any]", value) if isinstance(value, list) else [value]
        found[name] = [str(part) for part in parts]
    return found


def _as_compared(held: Json, wanted: Json | None) -> Json:
    """Of an object only what is declared counts. A schema or filters from which something was taken are other ones, though."""
    if wanted is None:
        return held
    evaluator, filters = held["evaluator"], _listed(held["filters"])
    mine: Any = wanted["evaluator"]
    if isinstance(mine, dict) and "schema" in mine and evaluator.get("schema") != mine["schema"]:
        evaluator = evaluator | {"schema": None}
    if set(filters) - set(wanted.get("filters", filters)):
        filters = dict.fromkeys(filters)
    return held | {"evaluator": evaluator, "filters": filters}


class _Evaluations(ById):
    def name_of(self, one: Json) -> str:
        return str(one["name"])
