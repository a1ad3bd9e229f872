"""Alert rules and incidents over HTTP and by commands: their shape, what a rule says beside spend, what is refused, who may do what."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api.conftest import DAY, RANGE, Json
from server_process import ServerProcess
from typer.testing import CliRunner

from farthing.cli.main import app

PATH = "/api/v1/alerts"
END = str(DAY + 86_400)


def send(server: ServerProcess, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
    headers = {"X-API-Key": key} if key else server.headers
    return httpx.request(method, server.url + PATH + path, json=body, headers=headers, timeout=60, verify=False)


def command(server: ServerProcess, *words: str) -> str:
    """What `farthing alerts …` prints; without another process, which would mostly import what is here already."""
    done = CliRunner(env=server.client_environment).invoke(app, ["alerts", *words])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def clean(filled: ServerProcess) -> Generator[ServerProcess]:
    """The server, and afterwards without any rule."""
    yield filled
    for row in filled.get(f"{PATH}/rules")["data"]:
        assert send(filled, "DELETE", f"/rules/{row['id']}").status_code == 204


def make(server: ServerProcess, **fields: Any) -> Json:
    answer = send(server, "POST", "/rules", {"name": "r", "kind": "threshold", "limit": "1000", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_shape_is_what_was_sent_and_changes_are_kept(clean: ServerProcess) -> None:
    sent = {
        "name": "night",
        "kind": "threshold",
        "measure": "tokens",
        "filters": {"feature": ["chat", "!search"]},
        "by": ["feature", "tag.tier"],
        "window": "90m",
        "limit": "0.5",
        "critical_limit": "2",
        "compare": {"ratio": "1.5", "past": "7d", "ago": ""},
        "quiet_hours": {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin", "weekdays": ["mon"]},
        "least_calls": 3,
        "remind": "4h",
    }
    made = make(clean, **sent)
    assert made | sent == made
    assert clean.get(f"{PATH}/rules/night") == made == clean.get(f"{PATH}/rules/{made['id']}")
    changed = send(clean, "PATCH", f"/rules/{made['id']}", {"limit": 7, "quiet_hours": None}).json()
    assert changed | {"limit": "7", "quiet_hours": None, "name": "night", "compare": sent["compare"]} == changed
    assert clean.get(f"{PATH}/rules") == {"data": [changed], "next_cursor": None}
    assert clean.get(f"{PATH}/rules/history", rule_id=made["id"])["data"][0]["action"] == "changed"


@pytest.mark.parametrize(
    ("fields", "status", "named"),
    [
        ({"limit": None}, 400, "limit"),
        ({"kind": "feeling"}, 422, "kind"),
        ({"by": ["colour"]}, 400, "by"),
        ({"window": "soon"}, 400, "window"),
        ({"compare": {"ratio": 2}}, 400, "compare"),
        ({"colour": "red"}, 422, "colour"),
        ({"quiet_hours": {"from": "26:00", "to": "07:00"}}, 400, "quiet_hours.from"),
    ],
)
def test_what_is_wrong_is_named(clean: ServerProcess, fields: Json, status: int, named: str) -> None:
    answer = send(clean, "POST", "/rules", {"name": "r", "kind": "threshold", "limit": "1", **fields})
    assert (answer.status_code, named in answer.json()["detail"]) == (status, True), answer.text


def test_a_rule_names_channels_that_are_there(clean: ServerProcess) -> None:
    assert send(clean, "POST", "/rules", {"name": "r", "kind": "silent", "channels": ["ops"]}).status_code == 400
    slack = {"name": "ops", "kind": "slack", "settings": {"url": "https://hooks.example.com/T0/wxyz"}}
    made = send(clean, "POST", "/channels", slack).json()
    rule = make(clean, channels=["ops"])
    unknown = send(clean, "PATCH", f"/rules/{rule['id']}", {"channels": ["ops", "opps"]})
    assert (unknown.status_code, unknown.json()["detail"]) == (
        400,
        "channels: there is no channel 'opps' in this project; there are: 'ops'.",
    )
    # It is found by its new name too.
    assert send(clean, "PATCH", "/channels/ops", {"name": "oncall"}).status_code == 200
    assert clean.get(f"{PATH}/rules/{rule['id']}")["channels"] == ["oncall"]
    refused = send(clean, "DELETE", "/channels/oncall")
    assert (refused.status_code, "Nobody would be told by 'r'" in refused.json()["detail"]) == (409, True)
    send(clean, "PATCH", f"/rules/{rule['id']}", {"channels": []})
    assert send(clean, "DELETE", f"/channels/{made['id']}").status_code == 204


def test_every_preset_can_be_made_and_says_something(clean: ServerProcess) -> None:
    presets = clean.get(f"{PATH}/presets")["data"]
    for preset in presets:
        assert send(clean, "POST", "/rules", preset["rule"]).status_code == 201
        verdicts = clean.get(f"{PATH}/rules/{preset['name']}/verdicts", at=END)["data"]
        assert all(one["why"] for one in verdicts)
    assert send(clean, "POST", "/rules", presets[0]["rule"]).status_code == 409


def test_a_rule_says_what_spend_says_and_what_it_leaves_out(clean: ServerProcess) -> None:
    make(clean, by=["feature"], limit="0.002", window="24h")
    total = {group["feature"]: group for group in clean.get("/api/v1/spend", by="feature", **RANGE)["groups"]}
    said = {one["group"][0]["value"]: one for one in clean.get(f"{PATH}/rules/r/verdicts", at=END)["data"]}
    assert said.keys() == total.keys()
    for feature, one in said.items():
        assert one["actual"] == total[feature]["cost_usd"]
        assert one["unpriced_calls"] == total[feature]["unpriced_calls"]
        assert one["firing"] is (float(one["actual"]) >= 0.002)
    body = {"name": "x", "kind": "threshold", "limit": "0.002", "by": ["feature"]}
    judged = send(clean, "POST", f"/rules/judge?at={END}", body).json()["data"]
    assert judged == clean.get(f"{PATH}/rules/r/verdicts", at=END)["data"]


def test_a_back_test_tells_when_it_would_have_fired(clean: ServerProcess) -> None:
    rule = {"name": "x", "kind": "rate_limit", "limit": 2, "window": "12h"}
    found = send(clean, "POST", "/rules/backtest", {"rule": rule, "since": str(DAY), "until": END}).json()
    (one,) = found["incidents"]
    # Calls 3 and 23 of those every half hour were refused.
    assert one["opened_at"].startswith("2026-09-21T11:31")
    assert [told["what"] for told in found["told"]] == ["opened", "recovered"]
    assert send(clean, "POST", "/rules/backtest", {"since": "1d"}).status_code == 400
    assert clean.get(f"{PATH}/incidents")["data"] == []


def test_incidents_are_listed_and_missing_ones_missed(clean: ServerProcess) -> None:
    listed = clean.get(f"{PATH}/incidents", status="open", limit="5")
    assert listed == {"data": [], "counts": {"open": 0, "acknowledged": 0, "recovered": 0}, "next_cursor": None}
    assert send(clean, "GET", "/incidents/in_none").status_code == 404
    assert send(clean, "PATCH", "/incidents/in_none", {"expected": True}).status_code == 404
    assert send(clean, "GET", "/incidents?cursor=x").status_code == 400


def test_commands_make_rules_and_files_make_them_again(clean: ServerProcess, tmp_path: Path) -> None:
    command(clean, "add", "spend-24h", "--limit", "500", "--quiet", "22:00-07:00")
    held = clean.get(f"{PATH}/rules/spend-24h")
    assert (held["limit"], held["every"], held["critical_limit"]) == ("500", "5m", None)
    file = tmp_path / "rules.yml"
    told = [
        {"preset": "spend-24h", "limit": 600},
        {"name": "errors", "kind": "error_rate", "limit": 0.1, "by": "model"},
    ]
    file.write_text(json.dumps({"alerts": told}))
    said = command(clean, "apply", str(file), "--yes")
    assert "limit: 500 → 600" in said and "+ alert errors" in said
    assert "Nothing to change." in command(clean, "apply", str(file), "--yes")
    assert "would have fired" in command(clean, "backtest", "errors", "--since", str(DAY), "--until", END)
