"""What a client wrote of a score config, and values that are to keep to one, in; both checked out. Pure."""

import math
from collections.abc import Sequence
from typing import Any, cast

import msgspec

from farthing.errors import BadRequestError
from farthing.model.score import DataType

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 2_000
LONGEST_LABEL = 500
MOST_CATEGORIES = 100

KINDS = (DataType.NUMERIC, DataType.CATEGORICAL, DataType.BOOLEAN, DataType.TEXT)


class Category(msgspec.Struct, frozen=True):
    """One of the values a categorical score may have, and the number that stands for it."""

    value: float
    label: str


class Rules(msgspec.Struct, frozen=True):
    """What scores of a config keep to. Bounds that aren't there don't bound."""

    kind: DataType
    min_value: float | None = None
    max_value: float | None = None
    categories: tuple[Category, ...] = ()
    description: str | None = None


_OF_BOOLEAN = (Category(1, "True"), Category(0, "False"))


def checked_name(name: Any) -> str:
    """A name of scores. Raises `BadRequestError`."""
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        msg = f"name: printable text of 1 to {LONGEST_NAME} characters."
        raise BadRequestError(msg)
    return name.strip()


def checked_kind(kind: Any) -> DataType:
    """A kind of scores. Raises `BadRequestError`."""
    if kind not in KINDS:
        msg = f"dataType is one of {', '.join(KINDS)}, not {str(kind)[:40]!r}."
        raise BadRequestError(msg)
    return DataType(kind)


def checked(kind: DataType, least: Any, most: Any, categories: Any, description: Any) -> Rules:
    """Rules that can be kept to. Raises `BadRequestError`."""
    if description is not None and (not isinstance(description, str) or len(description) > LONGEST_DESCRIPTION):
        msg = f"description: text of at most {LONGEST_DESCRIPTION} characters."
        raise BadRequestError(msg)
    low, high = _bound("minValue", least), _bound("maxValue", most)
    if kind is not DataType.NUMERIC and (low is not None or high is not None):
        msg = f"minValue and maxValue are of NUMERIC scores, not of {kind} ones."
        raise BadRequestError(msg)
    if low is not None and high is not None and low >= high:
        msg = f"maxValue, {high:g}, has to be larger than minValue, {low:g}."
        raise BadRequestError(msg)
    found = _categories(categories)
    if kind is DataType.BOOLEAN:
        if found and {(one.value, one.label) for one in found} != {(one.value, one.label) for one in _OF_BOOLEAN}:
            msg = "categories: those of a BOOLEAN are True, 1, and False, 0."
            raise BadRequestError(msg)
        found = _OF_BOOLEAN
    elif kind is DataType.CATEGORICAL:
        if not found:
            msg = "categories: a CATEGORICAL score needs them, each with label and value."
            raise BadRequestError(msg)
    elif found:
        msg = f"categories are of CATEGORICAL scores, not of {kind} ones."
        raise BadRequestError(msg)
    return Rules(kind, low, high, found, description or None)


def conforming(name: str, rules: Rules, told_name: Any, told_kind: Any, value: Any) -> tuple[DataType, Any]:
    """The kind and the value of a score that names this config, as they are to be kept. Raises `BadRequestError`."""
    if told_name != name:
        msg = f"name: scores of this config are called {name!r}, not {str(told_name)[:80]!r}."
        raise BadRequestError(msg)
    if told_kind is not None and told_kind != rules.kind:
        msg = f"dataType: scores of the config {name!r} are {rules.kind}, not {str(told_kind)[:40]}."
        raise BadRequestError(msg)
    match rules.kind:
        case DataType.NUMERIC:
            _check_number(name, rules, value)
        case DataType.BOOLEAN:
            if value not in (0, 1):
                msg = f"value: scores of the config {name!r} are 0 or 1, not {str(value)[:80]!r}."
                raise BadRequestError(msg)
        case DataType.CATEGORICAL:
            labels = [category.label for category in rules.categories]
            if value not in labels:
                msg = f"value: scores of the config {name!r} are one of {', '.join(labels)[:500]}, not {str(value)[:80]!r}."
                raise BadRequestError(msg)
        case _:
            if not isinstance(value, str):
                msg = f"value: scores of the config {name!r} are text."
                raise BadRequestError(msg)
    return rules.kind, value


def _check_number(name: str, rules: Rules, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        msg = f"value: scores of the config {name!r} are numbers, not {str(value)[:80]!r}."
        raise BadRequestError(msg)
    if rules.min_value is not None and value < rules.min_value:
        msg = f"value: scores of the config {name!r} are at least {rules.min_value:g}, not {value:g}."
        raise BadRequestError(msg)
    if rules.max_value is not None and value > rules.max_value:
        msg = f"value: scores of the config {name!r} are at most {rules.max_value:g}, not {value:g}."
        raise BadRequestError(msg)


def _bound(field: str, told: Any) -> float | None:
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told):
        msg = f"{field}: a number."
        raise BadRequestError(msg)
    return float(told)


def _categories(told: Any) -> tuple[Category, ...]:
    if told is None:
        return ()
    if not isinstance(told, list) or len(cast("list[Any]", told)) > MOST_CATEGORIES:
        msg = f"categories: a list of at most {MOST_CATEGORIES} objects with label and value."
        raise BadRequestError(msg)
    found = tuple(_category(one) for one in cast("Sequence[Any]", told))
    for field in ("label", "value"):
        if len({getattr(one, field) for one in found}) < len(found):
            msg = f"categories: no two have the same {field}."
            raise BadRequestError(msg)
    return found


def _category(told: Any) -> Category:
    known: dict[str, Any] = cast("dict[str, Any]", told) if isinstance(told, dict) else {}
    label, value = known.get("label"), _bound("categories.value", known.get("value"))
    if not isinstance(label, str) or not 0 < len(label) <= LONGEST_LABEL or value is None:
        msg = f"categories: each has a label of 1 to {LONGEST_LABEL} characters and a number as its value."
        raise BadRequestError(msg)
    return Category(value, label)
