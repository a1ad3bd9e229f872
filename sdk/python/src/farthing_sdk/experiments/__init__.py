"""A dataset, a task and evaluators go in; how good it is, what it costs and how long it takes come out, item by item."""

from __future__ import annotations

from farthing_sdk.experiments._built_in import contains, exact, is_json, json_schema, levenshtein, regex, token_f1
from farthing_sdk.experiments._evaluator import Evaluator, evaluator
from farthing_sdk.experiments._experiment import Experiment
from farthing_sdk.experiments._judge import JudgeError, judge
from farthing_sdk.experiments._nouns import Dataset, Item, ItemResult, Score, Value
from farthing_sdk.experiments._running import arun_experiment, run_experiment
from farthing_sdk.experiments._server import ServerError

__all__ = [
    "Dataset",
    "Evaluator",
    "Experiment",
    "Item",
    "ItemResult",
    "JudgeError",
    "Score",
    "ServerError",
    "Value",
    "arun_experiment",
    "contains",
    "evaluator",
    "exact",
    "is_json",
    "json_schema",
    "judge",
    "levenshtein",
    "regex",
    "run_experiment",
    "token_f1",
]
