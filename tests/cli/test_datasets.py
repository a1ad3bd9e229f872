"""`farthing datasets …` and /api/v1/datasets against a running server: what people and programs see, and what holds afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from server_process import ServerProcess
from typer.testing import CliRunner

from farthing.cli.datasets import app

CSV = 'question,context,answer,key\n"2+2?","{""unit"": 1}",4,one\n"3+3?",plain,6,two\n'


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("cli"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def api(running: ServerProcess) -> Iterator[httpx.Client]:
    base = f"{running.url}/api/v1"
    with httpx.Client(base_url=base, headers={"X-API-Key": running.key}, timeout=30) as made:
        yield made


def test_a_file_is_taken_in_whole_or_not_at_all(running: ServerProcess, api: httpx.Client, tmp_path: Path) -> None:
    def said(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, "--url", running.url, "--key", running.key])
        return done.output + str(done.exception or "")

    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "required": ["question"]}')
    name = "folder/questions"
    told = said("create", name, "--description", "why", "--input-schema", str(schema), "--json")
    dataset = json.loads(told)["id"]
    assert name in said("list")
    file = tmp_path / "questions.csv"
    file.write_text(CSV)
    columns = ("--input", "question", "--input", "context", "--expected", "answer", "--id", "key")
    assert "2 items" in said("import", name, str(file), *columns, "--dry-run")
    assert api.get(f"/datasets/{dataset}/items").json()["data"] == []

    file.write_text(CSV + "5+5?,x\n")
    told = said("import", name, str(file), *columns)
    assert "line 4: it has 2 columns, not 4" in told
    assert ". Nothing was kept" in told and ".. " not in told
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"input": {"question": 1}}\n{"input": 5}\n[]\n')
    assert "line 2: input: 5 is not of type" in said("import", name, str(broken))
    assert api.get(f"/datasets/{dataset}").json()["items"] == 0

    for nothing in ("", "question,answer\n"):
        file.write_text(nothing)
        assert "There is no item in" in said("import", name, str(file), "--input", "question")
    file.write_bytes("question\ncaf\u00e9\n".encode("latin-1"))
    assert "Save it as UTF-8" in said("import", name, str(file), "--input", "question")
    file.write_text(CSV)
    assert "2 new, 0 changed" in said("import", name, str(file), *columns)
    assert "0 new, 0 changed, 2 as" in said("import", name, str(file), *columns)
    # Once as people do.
    lines = running.run_cli("datasets", "export", name).splitlines()
    assert [json.loads(line) for line in lines] == [
        {"id": "one", "input": {"question": "2+2?", "context": {"unit": 1}}, "expected_output": "4"},
        {"id": "two", "input": {"question": "3+3?", "context": "plain"}, "expected_output": "6"},
    ]


def test_items_are_put_changed_paged_and_read_as_they_were(api: httpx.Client) -> None:
    dataset = api.post("/datasets", json={"name": "api", "metadata": {"m": 1}}).raise_for_status().json()["id"]
    assert api.post("/datasets", json={"name": "api"}).status_code == 409
    put = api.post(
        f"/datasets/{dataset}/items", json={"items": [{"id": f"i/{n}", "input": n} for n in range(5)]}
    ).json()
    assert (put["new"], put["ids"]) == (5, [f"i/{n}" for n in range(5)])
    before = api.get(f"/datasets/{dataset}/items/i/0").json()
    changed = api.post(f"/datasets/{dataset}/items", json={"items": [{"id": "i/0", "input": "other"}]}).json()
    assert (changed["new"], changed["changed"]) == (0, 1)
    after = api.get(f"/datasets/{dataset}/items/i/0").json()
    assert [one["input"] for one in after["versions"]] == ["other", 0]
    assert after["versions"][1]["until"] == after["version"]
    then = api.get(f"/datasets/{dataset}/items", params={"version": before["version"]}).json()["data"]
    assert [one["input"] for one in then] == [0, 1, 2, 3, 4]

    seen, cursor = list[object](), ""
    while cursor is not None:
        page = api.get(
            f"/datasets/{dataset}/items", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [one["input"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert seen == ["other", 1, 2, 3, 4]
    assert api.delete(f"/datasets/{dataset}/items/i/4").status_code == 204
    assert api.get(f"/datasets/{dataset}").json()["items"] == 4

    refused = api.post(
        f"/datasets/{dataset}/items",
        content='{"input": 1, "id": ""}\n',
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert (refused.status_code, refused.json()["code"], refused.json()["errors"][0]["line"]) == (
        400,
        "faulty_items",
        1,
    )
    dry = api.post(
        f"/datasets/{dataset}/items?dry_run=true&input=q", content="q\n1\n", headers={"Content-Type": "text/csv"}
    ).json()
    assert (dry["dry_run"], dry["new"], dry["errors"]) == (True, 1, [])
    assert api.post(f"/datasets/{dataset}/items", content="x", headers={"Content-Type": "image/png"}).status_code == 415
    nothing = api.post(f"/datasets/{dataset}/items/from_calls", json={"ids": ["0" * 31 + "1", "x"]})
    assert [one["line"] for one in nothing.json()["errors"]] == [1, 2]


def test_runs_are_made_and_changes_are_told(api: httpx.Client) -> None:
    dataset = api.post("/datasets", json={"name": "tried"}).json()["id"]
    made = api.post(f"/datasets/{dataset}/runs", json={"name": "first", "metadata": {"model": "m"}}).json()
    again = api.post(f"/datasets/{dataset}/runs", json={"name": "first", "description": "why"}).json()
    assert (again["id"], again["metadata"], again["description"]) == (made["id"], {"model": "m"}, "why")
    assert [one["id"] for one in api.get(f"/datasets/{dataset}/runs").json()["data"]] == [made["id"]]
    assert api.get(f"/datasets/{dataset}/runs/{made['id']}/items").json() == {"data": [], "next_cursor": None}
    assert api.delete(f"/datasets/{dataset}/runs/{made['id']}").status_code == 204
    assert api.get(f"/datasets/{dataset}/runs/{made['id']}").status_code == 404
    api.patch(f"/datasets/{dataset}", json={"name": "tried again", "description": None}).raise_for_status()
    told = api.get("/datasets/tried again/history").json()["data"]
    assert [one["action"] for one in told] == ["changed", "created"]
    assert api.delete(f"/datasets/{dataset}").status_code == 204
    assert api.get(f"/datasets/{dataset}").status_code == 404
