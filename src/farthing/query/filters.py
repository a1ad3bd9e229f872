r"""Filters as people write them in, conditions over rows of `calls` (and, where they allow it, of `rollup`) out.

A key given more than once means any of its values; different keys must all hold; `!value` excludes, and a value that begins with
an exclamation mark is written `\!value`. An empty value means that nobody said: `feature=` finds the calls without a feature.
"""

import re
from decimal import Decimal, InvalidOperation
from enum import StrEnum

import msgspec

from farthing.model import money
from farthing.query.dimensions import COLUMNS, Dimension, find
from farthing.query.errors import ParameterError
from farthing.query.parameters import Parameters
from farthing.store.telemetry import tag_pairs
from farthing.store.telemetry.cuts import Cut

MIN_COST, MIN_LATENCY, TEXT = "min_cost", "min_latency", "q"

_NOT = "!"
_LONGEST_TEXT = 200
_LONGEST_VALUE = 2_000
_MOST_VALUES = 500
_MOST_APART = 2
_HEX_ID = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{16}")

_STATUSES = ("ok", "error")
_RATE_LIMITED = "429"
"""`status=429` finds what a provider calls too many requests, in any of the ways libraries report it."""
_RATE_LIMIT_TYPES = r"(^429$|rate.?limit|too.?many.?requests|resource.?exhausted)"

_NAMES = (
    "model", "response_model", "provider", "feature", "team", "tenant", "environment", "prompt_version", "config", "variant",
    "error_type",
)  # fmt: skip
"""Searched one by one: each is a short dictionary."""

_IDS = "concatWithSeparator('\\n', user_id, session_id, response_id, external_request_id)"
"""Searched together: a line feed keeps a text from matching across two of them."""

_SHORTEST_INDEXED = 3
"""The index of ids knows of so many letters in a row."""


class OneOf(msgspec.Struct, frozen=True):
    """A dimension has one of the first values, if there are any, and none of the others."""

    dimension: Dimension
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """The columns and tags this looks at."""
        column = self.dimension.looked_at
        if column == "status" and any(value not in _STATUSES for value in self.included + self.excluded):
            return frozenset({"status", "error_type"})
        return frozenset({"model", "response_model"} if column == "model" else {column})

    def sql(self, parameters: Parameters, cut: Cut | None = None) -> str:
        """The condition."""
        parts: list[str] = []
        if self.included:
            parts.append(self._any(self.included, parameters, cut))
        if self.excluded:
            parts.append(f"NOT {self._any(self.excluded, parameters, cut)}")
        return " AND ".join(parts)

    def _any(self, values: tuple[str, ...], parameters: Parameters, cut: Cut | None) -> str:
        if self.dimension.column == "status":
            return _status(values, parameters)
        pairs = [tag_pairs.pair(self.dimension.tag, value) for value in values] if cut is None else []
        if pairs and not self.dimension.column and None not in pairs:
            return _has_pair([pair for pair in pairs if pair], parameters)
        # Comparing with one value is cheaper than looking it up in a set of one: a tenth of a second for ten million tags.
        one = len(values) == 1
        is_listed = (
            f"= {parameters.add('String', values[0])}" if one else f"IN {parameters.add('Array(String)', list(values))}"
        )
        if self.dimension.column == "model":
            # A person names the model by what was asked for or by what answered; `model` is the former if there is one.
            return f"(model {is_listed} OR response_model {is_listed})"
        return f"({self.dimension.sql(parameters, cut)} {is_listed})"


class AtLeast(msgspec.Struct, frozen=True):
    """A call costs, or takes, at least this: units of 10^-24 dollars, or milliseconds."""

    key: str
    amount: int

    @property
    def columns(self) -> None:
        """Single calls are looked at."""
        return

    def sql(self, parameters: Parameters, cut: Cut | None = None) -> str:  # noqa: ARG002  as of the others
        """The condition."""
        if self.key == MIN_COST:
            return f"(cost >= {parameters.add('Decimal(38, 24)', money.to_text(self.amount))})"
        return f"(duration_ns >= {parameters.add('UInt64', self.amount * 1_000_000)})"


class Place(StrEnum):
    """Where a text is looked for."""

    ANYWHERE = "anywhere"
    NAMES = "names"
    IDS_ALONE = "ids alone"
    """In the ids of calls that don't have it in their names."""


class Contains(msgspec.Struct, frozen=True):
    """One of the texts stands, in any case, in one of a call's names or ids."""

    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    place: Place = Place.ANYWHERE

    @property
    def columns(self) -> None:
        """Single calls are looked at."""
        return

    def sql(self, parameters: Parameters, cut: Cut | None = None) -> str:  # noqa: ARG002  as of the others
        """The condition."""
        if self.place is Place.NAMES:
            return _in_names(self.included[0], parameters)
        if self.place is Place.IDS_ALONE:
            return f"{_in_ids(self.included[0], parameters)} AND NOT {_in_names(self.included[0], parameters)}"
        parts = [" OR ".join(_contains(text, parameters) for text in self.included)] if self.included else []
        parts += [f"NOT {_contains(text, parameters)}" for text in self.excluded]
        return " AND ".join(f"({part})" for part in parts)

    @property
    def apart(self) -> "tuple[Contains, ...]":
        """The same calls, each found by one of these: few have a text in their ids, and where, an index may tell."""
        if len(self.included) != 1 or self.excluded or not _is_indexed(self.included[0]):
            return (self,)
        return tuple(msgspec.structs.replace(self, place=place) for place in (Place.NAMES, Place.IDS_ALONE))


Filter = OneOf | AtLeast | Contains


def is_filter(name: str) -> bool:
    """Whether a parameter of this name is a filter."""
    return name in (MIN_COST, MIN_LATENCY, TEXT) or find(name) is not None


def parse(given: dict[str, list[str]]) -> tuple[Filter, ...]:
    """Filters by parameter. Raises `ParameterError`."""
    found: list[Filter] = []
    for name, values in given.items():
        _check(name, values)
        dimension = find(name)
        if dimension is not None:
            found.append(OneOf(dimension, *_split(values)))
        elif name == TEXT:
            text = _text(values)
            # `!` alone excludes nothing.
            if text.included or text.excluded:
                found.append(text)
        else:
            found.append(AtLeast(name, min(_amount(name, value) for value in values)))
    return tuple(found)


def names() -> tuple[str, ...]:
    """All parameters that are filters, but for tags."""
    return (*COLUMNS, MIN_COST, MIN_LATENCY, TEXT)


def _check(name: str, values: list[str]) -> None:
    if len(values) > _MOST_VALUES:
        raise ParameterError(name, f"at most {_MOST_VALUES} values at once, not {len(values)}.")
    if any(len(value) > _LONGEST_VALUE for value in values):
        raise ParameterError(name, f"a value has at most {_LONGEST_VALUE} characters.")


def as_it_is(value: str) -> str:
    """A filter that finds this very value."""
    return f"\\{value}" if _reads_as_not(value) else value


def _reads_as_not(value: str) -> bool:
    """However many backslashes stand before it: one of them is taken off."""
    return value.lstrip("\\").startswith(_NOT)


def _split(values: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    unique = dict.fromkeys(values)
    included = tuple(
        value.removeprefix("\\") if _reads_as_not(value) else value for value in unique if not value.startswith(_NOT)
    )
    excluded = tuple(value.removeprefix(_NOT) for value in unique if value.startswith(_NOT))
    return included, excluded


def _text(values: list[str]) -> Contains:
    included, excluded = _split([value for value in values if value not in ("", _NOT)])
    if any(len(text) > _LONGEST_TEXT for text in included + excluded):
        raise ParameterError(TEXT, f"at most {_LONGEST_TEXT} characters.")
    return Contains(included, excluded)


def _amount(name: str, text: str) -> int:
    wants = "dollars, such as 0.05" if name == MIN_COST else "whole milliseconds, such as 1500"
    msg = f"{text[:60]!r} is no number of {wants}."
    try:
        if name == MIN_LATENCY:
            amount = int(text) if text.isascii() and text.isdigit() else -1
        else:
            amount = money.to_units(Decimal(text))
    except (InvalidOperation, money.InexactMoneyError):
        raise ParameterError(name, msg) from None
    most = 10**12 if name == MIN_LATENCY else 10**13 * money.UNITS_PER_USD
    if not 0 <= amount <= most:
        raise ParameterError(name, msg)
    return amount


def _has_pair(pairs: list[str], parameters: Parameters) -> str:
    if len(pairs) > _MOST_APART:
        return f"hasAny(tag_pairs, {parameters.add('Array(String)', pairs)})"
    # One by one, each is a number to compare with; several at once are compared as texts.
    return "(" + " OR ".join(f"has(tag_pairs, {parameters.add('String', pair)})" for pair in pairs) + ")"


def _status(values: tuple[str, ...], parameters: Parameters) -> str:
    parts: list[str] = []
    statuses = [value for value in values if value in ("", *_STATUSES)]
    others = [value for value in values if value not in ("", *_STATUSES)]
    if statuses:
        parts.append(f"status IN {parameters.add('Array(String)', statuses)}")
    if others:
        parts.append(f"error_type IN {parameters.add('Array(String)', others)}")
    if _RATE_LIMITED in others:
        parts.append(f"match(lower(error_type), {parameters.add('String', _RATE_LIMIT_TYPES)})")
    return f"({' OR '.join(parts)})"


def _contains(text: str, parameters: Parameters) -> str:
    lowered = text.strip().lower()
    if _HEX_ID.fullmatch(lowered):
        return _has_id(lowered, parameters)
    return f"({_in_names(text, parameters)} OR {_in_ids(text, parameters)})"


def _in_names(text: str, parameters: Parameters) -> str:
    sought = parameters.add("String", text)
    return "(" + " OR ".join(f"positionCaseInsensitiveUTF8({name}, {sought}) > 0" for name in _NAMES) + ")"


def _in_ids(text: str, parameters: Parameters) -> str:
    if not text.isascii():
        return f"(positionCaseInsensitiveUTF8({_IDS}, {parameters.add('String', text)}) > 0)"
    # In the words of the index.
    return f"multiSearchAny(lower({_IDS}), {parameters.add('Array(String)', [text.lower()])})"


def _is_indexed(text: str) -> bool:
    return text.isascii() and len(text) >= _SHORTEST_INDEXED and not _HEX_ID.fullmatch(text.strip().lower())


def _has_id(text: str, parameters: Parameters) -> str:
    trace, dash, span = text.partition("-")
    if dash:
        return f"({_is('trace_id', trace, 16, parameters)} AND {_is('span_id', span, 8, parameters)})"
    column, width = ("trace_id", 16) if len(text) == 32 else ("span_id", 8)
    listed = parameters.add("Array(String)", [text])
    ids = (
        f"(response_id IN {listed} OR external_request_id IN {listed} OR session_id IN {listed} OR user_id IN {listed})"
    )
    return f"({_is(column, text, width, parameters)} OR {ids})"


def _is(column: str, digits: str, width: int, parameters: Parameters) -> str:
    return f"{column} = toFixedString(unhex({parameters.add('String', digits)}), {width})"
