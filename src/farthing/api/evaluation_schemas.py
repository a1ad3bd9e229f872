"""The shapes of what is asked and answered about evaluations; what the OpenAPI document is made of."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from farthing.api.budget_schemas import Filters
from farthing.api.model import Model
from farthing.api.price_schemas import Strict

StateName = Literal["active", "paused"]
WhenUnpriced = Literal["stop", "continue"]
BoundName = Literal["calls_per_day", "usd_per_day", "judge_unpriced"]

_FILTERS = "As everywhere: a dimension or tag.<key> with one value or several (any of them); !value excludes."
_SAMPLE = (
    "The share of the calls, more than 0 and up to 1. Which calls these are follows from their ids: rules of the same share judge"
    " the same calls."
)
_EVALUATOR = (
    "How an answer is judged, by its `kind`. `contains` and `excludes`: `texts`, `ignore_case`. `regex`: `pattern`, `absent`."
    " `json`. `json_schema`: `schema`. `length`: `least`, `most`, `unit` (characters or words). `judge`: `prompt` with {input}"
    " and {output}, `model` or `config`, `api` (chat or messages), `categories`."
)
_CALLS = "So many calls are judged at most in a day of UTC. A judge that nothing bounds judges 1,000."
_USD = "What a judge may cost in a day of UTC, by the ledger; then nothing more is judged that day."
_UNPRICED = "With usd_per_day, when nobody knows what the judge cost: stop until tomorrow, or continue."


class EvaluationChanges(Strict):
    """What is to be changed; what isn't given stays. What makes scores differ (name, sample, filters, evaluator) makes a new version."""

    name: str = Field(default="", min_length=1, max_length=200, description="That of its scores.")
    filters: Filters = Field(default={}, max_length=20, description=_FILTERS)
    sample: Decimal = Field(default=Decimal(1), gt=0, le=1, description=_SAMPLE)
    evaluator: dict[str, Any] = Field(default={}, description=_EVALUATOR, examples=[{"kind": "json"}])
    calls_per_day: int | None = Field(default=None, ge=1, le=10**9, description=_CALLS)
    usd_per_day: Decimal | None = Field(default=None, gt=0, description=_USD)
    when_unpriced: WhenUnpriced = Field(default="stop", description=_UNPRICED)
    state: StateName = Field(default="active", description="What begins during a pause is not judged.")


class EvaluationWanted(EvaluationChanges):
    """An evaluation to be made, or tried."""

    name: str = Field(min_length=1, max_length=200, description="That of its scores; each of a project's has its own.")
    sample: Decimal = Field(gt=0, le=1, description=_SAMPLE)
    evaluator: dict[str, Any] = Field(description=_EVALUATOR, examples=[{"kind": "json"}])


class TryWanted(Strict):
    """How many of the latest matching calls."""

    last: int = Field(default=5, ge=1, le=20)


class TryNewWanted(TryWanted):
    """What is to be tried."""

    evaluation: EvaluationWanted


class EvaluationReason(Model):
    """Why calls have no score."""

    outcome: Literal["no_content", "failed", "beyond"]
    reason: str
    calls: int


class EvaluationStanding(Model):
    """How it did, in whole days of UTC."""

    since: str = Field(description="The first of these days.")
    judged: int
    no_content: int = Field(description="Calls of which no answer is kept, and so none could be judged.")
    failed: int = Field(description="Calls whose judge failed for good; it is asked up to three times.")
    beyond: int = Field(description="Calls that came when a bound of the day was reached.")
    waiting: int = Field(description="Calls whose judge failed and is asked again.")
    reasons: list[EvaluationReason] = Field(description="The most frequent first.")
    scores: int
    mean: float | None = Field(description="Of the numbers; of yes and no the share of yes. null: there are none.")
    labels: dict[str, int] = Field(description="Category, or True and False, to how many.")
    judge_calls: int | None = Field(description="By the ledger. null: no model judges.")
    judge_cost_usd: str | None = Field(description="null: no model judges, or not all of its calls have a price.")
    judge_unpriced_calls: int
    stopped_by: BoundName | None = Field(description="Which bound keeps it from judging today.")
    note: str | None = Field(description="What to do, where something is not as it should be.")


class EvaluationShown(Model):
    """A rule by which a part of what models answer is judged."""

    id: str
    name: str
    version: int
    state: StateName
    filters: Filters
    sample: str = Field(description="A decimal string.")
    evaluator: dict[str, Any]
    calls_per_day: int | None = Field(description="With a judge's own bound, if it has no other.")
    usd_per_day: str | None
    when_unpriced: WhenUnpriced
    since: datetime = Field(description="Calls that began before are left alone.")
    created_at: datetime
    updated_at: datetime
    standing: EvaluationStanding


class EvaluationList(Model):
    """All of a project's, oldest first."""

    data: list[EvaluationShown]
    next_cursor: None = None


class TriedCall(Model):
    """What would be said of one call."""

    call_id: str
    start_time: str
    outcome: Literal["judged", "no_content", "failed"]
    value: float | None
    label: str | None
    explanation: str | None
    reason: str | None = Field(description="Why there is no score.")
    input: str | None = Field(description="What was judged, cut to 500 characters.")
    output: str | None
    judge_request_id: str | None = Field(description="Of the judge's call, as in the ledger.")


class Tried(Model):
    """Nothing of it is kept; calls of a judge cost what they cost."""

    data: list[TriedCall]
