"""`score.NAME` as a dimension in; which group each row of `calls` is in, as SQL, out. Pure.

A call is in the group of the last score of this name that it has itself, else of the last that its whole trace has: one group for
each call, so that groups add up to the total. A score with a label is in the group of that label, one of yes and no too; a number is
in a range. A text is none of many that are alike, so it makes no group: as without any score, the group is "".
"""

from collections.abc import Sequence
from itertools import pairwise

from farthing.model.score import NO_SPAN
from farthing.query import cursors
from farthing.query.dimensions import Dimension
from farthing.query.errors import ParameterError
from farthing.query.judged import LONGEST_NAME, PREFIX
from farthing.query.parameters import Parameters
from farthing.store.telemetry.cuts import Cut

MOST_EDGES = 50

_NOWHERE = f"unhex('{NO_SPAN.hex()}')"

# Sums of tenths of floats are a little off, which must not move a number to the next range: nine digits are told apart.
_TENTH = "floor(round(value * 10, 9))"
_STEP = "exp10(floor(log10(abs(value))))"
_BY_ITSELF = f"""multiIf(
    abs(value) <= 10 AND value = round(value), toString(toInt64(value)),
    abs(value) < 1, concat(toString({_TENTH} / 10), ' to ', toString(({_TENTH} + 1) / 10)),
    concat(toString(floor(value / {_STEP}) * {_STEP}), ' to ', toString(floor(value / {_STEP}) * {_STEP} + {_STEP})))"""
"""Whole numbers up to ten stand for themselves: they are ratings, or a yes and no. Others are in ranges as wide as a tenth, one,
ten, a hundred … are of their size.
"""


class ByScore(Dimension, frozen=True):
    """Calls by their score of a name. `number` tells those of one question apart."""

    project_id: str = ""
    edges: tuple[float, ...] = ()
    """Where ranges of numbers begin; () leaves that to the numbers."""
    number: int = 0

    def sql(self, parameters: Parameters, cut: Cut | None = None) -> str:  # noqa: ARG002  as of other dimensions
        """Its group; of rows that `joined` has put together."""
        return f"if(score{self.number}_own != '', score{self.number}_own, score{self.number}_whole)"

    def joined(self, p: Parameters) -> str:
        """What is joined to `calls` before."""
        own, whole = (f"score{self.number}_{which}" for which in ("own", "whole"))
        return (
            f" ANY LEFT JOIN ({self._groups(p, own, f'span_id != {_NOWHERE}')})"
            f" AS {own}s ON trace_id = {own}_trace AND span_id = {own}_span"
            f" ANY LEFT JOIN ({self._groups(p, whole, f'span_id = {_NOWHERE}')}) AS {whole}s ON trace_id = {whole}_trace"
        )

    def _groups(self, p: Parameters, name: str, which: str) -> str:
        group = f"if({'' if not self.edges else 'isNull(value) AND '}label != '', label, {self._range(p)})"
        return (
            f"SELECT trace_id AS {name}_trace, span_id AS {name}_span, argMax({group}, (time, commit, id)) AS {name}"
            f" FROM scores FINAL WHERE project_id = {p.add('String', self.project_id)} AND name = {p.add('String', self.score)}"
            f" AND {which} AND (isFinite(ifNull(value, nan)) OR label != '') GROUP BY trace_id, span_id"
        )

    def _range(self, p: Parameters) -> str:
        if not self.edges:
            return f"assumeNotNull({_BY_ITSELF})"
        named = p.add("Array(String)", ranges(self.edges))
        return f"{named}[arrayCount(edge -> edge <= assumeNotNull(value), {p.add('Array(Float64)', list(self.edges))}) + 1]"

    @property
    def score(self) -> str:
        """The name of the score."""
        return self.name.removeprefix(PREFIX)


def ranges(edges: Sequence[float]) -> list[str]:
    """The ranges that these edges, which ascend, make: each with its lower end and without its upper one."""
    told = [f"{edge:.15g}" for edge in edges]
    between = [f"{low} to {high}" for low, high in pairwise(told)]
    return [f"below {told[0]}", *between, f"{told[-1]} or more"]


def parse_edges(text: str | None) -> tuple[float, ...]:
    """The parameter `edges`. Raises `ParameterError`."""
    parts = [part.strip() for part in (text or "").split(",") if part.strip()]
    wrong = next((part for part in parts if not cursors.NUMBER.fullmatch(part)), None)
    if wrong is not None:
        raise ParameterError("edges", f"numbers at which ranges of a score begin: 0.5,0.8; not {wrong[:20]!r}.")
    if len(parts) > MOST_EDGES:
        raise ParameterError("edges", f"at most {MOST_EDGES}, not {len(parts)}.")
    edges = tuple(float(part) for part in parts)
    if list(edges) != sorted(set(edges)):
        raise ParameterError("edges", "each is higher than the one before: 0.5,0.8.")
    return edges


def found(name: str, project_id: str, edges: tuple[float, ...], number: int) -> ByScore | None:
    """The dimension with this name, if it is one of scores. Raises `ParameterError`."""
    if not name.startswith(PREFIX):
        return None
    if not 0 < len(name) - len(PREFIX) <= LONGEST_NAME:
        raise ParameterError("by", f"a score's name has 1 to {LONGEST_NAME} characters: score.helpful.")
    return ByScore(name, "", project_id, edges, number)
