"""Every route that the OpenAPI document or Langfuse's API has, asked for what is another project's: nothing is told, nothing changes."""

import re
from collections.abc import Generator
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from api.what_a_project_has import MARK, MODEL, OVERRIDE, TRACE, VARIANT, Owner
from fastapi.routing import APIRoute
from server_process import ServerProcess

from farthing.langfuse.routers import routers

Json = dict[str, Any]

PASSWORD = "correct horse battery"
DATASET = "/api/v1/datasets/{dataset_id}"
CONFIG = "/api/v1/gateway/configs/{config}"
QUEUE = "/api/v1/annotation-queues/{queue_id}"
LANGFUSE_QUEUE = "/api/public/annotation-queues/{queue_id}"

LEFT_OUT = {
    "GET /api/v1/calls/tail": "waits for a call to come",
    "GET /api/v1/live": "does not end",
    "GET /metrics": "is the operator's, of all projects",
    "POST /api/v1/gateway/playground/{form}": "names nothing that is kept: it is a call of the gateway",
    "GET /v1/models/{model}": "names a model of a price list, which all have",
    "GET /api/v1/prices/{provider}/{model}": "names a model of a price list, which all have",
}

BODIES: dict[str, Any] = {
    "PUT /api/v1/prices/overrides/{override_id}": OVERRIDE,
    "PATCH /api/v1/keys/{key_id}": {"content": True},
    "POST /api/v1/budgets/{budget_id}/corrections": {"amount_usd": "5", "why": "theirs"},
    "PATCH /api/v1/budgets/{budget_id}": {"limit_usd": "9"},
    "PUT /api/v1/allowance/keys/{key_id}": {"requests": 1},
    "PATCH /api/v1/projects/{project_id}": {"name": "theirs"},
    "PATCH /api/v1/gateway/accounts/{account}": {"name": "theirs"},
    "PATCH " + CONFIG: {"name": "theirs"},
    f"POST {CONFIG}/variants": VARIANT | {"slug": "theirs"},
    f"PATCH {CONFIG}/variants/{{variant}}": {"name": "theirs"},
    f"POST {CONFIG}/variants/{{variant}}/versions": {"note": "theirs", "targets": VARIANT["targets"]},
    "PATCH /api/v1/gateway/environments/{environment}": {"name": "theirs"},
    "PATCH /api/v1/gateway/rollouts/{rollout_id}": {"variant": MARK, "weight": 3},
    "PUT /api/v1/gateway/limits/{key_id}": {"concurrent": 1},
    "PATCH " + DATASET: {"name": "theirs"},
    f"POST {DATASET}/runs": {"name": "theirs"},
    f"POST {DATASET}/items": [{"id": "theirs", "input": "theirs"}],
    f"POST {DATASET}/items/from_calls": {"ids": [TRACE]},
    "PATCH /api/v1/prompts/{name}/versions/{version}": {"labels": ["theirs"]},
    "PATCH /api/v1/prompts/{name}": {"tags": ["theirs"]},
    "PATCH /api/v1/score-configs/{config_id}": {"description": "theirs"},
    f"POST {QUEUE}/items": {"object_type": "TRACE", "object_id": "ab" * 16},
    f"PATCH {QUEUE}/items/{{item_id}}": {"status": "COMPLETED"},
    f"POST {QUEUE}/assignments": {"user_id": "theirs"},
    "PATCH /api/v1/alerts/rules/{rule_id}": {"limit": "3"},
    "PATCH /api/v1/alerts/incidents/{incident_id}": {"expected": True},
    "PATCH /api/v1/alerts/channels/{channel}": {"name": "theirs"},
    "PATCH /api/v1/evaluations/{evaluation}": {"sample": "0.5"},
    "POST /api/v1/evaluations/{evaluation}/try": {"last": 1},
    "POST /v1/proxy/{account}/{path}": {"model": "gpt-4o", "input": "theirs"},
    "PATCH /api/public/v2/prompts/{name}/versions/{version}": {"newLabels": ["theirs"]},
    "PATCH /api/public/score-configs/{config_id}": {"description": "theirs"},
    f"POST {LANGFUSE_QUEUE}/items": {"objectId": "ab" * 16, "objectType": "TRACE"},
    f"PATCH {LANGFUSE_QUEUE}/items/{{item_id}}": {"status": "COMPLETED"},
    f"POST {LANGFUSE_QUEUE}/assignments": {"userId": "theirs"},
    "PATCH /api/public/media/{media_id}": {"uploadedAt": "2026-11-01T00:00:00Z", "uploadHttpStatus": 200},
    "PUT /api/public/models/{model_id}": MODEL,
    f"DELETE {LANGFUSE_QUEUE}/assignments": {"userId": MARK},
}
"""What is sent where something is changed; nothing else."""


ALLOWED: dict[str, tuple[int, ...]] = {
    "PATCH /api/v1/projects/{project_id}": (403,),
    "GET /api/v1/media/files/{project_id}/{media_id}": (403,),
    "PUT /api/v1/media/files/{project_id}/{media_id}": (403,),
    "DELETE /api/public/traces/{trace_id}": (200,),  # as Langfuse answers, whatever there is
}
"""What else may be answered than that there is no such thing."""

QUERIES = (
    "/api/v1/experiments/compare?runs={run_id},{other_run_id}&base={run_id}",
    "/api/v1/experiments?dataset_id={dataset_id}",
    f"/api/v1/experiments/results?name={MARK}&dataset_id={{dataset_id}}",
    "/api/v1/scores?trace_id={trace_id}",
    "/api/v1/comments?object_type=TRACE&object_id={trace_id}",
    f"/api/v1/prompt-history?name={MARK}",
    "/api/v1/budgets/history?budget_id={budget_id}",
    "/api/v1/alerts/rules/history?rule_id={rule_id}",
    "/api/v1/prices/overrides/history?override_id={override_id}",
    "/api/v1/export?format=jsonl",
    f"/api/public/dataset-run-items?datasetId={{dataset_id}}&runName={MARK}",
    f"/api/public/dataset-items?datasetName={MARK}",
    "/api/public/v2/scores?scoreIds={score_id}",
    "/api/public/observations?traceId={trace_id}",
    "/api/public/v2/observations?traceId={trace_id}",
    "/api/public/experiment-items?experimentId={run_id}",
)
"""Lists that are asked for by an id."""


def named(ids: dict[str, str]) -> list[tuple[str, Json, int]]:
    """Where, what names something of another's, and how that is answered."""
    run = {"name": "theirs", "dataset_id": ids["dataset_id"]}
    case = {"item_id": MARK, "trace_id": TRACE, "started_at": "2026-11-01T00:00:00Z", "latency_ms": 7}
    event = {"id": "theirs", "traceId": TRACE, "name": "theirs"}
    batch = [{"id": "e1", "type": "span-create", "timestamp": "2026-11-01T00:00:00Z", "body": event}]
    return [
        ("/api/v1/scores", {"name": MARK, "value": 0, "id": MARK, "trace_id": TRACE}, 201),
        ("/api/v1/scores", {"name": "x", "value": 0, "trace_id": TRACE, "config_id": ids["config_id"]}, 400),
        ("/api/v1/annotation-queues", {"name": "x", "score_config_ids": [ids["config_id"]]}, 400),
        ("/api/v1/experiments/results", {"run": run, "results": [case]}, 404),
        ("/api/v1/prompts", {"name": "x", "prompt": f"@@@langfusePrompt:name={MARK}|version=1@@@"}, 409),
        ("/api/v1/gateway/rollouts", {"config": MARK, "variant": MARK}, 404),
        ("/api/public/dataset-items", {"datasetName": MARK, "input": "x"}, 404),
        ("/api/public/dataset-run-items", {"runName": MARK, "datasetItemId": MARK, "traceId": TRACE}, 404),
        ("/api/public/ingestion", {"batch": batch}, 207),
    ]


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Generator[Owner]:
    environment = {"FARTHING_INIT_ADMIN_PASSWORD": PASSWORD, "FARTHING_ALERTS_ALLOW_PRIVATE": "127.0.0.1"}
    server = ServerProcess(tmp_path_factory.mktemp("isolation"), environment)
    server.start()
    owner = Owner(server)
    try:
        owner.everything()
        yield owner
    finally:
        owner.close()
        server.kill()


@pytest.fixture(scope="module")
def stranger(owner: Owner) -> Generator[httpx.Client]:
    """Somebody with all scopes in a project that has nothing."""
    owner.make("/api/v1/projects", {"id": "strangers", "name": "Strangers"})
    with httpx.Client(base_url=owner.url, timeout=60) as browser:
        headers = {"x-farthing-ui": "1", "x-farthing-project": "strangers"}
        entered = browser.post("/api/v1/session", json={"login": "admin", "password": PASSWORD}, headers=headers)
        assert entered.is_success, entered.text
        wanted = {"name": "theirs", "scopes": ["ingest", "gateway", "read", "admin"]}
        made = browser.post("/api/v1/keys", json=wanted, headers=headers)
        assert made.is_success, made.text
    with httpx.Client(base_url=owner.url, headers={"X-API-Key": made.json()["secret"]}, timeout=60) as client:
        yield client


def routes(owner: Owner) -> list[tuple[str, str]]:
    """All that can be asked: methods and paths."""
    document = owner.ask("GET", "/openapi.json").json()
    ours = [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]
    parts: Any = Mock()
    langfuse = [
        (method, route.path.replace(":path", ""))
        for group in routers(parts)
        for route in group.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
        if route.path != "/api/public/{path:path}"
    ]
    return [one for one in ours + langfuse if " ".join(one) not in LEFT_OUT]


def read(owner: Owner, asked: list[tuple[str, str]]) -> dict[str, tuple[int, str]]:
    """What there is, as its owner sees it, without what is another at each look: signed addresses, and until when it was."""
    seen: dict[str, tuple[int, str]] = {}
    for method, path in asked:
        if method == "GET" and "{" in path and "GET " + path not in ALLOWED:
            answer = owner.ask("GET", filled(path, owner.ids))
            text = re.sub(r'"https?://[^"]*/media/files/[^"]*"', "", answer.text)
            text = re.sub(r'"(at|from|to|window_from|window_to|expires_at|urlExpiry|url_expires_at)":"[^"]*"', "", text)
            seen[path] = (answer.status_code, text)
    return seen


def filled(path: str, ids: dict[str, str]) -> str:
    """The path with what is another's in it; a parameter that nobody has made anything for fails."""
    if path.startswith("/api/public/datasets/{path}"):
        return f"/api/public/datasets/{MARK}/runs/{MARK}"

    def told(found: re.Match[str]) -> str:
        places = [f"{part}/{found[1]}" for part in path.split("/")]
        return next((ids[place] for place in places if place in ids), "") or ids[found[1]]

    return re.sub(r"{(\w+)}", told, path)


ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")


def test_a_question_that_names_what_is_another_s_tells_nothing(owner: Owner, stranger: httpx.Client) -> None:
    for path in QUERIES:
        asked = filled(path, owner.ids)
        mine, theirs = owner.ask("GET", asked), stranger.get(asked)
        assert mine.status_code == 200, (asked, mine.text)
        assert MARK in mine.text or TRACE in mine.text, asked
        is_told = MARK in theirs.text or TRACE in theirs.text
        assert theirs.status_code == 404 or (theirs.status_code == 200 and not is_told), (asked, theirs.text)


def test_nothing_can_be_read_or_changed_by_its_id(owner: Owner, stranger: httpx.Client) -> None:
    asked = sorted(routes(owner), key=lambda one: ORDER.index(one[0]))
    before = read(owner, asked)
    assert {path: told for path, told in before.items() if told[0] != 200} == {}
    troubles: list[str] = []
    for method, path in asked:
        if "{" not in path and (method != "GET" or path.startswith("/v1/")):
            continue
        answer = stranger.request(method, filled(path, owner.ids), json=BODIES.get(f"{method} {path}"))
        if "{" in path:
            is_wrong = answer.status_code not in ALLOWED.get(f"{method} {path}", (404,))
        else:
            is_wrong = MARK in answer.text or answer.status_code >= 500
        if is_wrong:
            troubles.append(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
    for path, body, status in named(owner.ids):
        answer = stranger.post(path, json=body)
        if answer.status_code != status:
            troubles.append(f"POST {path} {body}: {answer.status_code} {answer.text[:500]}")
    assert not troubles, "\n".join(troubles)
    assert read(owner, asked) == before


def test_who_owns_it_changes_it_by_what_was_sent(owner: Owner) -> None:
    """What a stranger was refused was no mistake in the asking."""
    asked = [one for one in routes(owner) if "{" in one[1] and one[0] != "GET"]
    troubles: list[str] = []
    for method, path in sorted(asked, key=lambda one: (ORDER.index(one[0]), -len(one[1]))):
        answer = owner.ask(method, filled(path, owner.ids), BODIES.get(f"{method} {path}"))
        # What was deleted by another route before, or stands in no state that allows it, was found all the same.
        is_known = answer.is_success or answer.status_code in (409, 502) or method == "DELETE"
        if not is_known and f"{method} {path}" not in ALLOWED:
            troubles.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
    assert not troubles, "\n".join(troubles)
