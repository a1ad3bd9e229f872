"""Traces and scores as each release of Langfuse's SDK writes them, against the real server; what it reads back is what it wrote."""

import json
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from environments import environment_for
from server_process import ServerProcess, plain_environment

APPS = Path(__file__).parent / "apps"
MAJORS = (2, 3, 4, 5)
APPS_AHEAD = [APPS / f"langfuse_{major}" for major in MAJORS]
PUBLIC, SECRET = "pk-lf-tracing", "sk-lf-tracing-of-tests"

Outcomes = dict[int, dict[str, Any]]

MESSAGES = [{"role": "user", "content": "hi"}]
COSTS = {"input": 2.5e-05, "output": 5e-05, "total": 7.5e-05}
USAGE = {"input": 10, "output": 5, "total": 15}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Generator[Outcomes]:
    """What each release read back; they run at the same time against one server."""
    pair = {"FARTHING_INIT_PUBLIC_KEY": PUBLIC, "FARTHING_INIT_SECRET_KEY": SECRET}
    server = ServerProcess(tmp_path_factory.mktemp("tracing"), pair)
    pythons = {major: environment_for(APPS / f"langfuse_{major}") / "bin" / "python" for major in MAJORS}
    server.start()
    environment = {
        **plain_environment(),
        "LANGFUSE_BASE_URL": server.url,
        "LANGFUSE_HOST": server.url,
        "LANGFUSE_PUBLIC_KEY": PUBLIC,
        "LANGFUSE_SECRET_KEY": SECRET,
    }
    running = {
        major: subprocess.Popen(
            [python, APPS / f"langfuse_{major}" / "tracing.py"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for major, python in pythons.items()
    }  # fmt: skip
    found: Outcomes = {}
    try:
        for major, process in running.items():
            said, complained = process.communicate(timeout=120)
            assert process.returncode == 0, complained
            found[major] = json.loads(said.splitlines()[-1])
        yield found
    finally:
        for process in running.values():
            process.kill()
        server.kill()


def test_the_second_release(outcomes: Outcomes) -> None:
    """Everything goes by events; a trace is told in several, an observation in two."""
    told = outcomes[2]
    assert told["auth"] is True
    assert told["trace"] == [
        True, "first", "u-1", "s-1", ["a", "b"], {"k": {"x": 1, "y": 2}}, {"q": "hi"}, {"a": 1}, "v1", "r1", 8.285e-05,
    ]  # fmt: skip
    costs = {"input": 3e-05, "output": 5e-05, "total": 8e-05}
    usage = {"input": 10, "output": 5, "cache_read_input_tokens": 4, "total": 19}
    small = {"input": 1.05e-06, "output": 1.8e-06, "total": 2.85e-06}
    assert told["observations"] == [
        ["event", "EVENT", None, "e", None, None, {}, {}, None],
        ["gen", "GENERATION", "gpt-4o", MESSAGES, "hello", {"m": 1, "n": {"a": 1, "b": 2}}, usage, costs, None],
        ["inner", "GENERATION", "gpt-4o-mini", "x", "y", None, {"input": 7, "output": 3, "total": 10}, small, "span"],
        ["span", "SPAN", None, "in", {"o": [1, 2]}, None, {}, {}, None],
    ]
    assert told["scores"] == [
        ["kind", 0.0, "fine", "gen"],
        ["late", 1.0, None, None],
        ["quality", 0.9, None, None],
        ["right", 1.0, "True", "gen"],
    ]
    assert told["lists"] == [1, 0, 1, ["inner", "gen"], "gen", ["s-1"], [True], ["kind"], 1.0]
    assert told["decorated"] == [
        "ask", "decorated", {"z": 1}, "A1", [["GENERATION", "answer", "A1"]], ["useful"],
    ]  # fmt: skip
    assert told["deleted"] == 404


def test_the_third_release(outcomes: Outcomes) -> None:
    """Spans come by OpenTelemetry, scores by events."""
    told = outcomes[3]
    assert told["url"].endswith(f"/project/default/traces/{told['trace_id']}")
    assert told["path"] == f"/traces/{told['trace_id']}"
    assert told["trace"] == ["mine", "u-3", "s-3", ["x", "y"], {"k": "v", "n": 1}, "ti", {"to": 1}, 7.5e-05]
    assert told["observations"] == [
        [
            "gen",
            "GENERATION",
            "gpt-4o",
            MESSAGES,
            "hello",
            {"deep": {"a": [1]}},
            USAGE,
            COSTS,
            "root",
            {"temperature": 1},
        ],
        ["root", "SPAN", None, {"q": 1}, told["observations"][1][4], None, {}, {}, None, {}],
    ]
    assert told["scores"] == [["quality", 0.5, "NUMERIC"], ["right", 1.0, "BOOLEAN"], ["said", 0, "TEXT"]]
    messages = json.dumps(MESSAGES, separators=(",", ":"))
    assert told["second"] == [
        ["gen", messages, "hello", 7.5e-05, ["x", "y"]],
        ["root", '{"q":1}', "123", None, ["x", "y"]],
    ]
    assert told["lists"] == [1, 1, ["gen", "root"], "gen", 1, ["session"], "some text"]
    assert told["deleted"] == 404


def test_the_fourth_release(outcomes: Outcomes) -> None:
    """The trace's user, session and tags stand on every span."""
    told = outcomes[4]
    assert told["trace"][:6] == ["mine", "u-4", "s-4", ["x", "y"], {"k": "v"}, {"q": 1}]
    assert told["trace"][7] == 7.5e-05
    assert told["observations"][0] == [
        "gen", "GENERATION", "gpt-4o", MESSAGES, "hello", {"deep": {"a": [1]}}, USAGE, COSTS, "root",
    ]  # fmt: skip
    assert told["scores"] == [["quality", 0.5, "NUMERIC"], ["right", 1.0, "BOOLEAN"], ["said", 0, "TEXT"]]
    assert [[name, output] for name, _, output in told["second"]] == [["gen", "hello"], ["root", "123"]]
    assert told["lists"] == [None, 1, ["gen", "root"], 1, ["session"], "some text"]


def test_the_fifth_release(outcomes: Outcomes) -> None:
    """Scores are posted as a list; observations and scores are all that is read."""
    told = outcomes[5]
    messages = json.dumps(MESSAGES, separators=(",", ":"))
    of_trace = ["u-5", "s-5", ["x", "y"], "mine"]
    assert told["observations"] == [
        ["gen", "GENERATION", "gpt-4o", messages, "hello", {"deep": {"a": [1]}}, USAGE, COSTS, "root", *of_trace],
        ["root", "SPAN", None, '{"q":1}', "123", {}, {}, {}, None, *of_trace],
    ]
    assert told["lists"] == [["gen"], ["root"], ["gen"]]
    assert told["scores"] == [
        ["quality", 0.5, "NUMERIC", "trace"],
        ["right", True, "BOOLEAN", "observation"],
        ["said", "some text", "TEXT", "trace"],
    ]
    assert told["of_session"] == [["good", "s-5"]]
    assert told["left"] == ["quality", "right"]
    assert told["deleted"] == []
