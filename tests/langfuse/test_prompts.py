"""What each release of Langfuse's SDK keeps besides traces is read back equal, and what calls with a prompt cost is told by version."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from environments import environment_for
from server_process import ServerProcess, plain_environment

APPS = Path(__file__).parent / "apps"
APPS_AHEAD = [APPS / f"langfuse_{major}" for major in (2, 3, 4, 5)]
PUBLIC, SECRET = "pk-lf-prompts-0", "sk-lf-prompts-0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    pair = {"FARTHING_INIT_PUBLIC_KEY": PUBLIC, "FARTHING_INIT_SECRET_KEY": SECRET}
    running = ServerProcess(tmp_path_factory.mktemp("prompts"), pair)
    running.start()
    yield running
    running.kill()


def run(server: ServerProcess, major: int) -> dict[str, Any]:
    environment = {
        **plain_environment(),
        "LANGFUSE_BASE_URL": server.url,
        "LANGFUSE_HOST": server.url,
        "LANGFUSE_PUBLIC_KEY": PUBLIC,
        "LANGFUSE_SECRET_KEY": SECRET,
        "FOLDER": f"folder {major}",
        "LANGFUSE_TIMEOUT": "60",  # a busy machine is no trouble
    }
    python = environment_for(APPS / f"langfuse_{major}") / "bin" / "python"
    script = APPS / "prompts.py"
    done = subprocess.run([python, script], env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def running(server: ServerProcess) -> Generator[dict[int, Future[dict[str, Any]]]]:
    """Of each release what its script told. They wait for the server and their own threads most of the time: so all at once."""
    with ThreadPoolExecutor(4) as threads:
        yield {major: threads.submit(run, server, major) for major in (2, 3, 4, 5)}


@pytest.mark.parametrize("major", [2, 3, 4, 5])
def test_what_an_sdk_keeps_is_read_back(
    server: ServerProcess, running: dict[int, Future[dict[str, Any]]], major: int
) -> None:
    told, folder = running[major].result(), f"folder {major}"
    name = f"{folder}/greet all"
    assert told["created"] == [1, ["production", "latest"], 2, ["latest"]]
    config = {"temperature": 0.5, "n": 3}
    assert told["default"] == [1, "Hello {{who}}!", config, ["t1", "t2"], ["production"], "begun"]
    assert told["compiled"] == "Hello Ann!"
    assert (told["latest"], told["cached"]) == (2, True)
    assert told["moved"] == [2, []]
    assert (told["fallback"], told["missing"]) == ("instead", "NotFoundError")
    said = [{"role": "system", "content": "Dear Bob, please"}]
    assert told["chat"] == said + ([{"role": "user", "content": "2+2"}] if major >= 3 else [])
    assert told["listed"] == [[name, [1, 2], ["latest", "production", "shown"], ["t1", "t2"], {}]]
    assert (told["media"], told["media_id"]) == (folder, True)
    assert (told["config"], told["configs"]) == ([["good", 1], ["bad", 0]], True)
    assert (told["comment"], told["comments"]) == ("well said", ["well said"])
    assert told["model"] == ["mine", 0.0000025, 0.00001, False]
    assert told["models"] == [True, True, True]
    if major >= 3:
        assert (told["archived"], told["item"], told["items"]) == (True, ["PENDING", "COMPLETED", True], 1)
        assert (told["assigned"], told["taken out"], told["queues"]) == (["ann", True], True, [folder])
        assert told["deleted"] is True
    measured = measured_of(server, name)
    usages = {version["version"]: version["usage"] for version in measured["versions"]}
    assert usages[1] is None
    assert (usages[2]["calls"], usages[2]["cost_usd"]) == (1, "0.00021")
    assert usages[2]["latency_ms"]["p50"] is not None
    assert measured["other_versions"] == []


def measured_of(server: ServerProcess, name: str) -> dict[str, Any]:
    """Once its one call can be read."""
    cursor = server.get("/api/v1/calls/tail", cursor="1")["next_cursor"]
    while True:
        found: dict[str, Any] = server.get(f"/api/v1/prompts/{name}")
        if found["total"]["calls"]:
            return found
        cursor = server.get("/api/v1/calls/tail", cursor=cursor)["next_cursor"]


def test_our_own_api_tells_the_same(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.url, headers=server.headers, timeout=30) as client:
        made = client.post("/api/v1/prompts", json={"name": "a/b", "prompt": "{{x}}", "labels": ["production"]})
        assert made.status_code == 201, made.text
        whole = {"name": "c", "prompt": "[@@@langfusePrompt:name=a/b@@@]", "commit_message": "quotes"}
        assert client.post("/api/v1/prompts", json=whole).json()["labels"] == ["latest"]
        found = client.get("/api/v1/prompts/c/versions/latest").json()
        assert (found["prompt"], found["quotes"]) == ("[{{x}}]", [made.json()["id"]])
        raw = client.get("/api/v1/prompts/c/versions/1", params={"resolve": "false"}).json()
        assert raw["prompt"] == whole["prompt"]
        refused = client.delete("/api/v1/prompts/a/b")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        changed = client.patch("/api/v1/prompts/a/b/versions/1", json={"labels": ["production", "shown"]})
        assert changed.json()["labels"] == ["production", "shown", "latest"]
        assert client.patch("/api/v1/prompts/a/b", json={"tags": ["t"]}).json()["tags"] == ["t"]
        assert [one["name"] for one in client.get("/api/v1/prompts", params={"tag": "t"}).json()["data"]] == ["a/b"]
        history = client.get("/api/v1/prompt-history", params={"name": "a/b"}).json()["data"]
        assert [entry["action"] for entry in history] == ["tagged", "labelled", "created"]
        assert client.delete("/api/v1/prompts/c/versions/1").status_code == 204
        assert client.delete("/api/v1/prompts/a/b").status_code == 204
        assert client.get("/api/v1/prompts/a/b").status_code == 404


def test_who_has_a_version_already_is_not_sent_it_again(server: ServerProcess) -> None:
    with httpx.Client(base_url=f"{server.url}/api/public", auth=(PUBLIC, SECRET), timeout=30) as client:
        assert client.post("/v2/prompts", json={"name": "etag", "prompt": "x"}).status_code == 201
        first = client.get("/v2/prompts/etag", params={"label": "latest"})
        again = {"If-None-Match": first.headers["etag"]}
        assert client.get("/v2/prompts/etag", params={"label": "latest"}, headers=again).status_code == 304
        assert client.post("/v2/prompts", json={"name": "etag", "prompt": "y"}).status_code == 201
        assert client.get("/v2/prompts/etag", params={"label": "latest"}, headers=again).json()["prompt"] == "y"
        missing = client.get("/v2/prompts/etag")
        assert (missing.status_code, missing.json()["error"]) == (404, "LangfuseNotFoundError")


def test_a_key_that_keeps_no_content_keeps_no_files(server: ServerProcess) -> None:
    sha = base64.b64encode(hashlib.sha256(b"said").digest()).decode()
    told = {"contentType": "text/plain", "contentLength": 4, "sha256Hash": sha, "traceId": "t", "field": "input"}
    with httpx.Client(base_url=f"{server.url}/api/public", headers=server.headers, timeout=30) as client:
        announced = client.post("/media", json=told)
        assert (announced.status_code, announced.json()["uploadUrl"]) == (201, None)
        assert announced.json()["mediaId"] == sha.replace("+", "-").replace("/", "_")[:22]
        assert client.get(f"/media/{announced.json()['mediaId']}").status_code == 404
        assert client.post("/media", json={**told, "datasetId": "d"}).json()["uploadUrl"]
