"""The shapes of requests and answers about datasets and runs on them, for /openapi.json."""

from typing import Any

from pydantic import ConfigDict, Field

from farthing.api.model import Model

_EXACT = "US dollars as an exact decimal string; null: not known of every call, or there was none."


class DatasetChanges(Model):
    """Fields of a dataset; what isn't given stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=500)
    description: str | None = Field(default=None, max_length=10_000)
    metadata: Any = None
    input_schema: dict[str, Any] | None = Field(default=None, description="A JSON Schema that inputs keep to.")
    expected_output_schema: dict[str, Any] | None = Field(
        default=None, description="A JSON Schema that expected outputs keep to, where they are known."
    )


class DatasetWanted(DatasetChanges):
    """A dataset to be made."""

    name: str = Field(min_length=1, max_length=500)


class DatasetShown(Model):
    """A dataset."""

    id: str
    name: str
    description: str | None
    metadata: Any
    input_schema: Any
    expected_output_schema: Any
    items: int = Field(description="Active ones.")
    created_at: str
    updated_at: str


class DatasetList(Model):
    """Datasets, the newest first."""

    data: list[DatasetShown]
    next_cursor: str | None


_TEXT = {"anyOf": [{"maxLength": 255, "type": "string"}, {"type": "null"}]}
ITEM: dict[str, Any] = {
    "type": "object",
    "description": "An item; one that has its id already is replaced by it, in a new version.",
    "properties": {
        "id": {**_TEXT, "description": "A project's items have ids of their own."},
        "input": {},
        "expected_output": {},
        "metadata": {},
        "source_trace_id": _TEXT,
        "source_observation_id": _TEXT,
        "status": {"enum": ["ACTIVE", "ARCHIVED", None]},
    },
}
"""An item to be put in, for the document. It is read as one of many (`datasets/reading.py`), not by a model."""


class ItemShown(Model):
    """An item as it is, or was."""

    id: str
    dataset_id: str
    status: str
    input: Any
    expected_output: Any
    metadata: Any
    source_trace_id: str | None
    source_observation_id: str | None
    created_at: str
    version: str = Field(description="Since when it is so.")


class ItemVersion(ItemShown):
    """One of the versions of an item."""

    until: str | None = Field(description="null: it is still so.")


class ItemDetail(ItemShown):
    """An item with its history."""

    versions: list[ItemVersion] = Field(description="The newest first, 100 at most.")


class ItemList(Model):
    """Items, in the order they were made."""

    data: list[ItemShown]
    next_cursor: str | None


class ItemFault(Model):
    """What is wrong with an item."""

    line: int = Field(description="Of the file, or which of the items, from 1; 0: of none in particular.")
    field: str
    message: str


class ItemsPut(Model):
    """What became of the items that were sent."""

    dry_run: bool = Field(description="Whether it was only looked at, and nothing kept.")
    new: int
    changed: int
    unchanged: int
    ids: list[str] = Field(description="In the order they were sent; empty of a dry run.")
    ignored: list[str] = Field(description="Columns that nothing was made of.")
    errors: list[ItemFault] = Field(description="Only of a dry run: without it, any error means that nothing is kept.")


class Picked(Model):
    """Calls and traces to make items of."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(min_length=1, max_length=500, description="Ids of calls, or of traces.")
    expected_output: bool = Field(default=True, description="Whether what was answered is what is to be expected.")
    dry_run: bool = False


class RunWanted(Model):
    """A run to be made, or more to be said of the one of that name."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=500)
    description: str | None = Field(default=None, max_length=10_000)
    metadata: Any = None
    version: str | None = Field(default=None, description="Of when the dataset is that is tried on, RFC 3339.")


class RunShown(Model):
    """A run of an experiment on a dataset."""

    id: str
    dataset_id: str
    name: str
    description: str | None
    metadata: Any
    version: str | None = Field(description="The last change of the dataset that it was tried on; null: nobody knows.")
    created_at: str
    updated_at: str
    items: int
    errors: int


class RunList(Model):
    """Runs, the latest first."""

    data: list[RunShown]


class CaseScore(Model):
    """A score of a case."""

    value: float | None
    label: str | None


class CaseShown(Model):
    """How one item did in a run. What its evaluators cost is not in what it cost."""

    item_id: str
    item_version: str | None
    trace_id: str | None
    observation_id: str | None
    outcome: str = Field(description="ok, error or unknown.")
    error: str | None
    started_at: str | None
    latency_ms: int | None
    calls: int
    unpriced_calls: int
    cost_usd: str | None = Field(description=_EXACT)
    input_tokens: int | None
    output_tokens: int | None
    evaluator_calls: int
    evaluator_cost_usd: str | None = Field(description=_EXACT)
    scores: dict[str, CaseScore]


class CaseList(Model):
    """Cases by item, each item once: as it did last."""

    data: list[CaseShown]
    next_cursor: str | None
