"""Every example of the guide to wrapped clients, as printed, with the packages it names and the real server."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from stub_provider import StubProvider
from test_real_server import ROOT, calls, examples
from test_wrapped_clients import SOURCE, environment_for

if TYPE_CHECKING:
    from server_process import ServerProcess

PAGE = ROOT / "docs/sdk-python-clients.md"
CLIENTS = ("openai", "anthropic")


def test_every_example_runs(server: ServerProcess) -> None:
    blocks = examples(PAGE)
    assert len(blocks) == PAGE.read_text(encoding="utf-8").count("```python") == 6
    provider = StubProvider()
    with provider:
        for example in blocks:
            release = "openai_3" if any(f"from {name} import" in example for name in CLIENTS) else "web"
            done = subprocess.run(
                [environment_for(release) / "bin" / "python", "-W", "error", "-c", example],
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(SOURCE),
                    "FARTHING_ENDPOINT": server.url,
                    "FARTHING_API_KEY": server.key,
                    "OPENAI_API_KEY": "sk-stub",
                    "OPENAI_BASE_URL": provider.url + "/v1",
                    "ANTHROPIC_API_KEY": "sk-stub",
                    "ANTHROPIC_BASE_URL": provider.url,
                },
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert (done.returncode, done.stderr) == (0, ""), example
    told = {call["provider"]: str(call["cost_usd"]) for call in calls(server, 2)}
    # The same usage as in `test_wrapped_clients`.
    assert told == {"openai": "0.00001335", "anthropic": "0.000106"}
