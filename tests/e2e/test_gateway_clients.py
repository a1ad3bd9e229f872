"""Libraries besides OpenAI's and Anthropic's own, with only their base URL changed: they get what the provider says, and the ledger has it."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from e2e.test_gateway import kept
from environments import environment_for
from server_process import ServerProcess
from stub_provider import StubProvider

APP = Path(__file__).parent / "apps/gateway_clients"
APPS_AHEAD = [APP]
"""Made before they are asked for."""


def answers(home: Path, host: str, key: str, cohere: str, google: str) -> dict[str, Any]:
    done = subprocess.run(
        [environment_for(APP) / "bin" / "python", APP / "app.py"],
        env={
            "PATH": os.environ["PATH"], "HOME": str(home), "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "OPENAI_BASE_URL": f"{host}/v1", "HOST_URL": host, "OPENAI_API_KEY": key,
            "COHERE_URL": cohere, "GOOGLE_URL": google,
        },
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_libraries_of_several_makers(tmp_path: Path) -> None:
    with StubProvider() as provider:
        direct = answers(tmp_path, provider.url, "sk-stub", provider.url, provider.url)
        server = ServerProcess(
            tmp_path,
            {
                "OPENAI_API_KEY": "sk-stub", "FARTHING_OPENAI_BASE_URL": f"{provider.url}/v1",
                "ANTHROPIC_API_KEY": "sk-stub", "FARTHING_ANTHROPIC_BASE_URL": provider.url,
                "MISTRAL_API_KEY": "sk-stub", "FARTHING_MISTRAL_BASE_URL": f"{provider.url}/v1",
            },
        )  # fmt: skip
        server.start()
        try:
            for account in ({"slug": "cohere", "secret": "sk-stub"}, {"slug": "gemini"}):
                made = httpx.post(
                    f"{server.url}/api/v1/gateway/accounts",
                    json={**account, "provider": account["slug"], "base_url": provider.url},
                    headers=server.headers, timeout=30,
                )  # fmt: skip
                assert made.is_success, made.text
            proxy = f"{server.url}/v1/proxy"
            through = answers(tmp_path, server.url, server.key, f"{proxy}/cohere", f"{proxy}/gemini")
            # What is in a maker's own language passes unread: it is no call.
            calls = kept(server, 11)
        finally:
            server.kill()
    assert through == direct
    assert Counter(call["provider"] for call in calls) == {"openai": 8, "anthropic": 1, "mistral_ai": 2}
    # The stub streams Mistral's answers as OpenAI's, which tell no usage unless they are asked to.
    unknown = [(call["provider"], call["streaming"]) for call in calls if not call["cost_usd"]]
    assert unknown == [("mistral_ai", True)]
