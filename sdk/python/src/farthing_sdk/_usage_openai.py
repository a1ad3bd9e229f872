"""What OpenAI's API, or one like it, was asked and answered goes in; fields of a record come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

OPERATIONS: Final = {
    "/chat/completions": "chat",
    "/completions": "text_completion",
    "/responses": "chat",
    "/embeddings": "embeddings",
}
"""How a path ends → what is done there. The longer endings stand first."""

_ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})


_NOTHING: Final[dict[str, Any]] = {}


def operation_of(path: str) -> str | None:
    """What is done at `path`; None: nothing that uses tokens."""
    for ending, operation in OPERATIONS.items():
        if path.endswith(ending):
            return operation
    return None


def part(whole: Any, name: str) -> Any:
    """A field of a JSON object or of the library's own model of one; None if it has none."""
    if isinstance(whole, dict):
        return cast("dict[str, Any]", whole).get(name)
    fields: dict[str, Any] = getattr(whole, "__dict__", _NOTHING)
    if name in fields:
        return fields[name]
    # Asking a pydantic model for what it doesn't have takes longer than all the rest of this.
    extra: dict[str, Any] | None = getattr(whole, "__pydantic_extra__", None)
    return extra.get(name) if extra else None


def count(whole: Any, name: str) -> int | None:
    """A field that is a number of tokens."""
    value = part(whole, name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text(whole: Any, name: str) -> str | None:
    """A field that is text."""
    value = part(whole, name)
    return value if isinstance(value, str) and value else None


def answered(answer: Any) -> dict[str, Any]:
    """Fields of a whole answer, or of the chunk of a stream that tells the usage."""
    usage = part(answer, "usage")
    told: dict[str, Any] = {
        "response_id": text(answer, "id"),
        "response_model": text(answer, "model"),
        "service_tier": text(answer, "service_tier"),
    }
    if usage is not None:
        told.update(_of_responses(usage) if part(usage, "prompt_tokens") is None else _of_chat(usage))
    output: Any = part(answer, "output")
    if isinstance(output, (list, tuple)):
        searches = sum(1 for item in output if _is_search(item))  # pyright: ignore[reportUnknownVariableType]
        if searches:
            told["web_searches"] = searches
    return told


def chunk(event: Mapping[str, Any]) -> tuple[dict[str, Any], bool, bool]:
    """Of one event of a stream: the fields it tells, whether it says something, whether it is the last."""
    kind = event.get("type")
    if isinstance(kind, str) and kind.startswith("response."):
        if kind in _ENDS:
            response = event.get("response")
            told = answered(response)
            if kind == "response.failed":
                error = part(response, "error")
                told.update(status="error", error_code=text(error, "code") or "response_failed")
            return told, False, True
        return {}, kind.endswith(".delta"), False
    error = event.get("error")
    if error or kind == "error":
        # A failed stream of Responses has the code at its top.
        code = text(error, "code") or text(error, "type") or text(event, "code")
        return {"status": "error", "error_code": code or "stream_error"}, False, True
    told = answered(event)
    if event.get("usage") is None:
        grok = part(event.get("x_groq"), "usage")
        if grok is not None:
            told.update(_of_chat(grok))
    choices: Any = event.get("choices")
    # A chunk with the usage and nothing else is the last word.
    return told, any(_says(choice) for choice in choices or ()), choices == [] and told.get("output_tokens") is not None


def _of_chat(usage: Any) -> dict[str, Any]:
    asked, done = part(usage, "prompt_tokens_details"), part(usage, "completion_tokens_details")
    tokens, output, total = (count(usage, name) for name in ("prompt_tokens", "completion_tokens", "total_tokens"))
    reasoning = count(done, "reasoning_tokens")
    if reasoning and None not in (tokens, output, total) and total == (tokens or 0) + (output or 0) + reasoning:
        # Some count reasoning beside the output; it is a part of it.
        output = (output or 0) + reasoning
    cached = _first(
        count(asked, "cached_tokens"), count(usage, "prompt_cache_hit_tokens"), count(usage, "cached_tokens")
    )
    told = {
        "input_tokens": tokens,
        "cached_input_tokens": cached,
        "cache_write_tokens": count(asked, "cache_write_tokens"),
        "audio_input_tokens": count(asked, "audio_tokens"),
        "output_tokens": output,
        "reasoning_tokens": reasoning,
        "audio_output_tokens": count(done, "audio_tokens"),
        "total_tokens": total,
    }
    cost = part(usage, "cost")
    if isinstance(cost, (int, float)) and not isinstance(cost, bool) and cost >= 0:
        told["cost_usd"] = repr(cost)  # pyright: ignore[reportArgumentType]
    return told


def _of_responses(usage: Any) -> dict[str, Any]:
    asked, done = part(usage, "input_tokens_details"), part(usage, "output_tokens_details")
    return {
        "input_tokens": count(usage, "input_tokens"),
        "cached_input_tokens": count(asked, "cached_tokens"),
        "cache_write_tokens": count(asked, "cache_write_tokens"),
        "output_tokens": count(usage, "output_tokens"),
        "reasoning_tokens": count(done, "reasoning_tokens"),
        "total_tokens": count(usage, "total_tokens"),
    }


def _first(*counts: int | None) -> int | None:
    return next((known for known in counts if known is not None), None)


def _is_search(item: Any) -> bool:
    # Opening a page that was found costs nothing.
    if part(item, "type") != "web_search_call":
        return False
    return part(part(item, "action"), "type") in (None, "search")


def _says(choice: Any) -> bool:
    delta = part(choice, "delta")
    if isinstance(delta, Mapping):
        return any(value for name, value in cast("Mapping[str, Any]", delta).items() if name != "role")
    return bool(part(choice, "text"))
