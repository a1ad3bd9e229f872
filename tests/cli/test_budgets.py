"""`farthing budgets …` against a running server: what a person sees and what holds afterwards."""

import json
import subprocess
from collections.abc import Iterator

import pytest
from server_process import FARTHING, ServerProcess


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("cli"))
    server.start()
    yield server
    server.kill()


def test_a_budget_is_made_listed_shown_and_deleted(running: ServerProcess) -> None:
    words = ("--limit", "12.50", "--period", "day", "--tz", "Asia/Tokyo", "-w", "feature=chat", "-w", "feature=search")
    made = json.loads(running.run_cli("budgets", "create", "talk", *words, "-w", "environment=!dev", "--json"))
    assert made["filters"] == {"feature": ["chat", "search"], "environment": ["!dev"]}
    assert (made["limit_usd"], made["spent_usd"], made["status"]) == ("12.5", "0", "ok")
    listed = running.run_cli("budgets", "list")
    for told in (made["id"], "talk", "feature=chat|search", "$12.5", "Asia/Tokyo", "ok"):
        assert told in listed
    assert "$0 of $12.5" in running.run_cli("budgets", "show", made["id"])
    assert "is gone" in running.run_cli("budgets", "delete", made["id"])
    assert json.loads(running.run_cli("budgets", "list", "--json")) == []


def test_the_last_hours_and_a_single_time_are_periods_too(running: ServerProcess) -> None:
    words = ("--limit", "1", "--period", "rolling", "--window", "24h")
    assert "rolling 24h" in running.run_cli("budgets", "create", "burst", *words)
    words = (
        "--limit",
        "1",
        "--period",
        "once",
        "--from",
        "2026-12-01",
        "--until",
        "2027-01-01",
        "--tz",
        "Europe/Berlin",
    )
    told = running.run_cli("budgets", "create", "advent", *words)
    assert "2026-11-30T23:00:00Z to 2026-12-31T23:00:00Z" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--limit", "much"), "limit_usd"),
        (("--limit", "1", "--period", "fortnight"), "period"),
        (("--limit", "1", "-w", "colour=red"), "filters.colour"),
        (("--limit", "1", "-w", "colour"), "is no filter"),
        (("--limit", "1", "--tz", "Mars/Base"), "timezone"),
    ],
)
def test_mistakes_are_told(running: ServerProcess, words: tuple[str, ...], said: str) -> None:
    done = subprocess.run(
        [FARTHING, "budgets", "create", "x", *words],
        env=running.client_environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0
    assert said in done.stderr
