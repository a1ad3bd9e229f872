"""Answers of the API in; what a terminal shows of spend, out."""

import io
from typing import Any

from rich.console import Console

from farthing.cli import show


def group(cost: str | None, calls: int, **named: Any) -> dict[str, Any]:
    counts = {"calls": calls, "errors": 0, "unpriced_calls": 0, "unknown_usage_calls": 0}
    return {"cost_usd": cost, "input_tokens": None, "output_tokens": 5, **counts, **named}


def test_calls_without_a_score_and_the_rest_have_names_of_their_own() -> None:
    told = {
        "total": group("3.000000000001", 4),
        "groups": [
            group("1", 1, **{"score.good": "0.7 to 0.8", "team": None}),
            group("2.000000000001", 2, **{"score.good": None, "team": "a"}),
            group(None, 1, **{"score.good": None, "team": None, "others": True}),
        ],
    }
    text = io.StringIO()
    show.spend(Console(file=text, width=140), told, ["score.good", "team"], "24h")
    lines = [line for line in text.getvalue().splitlines() if "│" in line]
    assert [part in lines[0] for part in ("(no score)", " a ", "$2.000000000001")] == [True] * 3
    assert [part in lines[1] for part in ("0.7 to 0.8", "—")] == [True] * 2
    assert "(others)" in lines[2]
    assert "$3.000000000001" in lines[3]
