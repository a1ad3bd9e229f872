"""Results on their way: a server that is away for a moment, one that stays away, and one that says no."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from stub_farthing import status

from farthing_sdk.experiments import Experiment, ServerError, _server, run_experiment

if TYPE_CHECKING:
    from pathlib import Path

    from stub_farthing import Reply, StubFarthing

KEPT: Reply = status(200, body=b'{"run_id": "r1", "kept": 1}')
AWAY: Reply = status(503)


def run(stub: StubFarthing, **more: Any) -> Experiment:
    items = [{"id": "a", "input": 1, "expected": "1"}]
    return run_experiment(items, str, name="n", endpoint=stub.url, api_key="fk_x", resume=False, **more)


def test_a_server_that_is_away_for_a_moment(
    stub: StubFarthing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(_server, "_WAITS", (0.0,))
    monkeypatch.setenv("FARTHING_EXPERIMENT_REPORT", str(tmp_path / "runs.jsonl"))
    stub.replies += [KEPT, AWAY, KEPT]
    made = run(stub, description="d", metadata={"model": "m"}, keep_output=True)
    assert (made.run_id, made.unsent, str(made)) == ("r1", 0, "n: 1 items, 0 errors, 0 done before")
    first, *rest = [sent.body for sent in stub.sent if sent.path.endswith("/experiments/results")]
    # The run is told of before anything is spent on it.
    assert first == {"run": {"name": "n", "description": "d", "metadata": {"model": "m"}}, "results": []}
    assert rest[0] == rest[1]
    [told] = rest[1]["results"]
    assert (told["item_id"], told["output"], told["scores"]) == ("a", "1", [])
    assert json.loads((tmp_path / "runs.jsonl").read_text()) == {"run_id": "r1", "name": "n", "dataset_id": ""}


def test_a_server_that_stays_away_loses_no_result(
    stub: StubFarthing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_server, "_WAITS", ())
    stub.replies += [KEPT, AWAY]
    made = run(stub)
    assert (made.unsent, [one.output for one in made.results]) == (1, ["1"])
    assert "1 results could not be sent" in str(made)
    assert [record for record in caplog.records if "could not be sent" in record.getMessage()]


def test_a_server_that_says_no_is_asked_before_anything_is_spent(stub: StubFarthing) -> None:
    stub.replies += [status(403, body=b'{"detail": "it needs the scope ingest"}')]
    with pytest.raises(ServerError, match="403: it needs the scope ingest"):
        run(stub)
