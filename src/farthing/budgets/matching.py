"""Budgets and what is known of one call in; the budgets it counts for out, without looking at each of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from farthing.query.dimensions import COLUMNS, DATA_MODE, Dimension
from farthing.query.filters import Filter, OneOf

MOST_LISTED = 256
"""A budget for more combinations of values than this is looked at whenever one of its kind is."""

_NAMES: dict[str, tuple[str, ...]] = {
    column: tuple(name for name in COLUMNS if COLUMNS[name] == column) for column in COLUMNS.values()
}
_REAL = "real"
_ALSO = {"model": "response_model", "status": "error_type"}
"""A model is named by what was asked for or by what answered; a status by how it ended or by the kind of error."""

Facts = Mapping[str, str]
"""What is known of a call, by the names of dimensions: feature, user, tag.tier …; what is missing, nobody said."""


class Shape(NamedTuple):
    """What a budget looks at: dimensions of which it names values, and whatever else it asks for."""

    dimensions: tuple[Dimension, ...]
    others: tuple[Filter, ...]

    @property
    def asks_for_mode(self) -> bool:
        """Whether it says which calls it means, real ones or others; if it doesn't, only real ones count."""
        columns = [frozenset({d.looked_at}) for d in self.dimensions] + [f.columns for f in self.others]
        return any(found and DATA_MODE in found for found in columns)


class Place(NamedTuple):
    """A shape, and the values of each of its dimensions."""

    shape: Shape
    values: tuple[tuple[str, ...], ...]


def place(filters: Iterable[Filter]) -> Place:
    """Where filters belong: budgets of one shape are added up by one question."""
    named: dict[str, tuple[Dimension, tuple[str, ...]]] = {}
    others: list[Filter] = []
    for found in filters:
        if isinstance(found, OneOf) and _names_values(found) and found.dimension.looked_at not in named:
            # Under one name, whatever alias somebody wrote.
            column = found.dimension.column
            dimension = Dimension(_NAMES[column][0], column) if column else found.dimension
            named[found.dimension.looked_at] = (dimension, found.included)
        else:
            others.append(found)
    chosen = [named[column] for column in sorted(named)]
    shape = Shape(tuple(dimension for dimension, _ in chosen), tuple(sorted(others, key=repr)))
    return Place(shape, tuple(values for _, values in chosen))


def _names_values(found: OneOf) -> bool:
    return bool(found.included) and not found.excluded and found.dimension.column != "status"


class Index:
    """Which budgets, by their number, count a call."""

    def __init__(self, places: Sequence[Place]) -> None:
        """`places` of the budgets 0, 1, 2 …"""
        self._shapes: dict[Shape, tuple[dict[tuple[str, ...], list[int]], list[int]]] = {}
        self._places = places
        for number, (shape, values) in enumerate(places):
            listed, rest = self._shapes.setdefault(shape, ({}, []))
            if prod(map(len, values)) > MOST_LISTED:
                rest.append(number)
                continue
            for combination in product(*values):
                listed.setdefault(combination, []).append(number)
        whole = Shape((), ())
        self._every = self._shapes[whole][0][()] if set(self._shapes) == {whole} else []
        """All, where each counts every call."""

    def matching(self, facts: Facts) -> Sequence[int]:
        """The budgets that count a call of which these facts are known, in their order."""
        is_real = facts.get(DATA_MODE, _REAL) in ("", _REAL)
        if self._every and is_real:
            return self._every
        found: set[int] = set()
        for shape, (listed, rest) in self._shapes.items():
            if not is_real and not shape.asks_for_mode:
                continue
            if shape.others and not all(_holds(other, facts) for other in shape.others):
                continue
            if not shape.dimensions:
                # As nearly always: it names no values, so it counts every call.
                found.update(listed[()])
                continue
            said = [_said(dimension, facts) for dimension in shape.dimensions]
            for combination in product(*said):
                found.update(listed.get(combination, ()))
            found.update(number for number in rest if _all_named(self._places[number].values, said))
        return sorted(found)


def _all_named(values: Sequence[Sequence[str]], said: Sequence[Sequence[str]]) -> bool:
    return all(any(one in wanted for one in told) for wanted, told in zip(values, said, strict=True))


def _said(dimension: Dimension, facts: Facts) -> tuple[str, ...]:
    column = dimension.column
    if not column:
        return (facts.get(dimension.name, ""),)
    told = next((facts[name] for name in _NAMES[column] if name in facts), "")
    if column == DATA_MODE:
        return (told or _REAL,)
    also = facts.get(_ALSO.get(column, ""), "")
    return (told, also) if also and also != told else (told,)


def _holds(found: Filter, facts: Facts) -> bool:
    if not isinstance(found, OneOf):
        # By what a call cost, how long it took or what its names hold: not known, or not yet, of a call under way.
        return False
    said = _said(found.dimension, facts)
    wanted = not found.included or any(one in found.included for one in said)
    return wanted and not any(one in found.excluded for one in said)


def names(shape: Shape) -> Iterator[Dimension]:
    """The dimensions calls are grouped by to tell budgets of this shape apart."""
    for dimension in shape.dimensions:
        yield dimension
        if dimension.column == "model":
            yield Dimension("response_model", "response_model")
