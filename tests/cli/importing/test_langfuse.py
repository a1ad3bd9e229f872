"""`farthing import langfuse` from one real server into another: all of it, twice, killed in the middle and gone on."""

import http.server
import json
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from server_process import FARTHING, ServerProcess
from typer.testing import CliRunner

from farthing.cli.main import app

PUBLIC, SECRET = "pk-lf-import", "sk-lf-import-of-tests"
DAY = {"from": "2026-11-20", "to": "2026-11-21"}
TRACES = 52
OWN = ("createdAt", "updatedAt", "projectId", "datasetId", "datasetRunId", "configId", "createdBy", "lastUpdatedAt")
"""What each server chooses itself."""
OLDER = ("traces", "observations", "v2/scores", "datasets/folder%2Fset/runs", "datasets/empty/runs")

Json = dict[str, Any]


class Passage(http.server.ThreadingHTTPServer):
    """Stands between an import and its source: turns the first request of each path away, and can hold one back."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, source: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.source = httpx.Client(base_url=source, timeout=60)
        self.asked: Counter[str] = Counter()
        self.gone: frozenset[str] = frozenset()
        """Paths that another version of the source doesn't have."""
        self.held: tuple[str, ...] = ()
        """What the address of a request has in it that gets no answer."""
        self.is_holding, self.closing = threading.Event(), threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who was killed doesn't read its answer."""


class _Passing(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Passage)
        if server.held and all(part in self.path for part in server.held):
            server.is_holding.set()
            server.closing.wait(60)
            return
        path = self.path.partition("?")[0]
        server.asked[path] += 1
        if server.asked[path] == 1:
            self._answer(429, b'{"message": "too fast"}', {"Retry-After": "0"})
            return
        if path in server.gone:
            self._answer(404, b"<html>", {})
            return
        told = server.source.get(self.path, headers={"Authorization": self.headers["Authorization"]})
        self._answer(told.status_code, told.content, {})

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Not among the output of tests."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    pair = {"FARTHING_INIT_PUBLIC_KEY": PUBLIC, "FARTHING_INIT_SECRET_KEY": SECRET}
    source = ServerProcess(tmp_path_factory.mktemp("source"), pair)
    target = ServerProcess(tmp_path_factory.mktemp("target"), pair)
    for one in (source, target):
        one.start()
    with client(source) as filling:
        fill(filling)
    yield source, target
    for one in (source, target):
        one.kill()


@pytest.fixture(scope="module")
def passage(servers: tuple[ServerProcess, ServerProcess]) -> Iterator[Passage]:
    server = Passage(servers[0].url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    server.source.close()
    thread.join()


def client(server: ServerProcess) -> httpx.Client:
    return httpx.Client(base_url=f"{server.url}/api/public", auth=(PUBLIC, SECRET), timeout=60)


def post(source: httpx.Client, path: str, body: Json) -> Json:
    told: Json = source.post(path, json=body).raise_for_status().json()
    return told


def fill(source: httpx.Client) -> None:
    config = post(source, "/score-configs", {"name": "good", "dataType": "NUMERIC", "minValue": 0, "maxValue": 1})
    batch = [event for number in range(TRACES) for event in story(number, config["id"])]
    assert post(source, "/ingestion", {"batch": batch})["errors"] == []
    fill_prompts(source)
    fill_datasets(source)


def story(number: int, config: str) -> list[Json]:
    """A trace with two generations: one of a model with a price, one of another, with or without a cost that was told."""
    at = f"2026-11-20T10:{number // 60:02d}:{number % 60:02d}"
    trace = f"trace/{number}" if number % 2 else f"{number + 1:032x}"
    session = {"sessionId": f"session-{number % 7}", "userId": f"user-{number % 5}"}
    told = {"costDetails": {"total": 0.1 + number / 1000}} if number % 3 else {}
    used = {"usageDetails": {"input": 100 + number, "output": 7, "input_cached_tokens": number}} if number % 4 else {}
    # What knows no usage of its own and stands above a call would be that call's own frame.
    above = {"parentObservationId": f"one/{number}"} if used else {}
    bodies: list[tuple[str, Json]] = [
        ("trace-create", {"id": trace, "name": f"t{number}", "timestamp": at + ".000Z", "tags": ["a"], **session}),
        (
            "generation-create",
            {
                "id": f"one/{number}", "traceId": trace, "name": "g", "model": "gpt-4o", "input": [{"role": "user"}],
                "output": "hi", "startTime": at + ".100Z", "endTime": at + ".350Z", "metadata": {"n": number}, **used,
                "promptName": "folder/answer", "promptVersion": 3, "environment": "shop", "modelParameters": {"top_p": 1},
            },
        ),
        (
            "generation-create",
            {
                "id": f"{number + 1:016x}", "traceId": trace, "name": "h", "model": "own-model", "startTime": at + ".400Z",
                "endTime": at + ".500Z", **above, "level": "ERROR", "statusMessage": "no",
                "usageDetails": {"input": 5, "output": 3}, **told,
            },
        ),
    ]  # fmt: skip
    score: Json = {"id": f"score-{number}", "traceId": trace, "name": "good", "value": number / TRACES, "comment": "c"}
    bodies += [
        ("score-create", {**score, "configId": config, "source": "ANNOTATION", "timestamp": at + ".600Z"}),
        (
            "score-create",
            {"id": f"of-{number}", "traceId": trace, "observationId": f"one/{number}", "name": "kind", "value": "x",
             "dataType": "CATEGORICAL", "timestamp": at + ".700Z"},
        ),
    ]  # fmt: skip
    return [
        {"id": f"{number}-{place}", "type": kind, "timestamp": at + ".900Z", "body": body}
        for place, (kind, body) in enumerate(bodies)
    ]


def fill_prompts(source: httpx.Client) -> None:
    """One with a gap, and one that comes before what it quotes."""
    for number in range(1, 5):
        body = {"name": "folder/answer", "prompt": f"Say {{{{what}}}} {number} times", "config": {"n": number}}
        post(source, "/v2/prompts", {**body, "labels": ["production"] if number == 3 else [], "tags": ["t"]})
    source.delete("/v2/prompts/folder%2Fanswer", params={"version": "2"}).raise_for_status()
    quoted = "@@@langfusePrompt:name=folder/answer|label=production@@@"
    chat = [{"role": "system", "content": quoted}, {"type": "placeholder", "name": "history"}]
    post(source, "/v2/prompts", {"name": "a", "type": "chat", "prompt": chat, "commitMessage": "why"})
    post(source, "/v2/prompts", {"name": "both", "prompt": "theirs"})


def fill_datasets(source: httpx.Client) -> None:
    post(source, "/v2/datasets", {"name": "folder/set", "description": "d", "metadata": {"m": 1}})
    post(source, "/v2/datasets", {"name": "empty"})
    run = ""
    for number in range(3):
        item = {"id": f"item/{number}", "input": {"q": number}, "expectedOutput": number, "metadata": {"k": "v"}}
        post(source, "/dataset-items", {"datasetName": "folder/set", **item})
        case: Json = {
            "runName": "run one",
            "runDescription": "r",
            "metadata": {"x": 1},
            "datasetItemId": f"item/{number}",
        }
        case |= {"traceId": f"trace/{2 * number + 1}", "createdAt": "2026-11-20T11:00:00.000Z"}
        run = post(source, "/dataset-run-items", case)["datasetRunId"]
    post(source, "/scores", {"id": "of-run", "name": "all", "value": 0.5, "datasetRunId": run})


class Both:
    """The two servers, the way between them, and a key of the one that takes in."""

    def __init__(self, source: ServerProcess, target: ServerProcess, passage: Passage) -> None:
        self.source, self.target, self.passage = source, target, passage
        wanted = {"name": "import", "scopes": ["read", "ingest"], "content": True}
        made = httpx.post(f"{target.url}/api/v1/keys", json=wanted, headers=target.headers, timeout=60)
        self.key = made.raise_for_status().json()["secret"]

        self.asked = ["import", "langfuse", "--host", passage.url, "--public-key", PUBLIC, "--json"]
        self.environment = {**target.client_environment, "LANGFUSE_SECRET_KEY": SECRET, "FARTHING_KEY": self.key}

    def begin(self) -> subprocess.Popen[bytes]:
        """As a process of its own, which can be killed."""
        quiet = subprocess.DEVNULL
        return subprocess.Popen([FARTHING, *self.asked], env=self.environment, stdout=quiet, stderr=quiet)

    def whole(self, *words: str) -> Json:
        done = CliRunner().invoke(app, [*self.asked, *words], env=self.environment, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        told: Json = json.loads(done.stdout)
        return told


@pytest.fixture(scope="module")
def both(servers: tuple[ServerProcess, ServerProcess], passage: Passage) -> Both:
    return Both(*servers, passage)


def held(server: ServerProcess) -> Json:
    """All that SDKs and people see of what was imported, without what each server chooses itself."""
    with client(server) as asking:

        def pages(path: str, **asked: str) -> list[Json]:
            found: list[Json] = []
            for page in range(1, 20):
                told = asking.get(path, params={**asked, "page": page, "limit": 100}).raise_for_status().json()
                found += told["data"]
                if page >= told["meta"]["totalPages"]:
                    break
            return found

        items, run = "/dataset-items", "/datasets/folder%2Fset/runs/run%20one"
        prompts = [
            asking.get(f"/v2/prompts/{name}", params={"version": version}).raise_for_status().json()
            for name, version in (("folder%2Fanswer", 1), ("folder%2Fanswer", 3), ("folder%2Fanswer", 4), ("a", 1))
        ]
        told: Json = {
            "traces": pages("/traces"),
            "observations": pages("/observations"),
            "scores": pages("/v2/scores"),
            "prompt": [(one["version"], one["prompt"], one["labels"], one["config"]) for one in prompts],
            "prompts": pages("/v2/prompts"),
            "configs": pages("/score-configs"),
            "datasets": pages("/v2/datasets"),
            "items": pages(items),
            "run": asking.get(run).raise_for_status().json(),
        }
    told["spend"] = server.get("/api/v1/spend", by="model,user,feature", **DAY)["groups"]
    plain: Json = json.loads(json.dumps(told), object_hook=_without_own)
    # Lists of what is equally old have an order of each server's own.
    for rows in (*plain.values(), plain["run"]["datasetRunItems"]):
        if isinstance(rows, list):
            cast("list[Any]", rows).sort(key=json.dumps)
    return plain


def _without_own(row: Json) -> Json:
    own: set[str] = set(OWN)
    if "mediaReferences" in row:
        own.add("version")
    elif not {"timestamp", "startTime"} & row.keys():
        own.add("id")
    return {name: value for name, value in row.items() if name not in own}


@pytest.fixture(scope="module")
def told(both: Both) -> Json:
    """The summary of an import that was killed in the middle and gone on with."""
    with client(both.target) as mine:
        post(mine, "/v2/prompts", {"name": "both", "prompt": "mine"})
    assert both.whole("--dry-run")["counts"]["/observations"] == 2 * TRACES
    both.passage.held = ("/observations?", "page=3")
    with both.begin() as process:
        came_there = both.passage.is_holding.wait(60)
        process.kill()
    assert came_there
    both.passage.held = ()
    asked = both.passage.asked["/api/public/traces"]
    summary = both.whole()
    # It was read before the kill.
    assert both.passage.asked["/api/public/traces"] == asked
    return summary


@pytest.fixture(scope="module")
def copy(both: Both, told: Json) -> Json:
    """What there is after it."""
    return held(both.target)


def test_cut_off_and_gone_on_and_again_nothing_is_lost_or_twice(both: Both, told: Json, copy: Json) -> None:
    lists = told["lists"]
    assert {name: (one["taken"], one["refused"]) for name, one in lists.items()} == {
        "prompt versions": (4, 1),
        "datasets": (2, 0),
        "dataset items": (3, 0),
        "dataset runs": (1, 0),
        "run items": (3, 0),
        "traces": (TRACES, 0),
        "observations": (2 * TRACES, 0),
        "score configs": (1, 0),
        "scores": (2 * TRACES + 1, 0),
    }
    assert lists["prompt versions"]["reasons"] == [
        {"reason": "There is another version of this number here: its prompt differs.", "count": 1, "example": "both 1"}
    ]
    original = held(both.source)
    for name, rows in original.items():
        assert copy[name] == rows, name
    assert original["spend"]
    calls = both.target.get("/api/v1/calls", limit="500", **DAY)["data"]
    told_there = [one["reported_cost_usd"] for one in calls if one["request_model"] == "own-model"]
    assert Counter(told_there) == Counter(str(0.1 + n / 1000) if n % 3 else None for n in range(TRACES))
    # Where the source is one of ours, what it tells is what it reckoned.
    priced = [(one["cost_usd"], one["reported_cost_usd"]) for one in calls if one["request_model"] == "gpt-4o"]
    assert [ours for ours, theirs in priced if ours != theirs] == []
    assert len([ours for ours, _ in priced if ours is None]) == TRACES // 4
    assert both.whole("--again")["lists"] == lists
    assert held(both.target) == copy


def test_versions_without_the_older_lists_tell_the_same_in_newer_ones(both: Both, copy: Json, tmp_path: Path) -> None:
    both.passage.gone = frozenset(f"/api/public/{one}" for one in OLDER)
    words = ("--state", str(tmp_path / "state"), "--only", "scores,traces,datasets")
    newer = both.whole(*words)
    both.passage.gone = frozenset()
    taken = {name: (one["taken"], one["refused"]) for name, one in newer["lists"].items()}
    assert taken["observations"] == (2 * TRACES, 0)
    assert taken["scores"] == (2 * TRACES + 1, 0)
    assert (taken["dataset runs"], taken["run items"]) == ((1, 0), (3, 0))
    assert any("no list of traces" in sentence for sentence in newer["missing"])
    assert held(both.target) == copy
    since = both.whole(*words, "--since", "2026-11-20T10:00:51Z")["lists"]
    # The run's score is of today.
    assert [since[name]["taken"] for name in ("traces", "observations", "scores")] == [1, 2, 3]


def test_which_key_is_needed_is_said_before_anything_is_read(both: Both) -> None:
    make = "farthing keys create import --scopes read,ingest --content"
    reader = httpx.post(
        f"{both.target.url}/api/v1/keys",
        json={"name": "r", "scopes": ["read"]},
        headers=both.target.headers,
        timeout=60,
    )
    words = ["--key", reader.raise_for_status().json()["secret"]]
    done = CliRunner().invoke(app, [*both.asked, *words], env=both.environment)
    assert make in str(done.exception)
    assert SECRET not in done.output + str(done.exception)
    # The data folder's own may send, and keeps no content.
    done = CliRunner().invoke(app, [*both.asked, "--dry-run"], env={**both.environment, "FARTHING_KEY": None})
    assert make in done.stderr.replace("\n", " ")
    assert json.loads(done.stdout)["counts"]
