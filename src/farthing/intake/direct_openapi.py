"""The OpenAPI document of everything else in; the same with the posts of calls, their bounds and examples, out."""

from typing import Any

import msgspec

from farthing.intake.direct_shapes import MOST_CALLS, Answer, Answers, CallPosted

Json = dict[str, Any]

PREFIX = "#/components/schemas/"

EXAMPLE: Json = {
    "externalRequestId": "0b6f9c1e-1f0a-4c58-9b0e-5a4f4c2e9d11",
    "provider": "openai",
    "model": "gpt-4o-mini",
    "promptVersion": "summarizer_v3",
    "endpointTag": "checkout.ai_summary",
    "inputTokens": 1200,
    "cachedInputTokens": 1024,
    "outputTokens": 300,
    "totalTokens": 1500,
    "latencyMs": 820,
    "status": "success",
    "userId": "u_5f2b9c",
    "tenantId": "acme",
    "dataMode": "real",
    "environment": "prod",
    "metadata": {"plan": "pro"},
}
_FAILED: Json = {
    "externalRequestId": "ext_4f1a5cb60d2e9b7f8a31c402",
    "provider": "anthropic",
    "model": "claude-sonnet-4-5",
    "latencyMs": 30000,
    "status": "error",
    "errorCode": "timeout",
}
_HEADERS: Json = {
    name: {"description": text, "schema": {"type": "integer"}}
    for name, text in {
        "X-RateLimit-Limit": "Calls that this key may post in a minute.",
        "X-RateLimit-Remaining": "How many more it may post now.",
        "X-RateLimit-Reset": "Seconds until it may post as many as that again.",
    }.items()
}
_RETRY: Json = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
_PROBLEMS = {
    400: "A field that can't be taken, which is named; or no JSON.",
    401: "No key, or one that is not known.",
    403: "The key may not ingest.",
    405: "Only POST.",
    413: "Too large.",
    415: "A content type or an encoding that is not read here.",
    503: "Busy, or the store is out of order. Nothing was kept; send the same again.",
}


def documented(document: Json, one: str, many: str, demo: str) -> Json:
    """Adds the paths and their shapes, and answers the same document."""
    (posted, answer, answers), shapes = msgspec.json.schema_components(
        (CallPosted, Answer, Answers), ref_template=PREFIX + "{name}"
    )
    shapes["CallPosted"]["additionalProperties"] = {"description": "A tag of your own."}
    shapes["CallPosted"]["anyOf"] = [{"required": ["model"]}, {"required": ["requestModel"]}]
    shapes["CallsPosted"] = {
        "type": "object",
        "required": ["requests"],
        "properties": {"requests": {"type": "array", "items": posted, "minItems": 1, "maxItems": MOST_CALLS}},
    }
    components: Json = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(shapes)
    components.setdefault("securitySchemes", {}).update(
        {
            "key": {"type": "http", "scheme": "bearer", "description": "A key: fk_…"},
            "x-api-key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
    )
    document["paths"][one] = {
        "post": _post(
            "Tell of one LLM call",
            "Counts once, however often it is posted: a repeated externalRequestId gets the first answer, with"
            " duplicate: true. Answered when it is durable.",
            _body(posted, {"a call": EXAMPLE, "a failed one": _FAILED}),
            answer,
        )
    }
    document["paths"][many] = {
        "post": _post(
            "Tell of many at once",
            f"1 to {MOST_CALLS} calls; one result for each, in order. One that is wrong doesn't stop the others.",
            _body({"$ref": f"{PREFIX}CallsPosted"}, {"two": {"requests": [EXAMPLE, _FAILED]}}),
            answers,
        )
    }
    document["paths"][demo] = {
        "post": _post(
            "Make some demo calls", "They are no part of any total; DELETE …/demo-data removes them.", {}, answers
        )
    }
    return document


def _body(schema: Json, examples: Json) -> Json:
    told = {name: {"value": value} for name, value in examples.items()}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": told}}}}


def _post(summary: str, description: str, body: Json, answer: Json) -> Json:
    content = {"application/json": {"schema": answer}}
    paused = {**content, "application/json": {"schema": answer}}
    problems = {
        str(status): {
            "description": text,
            "content": {"application/problem+json": {"schema": {"$ref": f"{PREFIX}Problem"}}},
            **({"headers": _RETRY} if status == 503 else {}),
        }
        for status, text in _PROBLEMS.items()
    }
    return {
        "tags": ["ingest"],
        "summary": summary,
        "description": description,
        "security": [{"key": []}, {"x-api-key": []}],
        **body,
        "responses": {
            "200": {"description": "What happened.", "headers": _HEADERS, "content": content},
            "402": {
                "description": "reason is plan_limit_reached: the request allowance is spent. Telemetry pauses, calls go on.",
                "headers": _HEADERS,
                "content": paused,
            },
            "429": {
                "description": "reason is throttled.",
                "headers": {**_HEADERS, **_RETRY},
                "content": {"application/json": {"schema": {"$ref": f"{PREFIX}Answer"}}},
            },
            **problems,
        },
    }
