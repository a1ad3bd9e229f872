"""One item as one run dealt with it, and the run: what comparisons tell of."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

Value = float | bool | str
"""What an evaluator said: a number, yes or no, or a label."""


class Kind(StrEnum):
    """What the values of a score are."""

    NUMERIC = "numeric"
    BOOLEAN = "boolean"
    CATEGORICAL = "categorical"
    MIXED = "mixed"
    """Numbers here and words there: nothing can be reckoned with them."""


class Case(msgspec.Struct, frozen=True, gc=False):
    """One item in one run. None is unknown, and never zero."""

    item_id: str
    scores: Mapping[str, Value] = {}
    cost: int | None = None
    """In units of 10^-24 dollars (see `model.money`), without what evaluating it cost."""
    latency_ms: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    error: str = ""
    trace_id: str = ""
    span_id: str = ""
    """"": all of the trace."""


class Run(msgspec.Struct, frozen=True):
    """What is known of one run besides its cases."""

    id: str
    name: str
    dataset_id: str = ""
    dataset_version: str = ""
    """"" where nobody said."""
    evaluators: Mapping[str, frozenset[str]] = {}
    """Score to the versions of what gave it; several where it was changed on the way."""
    evaluation_cost: int | None = None
    """What evaluating all of it cost; None: nobody knows, or nothing that costs was asked."""
