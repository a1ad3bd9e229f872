"""`farthing prices …` against a running server: what a person sees and what holds afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_process import ServerProcess


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("cli"))
    server.start()
    yield server
    server.kill()


def test_prices_are_listed_shown_and_explained(running: ServerProcess) -> None:
    assert "gpt-4o-mini" in running.run_cli("prices", "list", "openai", "-q", "4o-mini")
    assert "openai/gpt-4o" in running.run_cli("prices", "show", "openai", "gpt-4o")
    told = running.run_cli("prices", "explain", "gpt-4o-mini", "--input", "1000", "--cached", "200", "--output", "100")
    assert "$0.000195" in told
    whole = json.loads(running.run_cli("prices", "explain", "gpt-4o-mini", "--input", "1000", "--json"))
    assert whole["cost_usd"] == "0.00015"
    assert "Every call has a price" in running.run_cli("prices", "unpriced")


def test_an_override_is_added_listed_and_removed(running: ServerProcess) -> None:
    added = running.run_cli("prices", "override", "add", "openai", "gpt-4o-mini", "-r", "input=2", "--organisation")
    name = added.split()[1]
    assert "organisation" in running.run_cli("prices", "override", "list")
    assert "$0.002" in running.run_cli("prices", "explain", "gpt-4o-mini", "--input", "1000")
    running.run_cli("prices", "override", "remove", name)
    assert "removed" in running.run_cli("prices", "override", "history")
    assert "$0.00015" in running.run_cli("prices", "explain", "gpt-4o-mini", "--input", "1000")


def test_an_update_without_a_network_is_held_back_where_it_is_suspicious(
    running: ServerProcess, tmp_path: Path
) -> None:
    file = tmp_path / "data.json"
    model = {"id": "gpt-4o-mini", "match": {"equals": "gpt-4o-mini"}, "prices": {"input_mtok": 900, "output_mtok": 900}}
    file.write_text(json.dumps([{"id": "openai", "name": "OpenAI", "api_pattern": "x", "models": [model]}]))
    assert "would change" in running.run_cli("prices", "diff", str(file))
    assert "Held back" in running.run_cli("prices", "update", "--file", str(file))
    assert "$0.00015" in running.run_cli("prices", "explain", "gpt-4o-mini", "--input", "1000")
    running.run_cli("prices", "update", "--confirm")
    assert "$0.9" in running.run_cli("prices", "explain", "gpt-4o-mini", "--input", "1000")


def test_lists_go_out_and_come_in(running: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    running.run_cli("prices", "export", "-f", "csv", "-o", str(file))
    assert file.read_text().startswith("provider,")
    named = {"litellm_provider": "openai", "input_cost_per_token": 3e-06, "output_cost_per_token": 1e-05}
    foreign = tmp_path / "litellm.json"
    foreign.write_text(json.dumps({"sparrow-1": named}))
    assert "2 rates changed" in running.run_cli("prices", "import", str(foreign), "-f", "litellm")
    assert "$0.003" in running.run_cli("prices", "explain", "sparrow-1", "--provider", "openai", "--input", "1000")


def test_the_help_teaches(running: ServerProcess) -> None:
    for command in ("list", "show", "diff", "import", "export", "update", "override", "unpriced", "explain"):
        assert command in running.run_cli("prices", "--help")
        assert len(running.run_cli("prices", command, "--help")) > 200


def test_doctor_tells_the_age_of_the_servers_prices(running: ServerProcess) -> None:
    assert "the server's data is 0 days old" in running.run_cli("doctor")
