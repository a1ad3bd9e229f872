"""What somebody wants priced again in; which calls those are out, to be kept with the job and read again after a restart."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from farthing.normalize import metered
from farthing.pricing.overrides import Override
from farthing.query import filters
from farthing.query.errors import ParameterError
from farthing.query.parameters import Parameters
from farthing.query.question import Given, Scope, take_scope
from farthing.query.sql import calls_where
from farthing.shapes import Shape
from farthing.store.telemetry.repriced import Calls, Span

Json = dict[str, Any]


class Trial(msgspec.Struct, frozen=True):
    """A price that nobody has saved, and the id of the one it would stand in place of, "" for none."""

    override: Override
    replaces: str = ""


class Wanted(msgspec.Struct, frozen=True):
    """A range of time in Unix nanoseconds, its end excluded, and filters as they were written."""

    start_ns: int
    end_ns: int
    filters: dict[str, list[str]] = {}
    trial: Trial | None = None
    """What is only tried: nothing may be changed by it."""

    @property
    def span(self) -> Span:
        """The range."""
        return Span(self.start_ns, self.end_ns)

    def calls(self, project_id: str) -> Calls:
        """Those calls of this project."""
        scope = Scope(project_id, self.start_ns, self.end_ns, filters.parse(self.filters), every_mode=True)
        p = Parameters()
        # Sums that only metrics told are priced as sums (`pricing.aggregate`): as one call they would reach the wrong tier.
        where = f"{calls_where(scope, ((self.start_ns, self.end_ns),), p)} AND dialect != '{metered.NAME}'"
        return Calls(project_id, where, p.values)


_WANTED = Shape(Wanted)


def wanted(range_: Mapping[str, str | None], chosen: Mapping[str, str | Sequence[str]], now_ns: int) -> Wanted:
    """From `from`, `to` and `tz` as questions have them, and filters. Raises `ParameterError`."""
    if not range_.get("from"):
        raise ParameterError("from", "say from when on calls are to be priced again, such as now-7d.")
    told = {name: [values] if isinstance(values, str) else list(values) for name, values in chosen.items()}
    pairs = [(name, value) for name, value in range_.items() if value]
    given = Given([*pairs, *((name, value) for name, values in told.items() for value in values)])
    scope, _ = take_scope(given, "-", now_ns, by_score=False)
    given.finish(("from", "to", "tz"))
    return Wanted(scope.start_ns, scope.end_ns, told)


def kept(asked: Wanted) -> Json:
    """As JSON."""
    return msgspec.to_builtins(asked)


def from_kept(asked: Json) -> Wanted:
    """What `kept` made."""
    return _WANTED.of(asked)
