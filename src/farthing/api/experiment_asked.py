"""Query strings of requests about runs of experiments in; what they ask for, checked and described for /openapi.json, out."""

import re
from collections.abc import Sequence

from pydantic import Field

from farthing.api.model import Model
from farthing.datasets.runs import Run, Runs
from farthing.errors import BadRequestError, NotFoundError

DEFAULT_DELTA = 0.05
FEWEST, MOST = 2, 6
PLACE = re.compile(r"-?[0-9]{1,40}(\.[0-9]+)?(e[+-]?[0-9]{1,3})?")
"""Where an item stands in an order by a number."""

CURSOR = "next_cursor of the page before."
_ALL = "unless said otherwise all of them."


class ListAsked(Model):
    """Which runs are to be listed."""

    dataset_id: str | None = Field(None, max_length=255, description="Only runs on this dataset.")
    name: str | None = Field(None, max_length=1000, description="Only runs of this name.")
    limit: int = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, description=CURSOR)


class RunsAsked(Model):
    """Which runs are meant, and how their scores are to be taken."""

    runs: str = Field(
        max_length=4000, description="Two to six runs, comma-separated: ids, or names where they are clear."
    )
    base: str = Field("", max_length=1000, description="The baseline, one of them; the first unless said otherwise.")
    dataset_id: str | None = Field(None, max_length=255, description="The dataset of runs that are named.")
    lower: str = Field("", max_length=4000, description="Scores of which less is better, comma-separated.")

    @property
    def lower_is_better(self) -> frozenset[str]:
        """Scores of which less is better."""
        return frozenset(parts(self.lower))


class CompareAsked(RunsAsked):
    """How runs are to be compared."""

    delta: float = Field(
        DEFAULT_DELTA,
        ge=0,
        le=1e100,
        description="How much worse on average, in the score's own units, is still good enough.",
    )
    score: str = Field("", max_length=4000, description=f"Scores the choice goes by, comma-separated; {_ALL}")
    confidence: float = Field(0.95, ge=0.5, le=0.999, description="Of the intervals.")


class ItemsAsked(RunsAsked):
    """Which items of runs are meant."""

    only: str = Field("all", pattern="^(all|regressed|improved|missing|failed)$")
    score: str = Field("", max_length=256, description="The score that is meant; any unless said otherwise.")
    below: float | None = Field(
        None, allow_inf_nan=False, description="Only items that a run scores below this; it needs score."
    )
    sort: str = Field("item", pattern="^(item|regression|cost_change)$", description="What is largest comes first.")
    texts: bool = Field(False, description="Also what the items are, and what was answered, where that is kept.")
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, description=CURSOR)


def parts(text: str) -> list[str]:
    """What commas divide, each once."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def meant(runs: Runs, project: str, asked: RunsAsked) -> tuple[list[Run], str]:
    """The runs meant, by id or by name, and the id of the baseline. Raises `BadRequestError`, `NotFoundError`, `StoreError`."""
    names = parts(asked.runs)
    if not FEWEST <= len(names) <= MOST:
        msg = f"runs: name {FEWEST} to {MOST} of them, not {len(names)}."
        raise BadRequestError(msg)
    by_id = runs.of_ids(project, names)
    others: list[Run] = []
    if len(by_id) < len(names):
        others = runs.all(project) if asked.dataset_id is None else runs.of_dataset(project, asked.dataset_id)
    found = [by_id.get(name) or _by_name(name, others) for name in names]
    if len({run.id for run in found}) < len(found):
        msg = "runs: two of them are the same run."
        raise BadRequestError(msg)
    base = next((run for run in found if asked.base in ("", run.id, run.name)), None)
    if base is None:
        msg = f"base: {asked.base[:80]!r} is none of the runs."
        raise BadRequestError(msg)
    return found, base.id


def _by_name(name: str, known: Sequence[Run]) -> Run:
    found = [run for run in known if run.name == name]
    if not found:
        msg = f"There is no run {name[:80]!r}."
        raise NotFoundError(msg)
    if len(found) > 1:
        ids = ", ".join(run.id for run in found[:5])
        msg = f"runs: {name[:80]!r} is the name of {len(found)} runs; say dataset_id, or one of the ids {ids}."
        raise BadRequestError(msg)
    return found[0]
