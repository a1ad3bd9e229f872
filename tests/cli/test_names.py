"""Names that mean something to a terminal or to Rich, as whoever sends telemetry may choose them: commands show them as they are."""

import json
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest
from e2e.waiting import wait_until_settled
from server_process import FARTHING, ServerProcess

MARKUP, STYLE, EMOJI = "[/x]", "[bold]b", "ft:gpt-4o:on:2"
ESCAPE = "\x1b]0;owned\x07\x1b[2Jend"
SHOWN_ESCAPE = "\ufffd]0;owned\ufffd\ufffd[2Jend"
NAMES = (MARKUP, STYLE, EMOJI, ESCAPE)
SHOWN = (MARKUP, STYLE, EMOJI, SHOWN_ESCAPE)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("names"))
    server.start()
    with httpx.Client(base_url=server.url, headers=server.headers, timeout=60) as client:
        for name in NAMES:
            call = {
                "externalRequestId": f"id-{name.encode().hex()}", "provider": "openai", "model": name, "endpointTag": name,
                "userId": name, "inputTokens": 5, "outputTokens": 1, "latencyMs": 3, "status": "success",
            }  # fmt: skip
            assert client.post("/v1/ingest/llm-request", json=call).is_success
            assert client.post("/api/v1/keys", json={"name": name, "scopes": ["ingest"]}).is_success
    wait_until_settled(server)
    yield server
    server.kill()


@pytest.mark.parametrize(
    "command",
    [
        ("spend", "--by", "feature"),
        ("spend", "--by", "model,user"),
        ("tail", "--once"),
        ("keys", "list"),
        ("prices", "unpriced"),
    ],
    ids=" ".join,
)
def test_names_are_shown_as_they_are(running: ServerProcess, command: tuple[str, ...]) -> None:
    # So wide that nothing is folded.
    environment = running.client_environment | {"COLUMNS": "250"}
    told = subprocess.run([FARTHING, *command], env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "\x1b" not in told.stdout
    assert [name for name in SHOWN if name not in told.stdout] == []


def test_a_name_does_not_begin_a_line_of_its_own(running: ServerProcess) -> None:
    call = {
        "externalRequestId": str(time.time_ns()), "provider": "openai", "model": "gpt-4o", "endpointTag": "two\nlines",
        "inputTokens": 5, "outputTokens": 1, "latencyMs": 3, "status": "success",
    }  # fmt: skip
    httpx.post(f"{running.url}/v1/ingest/llm-request", json=call, headers=running.headers).raise_for_status()
    wait_until_settled(running)
    assert "two\ufffdlines" in running.run_cli("tail", "--once")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("spend", "--by", MARKUP), f"there is no dimension '{MARKUP}'"),
        (("spend", "--data", f"/nowhere/{STYLE}", "--key", ""), f"There is no key in /nowhere/{STYLE}."),
        (("keys", "revoke", MARKUP), f"{MARKUP}"),
        (("datasets", "export", MARKUP), f"{MARKUP}"),
    ],
    ids=["dimension", "folder", "key", "dataset"],
)
def test_an_error_names_what_was_given(running: ServerProcess, command: tuple[str, ...], said: str) -> None:
    with pytest.raises(AssertionError) as failed:
        running.run_cli(*command)
    assert said in str(failed.value)
    assert "Traceback" not in str(failed.value)


@pytest.mark.parametrize("command", [("prices", "export"), ("datasets", "export", "names")], ids=" ".join)
def test_a_file_that_can_t_be_written(running: ServerProcess, command: tuple[str, ...]) -> None:
    made = httpx.post(f"{running.url}/api/v1/datasets", json={"name": "names"}, headers=running.headers)
    assert made.status_code in {201, 409}, json.dumps(made.text)
    with pytest.raises(AssertionError, match=r"/nowhere/x can't be written: No such file or directory\.") as failed:
        running.run_cli(*command, "-o", "/nowhere/x")
    assert "Traceback" not in str(failed.value)


@pytest.mark.parametrize("command", [("spend",), ("spend", "--json"), ("datasets", "export", "names")], ids=" ".join)
def test_an_output_that_takes_no_more(running: ServerProcess, command: tuple[str, ...]) -> None:
    httpx.post(f"{running.url}/api/v1/datasets", json={"name": "names"}, headers=running.headers)
    items = f"{running.url}/api/v1/datasets/names/items"
    httpx.post(items, json=[{"id": "1", "input": "a"}], headers=running.headers)
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123  a device
        done = subprocess.run(
            [FARTHING, *command], env=running.client_environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("farthing: No space left on device")
    assert "Traceback" not in done.stderr


def test_an_output_without_letters_for_bars(running: ServerProcess) -> None:
    environment = running.client_environment | {"PYTHONIOENCODING": "ascii"}
    told = subprocess.run([FARTHING, "spend"], env=environment, capture_output=True, timeout=60, check=True)
    assert b"total" in told.stdout
