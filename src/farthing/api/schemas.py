"""The shapes of the API's answers, for /openapi.json: what `query.shapes` and `query.run` make."""

from typing import Any

from pydantic import ConfigDict, Field

from farthing.api.content_schemas import Said
from farthing.api.model import Model
from farthing.model.score import DataType

Money = Field(description="US dollars as an exact decimal string; null when unknown or unpriced.")


class Latency(Model):
    """Whole milliseconds; p50 and p95 within 1 %."""

    avg: int | None
    min: int | None
    max: int | None
    p50: int | None
    p95: int | None


class Measures(Model):
    """Sums over calls that own their tokens. null means that nobody reported it."""

    cost_usd: str | None = Money
    input_cost_usd: str | None = Money
    output_cost_usd: str | None = Money
    calls: int
    errors: int
    input_tokens: int | None = Field(description="Including cached.")
    output_tokens: int | None = Field(description="Including reasoning.")
    cached_input_tokens: int | None
    unpriced_calls: int = Field(description="Calls whose cost is not in the sum: no rate is known.")
    unknown_usage_calls: int = Field(description="Calls whose cost is not in the sum: their usage was not reported.")
    latency_ms: Latency


class Group(Measures):
    """The measures of one group, with the value of each dimension of `by` under its name (null: nobody said)."""

    model_config = ConfigDict(extra="allow")


class Step(Model):
    """One step of time: all of it, and its groups."""

    time: str = Field(description="When the step begins, RFC 3339 in UTC.")
    total: Measures
    groups: list[Group]


class Spend(Model):
    """What was spent: in all, by group, and over time. Parts add up to the total exactly."""

    model_config = ConfigDict(populate_by_name=True)

    start: str = Field(alias="from")
    to: str
    tz: str
    granularity: str | None
    by: list[str]
    total: Measures
    groups: list[Group]
    series: list[Step]


class CallInShort(Model):
    """What was asked of which model, how it ended and what it cost."""

    id: str
    provider: str | None
    request_model: str | None
    response_model: str | None
    operation: str | None
    status: str = Field(description="ok or error.")
    error_type: str | None
    finish_reason: str | None
    input_tokens: int | None = Field(description="Including cached.")
    cached_input_tokens: int | None
    output_tokens: int | None = Field(description="Including reasoning.")
    reasoning_tokens: int | None
    cost_usd: str | None = Money
    cost_status: str = Field(description="computed, estimated, unpriced or unknown.")
    ttft_ms: int | None
    owner_id: str | None = Field(description="The call that owns these tokens, perhaps of another trace.")


class Call(CallInShort):
    """One model call."""

    trace_id: str
    span_id: str
    external_request_id: str | None
    response_id: str | None
    start_time: str
    streaming: bool | None
    requested_service_tier: str | None
    service_tier: str | None = Field(description="The tier served.")
    cache_write_tokens: int | None
    usage_source: str = Field(description="provider, estimated or missing.")
    input_cost_usd: str | None = Money
    output_cost_usd: str | None = Money
    reported_cost_usd: str | None = Field(description="The emitter's own figure.")
    latency_ms: int
    feature: str | None
    user_id: str | None
    session_id: str | None
    team: str | None
    tenant: str | None
    environment: str | None
    prompt_version: str | None
    config: str | None
    variant: str | None
    data_mode: str = Field(
        description="real, test or demo. Test and demo calls are no part of any total unless asked for."
    )
    tags: dict[str, str]
    signal: str | None = Field(
        description="metric: made of a counter, this row stands for all calls of one source between two exports;"
        " it is one row, and one of `calls` in totals. null: one call, told by a span or a log record."
    )
    requests: int | None = Field(description="How many calls a row of signal metric stands for, where it was counted.")
    restated: bool = Field(description="Whether another call owns these tokens; such rows are never added.")
    scores: "list[Score] | None" = Field(
        default=None, description="Its own and those of its trace, 100 at most. In a list only with include=scores."
    )


class Line(Model):
    """One line of a call's ledger: amount = quantity x rate / per."""

    bucket: str
    quantity: int
    unit: str
    rate_usd: str | None
    per: int
    amount_usd: str | None
    price_version: str | None
    source: str | None
    rule: str | None
    tier: str | None
    grade: str


class Duplicate(Model):
    """Another span, perhaps of another trace, that tells of the same call or repeats its tokens."""

    id: str
    start_time: str
    dialect: str
    provider: str | None
    operation: str | None
    response_id: str | None
    input_tokens: int | None
    output_tokens: int | None


class CallDetail(Call, Said):
    """A call with its ledger and its attributes as received."""

    cost_lines: list[Line]
    price_version: str | None
    price_source: str | None
    price_rule: str | None
    matched_model: str | None
    usage_convention: str | None
    usage_rule: str | None = Field(description="Why cached input was taken to be a part of the input, or not.")
    usage_flags: list[str] = Field(description="Contradictions in what was reported.")
    usage_reported: dict[str, str | int | float] = Field(description="What the span says of usage, in its own words.")
    duplicates: list[Duplicate] = Field(description="Other sightings of this call, merged into it.")
    dialect: str = Field(description="The library's way of speaking, as which the span was read.")
    attributes: dict[str, Any] | None
    resource: dict[str, Any] | None


class Calls(Model):
    """A page of calls."""

    data: list[Call]
    next_cursor: str | None


class Bar(Model):
    """When a call of a trace ran."""

    offset_ms: int = Field(description="Since the trace's start.")
    duration_ms: int
    failed: bool


class TagValue(Model):
    """A tag and one of the values calls of a trace have for it."""

    key: str
    value: str


class ScoreSum(Model):
    """All scores of one name in a trace."""

    name: str
    count: int
    average: float | None = Field(description="null: only labels were given.")
    label: str | None = Field(description="Where all of them have the same.")


class Trace(Model):
    """A trace in a list."""

    trace_id: str
    name: str | None
    start_time: str | None
    duration_ms: int | None
    span_count: int
    calls: int
    errors: int
    cost_usd: str | None = Money
    input_tokens: int | None
    output_tokens: int | None
    unpriced_calls: int
    unknown_usage_calls: int
    feature: str | None
    user_id: str | None
    session_id: str | None
    environment: str | None
    tags: list[TagValue] = Field(description="Of its calls, at most 12.")
    score_sums: list[ScoreSum]
    bars: list[Bar] = Field(description="The earliest 24 of its calls.")


class Traces(Model):
    """A page of traces."""

    data: list[Trace]
    next_cursor: str | None


class Span(Model):
    """A span without bodies."""

    span_id: str
    parent_span_id: str | None
    name: str
    kind: str
    status: str
    status_message: str | None
    scope: str | None
    scope_version: str | None
    start_time: str
    duration_ms: int


class SpanCall(CallInShort):
    """What a span's call is, in short."""

    restated: bool = Field(description="Whether another call owns these tokens: then they are in no sum of this span.")


class Sums(Model):
    """Sums over calls that own their tokens. null means that nobody reported it."""

    cost_usd: str | None = Money
    calls: int
    errors: int
    unpriced_calls: int = Field(description="Calls whose cost is not in the sum: no rate is known.")
    unknown_usage_calls: int = Field(description="Calls whose cost is not in the sum: their usage was not reported.")
    input_tokens: int | None
    output_tokens: int | None
    cached_input_tokens: int | None


class TraceSpan(Span):
    """A span of a trace where it is drawn: spans come in drawing order, each right before those below it."""

    signal: str = Field(description="span, or log: a log record that describes a call.")
    depth: int = Field(description="0 for a root.")
    under: str | None = Field(
        description="The span it is drawn below: its parent, or for an orphan the root of its time."
    )
    orphan: bool = Field(description="Its parent never arrived, or would be its own descendant.")
    children: int = Field(description="Spans drawn directly below it.")
    descendants: int = Field(description="All spans below it: the next so many of the list.")
    own: Sums | None = Field(description="null: it owns no call.")
    subtree: Sums | None = Field(description="With all below it. null: no call is owned there.")
    call: SpanCall | None


class LinkedTrace(Model):
    """Another trace that tells of the same calls."""

    trace_id: str
    relation: str = Field(description="owns: calls of this trace restate its. restates: its calls restate this one's.")
    calls: int


class Score(Model):
    """A judgement of a trace or of one span of it; told twice by a library, it is here once."""

    id: str
    span_id: str | None = Field(description="null: it judges the trace.")
    name: str
    data_type: DataType
    value: float | None = Field(description="null where only a label or a text was given.")
    label: str | None
    text: str | None
    explanation: str | None
    source: str = Field(description="What told it: api, span_event or log.")
    time: str


class TraceDetail(Trace, Said):
    """A trace with its spans and their scores. Sums at its top are over all of it, whatever page is asked for."""

    orphans: int = Field(description="Spans whose parent never arrived.")
    truncated: bool = Field(description="Only the earliest 50,000 spans make the tree, and there are more.")
    spans: list[TraceSpan]
    next_cursor: str | None
    linked_traces: list[LinkedTrace]
    scores: list[Score]


class SpanDetail(Span, Said):
    """A span with its bodies."""

    trace_id: str
    resource: dict[str, Any]
    attributes: dict[str, Any]
    events: list[dict[str, Any]]


class MetricName(Model):
    """A metric that has points in the range."""

    name: str
    kind: str = Field(description="gauge, sum, histogram, exponential_histogram or summary.")
    unit: str
    series: int
    points: int
    last_time: str


class MetricNames(Model):
    """The metrics that have points in the range."""

    data: list[MetricName]
    next_cursor: str | None


class Point(Model):
    """One data point, as received; what its kind doesn't have is null."""

    start_time: str | None
    time: str
    value: int | float | None
    count: int | None
    sum: float | None
    min: float | None
    max: float | None
    distribution: dict[str, Any] | None = None


class Series(Model):
    """The latest points of one series, the latest first."""

    kind: str
    unit: str
    temporality: str | None = Field(description="delta or cumulative.")
    monotonic: bool
    scope: str | None
    scope_version: str | None
    resource: dict[str, Any]
    attributes: dict[str, Any]
    points: list[Point]


class Metric(Model):
    """One metric's series, together no more points than asked for."""

    name: str
    data: list[Series]
    truncated: bool = Field(description="Whether there are earlier points in the range.")
    next_cursor: str | None
