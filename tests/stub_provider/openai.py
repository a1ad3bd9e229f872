"""OpenAI's answers: a request body in, a JSON body or server-sent events out."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from stub_provider.served import TEXT, TOOL_ARGUMENTS, Served, served

CREATED = 1_750_000_000


def chat(request: dict[str, Any]) -> dict[str, Any]:
    """chat/completions in one piece."""
    answer = _served(request, request.get("messages", []))
    said: dict[str, Any] = {"role": "assistant", "content": TEXT, "refusal": None}
    if answer.calls_tool:
        called = {"name": _tool_name(request), "arguments": json.dumps(TOOL_ARGUMENTS)}
        said |= {"content": None, "tool_calls": [{"id": _id("call_"), "type": "function", "function": called}]}
    elif answer.audio_output:
        said |= {
            "content": None,
            "audio": {"id": _id("audio_"), "data": "UklGRg==", "expires_at": CREATED, "transcript": TEXT},
        }
    return {
        "id": _id("chatcmpl-"),
        "object": "chat.completion",
        "created": CREATED,
        "model": answer.model,
        "service_tier": "default",
        "choices": [{"index": 0, "message": said, "logprobs": None, "finish_reason": _finish(answer)}],
        "usage": answer.openai_chat(),
    }


def chat_stream(request: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    """chat/completions chunk by chunk; usage comes last, and only when it was asked for."""
    options: dict[str, Any] = request.get("stream_options") or {}
    asked_for_usage = bool(options.get("include_usage"))
    frame: dict[str, Any] = {
        **{name: whole[name] for name in ("id", "created", "model", "service_tier")},
        "object": "chat.completion.chunk",
    }
    if asked_for_usage:
        frame["usage"] = None
    for delta, finish in _deltas(whole["choices"][0]):
        yield _data({**frame, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})
    if asked_for_usage:
        yield _data({**frame, "choices": [], "usage": whole["usage"]})
    yield "data: [DONE]\n\n"


def completions(request: dict[str, Any]) -> dict[str, Any]:
    """The older completions in one piece."""
    answer = served(request["model"])
    return {
        "id": _id("cmpl-"),
        "object": "text_completion",
        "created": CREATED,
        "model": answer.model,
        "choices": [{"index": 0, "text": TEXT, "logprobs": None, "finish_reason": "stop"}],
        "usage": answer.openai_chat(),
    }


def completions_stream(request: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    """The same word by word."""
    options: dict[str, Any] = request.get("stream_options") or {}
    null: dict[str, Any] = {"usage": None} if options.get("include_usage") else {}
    frame = {name: whole[name] for name in ("id", "object", "created", "model")}
    for number, word in enumerate(words := _words(), 1):
        finish = "stop" if number == len(words) else None
        choice = {"index": 0, "text": word, "logprobs": None, "finish_reason": finish}
        yield _data({**frame, "choices": [choice], **null})
    if null:
        yield _data({**frame, "choices": [], "usage": whole["usage"]})
    yield "data: [DONE]\n\n"


def embeddings(request: dict[str, Any]) -> dict[str, Any]:
    """Embeddings of whatever was sent."""
    answer = served(request["model"])
    sent: str | list[str] = request["input"]
    vectors = 1 if isinstance(sent, str) else len(sent)
    return {
        "object": "list",
        "model": answer.model,
        "data": [{"object": "embedding", "index": i, "embedding": [0.25, -0.5, 0.125]} for i in range(vectors)],
        "usage": answer.openai_embeddings(),
    }


def responses(request: dict[str, Any]) -> dict[str, Any]:
    """Responses in one piece."""
    sent: str | list[dict[str, Any]] = request.get("input", [])
    answer = _served(request, [] if isinstance(sent, str) else sent)
    return _response(request, answer)


def responses_stream(request: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    """Responses event by event; the last one carries the whole response with its usage."""
    started: dict[str, Any] = {**whole, "status": "in_progress", "output": [], "usage": None}
    item = whole["output"][0]
    steps: list[dict[str, Any]] = [
        {"type": "response.created", "response": started},
        *(_of_message(item) if item["type"] == "message" else _of_function_call(item)),
        {"type": "response.completed", "response": whole},
    ]
    for number, step in enumerate(steps):
        yield f"event: {step['type']}\n" + _data({**step, "sequence_number": number})


def compacted(request: dict[str, Any]) -> dict[str, Any]:
    """A conversation made shorter: what was said by the user, and one item that stands for the rest."""
    whole = responses(request)
    item = {"id": _id("cmp_"), "type": "compaction", "encrypted_content": "gAAAAA=="}
    told = {name: whole[name] for name in ("id", "created_at", "usage")}
    return {**told, "object": "response.compaction", "output": [item]}


def _of_message(item: dict[str, Any]) -> list[dict[str, Any]]:
    where: dict[str, Any] = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    part = item["content"][0]
    return [
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**item, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **where, "part": {**part, "text": ""}},
        *({"type": "response.output_text.delta", **where, "delta": word, "logprobs": []} for word in _words()),
        {"type": "response.output_text.done", **where, "text": TEXT, "logprobs": []},
        {"type": "response.content_part.done", **where, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
    ]


def _of_function_call(item: dict[str, Any]) -> list[dict[str, Any]]:
    where: dict[str, Any] = {"item_id": item["id"], "output_index": 0}
    arguments: str = item["arguments"]
    return [
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**item, "status": "in_progress", "arguments": ""},
        },
        {"type": "response.function_call_arguments.delta", **where, "delta": arguments},
        {"type": "response.function_call_arguments.done", **where, "arguments": arguments, "name": item["name"]},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
    ]


def rate_limited() -> dict[str, Any]:
    """The body of a 429."""
    message = "Rate limit reached for requests"
    return {"error": {"message": message, "type": "rate_limit_exceeded", "param": None, "code": "rate_limit_exceeded"}}


def _response(request: dict[str, Any], answer: Served) -> dict[str, Any]:
    if answer.calls_tool:
        item: dict[str, Any] = {
            "id": _id("fc_"),
            "type": "function_call",
            "status": "completed",
            "call_id": _id("call_"),
            "name": _tool_name(request),
            "arguments": json.dumps(TOOL_ARGUMENTS),
        }
    else:
        item = {
            "id": _id("msg_"),
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": TEXT, "annotations": [], "logprobs": []}],
        }
    return {
        "id": _id("resp_"),
        "object": "response",
        "created_at": CREATED,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": answer.model,
        "output": [item],
        "parallel_tool_calls": True,
        "service_tier": "default",
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "metadata": {},
        "usage": answer.openai_responses(),
    }


def _served(request: dict[str, Any], turns: list[dict[str, Any]]) -> Served:
    answered = any(turn.get("role") == "tool" or turn.get("type") == "function_call_output" for turn in turns)
    return served(request["model"], bool(request.get("tools")), answered)


def _tool_name(request: dict[str, Any]) -> str:
    tool = request["tools"][0]
    return (tool.get("function") or tool)["name"]


def _finish(answer: Served) -> str:
    return "tool_calls" if answer.calls_tool else "stop"


def _deltas(choice: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str | None]]:
    yield {"role": "assistant", "content": "", "refusal": None}, None
    called = choice["message"].get("tool_calls")
    if called:
        yield {"tool_calls": [{"index": at, **call} for at, call in enumerate(called)]}, None
    else:
        for word in _words():
            yield {"content": word}, None
    yield {}, choice["finish_reason"]


def _words() -> list[str]:
    return [word + " " for word in TEXT.split(" ")]


def _data(event: dict[str, Any]) -> str:
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n"


def _id(prefix: str) -> str:
    return prefix + uuid.uuid4().hex[:24]
