"""The OpenAPI document of everything else in; the same with the calls that pass through the gateway out."""

from typing import Any

from farthing.gateway.kinds import PREFIXES

Json = dict[str, Any]

_CALLS = {
    "chat/completions": "Chat",
    "completions": "Complete a text",
    "responses": "Make a response",
    "embeddings": "Embed texts",
    "images/generations": "Make images",
    "audio/speech": "Speak a text",
    "moderations": "Judge a text",
    "messages": "Chat, in Anthropic's format",
    "messages/count_tokens": "Count a message's tokens, in Anthropic's format",
}
_FORMS = {
    "audio/transcriptions": "Write down what is said",
    "audio/translations": "Write down in English what is said",
    "images/edits": "Change an image",
    "images/variations": "Make an image that is like another",
}
_UNREAD = (
    "batches",
    "containers",
    "conversations",
    "evals",
    "files",
    "fine_tuning/jobs",
    "uploads",
    "vector_stores",
    "videos",
    "messages/batches",
)
"""What is passed on unread: what is listed and made here, and all that is below."""
_ERRORS = {
    400: "The request is wrong.",
    401: "No key, or one that is not known.",
    403: "The key may not make model calls, or not of this model.",
    404: "No account serves this model; the message says what to set up.",
    413: "Too large.",
    415: "Compressed.",
    422: "The provider can't follow.",
    429: "Too many calls of this key, a spent budget, or the provider's own limit.",
    500: "Something broke.",
    502: "The provider could not be reached.",
    503: "Busy; the same again in a moment.",
    504: "The provider took too long.",
    508: "The account's base URL leads back to this server.",
}
_HEADERS: Json = {
    name: {"description": text, "schema": {"type": "string"}}
    for name, text in {
        "x-farthing-request-id": "The call's id; x-llmops-request-id is the same.",
        "traceparent": "The trace the call is part of.",
    }.items()
}
_IN: list[Json] = [
    {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
    for name, text in {
        "x-farthing-config": "The config to go by: its slug or id.",
        "x-farthing-user": "Whom the call is for.",
        "x-farthing-session": "The session it belongs to.",
        "x-farthing-feature": "What it is for.",
        "x-farthing-tags": "Tags: name=value, comma-separated.",
        "x-farthing-content": "none: what is said is not kept; keep: it is, where the config leaves that to the client.",
    }.items()
]


def documented(document: Json) -> Json:
    """Adds the paths, and answers the same document."""
    for family, shape in (("OpenAI", _openai_error()), ("Anthropic", _anthropic_error())):
        document.setdefault("components", {}).setdefault("schemas", {})[f"{family}Error"] = shape
    paths: Json = document["paths"]
    for path, summary in _CALLS.items():
        body = {"application/json": {"schema": {"type": "object", "additionalProperties": True}}}
        paths[f"/v1/{path}"] = {"post": _operation(path, summary, body)}
    for path, summary in _FORMS.items():
        form = {"type": "object", "properties": {"model": {"type": "string"}}, "additionalProperties": True}
        paths[f"/v1/{path}"] = {"post": _operation(path, summary, {"multipart/form-data": {"schema": form}})}
    paths["/v1/models"] = {"get": _models()}
    paths["/v1/models/{model}"] = {"get": _model()}
    for path in _UNREAD:
        anything: Json = {"*/*": {"schema": {}}}
        paths[f"/v1/{path}"] = {
            "get": _unread(path, f"The provider's {path}, passed on unread as is all below", None),
            "post": _unread(path, f"Make one of {path}, passed on unread", anything),
        }
    paths["/v1/proxy/{account}/{path}"] = {"post": _proxied()}
    return document


def _in_path(name: str, text: str) -> Json:
    return {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}


def _model() -> Json:
    operation = _operation("models/{model}", "One model, as the account tells of it that its name leads to", None)
    operation["parameters"] = [_in_path("model", "A model's name, or @account/model."), *_IN]
    return operation


def _proxied() -> Json:
    operation = _unread("proxy/{account}/{path}", "Anything else that a provider offers", {"*/*": {"schema": {}}})
    operation["description"] += " Every method is; kinds of calls that are known are read and priced here too."
    account = _in_path("account", "An account's slug, or its provider.")
    operation["parameters"] = [account, _in_path("path", "What follows in the provider's own address.")]
    return operation


def _models() -> Json:
    others = " and ".join(f"{prefix}models" for prefix in PREFIXES[1:])
    account: Json = {
        "name": "account",
        "in": "query",
        "required": False,
        "description": "Ask this one, by its slug or provider, and answer what it answers.",
        "schema": {"type": "string"},
    }
    left_out: Json = {"description": "Accounts that did not tell their models.", "schema": {"type": "string"}}
    operation = _operation("models", "The models that all accounts offer", None)
    operation["description"] = (
        "In OpenAI's shape: @account/model for each account, and the provider's own name where that leads to the account. What one "
        f"offers is remembered for five minutes. Also at {others}."
    )
    operation["parameters"] = [account, *_IN]
    answered = operation["responses"]["200"]
    answered["description"] = "The models that the key may ask for."
    answered["headers"] = {**_HEADERS, "x-farthing-accounts-left-out": left_out}
    return operation


def _operation(path: str, summary: str, body: Json | None) -> Json:
    error = {"$ref": f"#/components/schemas/{'Anthropic' if path.startswith('messages') else 'OpenAI'}Error"}
    said: Json = {
        str(status): {
            "description": text,
            "headers": _HEADERS,
            "content": {"application/json": {"schema": error}},
        }
        for status, text in _ERRORS.items()
    }
    others = " and ".join(f"{prefix}{path}" for prefix in PREFIXES[1:])
    answered: Json = {
        "description": "What the provider answered.",
        "headers": _HEADERS,
        "content": {"*/*": {"schema": {}}},
    }
    operation: Json = {
        "tags": ["gateway"],
        "summary": summary,
        "description": f"The provider's own request and answer, passed on byte for byte. Also at {others}.",
        "security": [{"key": []}, {"x-api-key": []}],
        "parameters": _IN,
        "responses": {"200": answered, **said},
    }
    return operation if body is None else {**operation, "requestBody": {"required": True, "content": body}}


def _unread(path: str, summary: str, body: Json | None) -> Json:
    operation = _operation(path, summary, body)
    error: Json = operation["responses"]["404"]["content"]["application/json"]["schema"]
    default: Json = {"description": "What went wrong, here or there.", "content": {"*/*": {"schema": {}}}}
    refused: Json = {"description": _ERRORS[404], "content": {"application/json": {"schema": error}}}
    answered: Json = {"description": "What the provider answered.", "content": {"*/*": {"schema": {}}}}
    operation["responses"] = {"200": answered, "404": refused, "default": default}
    operation["parameters"] = []
    return operation


def _openai_error() -> Json:
    told: Json = {
        "type": "object",
        "properties": {"message": {"type": "string"}, "type": {"type": "string"}, "code": {}, "param": {}},
        "required": ["message"],
    }
    return {"type": "object", "properties": {"error": told}, "required": ["error"]}


def _anthropic_error() -> Json:
    told: Json = {
        "type": "object",
        "properties": {"message": {"type": "string"}, "type": {"type": "string"}},
        "required": ["type", "message"],
    }
    return {"type": "object", "properties": {"type": {"const": "error"}, "error": told}, "required": ["type", "error"]}
