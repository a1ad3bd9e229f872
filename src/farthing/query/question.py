"""A query string in, a `Question` that belongs to one project out, or an error that names the parameter."""

import difflib
from collections.abc import Callable, Iterable, Sequence

import msgspec

from farthing.errors import BadRequestError
from farthing.query import dimensions, filters, judged, moments, score_groups
from farthing.query.dimensions import DATA_MODE, Dimension
from farthing.query.errors import ParameterError
from farthing.query.filters import Contains, Filter
from farthing.query.judged import Judged

DEFAULT_RANGE_S = 86_400
DEFAULT_LIMIT = 1_000
MOST_GROUPS = 10_000

Pairs = Iterable[tuple[str, str]]


class Scope(msgspec.Struct, frozen=True):
    """Which calls are asked about: one project's, from a moment to just before another, that pass all filters."""

    project_id: str
    start_ns: int
    end_ns: int
    filters: tuple[Filter | Judged, ...] = ()
    every_mode: bool = False
    """Whether test and demo calls are meant too. A filter on the data mode says itself what is meant."""

    @property
    def only_real(self) -> bool:
        """Whether test and demo calls are left out because nobody asked for them; `rollup` never holds them."""
        return not self.every_mode and not any(f.columns and DATA_MODE in f.columns for f in self.filters)

    @property
    def of_traces(self) -> "Scope":
        """The same where whole traces are listed: a score of any of its spans counts for a trace."""
        said = [msgspec.structs.replace(f, wherever=True) if isinstance(f, Judged) else f for f in self.filters]
        return msgspec.structs.replace(self, filters=tuple(said))

    @property
    def apart(self) -> "tuple[Scope, ...]":
        """Scopes that have each of these calls once, where looking for them apart is quicker."""
        for number, f in enumerate(self.filters):
            if isinstance(f, Contains):
                before, after = self.filters[:number], self.filters[number + 1 :]
                return tuple(msgspec.structs.replace(self, filters=(*before, part, *after)) for part in f.apart)
        return (self,)

    def __post_init__(self) -> None:
        """A question without a project can't be built."""
        if not self.project_id:
            msg = "a question needs a project"
            raise ValueError(msg)


class Question(msgspec.Struct, frozen=True):
    """What was spent, by which dimensions, in which steps of time.

    `edges` are the Unix seconds at which steps begin; without any there is no series. Of more than `limit` groups
    the dearest are told apart and the rest is one.
    """

    scope: Scope
    by: tuple[Dimension, ...] = ()
    granularity: str = moments.NONE
    tz: str = "UTC"
    edges: tuple[int, ...] = ()
    limit: int = DEFAULT_LIMIT

    @property
    def columns(self) -> frozenset[str] | None:
        """All columns and tags it looks at besides time and measures; None when only single calls can answer it."""
        if self.scope.every_mode:
            return None
        looked_at = [f.columns for f in self.scope.filters]
        looked_at += [frozenset({d.looked_at}) for d in self.by]
        found: set[str] = set()
        for columns in looked_at:
            if columns is None:
                return None
            found |= columns
        return frozenset(found)


class Given:
    """The parameters of a request, taken out one by one; what is left over in the end was a mistake."""

    def __init__(self, pairs: Pairs) -> None:
        """As they came, repeated ones included."""
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            if "\0" in value:
                raise ParameterError(name, "no value has a zero byte.")
            self._values.setdefault(name, []).append(value)

    def take(self, name: str) -> str | None:
        """The one value of a parameter; None when it wasn't given or is empty. Raises `ParameterError` for two."""
        values = self._values.pop(name, [])
        if len(values) > 1:
            raise ParameterError(name, "give it once.")
        return values[0].strip() or None if values else None

    def take_all(self, name: str) -> list[str]:
        """All values of a parameter."""
        return self._values.pop(name, [])

    def take_filters(self) -> tuple[Filter, ...]:
        """All filters. Raises `ParameterError`."""
        return filters.parse(self._taken(filters.is_filter))

    def take_judged(self, project_id: str) -> tuple[Judged, ...]:
        """All filters by score. Raises `ParameterError`."""
        return judged.parse(project_id, self._taken(judged.is_one))

    def _taken(self, wanted: Callable[[str], bool]) -> dict[str, list[str]]:
        return {name: self._values.pop(name) for name in list(self._values) if wanted(name)}

    def finish(self, known: Sequence[str]) -> None:
        """Raises `ParameterError` when a parameter was not understood."""
        for name in self._values:
            near = difflib.get_close_matches(name, [*known, *filters.names()], 1)
            hint = (
                f"did you mean {near[0]}?"
                if near
                else "filters are dimensions, tag.<key>, score.<name>, min_cost, min_latency, q."
            )
            raise ParameterError(name[:60], f"there is no such parameter; {hint}")


RANGE = ("from", "to", "tz")
SPEND = ("by", "edges", "granularity", "limit", *RANGE)


def take_scope(
    given: Given, project_id: str, now_ns: int, default_s: int = DEFAULT_RANGE_S, *, by_score: bool = True
) -> tuple[Scope, str]:
    """Range, by default so many seconds, filters and time zone. Raises `ParameterError`."""
    tz_name = given.take("tz") or "UTC"
    tz = moments.zone(tz_name)
    end = moments.parse("to", given.take("to") or "now", now_ns, tz)
    start_text = given.take("from")
    start = moments.parse("from", start_text, now_ns, tz) if start_text else max(0, end - default_s * moments.NS)
    if start >= end:
        raise ParameterError("from", f"{moments.rfc3339(start)} is not before to, {moments.rfc3339(end)}.")
    judging = given.take_judged(project_id) if by_score else ()
    return Scope(project_id, start, end, (*given.take_filters(), *judging)), tz_name


def take_limit(given: Given, default: int, most: int) -> int:
    """How many at most. Raises `ParameterError`."""
    text = given.take("limit")
    if text is None:
        return default
    limit = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= limit <= most:
        raise ParameterError("limit", f"a whole number from 1 to {most}, not {text[:20]!r}.")
    return limit


def spend(project_id: str, pairs: Pairs, now_ns: int) -> Question:
    """The question of `GET /api/v1/spend`. Raises `ParameterError`."""
    given = Given(pairs)
    ranges = score_groups.parse_edges(given.take("edges"))
    by = dimensions.parse(given.take_all("by"), lambda name, at: score_groups.found(name, project_id, ranges, at))
    wanted = given.take("granularity") or moments.AUTO
    limit = take_limit(given, DEFAULT_LIMIT, MOST_GROUPS)
    scope, tz = take_scope(given, project_id, now_ns)
    given.finish(SPEND)
    if any(dimension.column == DATA_MODE for dimension in by):
        scope = msgspec.structs.replace(scope, every_mode=scope.only_real)
    step = moments.granularity(wanted, scope.start_ns, scope.end_ns)
    edges = () if step == moments.NONE else moments.edges(step, scope.start_ns, scope.end_ns, moments.zone(tz))
    return Question(scope, by, step, tz, tuple(edges), limit)


__all__ = ["BadRequestError", "Given", "Question", "Scope", "spend", "take_limit", "take_scope"]
