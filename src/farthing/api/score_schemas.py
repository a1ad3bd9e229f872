"""What is posted of scores and what is told of them, for the OpenAPI document and for those who read it."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from farthing.api.model import Model
from farthing.model.score import DataType, Target
from farthing.query.score_posting import LONGEST_COMMENT, LONGEST_ID, LONGEST_NAME

_TRACE = r"^[0-9a-f]{32}$"
_SPAN = r"^[0-9a-f]{16}$"

Short = Annotated[str, Field(max_length=LONGEST_ID)]


class ScorePosted(Model):
    """A judgement of one thing: a span, a trace, a session, or a run of an experiment."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    value: StrictBool | StrictInt | StrictFloat | StrictStr = Field(
        description="A number, true or false, a category, or a text: what `data_type` says, or what it looks like."
    )
    data_type: DataType | None = None
    id: Short | None = Field(
        default=None, description="Yours: the same again replaces the score. Made up when missing."
    )
    trace_id: str | None = Field(default=None, pattern=_TRACE)
    span_id: str | None = Field(default=None, pattern=_SPAN, description="Of a span of that trace.")
    session_id: Short | None = None
    run_id: Short | None = None
    comment: str | None = Field(default=None, max_length=LONGEST_COMMENT)
    metadata: dict[str, Any] | None = None
    config_id: Short | None = Field(default=None, description="A score config that it has to fit.")
    source: str = Field(default="API", description="API, EVAL or ANNOTATION: who judged.")
    author: Short | None = None
    environment: Short | None = None
    time: str | None = Field(default=None, description="RFC 3339; now when missing.")


class ScoreShown(Model):
    """A score as it is kept."""

    id: str
    name: str
    data_type: DataType
    value: float | None = Field(description="The number; 1 or 0 of a BOOLEAN; null of a category or a text.")
    label: str | None = Field(description="The category; of a BOOLEAN True or False.")
    text: str | None = Field(description="Of a TEXT or a CORRECTION.")
    target: Target
    trace_id: str | None
    span_id: str | None
    session_id: str | None
    run_id: str | None
    comment: str | None
    metadata: Any
    config_id: str | None
    queue_id: str | None
    source: str
    signal: str = Field(description="What told it: api, span_event or log.")
    author: str | None
    environment: str | None
    time: str
    created_at: str
    updated_at: str


class ScoreList(Model):
    """A page of scores, the latest first."""

    data: list[ScoreShown]
    next_cursor: str | None
