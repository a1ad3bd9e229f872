"""What OpenAI's API, or one like it, was asked and answered goes in; fields of a record come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

OPERATIONS: Final = {
    "/chat/completions": "chat",
    "/completions": "text_completion",
    "/responses": "chat",
    "/responses/compact": "chat",
    "/embeddings": "embeddings",
    "/images/generations": "image_generation",
    "/images/edits": "image_generation",
    "/images/variations": "image_generation",
    "/audio/speech": "speech",
    "/audio/transcriptions": "transcription",
    "/audio/translations": "translation",
}
"""How a path ends → what is done there."""

_ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})


_NOTHING: Final[dict[str, Any]] = {}


def operation_of(path: str) -> str | None:
    """What is done at `path`; None: nothing that is charged for, or nothing of which the answer tells."""
    last = path.rfind("/")
    if last < 0:
        return None
    return OPERATIONS.get(path[max(path.rfind("/", 0, last), 0) :]) or OPERATIONS.get(path[last:])


def fields(whole: Any) -> Mapping[str, Any]:
    """The members of a JSON object, or of the library's own model of one."""
    if isinstance(whole, dict):
        return cast("dict[str, Any]", whole)
    told: dict[str, Any] = getattr(whole, "__dict__", _NOTHING)
    # Asking a pydantic model for what it doesn't have takes longer than all the rest of this.
    extra: dict[str, Any] | None = getattr(whole, "__pydantic_extra__", None)
    return {**extra, **told} if extra else told


def part(whole: Any, name: str) -> Any:
    """One member of such an object; None if it has none."""
    return fields(whole).get(name)


def number(value: Any) -> int | None:
    """A number of tokens, or whatever else is counted; None if it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text(whole: Any, name: str) -> str | None:
    """A member that is text."""
    value = fields(whole).get(name)
    return value if isinstance(value, str) and value else None


def answered(answer: Any) -> dict[str, Any]:
    """Fields of a whole answer, or of the chunk of a stream that tells the usage."""
    said = fields(answer)
    told: dict[str, Any] = {
        field: value
        for field, name in (("response_id", "id"), ("response_model", "model"), ("service_tier", "service_tier"))
        if isinstance(value := said.get(name), str) and value
    }
    usage = said.get("usage")
    if usage is not None:
        told.update(usage_of(usage))
    output: Any = said.get("output")
    if isinstance(output, (list, tuple)):
        told.update(_of_tools(output))  # pyright: ignore[reportUnknownArgumentType]
    return told


def usage_of(usage: Any) -> dict[str, Any]:
    """Fields of a usage, in the words of chat completions or those of everything later."""
    said = fields(usage)
    return _of_later(said) if said.get("prompt_tokens") is None else _of_chat(said)


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
            told.update(usage_of(grok))
    choices: Any = event.get("choices")
    # A chunk with the usage and nothing else is the last word.
    return told, any(_says(choice) for choice in choices or ()), choices == [] and told.get("output_tokens") is not None


def _of_chat(said: Mapping[str, Any]) -> dict[str, Any]:
    asked, done = fields(said.get("prompt_tokens_details")), fields(said.get("completion_tokens_details"))
    tokens, output = number(said.get("prompt_tokens")), number(said.get("completion_tokens"))
    total, reasoning = number(said.get("total_tokens")), number(done.get("reasoning_tokens"))
    if reasoning and None not in (tokens, output, total) and total == (tokens or 0) + (output or 0) + reasoning:
        # Some count reasoning beside the output; it is a part of it.
        output = (output or 0) + reasoning
    cached = _first(asked.get("cached_tokens"), said.get("prompt_cache_hit_tokens"), said.get("cached_tokens"))
    told = {
        "input_tokens": tokens,
        "cached_input_tokens": cached,
        **_written(asked),
        "audio_input_tokens": number(asked.get("audio_tokens")),
        "image_input_tokens": number(asked.get("image_tokens")),
        "output_tokens": output,
        "reasoning_tokens": reasoning,
        "audio_output_tokens": number(done.get("audio_tokens")),
        "image_output_tokens": number(done.get("image_tokens")),
        "total_tokens": total,
    }
    cost = said.get("cost")
    if isinstance(cost, (int, float)) and not isinstance(cost, bool) and cost >= 0:
        told["cost_usd"] = repr(cost)  # pyright: ignore[reportArgumentType]
    return told


def _of_later(said: Mapping[str, Any]) -> dict[str, Any]:
    # Transcriptions name the details of their input in the singular.
    asked = fields(said.get("input_tokens_details") or said.get("input_token_details"))
    done = fields(said.get("output_tokens_details") or said.get("output_token_details"))
    return {
        "input_tokens": number(said.get("input_tokens")),
        "cached_input_tokens": number(asked.get("cached_tokens")),
        **_written(asked),
        "audio_input_tokens": number(asked.get("audio_tokens")),
        "image_input_tokens": number(asked.get("image_tokens")),
        "output_tokens": number(said.get("output_tokens")),
        "reasoning_tokens": number(done.get("reasoning_tokens")),
        "audio_output_tokens": number(done.get("audio_tokens")),
        "image_output_tokens": number(done.get("image_tokens")),
        "total_tokens": number(said.get("total_tokens")),
        "audio_seconds": said.get("seconds"),
    }


def _written(asked: Mapping[str, Any]) -> dict[str, int | None]:
    """What was written to a cache, by how long it stays there where that is told."""
    whole = number(asked.get("cache_write_tokens"))
    stays = asked.get("cache_write_tokens_details")
    if stays is None:
        return {"cache_write_tokens": whole}
    half_hour, half_day = (number(part(stays, f"ttl_{life}_tokens")) for life in ("30m", "12h"))
    rest = None if whole is None else max(whole - (half_hour or 0) - (half_day or 0), 0)
    return {
        "cache_write_tokens": rest,
        "cache_write_30m_tokens": half_hour,
        "cache_write_12h_tokens": half_day,
    }


def _first(*counts: Any) -> int | None:
    return next((known for known in counts if number(known) is not None), None)


def _of_tools(items: Iterable[Any]) -> dict[str, Any]:
    """How often the provider's own tools were used."""
    searches = files = 0
    containers: set[Any] = set()
    for item in items:
        said = fields(item)
        kind = said.get("type")
        if kind == "web_search_call":
            # Opening a page that was found costs nothing.
            searches += part(said.get("action"), "type") in (None, "search")
        elif kind == "file_search_call":
            files += 1
        elif kind == "code_interpreter_call":
            containers.add(said.get("container_id"))
    told = {"web_searches": searches, "file_searches": files, "code_sessions": len(containers)}
    return {name: used for name, used in told.items() if used}


def _says(choice: Any) -> bool:
    delta = part(choice, "delta")
    if isinstance(delta, Mapping):
        return any(value for name, value in cast("Mapping[str, Any]", delta).items() if name != "role")
    return bool(part(choice, "text"))
