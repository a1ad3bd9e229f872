"""The shapes of answers about runs of experiments and how they compare, for /openapi.json."""

from typing import Any

from pydantic import Field

from farthing.api.model import Model

_EXACT = "US dollars as an exact decimal string; null: not known of any case."
_SURE = "Where the true mean difference lies with the confidence asked for; null of fewer than two cases."


class RunTook(Model):
    """What the cases of a run took. What judging them cost is not in it."""

    cases: int
    errors: int
    cost_usd: str | None = Field(description=_EXACT)
    cost_per_case_usd: str | None = Field(description="Of the cases with a known cost, cut off at 24 decimals.")
    unknown_cost_cases: int = Field(description="Cases without a known cost: they are in no sum.")
    input_tokens: int | None
    output_tokens: int | None
    unknown_token_cases: int
    latency_p50_ms: int | None
    latency_p95_ms: int | None
    evaluation_cost_usd: str | None = Field(description="What judging cost, on its own line; null: nothing known.")


class ScoreOfRun(Model):
    """One score of one run."""

    name: str
    kind: str = Field(description="numeric, boolean, categorical or mixed.")
    count: int = Field(description="Cases that have it.")
    mean: float | None = Field(description="Of a boolean score the share of true; null of labels.")
    low: float | None = Field(description="Where the true mean lies in 95 of 100 cases; null of fewer than two.")
    high: float | None
    labels: dict[str, int] = Field(description="How often each label was given; empty of numbers.")


class ExperimentSummary(RunTook):
    """A run's sums and scores."""

    scores: list[ScoreOfRun]


class ExperimentRun(Model):
    """A run of a dataset."""

    id: str
    name: str
    dataset_id: str = Field(description="'': data that is in no dataset.")
    dataset_version: str | None = Field(description="Of when the dataset is; null: nobody said.")
    description: str | None
    metadata: Any
    created_at: str
    updated_at: str
    items: int


class ExperimentListed(ExperimentRun):
    """A run in a list."""

    errors: int = Field(description="How many of its items failed.")
    summary: ExperimentSummary | None = Field(description="null: too large to be summed up in a list; compare it.")


class Experiments(Model):
    """A page of runs, the latest first."""

    data: list[ExperimentListed]
    next_cursor: str | None


class ComparedRun(ExperimentRun, RunTook):
    """A run beside the others."""

    is_base: bool
    paired_cost_cases: int = Field(description="Cases whose cost is known both here and in the baseline.")
    cost_change_usd: str | None = Field(description="Of those alone: what they cost more than in the baseline.")


class MissingCases(Model):
    """Cases that the baseline has scored and the run has not. They are in no difference; a missing case isn't a pass."""

    total: int
    absent: int = Field(description="Not run.")
    failed: int
    unscored: int


class RegressedItem(Model):
    """An item that became worse."""

    item_id: str
    base: float
    value: float


class ScoreDifference(Model):
    """A run beside the baseline in one score, of the items that both have scored: the run's less the baseline's."""

    run_id: str
    pairs: int
    mean: float | None
    low: float | None = Field(description=_SURE)
    high: float | None
    wins: int
    losses: int
    ties: int
    missing: MissingCases
    only_here: int = Field(description="Cases that the run has scored and the baseline has not.")
    test: str = Field(description="wilcoxon, or mcnemar_exact of yes and no.")
    p_value: float | None = Field(description="Two-sided; null: no pair differs.")
    p_adjusted: float | None = Field(description="As it is worth beside all other tests of this answer (Holm).")
    verdict: str = Field(description="better, worse, no_difference_seen or too_few_cases: by the interval.")
    regressions: list[RegressedItem] = Field(description="The largest first, at most 100; losses counts all.")


class LabelAgreement(Model):
    """A run beside the baseline in one score of labels."""

    run_id: str
    pairs: int
    same: int
    kappa: float | None = Field(description="Cohen's; null where there is one label only.")
    changed: list[tuple[str, str, int]] = Field(description="From, to, how often; the most frequent first.")


class FrontPoint(Model):
    """A run's quality beside what a case of it costs."""

    run_id: str
    quality: float | None = Field(description="The mean, a missing case being as bad as the worst seen.")
    cost_per_case_usd: str | None
    on_front: bool = Field(description="No other run is as good for less, or better for as little.")


class ComparedScore(Model):
    """One score of all runs."""

    name: str
    kind: str
    lower_is_better: bool
    runs: dict[str, ScoreOfRun] = Field(description="By run.")
    differences: list[ScoreDifference] = Field(description="Of each run but the baseline; empty of labels.")
    agreements: list[LabelAgreement]
    front: list[FrontPoint]


class GoodEnough(Model):
    """How sure it is that a run is not worse than the baseline by more than delta, in all these scores at once."""

    run_id: str
    confidence: float | None
    cost_per_case_usd: str | None
    accepted: bool


class CheapestChoice(Model):
    """The cheapest run that is good enough."""

    run_id: str | None
    delta: float
    scores: list[str]
    wanted_confidence: float
    runs: list[GoodEnough]


class ComparisonWarning(Model):
    """What makes the comparison less than it seems."""

    code: str
    text: str
    run_id: str | None
    score: str | None


class ExperimentComparison(Model):
    """Runs beside each other."""

    base: str
    items: int = Field(description="All that any of the runs has.")
    confidence: float
    resamples: int
    runs: list[ComparedRun]
    scores: list[ComparedScore]
    choice: CheapestChoice
    warnings: list[ComparisonWarning]


class ComparedCase(Model):
    """One item in one run."""

    trace_id: str | None
    error: str | None
    scores: dict[str, float | bool | str]
    changes: dict[str, float] = Field(description="Score to difference from the baseline.")
    cost_usd: str | None
    cost_change_usd: str | None
    latency_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    output: Any = Field(None, description="What was answered, with texts=true and where it is kept.")


class ComparedItem(Model):
    """One item in all runs."""

    item_id: str
    input: Any = Field(None, description="With texts=true, of a dataset on this server, as of the baseline's version.")
    expected_output: Any = None
    runs: dict[str, ComparedCase | None] = Field(description="By run; null: it was not run.")


class ComparedItems(Model):
    """A page of items."""

    data: list[ComparedItem]
    total: int
    next_cursor: str | None


class ResultShown(Model):
    """One item of one run."""

    item_id: str
    trace_id: str | None
    started_at: str | None
    error: str | None = Field(description="null: it went well.")
    scores: dict[str, float | bool | str]
    cost_usd: str | None
    latency_ms: int | None


class ResultsShown(Model):
    """A page of a run's items."""

    data: list[ResultShown]
    next_cursor: str | None


class ResultsKept(Model):
    """Where results went."""

    run_id: str
    kept: int
