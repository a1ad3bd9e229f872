"""What the stub provider answered in; the calls it served, as `truth.json` lists them, out."""

from typing import Any

from stub_provider.served import TEXT
from stub_provider.server import Answered

_ANTHROPIC = ("/v1/messages",)


def calls(answered: list[Answered]) -> list[dict[str, Any]]:
    """One entry per request in the order answered."""
    return [_call(one) for one in answered]


def _call(one: Answered) -> dict[str, Any]:
    answer: dict[str, Any] = one.answer or {}
    usage: dict[str, Any] = answer.get("usage") or answer.get("usageMetadata") or {}
    told = _tokens(usage)
    options: dict[str, Any] = one.request.get("stream_options") or {}
    asked = bool(options.get("include_usage")) or "chat/completions" not in one.path
    return {
        "path": one.path,
        "provider": _provider(one.path),
        "request_model": one.request.get("model"),
        "response_model": answer.get("model") or answer.get("modelVersion"),
        "response_id": answer.get("id") or answer.get("responseId"),
        "streaming": one.streamed,
        "finish_reason": _finish(answer),
        "usage_in_stream": asked if one.streamed else None,
        "output_text": TEXT if answer and told["output_tokens_including_reasoning"] else None,
        **told,
        **({"error": {"status": 429, "type": "rate_limit_error"}} if one.answer is None else {}),
    }


def _provider(path: str) -> str:
    if path in _ANTHROPIC:
        return "anthropic"
    if path.startswith("/openai/"):
        return "groq"
    if "generateContent" in path or "GenerateContent" in path:
        return "gcp.gemini"
    if path.startswith("/model/"):
        return "aws.bedrock"
    return "cohere" if path == "/v2/chat" else "openai"


def _tokens(usage: dict[str, Any]) -> dict[str, int | None]:
    """Every provider's shape of usage, cache counted in."""
    if "tokens" in usage:
        usage = usage["tokens"]
    of_input: dict[str, Any] = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    of_output: dict[str, Any] = usage.get("completion_tokens_details") or usage.get("output_tokens_details") or {}
    apart = ("cache_read_input_tokens", "cache_creation_input_tokens", "cacheReadInputTokens", "cacheWriteInputTokens")
    whole = _first(usage, "prompt_tokens", "input_tokens", "inputTokens", "promptTokenCount")
    output = _first(usage, "completion_tokens", "output_tokens", "outputTokens", "candidatesTokenCount")
    if whole is not None and output is None:
        output = 0  # embeddings
    if whole is not None:
        whole += sum(usage.get(name, 0) for name in apart)
    thoughts = usage.get("thoughtsTokenCount", 0)
    return {
        "input_tokens_including_cache": whole,
        "cached_input_tokens": of_input.get("cached_tokens")
        or _first(usage, apart[0], apart[2], "cachedContentTokenCount")
        or 0,
        "cache_write_tokens": _first(usage, apart[1], apart[3]) or 0,
        "output_tokens_including_reasoning": None if output is None else output + thoughts,
        "reasoning_tokens": of_output.get("reasoning_tokens") or thoughts,
        "audio_input_tokens": of_input.get("audio_tokens") or 0,
        "audio_output_tokens": of_output.get("audio_tokens") or 0,
    }


def _first(usage: dict[str, Any], *names: str) -> int | None:
    return next((usage[name] for name in names if name in usage), None)


def _finish(answer: dict[str, Any]) -> str | None:
    choices = answer.get("choices") or answer.get("candidates")
    if choices:
        return choices[0].get("finish_reason") or choices[0].get("finishReason")
    return answer.get("stop_reason") or answer.get("stopReason") or answer.get("finish_reason") or answer.get("status")
