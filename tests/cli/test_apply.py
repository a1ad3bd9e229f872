"""`farthing apply` against a running server: the difference is shown, applied, and then there is none."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from server_process import ServerProcess
from typer.testing import CliRunner

from farthing.cli.main import app

SECRET = "sk-live-0123456789abcdef"

FILE = """
accounts:
  - slug: main
    provider: openai
    secret_from: MAIN_KEY
  - slug: gpu
    provider: vllm
    base_url: http://gpu:8000/v1
    options: {tier: large}
environments:
  - {slug: production, is_production: true}
  - {slug: staging}
configs:
  - slug: support
    name: Support
    variants:
      - slug: calm
        targets:
          - {account: main, model: gpt-4o}
          - account: gpu
        parameters: {temperature: 0.2}
        system_prompt: |
          You help {{ name }}.
          Be calm.
      - slug: brief
        note: shorter
        targets: [{model: gpt-4o-mini}]
    rollouts:
      - {variant: calm, environment: production, weight: 9000}
      - {variant: brief, environment: production, weight: 1000, version: 1}
      - name: gold
        variant: brief
        priority: 5
        conditions: {"==": [{var: metadata.tier}, gold]}
limits:
  - {key: default, concurrent: 50}
  - {key: init, models: ["gpt-4o*"], requests_per_minute: 600}
budgets:
  - {name: all, limit_usd: 500, period: month, timezone: Europe/Berlin}
  - {name: advent, limit_usd: "12.50", period: once, starts_at: 2026-12-01, ends_at: 2026-12-24, filters: {feature: chat}}
prices:
  - {kind: rates, provider: openai, model: house-1, rates: {input: "0.5", output: 2}, valid_from: 2026-01-01}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("cli"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "farthing.yml"
    place.write_text(FILE)
    return place


def run(server: ServerProcess, *words: str, given: str | None = None, succeeds: bool = True) -> str:
    """In this process: a command of its own would take longer to start than to do its work."""
    environment = {"FARTHING_URL": server.url, "FARTHING_KEY": server.key, "MAIN_KEY": SECRET}
    done = CliRunner(env=environment).invoke(app, words, input=given)
    assert (done.exit_code == 0) is succeeds, done.output
    return f"{done.output}{'' if succeeds else done.exception}"


def test_what_a_file_says_holds_afterwards_and_twice_is_as_good_as_once(running: ServerProcess, file: Path) -> None:
    shown = run(running, "apply", "-f", str(file), "--dry-run")
    for line in (
        "+ account main",
        "secret: set",
        "+ variant support: calm",
        "+ rollout support: gold",
        "+ budget all",
        "+ limit of default",
    ):
        assert line in shown
    assert SECRET not in shown
    assert running.get("/api/v1/gateway/configs")["data"] == []
    assert "Aborted" in run(running, "apply", "-f", str(file), given="n\n", succeeds=False)

    assert "Done: 15 changes." in run(running, "apply", "-f", str(file), "--yes")
    assert run(running, "apply", "-f", str(file)).strip() == "Nothing to change."
    variants = running.get("/api/v1/gateway/configs/support/variants")["data"]
    assert [(one["slug"], one["versions"], one["latest"]["note"]) for one in variants] == [
        ("calm", 1, ""),
        ("brief", 1, "shorter"),
    ]
    assert [one["weight"] for one in running.get("/api/v1/gateway/rollouts")["data"]] == [9_000, 1_000, 10_000]
    accounts = {one["slug"]: one for one in running.get("/api/v1/gateway/accounts")["data"]}
    assert (accounts["main"]["secret_hint"], accounts["gpu"]["has_secret"]) == ("cdef", False)
    (advent,) = [one for one in running.get("/api/v1/budgets")["data"] if one["name"] == "advent"]
    assert (advent["limit_usd"], advent["starts_at"]) == ("12.5", "2026-12-01T00:00:00Z")
    (price,) = running.get("/api/v1/prices/overrides")["data"]
    assert {bucket: rate["usd"] for bucket, rate in price["rates"].items()} == {"input": "0.5", "output": "2"}

    text = (
        FILE.replace("Be calm", "Be very calm")
        .replace("weight: 9000", "weight: 8000")
        .replace("limit_usd: 500", "limit_usd: 600")
    )
    file.write_text(text.replace('input: "0.5"', 'input: "0.6"').replace("concurrent: 50", "concurrent: 60"))
    changed = run(running, "apply", "-f", str(file), "--yes")
    assert [line for line in changed.splitlines() if line[:1] in "+~-"] == [
        "~ variant support: calm", "~ rollout support: calm in production", "~ limit of default", "~ budget all",
        "~ price rates openai house-1 standard * 2026-01-01T00:00:00Z project",
    ]  # fmt: skip
    assert "weight: 9000 → 8000" in changed
    assert run(running, "apply", "-f", str(file)).strip() == "Nothing to change."
    assert running.get("/api/v1/gateway/configs/support/variants/calm")["versions"] == 2


def test_a_rotated_key_s_name_is_its_successor_s_and_its_own_limit_stays_while_it_works(
    running: ServerProcess, file: Path
) -> None:
    keys = f"{running.url}/api/v1/keys"
    wanted = {"name": "turned", "scopes": ["gateway"]}
    made = httpx.post(keys, json=wanted, headers=running.headers, timeout=30).json()
    file.write_text("limits: [{key: turned, concurrent: 3}]\n")
    run(running, "apply", "-f", str(file), "--yes")
    newer = httpx.post(f"{keys}/{made['id']}/rotate", headers=running.headers, timeout=30).json()
    assert run(running, "apply", "-f", str(file)).strip() == "Nothing to change."
    file.write_text("limits: [{key: turned, concurrent: 4}]\n")
    run(running, "apply", "-f", str(file), "--yes", "--prune")
    limits = {one["key_id"]: one["concurrent"] for one in running.get("/api/v1/gateway/limits")["data"]}
    assert limits == {made["id"]: 3, newer["id"]: 4}
    for one in (newer, made):
        assert httpx.post(f"{keys}/{one['id']}/revoke", headers=running.headers, timeout=30).is_success


def test_pruned_is_what_the_sections_of_a_file_do_not_name(running: ServerProcess, file: Path) -> None:
    run(running, "apply", "-f", str(file), "--yes")
    file.write_text(
        "configs:\n- slug: support\n  variants: [{slug: brief, targets: [{model: gpt-4o-mini}]}]\n  rollouts: [{variant: brief}]\n"
    )
    assert "-" not in {line[:1] for line in run(running, "apply", "-f", str(file), "--dry-run").splitlines()}
    run(running, "apply", "-f", str(file), "--yes", "--prune")
    assert [one["slug"] for one in running.get("/api/v1/gateway/configs/support/variants")["data"]] == ["brief"]
    assert [one["weight"] for one in running.get("/api/v1/gateway/rollouts")["data"]] == [10_000]
    assert len(running.get("/api/v1/budgets")["data"]) == 2
    file.write_text("configs: []\nbudgets: []\nlimits: []\nprices: []\nenvironments: []\naccounts: []\n")
    run(running, "apply", "-f", str(file), "--yes", "--prune")
    for path in (
        "gateway/configs",
        "gateway/environments",
        "gateway/accounts",
        "gateway/limits",
        "budgets",
        "prices/overrides",
    ):
        assert running.get(f"/api/v1/{path}")["data"] == [], path


def test_rules_and_their_channels_come_and_go_together(
    running: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", "https://hooks.example.com/T0/wxyz")
    place = tmp_path / "rules.yml"
    place.write_text(
        "channels: [{name: ops, kind: slack, secret_from: HOOK}]\n"
        "alerts:\n"
        "- {name: a, kind: silent, window: 30m, channels: ops, quiet_hours: {from: 22:00, to: 07:00}}\n"
        "- {name: b, kind: threshold, limit: 500, every: 5m, by: feature}\n"
    )
    assert "Done: 3 changes." in run(running, "alerts", "apply", str(place), "--yes")
    assert run(running, "alerts", "apply", str(place)).strip() == "Nothing to change."
    rule = running.get("/api/v1/alerts/rules/a")
    assert (rule["channels"], rule["quiet_hours"]["from"]) == (["ops"], "22:00")
    place.write_text("channels: []\nalerts: [{name: b, kind: threshold, limit: 500}]\n")
    assert "Done: 2 changes." in run(running, "alerts", "apply", str(place), "--yes", "--prune")
    assert [one["name"] for one in running.get("/api/v1/alerts/rules")["data"]] == ["b"]


def test_evaluations_are_as_the_file_says_and_change_by_a_word(running: ServerProcess, tmp_path: Path) -> None:
    place = tmp_path / "evaluations.yml"
    whole = (
        "evaluations:\n"
        "- {name: polite, sample: 0.05, filters: {feature: support, team: [a, b]}, usd_per_day: 0.50,\n"
        "   evaluator: {kind: judge, prompt: 'Is it polite? {input} {output}', model: gpt-4o-mini}}\n"
        "- {name: is-order, sample: 1, evaluator: {kind: json_schema, schema: {type: object, required: [id]}}}\n"
    )
    place.write_text(whole)
    assert "Done: 2 changes." in run(running, "apply", "-f", str(place), "--yes")
    assert run(running, "apply", "-f", str(place)).strip() == "Nothing to change."
    # What was taken out of a schema or of filters is a change, too.
    place.write_text(whole.replace(", required: [id]", "").replace(", team: [a, b]", ""))
    assert "Done: 2 changes." in run(running, "apply", "-f", str(place), "--yes")
    assert run(running, "apply", "-f", str(place)).strip() == "Nothing to change."
    held = {one["name"]: one for one in running.get("/api/v1/evaluations")["data"]}
    assert (held["polite"]["filters"], held["polite"]["usd_per_day"]) == ({"feature": ["support"]}, "0.5")
    assert held["is-order"]["evaluator"]["schema"] == {"type": "object"}

    told = ("--sample", "0.1", "--usd-per-day", "0", "--calls-per-day", "7", "--new-name", "kind")
    run(running, "evaluations", "change", "polite", *told)
    changed = running.get("/api/v1/evaluations/kind")
    assert [changed[name] for name in ("sample", "usd_per_day", "calls_per_day", "version")] == ["0.1", None, 7, 3]
    assert changed["evaluator"]["model"] == "gpt-4o-mini"
    assert "say what is to change" in run(running, "evaluations", "change", "kind", succeeds=False)
    place.write_text("evaluations: []\n")
    assert "Done: 2 changes." in run(running, "apply", "-f", str(place), "--yes", "--prune")
    assert running.get("/api/v1/evaluations")["data"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("evaluations: [{name: a, sample: 2, evaluator: {kind: json}}]", "evaluation a: sample: "),
        ("evaluations: [{name: a, sample: 1}]", "evaluation a needs evaluator"),
        ("colours: []", "has a section 'colours'; there are accounts, environments"),
        ("- a", "should hold names"),
        ("a: [", "can't be read"),
        ("accounts: [main]", "accounts: give a list of things"),
        ("accounts: [{slug: main}]", "account main needs provider"),
        ("accounts: [{slug: main, provider: openai, secret_from: NO_SUCH}]", "account main: the variable NO_SUCH, which holds its secret, is not set"),
        ("accounts: [{slug: a, provider: openai}, {slug: a, provider: openai}]", "account a stands twice"),
        ("configs: [{slug: a, variants: [{slug: b, colour: red}]}]", "variant a/b: there is no field 'colour'"),
        ("configs: [{slug: a, variants: [{slug: b, cache_ttl_s: soon}]}]", "variant a/b: Expected `int`"),
        ('configs: [{slug: a, variants: [{slug: b, system_prompt: "{{ x"}]}]', "variant a/b: system_prompt: "),
        ("limits: [{key: nobody}]", "limit of nobody: there is no such key"),
        ("budgets: [{name: a, limit_usd: 0, period: day}]", "limit_usd"),
        ("alerts: [{name: a, kind: silent, channels: [nobody]}]", "alert a: there is no channel 'nobody'"),
        ("alerts: [{preset: dayly}]", "alert dayly: there is no preset 'dayly'; there are "),
        ("alerts: [{name: a, kind: silence}]", "alert a: kind: Input should be 'threshold'"),
        (
            "environments: [{slug: e1}]\nalerts: [{name: 1, kind: threshold, limit: -5}]",
            "alert 1: limit: Input should be greater than or equal to 0. 1 of 2 changes had been made.",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_told_by_their_place(running: ServerProcess, tmp_path: Path, text: str, said: str) -> None:
    place = tmp_path / "odd.yml"
    place.write_text(text)
    assert said in run(running, "apply", "-f", str(place), "--yes", succeeds=False)


def test_the_gateway_s_commands_make_list_and_remove(running: ServerProcess) -> None:
    gateway = ("gateway",)
    told = run(
        running,
        *gateway,
        "accounts",
        "add",
        "eu",
        "--provider",
        "azure",
        "--secret-from",
        "MAIN_KEY",
        "-o",
        "api_version=v1",
    )
    assert "…cdef" in told
    assert SECRET not in told
    assert "project" in run(running, *gateway, "accounts", "list")
    run(running, *gateway, "configs", "add", "ask", "--name", "Ask")
    words = ("--model", "gpt-4o", "--account", "eu", "--system-prompt", "Be kind.")
    assert "version 1" in run(running, *gateway, "variants", "add", "ask", "kind", *words)
    assert "at version 2" in run(
        running, *gateway, "variants", "set", "ask", "kind", "--model", "gpt-4o", "--note", "no prompt"
    )
    assert 'system_prompt: "Be kind." → ""' in run(running, *gateway, "variants", "diff", "ask", "kind")
    assert "no prompt" in run(running, *gateway, "variants", "list", "ask")
    run(running, *gateway, "environments", "add", "live", "--production")
    condition = '{"==": [{"var": "user"}, "ada"]}'
    words = ("--variant", "kind", "--environment", "live", "--weight", "100", "--where", condition, "--json")
    (made,) = json.loads(run(running, *gateway, "rollouts", "add", "ask", *words))
    assert (made["environment"], made["conditions"]) == ("live", json.loads(condition))
    assert "200" in run(running, *gateway, "rollouts", "weight", made["id"], "200")
    assert "gpt-4o*" in run(running, *gateway, "limits", "set", "default", "-m", "gpt-4o*", "--concurrent", "3")
    run(running, "keys", "create", "app", "--scopes", "gateway", "--environment", "live")
    assert [one["environment"] for one in running.get("/api/v1/keys")["data"]][-1] == "live"
    for words in (
        ("rollouts", "remove", made["id"]),
        ("configs", "remove", "ask"),
        ("accounts", "remove", "eu"),
        ("limits", "remove", "default"),
    ):
        assert "gone" in run(running, *gateway, *words) or words[0] == "limits"
