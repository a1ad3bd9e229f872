"""A running server in; one project of it that has one of everything, and the ids of all that, out."""

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import httpx
from server_process import ServerProcess

from farthing.alerts import records
from farthing.alerts.course import Step
from farthing.alerts.incident import Incident, Severity
from farthing.alerts.verdict import Verdict
from farthing.store.meta.database import Database

Json = dict[str, Any]

MARK = "nobody-elses"
"""It stands in all that has a name."""

TRACE, SPAN = "ab" * 16, "cd" * 8
SAID = json.dumps([{"role": "user", "parts": [{"type": "text", "content": MARK}]}])
PICTURE = b"\x89PNG\r\n\x1a\n" + MARK.encode()
VARIANT = {"slug": MARK, "targets": [{"account": MARK, "model": "gpt-4o"}]}
OVERRIDE = {"kind": "rates", "provider": "openai", "model": MARK, "rates": {"input": {"usd": "1"}}}
RULE = {"name": MARK, "kind": "threshold", "limit": "1000"}
MODEL = {"modelName": MARK, "matchPattern": f"(?i)^({MARK})$", "unit": "TOKENS", "inputPrice": 0.001}
EVALUATION = {"name": MARK, "sample": "1", "evaluator": {"kind": "json"}}
BUDGET = {"name": MARK, "limit_usd": "7", "period": "month"}


def _span(span: str, start_ns: int, attributes: Mapping[str, str]) -> Json:
    return {
        "traceId": TRACE,
        "spanId": span,
        "name": MARK,
        "startTimeUnixNano": str(start_ns),
        "endTimeUnixNano": str(start_ns + 10**9),
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()],
    }


def _telemetry() -> Json:
    """A call, and a span that is refused for being too old."""
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": MARK,
        "session.id": MARK,
        "user.id": MARK,
        "gen_ai.input.messages": SAID,
        "gen_ai.output.messages": SAID,
    }
    spans = [_span(SPAN, time.time_ns() - 10**10, told), _span("ef" * 8, 1, told)]
    return {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}


class Owner:
    """Makes one of everything in the project of a key."""

    def __init__(self, server: ServerProcess) -> None:
        """Nothing is made yet."""
        self.ids: dict[str, str] = {}
        """Name of a path's parameter, with the groups it stands in where several call it so → the id."""
        self._server = server
        self.url = server.url
        self._client = httpx.Client(base_url=server.url, headers=server.headers, timeout=60)

    def close(self) -> None:
        """Its connections."""
        self._client.close()

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """As who owns it all."""
        return self._client.request(method, path, json=body)

    def make(self, path: str, body: Any) -> Json:
        """Something new."""
        answer = self.ask("POST", path, body)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    def everything(self) -> None:
        """One of each, and all ids known."""
        for key in self._server.get("/api/v1/keys")["data"]:
            assert self.ask("PATCH", f"/api/v1/keys/{key['id']}", {"content": True}).is_success
        self._telemetry()
        self._money()
        self._gateway()
        self._library()
        self._experiments()

    def _telemetry(self) -> None:
        self.make("/v1/traces", _telemetry())
        while not (found := self._server.get("/api/v1/calls", model=MARK)["data"]):
            self._server.get("/api/v1/calls/tail", cursor="1")
        self.ids |= {"call_id": found[0]["id"], "trace_id": TRACE, "span_id": SPAN}
        self.ids |= {"project_id": "default", "session_id": MARK, "user_id": MARK, "observation_id": SPAN}
        self.ids["quarantine/item_id"] = self._server.get("/api/v1/quarantine")["data"][0]["id"]

    def _money(self) -> None:
        self.ids["key_id"] = self.make("/api/v1/keys", {"name": MARK})["id"]
        self.ids["override_id"] = self.make("/api/v1/prices/overrides", OVERRIDE)["id"]
        self.ids["job_id"] = self.make("/api/v1/prices/reprice", {"from": "now-1d", "dry_run": True})["id"]
        self.ids["budget_id"] = budget = self.make("/api/v1/budgets", BUDGET)["id"]
        correction = {"amount_usd": "1", "why": MARK}
        self.make(f"/api/v1/budgets/{budget}/corrections", correction)
        corrections = self._server.get(f"/api/v1/budgets/{budget}")["corrections"]
        self.ids["correction_id"] = corrections[0]["id"]
        self.ids["rule_id"] = self.make("/api/v1/alerts/rules", RULE)["id"]
        self.ids["incident_id"] = self._incident(self.ids["rule_id"])
        hook = {"name": MARK, "kind": "webhook", "enabled": False, "settings": {"url": "http://127.0.0.1:9/x"}}
        self.ids["channel"] = self.make("/api/v1/alerts/channels", hook)["id"]
        self.ids["evaluation"] = self.make("/api/v1/evaluations", EVALUATION)["id"]

    def _incident(self, rule_id: str) -> str:
        """One as whoever finds an incident keeps it."""
        verdict = Verdict(firing=True, unit="usd", window=(0, 1), why=MARK)
        found = Incident(
            id="in_mine", project_id="default", rule_id=rule_id, rule_name=MARK, kind="threshold",
            severity=Severity.WARNING, opened_ns=time.time_ns(), updated_ns=time.time_ns(), verdict=verdict,
        )  # fmt: skip
        with closing(Database.open(f"sqlite:///{self._server.data}/meta.db")) as database, database.write() as session:
            records.keep(session, Step(found, []))
        return found.id

    def _gateway(self) -> None:
        account = {"slug": MARK, "provider": "openai", "base_url": "http://127.0.0.1:9/v1", "secret": "s" * 20}
        self.make("/api/v1/gateway/accounts", account)
        self.make("/api/v1/gateway/configs", {"slug": MARK})
        self.make(f"/api/v1/gateway/configs/{MARK}/variants", VARIANT)
        self.make("/api/v1/gateway/environments", {"slug": MARK})
        rollout = self.make("/api/v1/gateway/rollouts", {"config": MARK, "variant": MARK})
        self.ids |= dict.fromkeys(("account", "config", "environment", "variant"), MARK) | {"path": "responses"}
        self.ids |= {"version": "1", "rollout_id": rollout["id"]}

    def _library(self) -> None:
        self.make("/api/v1/prompts", {"name": MARK, "prompt": MARK, "labels": ["production"]})
        config = self.make("/api/v1/score-configs", {"name": MARK, "data_type": "NUMERIC"})["id"]
        queue = self.make("/api/v1/annotation-queues", {"name": MARK, "score_config_ids": [config]})["id"]
        place = f"/api/v1/annotation-queues/{queue}"
        item = self.make(f"{place}/items", {"object_type": "TRACE", "object_id": TRACE})["id"]
        self.make(f"{place}/assignments", {"user_id": MARK})
        note = self.make("/api/v1/comments", {"object_type": "TRACE", "object_id": TRACE, "content": MARK})
        sha = base64.b64encode(hashlib.sha256(PICTURE).digest()).decode()
        wanted = {"traceId": TRACE, "contentType": "image/png", "contentLength": len(PICTURE), "sha256Hash": sha}
        media = self.make("/api/public/media", wanted | {"field": "input"})
        if (address := media["uploadUrl"]) is not None:
            headers = {"Content-Type": "image/png", "x-amz-checksum-sha256": sha}
            assert httpx.put(address, content=PICTURE, headers=headers).is_success
        self.ids["model_id"] = self.make("/api/public/models", MODEL)["id"]
        self.ids |= {"name": MARK, "config_id": config, "queue_id": queue, "annotation-queues/item_id": item}
        self.ids |= {"comment_id": note["id"], "media_id": media["mediaId"]}

    def _experiments(self) -> None:
        dataset = self.make("/api/v1/datasets", {"name": MARK})["id"]
        item = {"id": MARK, "input": MARK, "expected_output": MARK}
        self.make(f"/api/v1/datasets/{dataset}/items", [item])
        run = {"name": MARK, "dataset_id": dataset}
        case = {"item_id": MARK, "trace_id": TRACE, "started_at": "2026-11-01T00:00:00Z", "latency_ms": 7}
        posted = self.make("/api/v1/experiments/results", {"run": run, "results": [case]})
        other = self.make("/api/v1/experiments/results", {"run": run | {"name": "other"}, "results": [case]})
        score = {"name": MARK, "value": 1, "id": MARK, "trace_id": TRACE}
        self.make("/api/v1/scores", score)
        self.ids |= {"dataset_id": dataset, "run_id": posted["run_id"], "item_id": MARK, "score_id": MARK}
        self.ids["other_run_id"] = other["run_id"]
