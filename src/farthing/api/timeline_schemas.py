"""The shapes of a trace told column by column, for /openapi.json: what `query.timeline` makes."""

from pydantic import Field

from farthing.api.model import Model
from farthing.api.schemas import LinkedTrace, Score, Trace


class SpanColumns(Model):
    """Spans in drawing order, each right before those below it: the n-th of every column is of the n-th span."""

    span_id: list[str]
    start_us: list[int] = Field(description="Microseconds since the trace's start.")
    duration_us: list[int]
    kind: list[int] = Field(description="As OTLP numbers it: 0 unspecified, 1 internal, 2 server, 3 client, ...")
    status: list[int] = Field(description="0 unset, 1 ok, 2 error.")
    name: list[int] = Field(description="A place in `texts`.")
    role: list[int] = Field(description="What the span says it is for; a place in `texts`.")
    level: list[int] = Field(description="A place in `texts`.")
    scope_name: list[int] = Field(description="A place in `texts`.")
    depth: list[int] = Field(description="0 for a root.")
    under: list[int] = Field(description="The place of the span it is drawn below; -1 for what is drawn as a root.")
    children: list[int]
    descendants: list[int] = Field(description="The next so many spans are below it.")
    orphans: list[int] = Field(description="Places of spans whose parent never arrived.")
    logs: list[int] = Field(description="Places of spans made of log records.")


class CallColumns(Model):
    """The calls among the spans: the n-th of every column is of the span at `at[n]`."""

    at: list[int]
    provider: list[int] = Field(description="A place in `texts`, as the next six.")
    request_model: list[int]
    response_model: list[int]
    operation: list[int]
    error_type: list[int]
    finish_reason: list[int]
    cost_status: list[int] = Field(description="computed, estimated, unpriced or unknown.")
    input_tokens: list[int | None] = Field(description="Including cached.")
    cached_input_tokens: list[int | None]
    output_tokens: list[int | None] = Field(description="Including reasoning.")
    reasoning_tokens: list[int | None]
    failed: list[bool]
    restated: list[bool] = Field(description="Another call owns these tokens: they are in no sum.")
    cost_usd: list[str | None] = Field(description="Exact US dollars as a decimal string; null when unknown.")
    ttft_us: list[int | None]
    owner_id: list[str | None] = Field(description="The call that owns these tokens, perhaps of another trace.")


class Timeline(Trace):
    """A trace with all its spans, the earliest 50,000 of them, and their scores."""

    orphans: int = Field(description="Spans whose parent never arrived.")
    truncated: bool = Field(description="Only the earliest 50,000 spans are here, and there are more.")
    linked_traces: list[LinkedTrace]
    scores: list[Score]
    span_columns: SpanColumns
    call_columns: CallColumns
    texts: list[str] = Field(description="Every text once; the first is empty.")
