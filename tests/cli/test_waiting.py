"""What `farthing tail` shows: each call once, and what a log or a metric told only if no span tells it."""

from typing import Any

import pytest

from farthing.cli.waiting import HOLD_SECONDS, Waiting


def row(call_id: str, *, signal: str | None = None, restated: bool = False) -> dict[str, Any]:
    return {"id": call_id, "signal": signal, "restated": restated}


def test_a_call_is_shown_once() -> None:
    waiting = Waiting(row)
    assert list(waiting.ready([row("a"), row("b")], 0)) == [row("a"), row("b")]
    assert list(waiting.ready([row("a"), row("c")], 1)) == [row("c")]


@pytest.mark.parametrize("signal", ["log", "metric"])
def test_what_no_span_told_yet_is_shown_when_none_came(signal: str) -> None:
    now: dict[str, dict[str, Any]] = {"alone": row("alone"), "told": row("told", restated=True)}
    waiting = Waiting(lambda call_id: now[call_id])
    logs = [row("alone", signal=signal), row("told", signal=signal)]
    assert list(waiting.ready(logs, 0)) == []
    assert list(waiting.ready([row("span")], 1)) == [row("span")]
    assert list(waiting.ready([], HOLD_SECONDS)) == [row("alone")]
    assert list(waiting.ready(logs, HOLD_SECONDS + 1)) == []
    assert list(waiting.ready([], 3 * HOLD_SECONDS)) == []
