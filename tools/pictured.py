"""A demo server in; what its traffic doesn't bring, kept there: budgets, scores, a prompt, a dataset with runs, a gateway, a rule."""

import random
import time
from typing import Any

import httpx

LONG_S = 120
QUESTIONS = 24
"""Items of the dataset."""

MODELS = {"gpt-4o": 1, "gpt-4o-mini": 3, "claude-haiku-4-5": 2}
"""By run: of so many questions each, one fewer is answered well."""

BUDGETS: list[dict[str, Any]] = [
    {"name": "All of the company", "limit_usd": "1200.00", "period": "month", "timezone": "UTC"},
    {
        "name": "Replies to tickets",
        "limit_usd": "20.00",
        "period": "day",
        "timezone": "UTC",
        "filters": {"feature": "support.reply"},
    },
]
_PROMPTS = (
    "You answer tickets of {{shop}}.\nBe brief and friendly.",
    "You answer tickets of {{shop}}.\nBe brief and friendly. Name the order, and what happens next.",
    "You answer tickets of {{shop}} in the customer's language.\nBe brief. Name the order, and what happens next.",
)
_RULE = {
    "name": "spend of a day",
    "kind": "threshold",
    "measure": "cost",
    "window": "24h",
    "limit": "10",
    "every": "60s",
}


class Demo:
    """What is posted to the server."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        """`headers` let do anything."""
        self._client = httpx.Client(base_url=url, headers=headers, timeout=120)
        self._rng = random.Random(7)  # noqa: S311  pictures, not secrets

    def get(self, path: str, **asked: str | int) -> Any:
        """An answer."""
        return self._client.get(path, params=asked).raise_for_status().json()

    def post(self, path: str, wanted: Any, **headers: str) -> Any:
        """An answer, of what keeps something."""
        return self._client.post(path, json=wanted, headers=headers).raise_for_status().json()

    def furnish(self) -> dict[str, str]:
        """Keep all of it; the ids that addresses need."""
        budget, *_ = [self.post("/api/v1/budgets", wanted)["id"] for wanted in BUDGETS]
        self.post("/api/v1/alerts/rules", _RULE)
        self._judge()
        for number, text in enumerate(_PROMPTS):
            labels = ["production"] if number == 1 else []
            self.post("/api/v1/prompts", {"name": "support/reply", "prompt": text, "labels": labels})
        self._route()
        dataset = self._try()
        return {"budget": budget, "dataset": dataset, "runs": ",".join(self._runs()), "incident": self._incident()}

    def _judge(self) -> None:
        replies = self.get("/api/v1/calls", **{"from": "now-30d", "feature": "support.reply", "limit": 400})["data"]
        scores: list[dict[str, Any]] = []
        for call in replies:
            of_it = {
                "trace_id": call["trace_id"],
                "name": "helpfulness",
                "value": round(self._rng.betavariate(7, 2), 2),
            }
            tone = self._rng.choices(("friendly", "neutral", "curt"), (6, 3, 1))[0]
            scores.append(of_it)
            scores.append({"trace_id": call["trace_id"], "span_id": call["span_id"], "name": "tone", "value": tone})
        self.post("/api/v1/scores", scores)

    def _route(self) -> None:
        for provider in ("openai", "anthropic"):
            self.post("/api/v1/gateway/accounts", {"slug": provider, "provider": provider, "secret": "sk-of-nobody"})
        self.post("/api/v1/gateway/environments", {"slug": "prod", "name": "Production", "is_production": True})
        self.post("/api/v1/gateway/configs", {"slug": "support", "name": "Replies to tickets"})
        for variant, provider, model in (("dear", "openai", "gpt-4o"), ("cheap", "anthropic", "claude-haiku-4-5")):
            target = {"account": provider, "model": model}
            self.post(
                "/api/v1/gateway/configs/support/variants",
                {"slug": variant, "targets": [target], "system_prompt": _PROMPTS[1]},
            )
            weight = 80 if variant == "dear" else 20
            self.post("/api/v1/gateway/rollouts", {"config": "support", "variant": variant, "weight": weight})

    def _try(self) -> str:
        dataset = self.post("/api/v1/datasets", {"name": "returns", "description": "Questions about sending back"})[
            "id"
        ]
        items = [
            {
                "id": f"q{at:02}",
                "input": f"Can I still send back order {1000 + at}?",
                "expected_output": _answer(at, 30),
            }
            for at in range(QUESTIONS)
        ]
        self.post(f"/api/v1/datasets/{dataset}/items", {"items": items})
        asked = {"name": "experiments", "scopes": ["ingest"], "content": True}
        key = {"Authorization": f"Bearer {self.post('/api/v1/keys', asked)['secret']}"}
        began = (int(time.time()) - 40 * 3_600) * 10**9  # noqa: TID251  the demo's traffic is of now, too
        for number, (model, wrong) in enumerate(MODELS.items()):
            run = {"name": model, "dataset_id": dataset, "metadata": {"model": model, "prompt": f"reply {number + 1}"}}
            results = [self._result(number, at, wrong, began) for at in range(QUESTIONS)]
            self.post("/api/v1/experiments/results", {"run": run, "results": results}, **key)
            spans = [self._span(number, at, model, began) for at in range(QUESTIONS)]
            self.post("/v1/traces", {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}, **key)
        return dataset

    def _result(self, run: int, at: int, wrong: int, began: int) -> dict[str, Any]:
        is_right = at % (7 - wrong) != 1
        return {
            "item_id": f"q{at:02}",
            "trace_id": _trace(run, at),
            "started_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began / 10**9 + at)),
            "latency_ms": self._rng.randrange(400, 2_600),
            "output": _answer(at, 30 if is_right else 14),
            "scores": [
                {"name": "exact", "value": is_right},
                {"name": "helpfulness", "value": round(self._rng.betavariate(9 - 2 * wrong, 2), 2)},
            ],
        }

    def _span(self, run: int, at: int, model: str, began: int) -> dict[str, Any]:
        start = began + at * 10**9
        facts: dict[str, str | int] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic" if model.startswith("claude") else "openai",
            "gen_ai.request.model": model,
            "gen_ai.usage.input_tokens": self._rng.randrange(900, 1_900),
            "gen_ai.usage.output_tokens": self._rng.randrange(60, 220),
            "langfuse.observation.prompt.name": "support/reply",
            "langfuse.observation.prompt.version": run + 1,
            "input.value": f"Can I still send back order {1000 + at}?",
            "output.value": _answer(at, 30),
        }
        return {
            "traceId": _trace(run, at),
            "spanId": f"{at + 1:016x}",
            "name": f"chat {model}",
            "kind": 3,
            "startTimeUnixNano": str(start),
            "endTimeUnixNano": str(start + self._rng.randrange(400, 2_600) * 10**6),
            "attributes": [
                {"key": name, "value": {"intValue": str(of)} if isinstance(of, int) else {"stringValue": of}}
                for name, of in facts.items()
            ],
        }

    def _runs(self) -> list[str]:
        """Once all of their calls are known."""
        for _ in range(LONG_S):
            runs = self.get("/api/v1/experiments")["data"]
            if len(runs) == len(MODELS) and all(one["items"] == QUESTIONS for one in runs):
                return [one["id"] for one in runs]
            time.sleep(1)
        msg = "the runs were not put together"
        raise TimeoutError(msg)

    def _incident(self) -> str:
        """Once the rule has been looked at."""
        for _ in range(LONG_S):
            if found := self.get("/api/v1/alerts/incidents")["data"]:
                return found[0]["id"]
            time.sleep(1)
        msg = "the rule found nothing"
        raise TimeoutError(msg)


def _trace(run: int, at: int) -> str:
    return f"{run + 1:016x}{at + 1:016x}"


def _answer(at: int, days: int) -> str:
    return f"Yes: order {1000 + at} can be sent back within {days} days."
