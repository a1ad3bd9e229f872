"""What an experiment is made of: items of a dataset, scores, and what became of each item."""

from __future__ import annotations

from typing import Any, NamedTuple, Union

Value = Union[bool, int, float, str]
"""What an evaluator may say: yes or no, a number, or a label."""


class Item(NamedTuple):
    """One item of a dataset."""

    id: str
    input: Any
    expected: Any = None
    metadata: Any = None
    version: str | None = None
    """When the item became what it is, where the server keeps it."""


class Dataset(NamedTuple):
    """Items to try something on."""

    name: str
    items: list[Item]
    id: str = ""
    """"": it is kept nowhere but here."""
    version: str = ""


class Score(NamedTuple):
    """What an evaluator said of one output."""

    name: str
    value: Value
    comment: str = ""
    evaluator: str = ""
    version: str = ""
    """Of the evaluator."""


class ItemResult(NamedTuple):
    """What became of one item."""

    item: Item
    output: Any
    scores: list[Score]
    error: str
    """"": it went well."""
    trace_id: str
    span_id: str
    started_at: float
    """Unix seconds."""
    latency_ms: int
    attempts: int = 1
    evaluator_errors: dict[str, str] | None = None
    """Evaluators that failed: their scores are missing, which is not the same as bad."""

    def score(self, name: str) -> Value | None:
        """The score of that name; None: there is none."""
        return next((one.value for one in self.scores if one.name == name), None)
