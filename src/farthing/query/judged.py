"""Filters by score as people write them in, conditions over rows of `calls` out.

`score.NAME>=0.8` and `score.NAME<=0.2` are about numbers, `score.NAME=good` is about a label, a text or exactly this number, and
`score.NAME=0.7 to 0.8` about a range as `score_groups.py` names it: with its lower end, without its upper one.
`score.NAME=` finds what nobody has judged by that name, `score.NAME=!` what somebody has. A score of a call or of its whole
trace counts.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from farthing.model.score import NO_SPAN
from farthing.query import cursors
from farthing.query.errors import ParameterError
from farthing.query.parameters import Parameters
from farthing.store.telemetry.cuts import Cut

PREFIX: Final = "score."
_NOT = "!"
_BOUNDS = {">": ">=", "<": "<="}
"""How a parameter's name ends whose value is a bound: in `score.x>=1` all before the `=` is the name."""

LONGEST_NAME, _LONGEST_VALUE, _MOST_VALUES = 200, 2_000, 100


class Judged(msgspec.Struct, frozen=True):
    """A call, or its trace, has a score of this name with one of these values; `operator` is empty for exactly these."""

    project_id: str
    name: str
    operator: str = ""
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    wherever: bool = False
    """Whether a score of any span of the trace counts, as for lists of traces."""

    @property
    def columns(self) -> None:
        """Single calls are looked at."""
        return

    def sql(self, parameters: Parameters, cut: Cut | None = None) -> str:  # noqa: ARG002  as of other filters
        """The condition."""
        parts: list[str] = []
        if self.included:
            parts.append(" OR ".join(self._has(value, parameters) for value in self.included))
        parts += [f"NOT {self._has(value, parameters)}" for value in self.excluded]
        return " AND ".join(f"({part})" for part in parts)

    def _has(self, value: str, p: Parameters) -> str:
        scores = (
            f"FROM scores FINAL WHERE project_id = {p.add('String', self.project_id)}"
            f" AND name = {p.add('String', self.name)} AND {self._said(value, p)}"
        )
        nowhere = f"unhex('{NO_SPAN.hex()}')"
        if self.wherever:
            found = f"trace_id IN (SELECT trace_id {scores})"
        else:
            found = (
                f"((trace_id, span_id) IN (SELECT trace_id, span_id {scores} AND span_id != {nowhere})"
                f" OR trace_id IN (SELECT trace_id {scores} AND span_id = {nowhere}))"
            )
        return found if value else f"NOT {found}"

    def _said(self, value: str, p: Parameters) -> str:
        if self.operator:
            return f"value {self.operator} {p.add('Float64', float(value))}"
        if not value:
            return "true"
        said = p.add("String", value)
        told = [f"label = {said}", f"text = {said}", f"value = toFloat64OrNull({said})"]
        low, high = _ends(value)
        bounds = [f"value {bound} {p.add('Float64', float(end))}" for bound, end in ((">=", low), ("<", high)) if end]
        return f"({' OR '.join([*told, *([' AND '.join(bounds)] if bounds else [])])})"


def _ends(value: str) -> tuple[str, str]:
    """Where a range begins and where it ends; "" where it doesn't, or this is none."""
    number = cursors.NUMBER.pattern
    if found := re.fullmatch(f"(?P<low>{number}) to (?P<high>{number})", value):
        return found["low"], found["high"]
    if found := re.fullmatch(f"(?P<low>{number}) or more", value):
        return found["low"], ""
    found = re.fullmatch(f"below (?P<high>{number})", value)
    return "", found["high"] if found else ""


def is_one(name: str) -> bool:
    """Whether a parameter of this name is a filter by score."""
    return name.startswith(PREFIX)


def parse(project_id: str, given: Mapping[str, Sequence[str]]) -> tuple[Judged, ...]:
    """Filters by parameter. Raises `ParameterError`."""
    return tuple(_one(project_id, name, list(dict.fromkeys(values))) for name, values in given.items())


def _one(project_id: str, told: str, values: list[str]) -> Judged:
    operator = _BOUNDS.get(told[-1], "")
    name = (told[:-1] if operator else told).removeprefix(PREFIX).strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise ParameterError(told[:60], f"a score's name has 1 to {LONGEST_NAME} characters: score.helpful>=0.8.")
    if len(values) > _MOST_VALUES or any(len(value) > _LONGEST_VALUE for value in values):
        raise ParameterError(told[:60], f"at most {_MOST_VALUES} values of at most {_LONGEST_VALUE} characters.")
    if operator:
        wrong = next((value for value in values if not cursors.NUMBER.fullmatch(value)), None)
        if wrong is not None:
            raise ParameterError(told[:60], f"a score is compared with a number, not {wrong[:20]!r}.")
        return Judged(project_id, name, operator, tuple(values))
    included = tuple(value for value in values if not value.startswith(_NOT))
    excluded = tuple(value.removeprefix(_NOT) for value in values if value.startswith(_NOT))
    return Judged(project_id, name, "", included, excluded)


__all__ = ["Judged", "is_one", "parse"]
