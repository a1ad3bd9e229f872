"""A query of rows by dimensions, measures and conditions, as Langfuse's metrics have it, in; the one SQL text that answers it, out. Pure.

A view is a set of rows with named columns: observations with what their calls cost, traces, scores. Only the columns that are
named are worked out. Costs and tokens are those of calls that own them, so sums agree with what was spent.
"""

from collections.abc import Callable, Mapping

import msgspec

from farthing.errors import BadRequestError
from farthing.query import comparing, of_traces
from farthing.query.observations import ENVIRONMENT, IS_APP_ROOT, LEVEL
from farthing.query.observed import IS_OBSERVATION, TYPE
from farthing.query.of_traces import NAMES, RELEASES, SESSIONS, USERS, VERSIONS
from farthing.query.parameters import Parameters
from farthing.store.telemetry.span_rows import NO_SPAN

MOST_ROWS = 100_000
MOST_BINS = 100

_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_592_000}
_COMFORTABLE = 62
_STEPS = {
    "minute": "toStartOfMinute({at})",
    "hour": "toStartOfHour({at})",
    "day": "toStartOfDay({at})",
    "week": "toStartOfWeek({at}, 1, 'UTC')",
    "month": "toStartOfMonth({at})",
}
GRANULARITIES = ("auto", *_STEPS)

_AGGREGATIONS = {
    "sum": "sum({of})",
    "avg": "avg({of})",
    "count": "count({of})",
    "max": "max({of})",
    "min": "min({of})",
    **{f"p{n}": f"quantileExact(0.{n})({{of}})" for n in (50, 75, 90, 95, 99)},
    "uniq": "uniqExact({of})",
}
AGGREGATIONS = (*_AGGREGATIONS, "histogram")
_OF_IDS = ("uniq", "count")


class View(msgspec.Struct, frozen=True):
    """Rows with columns. `lists` are columns with several values each, all other dimensions texts."""

    rows: Callable[["Asked", Parameters], str]
    dimensions: Mapping[str, str]
    measures: Mapping[str, str]
    lists: frozenset[str] = frozenset({"tags"})
    ids: frozenset[str] = frozenset({"traces", "uniqueUserIds", "uniqueSessionIds"})
    """Measures that are no numbers: they can be counted."""


class Condition(msgspec.Struct, frozen=True):
    """A column that is compared with values."""

    column: str
    operator: str
    values: tuple[str, ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """What is asked of a view of one project, from a moment to just before another (Unix nanoseconds)."""

    project_id: str
    view: str
    from_ns: int
    to_ns: int
    by: tuple[str, ...] = ()
    metrics: tuple[tuple[str, str], ...] = ()
    """Measure and aggregation."""
    conditions: tuple[Condition, ...] = ()
    granularity: str = ""
    """'' for no steps of time."""
    order: tuple[tuple[str, bool], ...] = ()
    """Name of a column of the answer, and whether the largest goes first."""
    limit: int = 100
    bins: int = 10


def compile_pivot(asked: Asked, p: Parameters) -> tuple[str, tuple[str, ...]]:
    """The SQL, and the names of its columns. Raises `BadRequestError`."""
    view = VIEWS.get(asked.view)
    if view is None:
        raise BadRequestError(f"view is one of {', '.join(VIEWS)}, not {asked.view[:40]!r}.")
    columns: dict[str, str] = {}
    if asked.granularity:
        step = _step(asked)
        columns["time_dimension"] = _STEPS[step].format(at="at")
    for name in asked.by:
        said = _column(view, name)
        columns[name] = f"arrayJoin({said})" if name in view.lists else said
    keys = list(columns)
    for measure, aggregation in asked.metrics:
        columns[f"{aggregation}_{measure}"] = _measure(view, measure, aggregation, asked.bins)
    if len(columns) == len(keys):
        raise BadRequestError("metrics: name at least one.")
    where = [_condition(view, one, p) for one in asked.conditions] or ["true"]
    picked = ", ".join(f"{sql} AS `{name}`" for name, sql in columns.items())
    grouped = f" GROUP BY {', '.join(f'`{name}`' for name in keys)}" if keys else ""
    return (
        f"SELECT {picked} FROM ({view.rows(asked, p)}) WHERE {' AND '.join(where)}{grouped}"
        f" ORDER BY {_order(asked, list(columns), len(keys))} LIMIT {min(max(asked.limit, 1), MOST_ROWS)}"
        " SETTINGS join_use_nulls = 1"
    ), tuple(columns)


def _step(asked: Asked) -> str:
    if asked.granularity not in GRANULARITIES:
        raise BadRequestError(f"timeDimension.granularity is one of {', '.join(GRANULARITIES)}.")
    if asked.granularity != "auto":
        return asked.granularity
    seconds = (asked.to_ns - asked.from_ns) / 10**9
    return next((name for name, width in _SECONDS.items() if seconds / width <= _COMFORTABLE), "month")


def _column(view: View, name: str) -> str:
    found = view.dimensions.get(name)
    if found is None:
        raise BadRequestError(f"There is no dimension {name[:40]!r} here; there are {', '.join(view.dimensions)}.")
    return found


def _measure(view: View, measure: str, aggregation: str, bins: int) -> str:
    found = view.measures.get(measure)
    if found is None:
        raise BadRequestError(f"There is no measure {measure[:40]!r} here; there are {', '.join(view.measures)}.")
    # Of every measure, for it is part of the column's name.
    if aggregation not in AGGREGATIONS:
        raise BadRequestError(f"aggregation is one of {', '.join(AGGREGATIONS)}, not {aggregation[:40]!r}.")
    if measure == "count":
        return "count()"
    if measure in view.ids and aggregation not in _OF_IDS:
        raise BadRequestError(f"aggregation: of {measure} it is one of {', '.join(_OF_IDS)}, not {aggregation}.")
    if aggregation == "histogram":
        # What is unknown is in no bin; the engine's own of it would be anything.
        number = f"ifNull(toFloat64({found}), nan)"
        return f"histogramIf({min(max(bins, 1), MOST_BINS)})({number}, isFinite({number}))"
    return _AGGREGATIONS[aggregation].format(of=found)


def _order(asked: Asked, names: list[str], keys: int) -> str:
    wanted = [(name, falling) for name, falling in asked.order if name in names]
    if len(wanted) != len(asked.order):
        raise BadRequestError(f"orderBy: name columns of the answer, {', '.join(names)}.")
    if not wanted:
        wanted = [("time_dimension", False)] if asked.granularity else [(names[keys], True)]
    # What is equal keeps an order, too.
    listed = dict(wanted) | {name: False for name in names[:keys] if name not in dict(wanted)}
    return ", ".join(f"`{name}` {'DESC' if falling else 'ASC'}" for name, falling in listed.items())


_NUMBERS = ("=", ">", "<", ">=", "<=")


def _condition(view: View, one: Condition, p: Parameters) -> str:
    is_measure = one.column in view.measures and one.column not in view.dimensions
    is_list = one.column in view.lists
    of = view.measures[one.column] if is_measure else _column(view, one.column)
    if one.operator in ("is null", "is not null"):
        nothing = f"isNull({of})" if is_measure else f"empty({of})"
        return nothing if one.operator == "is null" else f"NOT {nothing}"
    if not one.values:
        raise BadRequestError(f"filters: {one.column} needs a value.")
    if one.operator in _NUMBERS and one.column in view.measures and one.column not in view.ids:
        return f"toFloat64({view.measures[one.column]}) {one.operator} {p.add('Float64', _number(one))}"
    if is_measure or one.operator not in (comparing.LISTS if is_list else comparing.TEXTS):
        raise BadRequestError(f"filters: {one.column} {one.operator[:30]!r} can't be answered here.")
    return (comparing.listed if is_list else comparing.text)(of, one.operator, one.values, p)


def _number(one: Condition) -> float:
    try:
        return float(one.values[0])
    except ValueError as error:
        raise BadRequestError(f"filters: {one.column} is compared with a number.") from error


def _within(asked: Asked, p: Parameters, column: str = "start_time") -> str:
    project, since, until = p.add("String", asked.project_id), p.instant(asked.from_ns), p.instant(asked.to_ns)
    return f"project_id = {project} AND {column} >= {since} AND {column} < {until}"


_PROMPT = "JSONExtractString(attributes, 'langfuse.observation.prompt.name')"
_OF_TRACE = f"""SELECT trace_id AS of_trace, {of_traces.told_of_trace(NAMES)} AS trace_name,
    argMin(name, (parent_span_id != unhex('{NO_SPAN.hex()}'), start_time)) AS root_name,
    {of_traces.told_of_trace(USERS)} AS trace_user,
    {of_traces.told_of_trace(SESSIONS)} AS trace_session,
    {of_traces.told_of_trace(RELEASES)} AS trace_release,
    {of_traces.told_of_trace(VERSIONS)} AS trace_version,
    arrayDistinct(arrayFlatten(groupArray({of_traces.LISTED}))) AS trace_tags"""
_OF_CALLS = """SELECT trace_id AS of_call, span_id AS span, cost, input_cost, output_cost, input_tokens, output_tokens, ttft_ns,
    if(response_model = '', request_model, response_model) AS answered, prompt_version FROM calls FINAL"""


def _observations(asked: Asked, p: Parameters) -> str:
    within = _within(asked, p)
    return (
        f"SELECT *, coalesce(answered, '') AS model, coalesce(prompt_version, '') AS prompt FROM (SELECT trace_id, span_id,"
        f" start_time AS at, name, duration_ns, {TYPE} AS type, {LEVEL} AS level, {ENVIRONMENT} AS environment,"
        f" {_PROMPT} AS prompt_name, {of_traces.told(VERSIONS)} AS version, {IS_APP_ROOT} AS is_root"
        f" FROM spans FINAL WHERE {within} AND {IS_OBSERVATION}) AS s"
        f" LEFT JOIN ({_OF_CALLS} WHERE {within} AND is_owner) AS c ON trace_id = of_call AND span_id = span"
        f" LEFT JOIN ({_OF_TRACE} FROM spans WHERE {within} GROUP BY trace_id) AS t ON trace_id = of_trace"
    )


def _traces(asked: Asked, p: Parameters) -> str:
    within = _within(asked, p)
    return (
        f"SELECT * FROM ({_OF_TRACE}, min(start_time) AS at, argMin({ENVIRONMENT}, start_time) AS environment,"
        " (max(toUnixTimestamp64Nano(start_time) + duration_ns) - min(toUnixTimestamp64Nano(start_time))) / 1e6 AS lasted,"
        f" countIf({IS_OBSERVATION}) AS observations FROM spans FINAL WHERE {within} GROUP BY trace_id) AS t"
        " LEFT JOIN (SELECT trace_id AS of_call, sum(cost) AS cost, sum(input_tokens) + sum(output_tokens) AS tokens"
        f" FROM calls FINAL WHERE {within} AND is_owner GROUP BY trace_id) AS c ON of_trace = of_call"
    )


def _scores(*kinds: str) -> Callable[[Asked, Parameters], str]:
    def rows(asked: Asked, p: Parameters) -> str:
        listed = p.add("Array(String)", list(kinds))
        return (
            "SELECT * FROM (SELECT trace_id, time AS at, name, value AS number, label, origin, data_type, config_id,"
            " if(environment = '', 'default', environment) AS environment, session_id, run_id FROM scores FINAL"
            f" WHERE {_within(asked, p, 'time')} AND data_type IN {listed}) AS s"
            f" LEFT JOIN ({_OF_TRACE} FROM spans WHERE project_id = {p.add('String', asked.project_id)}"
            f" AND trace_id IN (SELECT trace_id FROM scores WHERE {_within(asked, p, 'time')})"
            " GROUP BY trace_id) AS t ON trace_id = of_trace"
        )

    return rows


_TRACE_DIMENSIONS = {
    "traceName": "coalesce(nullIf(trace_name, ''), root_name, '')",
    "userId": "coalesce(trace_user, '')",
    "sessionId": "coalesce(trace_session, '')",
    "tags": "trace_tags",
    "release": "coalesce(trace_release, '')",
    "traceRelease": "coalesce(trace_release, '')",
    "traceVersion": "coalesce(trace_version, '')",
}
_SECONDS_LONG = "(nullIf(duration_ns, 0) / 1e9)"
_OBSERVATIONS = View(
    _observations,
    {
        "environment": "environment",
        "type": "type",
        "name": "name",
        "level": "level",
        "version": "version",
        "providedModelName": "model",
        "promptName": "prompt_name",
        "promptVersion": "prompt",
        "isRootObservation": "if(is_root, 'true', 'false')",
        "traceId": "lower(hex(trace_id))",
        "startTimeMonth": "formatDateTime(at, '%Y-%m')",
        **_TRACE_DIMENSIONS,
    },
    {
        "count": "1",
        "latency": "duration_ns / 1e6",
        "streamingLatency": "(duration_ns - ttft_ns) / 1e6",
        "timeToFirstToken": "ttft_ns / 1e6",
        "inputTokens": "input_tokens",
        "outputTokens": "output_tokens",
        "totalTokens": "input_tokens + output_tokens",
        "outputTokensPerSecond": f"output_tokens / {_SECONDS_LONG}",
        "tokensPerSecond": f"(input_tokens + output_tokens) / {_SECONDS_LONG}",
        "inputCost": "input_cost",
        "outputCost": "output_cost",
        "totalCost": "cost",
        "traces": "trace_id",
    },
)
_SCORE_DIMENSIONS = {
    "environment": "environment",
    "name": "name",
    "source": "origin",
    "dataType": "data_type",
    "configId": "config_id",
    "timestampMonth": "formatDateTime(at, '%Y-%m')",
    "timestampDay": "formatDateTime(at, '%Y-%m-%d')",
    "scoreSessionId": "session_id",
    "datasetRunId": "run_id",
    **_TRACE_DIMENSIONS,
}
_OF_NUMBERS = {"count": "1", "value": "number"}

VIEWS: Mapping[str, View] = {
    "observations": _OBSERVATIONS,
    "traces": View(
        _traces,
        {
            "name": _TRACE_DIMENSIONS["traceName"],
            "environment": "environment",
            "version": "coalesce(trace_version, '')",
            "id": "lower(hex(of_trace))",
            "timestampMonth": "formatDateTime(at, '%Y-%m')",
            **_TRACE_DIMENSIONS,
        },
        {
            "count": "1",
            "latency": "lasted",
            "observationsCount": "observations",
            "totalCost": "cost",
            "totalTokens": "tokens",
            "uniqueUserIds": "nullIf(trace_user, '')",
            "uniqueSessionIds": "nullIf(trace_session, '')",
        },
    ),
    "scores-numeric": View(
        _scores("NUMERIC", "BOOLEAN"), {**_SCORE_DIMENSIONS, "value": "toString(number)"}, _OF_NUMBERS
    ),
    "scores-boolean": View(_scores("BOOLEAN"), {**_SCORE_DIMENSIONS, "booleanValue": "lower(label)"}, _OF_NUMBERS),
    "scores-categorical": View(_scores("CATEGORICAL"), {**_SCORE_DIMENSIONS, "stringValue": "label"}, {"count": "1"}),
}
