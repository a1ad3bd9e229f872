"""`farthing demo` as a user starts it, and the first three rules by the command that the guide gives, in; that each finds what is planted there out."""

import time
from collections.abc import Generator
from datetime import datetime
from typing import Any

import httpx
import pytest
from e2e.waiting import until
from server_process import ServerProcess
from typer.testing import CliRunner

from farthing.cli.main import app
from farthing.demo import anomalies
from farthing.demo.company import RETRY_LOOP_FEATURE
from farthing.query.moments import NS

CALLS, DAYS = 12_000, 18
"""A tenth of what the demo makes a day, so limits are a tenth too."""
RULES = {
    "spend-24h": ("--limit", "50"),
    "spend-anomaly": (),
    "rate-limits": ("--limit", "5", "--window", "1h"),
}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    folder = tmp_path_factory.mktemp("demo")
    command = ("demo", "--calls", str(CALLS), "--days", str(DAYS), "--data", str(folder / "data"))
    running = ServerProcess(folder, command=command)
    try:
        running.start()
        until((running.data / "demo-filled").exists, within=180)
        yield running
    finally:
        running.kill()


def command(server: ServerProcess, *words: str) -> str:
    done = CliRunner(env=server.client_environment).invoke(app, ["alerts", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_first_three_rules_are_one_command_each_and_find_the_retry_loop(demo: ServerProcess) -> None:
    hour_ns = 3_600 * NS
    loop = anomalies.planted(time.time_ns() // hour_ns * hour_ns).retry_loop
    since, end = (loop.start_ns - 2 * hour_ns) // NS, (loop.end_ns + hour_ns) // NS
    for name, words in RULES.items():
        command(demo, "add", name, *words)
        body = {"rule_id": demo.get(f"/api/v1/alerts/rules/{name}")["id"], "since": str(since), "until": str(end)}
        answer = httpx.post(
            f"{demo.url}/api/v1/alerts/rules/backtest", json=body, headers=demo.headers, timeout=60, verify=False
        )
        (found,) = of_the_loop(answer.json()["incidents"])
        opened_ns = int(datetime.fromisoformat(found["opened_at"]).timestamp()) * NS
        assert loop.start_ns < opened_ns < loop.end_ns, name
        assert name != "spend-anomaly" or opened_ns <= loop.start_ns + hour_ns // 2
    said = command(demo, "backtest", "rate-limits", "--since", str(since), "--until", str(end))
    assert "would have fired" in said
    assert "spend-24h" in command(demo, "rules")


def of_the_loop(incidents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the whole project, or of the feature that loops."""
    return [one for one in incidents if not one["group"] or one["group"][0]["value"] == RETRY_LOOP_FEATURE]
