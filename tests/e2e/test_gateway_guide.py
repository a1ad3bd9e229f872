"""Every example of the guide to the gateway, in its order, against one server; what the ledger and a budget say afterwards."""

import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from e2e.gateway_accounts import accounts_with
from e2e.test_gateway import APPS, kept
from environments import environment_for
from server_process import ServerProcess
from stub_provider import StubProvider

PAGE = Path(__file__).parents[2] / "docs/gateway.md"
APPS_AHEAD = [APPS / "openai_3"]
"""Made before they are asked for."""
SAID = [{"role": "user", "content": "hi"}]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server as the guide has left it."""
    with StubProvider() as provider:
        running = ServerProcess(tmp_path_factory.mktemp("guide"), accounts_with(provider))
        running.start()
        try:
            for language, example in re.findall(
                r"^```(sh|python)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL
            ):
                # The first one starts a server, which is there.
                if "farthing up" not in example:
                    run(
                        running,
                        language,
                        example.replace("http://127.0.0.1:4180", running.url).replace("fk_…", running.key),
                    )
            yield running
        finally:
            running.kill()


def run(server: ServerProcess, language: str, example: str) -> None:
    """One block, as somebody would paste it."""
    path = f"{Path(sys.executable).parent}:{server.client_environment['PATH']}"
    program = {
        "sh": ["sh", "-eu", "-c"],
        "python": [environment_for(APPS / "openai_3") / "bin" / "python", "-W", "error", "-c"],
    }[language]
    done = subprocess.run(
        [*program, example],
        env={**server.client_environment, "PATH": path}, cwd=server.log.parent,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (example, done.stdout, done.stderr)


def test_every_call_of_the_guide_is_in_the_ledger(gateway: ServerProcess) -> None:
    calls = kept(gateway, 4)
    assert all(call["cost_usd"] for call in calls)
    (first,) = [call for call in calls if call["tenant"]]
    assert (first["tenant"], first["user_id"], first["cost_usd"]) == ("acme", "u1", "0.00001335")
    (streamed,) = [call for call in calls if call["feature"] == "invoices"]
    assert (streamed["provider"], streamed["streaming"]) == ("anthropic", True)
    (chosen,) = [call for call in calls if call["config"]]
    assert (chosen["config"], chosen["variant"], chosen["request_model"]) == ("support", "calm", "gpt-4o-mini")


def test_the_budget_of_the_guide_blocks_what_may_cost_more(gateway: ServerProcess) -> None:
    def ask(most: int) -> httpx.Response:
        body = {"model": "gpt-4o-mini", "messages": SAID, "max_tokens": most}
        headers = gateway.headers | {"x-farthing-feature": "trial"}
        return httpx.post(f"{gateway.url}/v1/chat/completions", json=body, headers=headers, timeout=30)

    # At 0.60 dollars a million, so many tokens alone are 6 dollars.
    refused = ask(10_000_000)
    assert (refused.status_code, "'trials'" in refused.text) == (429, True)
    assert ask(100).status_code == 200
    (budget,) = gateway.get("/api/v1/budgets")["data"]
    assert (budget["name"], budget["enforcement"], budget["status"]) == ("trials", "block", "ok")
