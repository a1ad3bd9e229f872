"""OpenAI's answers of images, audio and moderation: a request in, a JSON body, bytes or server-sent events out."""

import json
from collections.abc import Iterator
from typing import Any

from stub_provider.openai import CREATED
from stub_provider.served import TEXT

SPOKEN = b"ID3" + bytes(range(256)) * 16
TRANSCRIBED: dict[str, Any] = {
    "type": "tokens",
    "input_tokens": 134,
    "input_token_details": {"text_tokens": 14, "audio_tokens": 120},
    "output_tokens": 25,
    "total_tokens": 159,
}
DRAWN: dict[str, Any] = {
    "input_tokens": 250,
    "input_tokens_details": {"text_tokens": 50, "image_tokens": 200},
    "output_tokens": 1056,
    "total_tokens": 1306,
}
SAID: dict[str, Any] = {"input_tokens": 14, "output_tokens": 101, "total_tokens": 115}
HEARD_S = 8.47


def images(request: dict[str, Any]) -> dict[str, Any]:
    """Of gpt-image with its tokens, of any other model without."""
    made: dict[str, Any] = {"created": CREATED, "data": [{"b64_json": "iVBORw=="}] * int(request.get("n") or 1)}
    return {**made, "usage": DRAWN} if request["model"].startswith("gpt-image") else made


def images_stream(request: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    """A first sketch, then the image with its tokens."""
    common = {"b64_json": "iVBORw==", "created_at": CREATED, "size": "1024x1024", "quality": "low"}
    common |= {"background": "opaque", "output_format": "png"}
    yield _event({"type": "image_generation.partial_image", "partial_image_index": 0, **common})
    yield _event({"type": "image_generation.completed", "usage": whole["usage"], **common})


def speech(_: dict[str, Any]) -> bytes:
    """Something that isn't JSON."""
    return SPOKEN


def speech_stream(_: dict[str, Any], __: object) -> Iterator[str]:
    """Sound, and then what it took."""
    yield _event({"type": "speech.audio.delta", "audio": "SUQz"})
    yield _event({"type": "speech.audio.done", "usage": SAID})


def transcription(request: dict[str, Any]) -> dict[str, Any] | bytes:
    """In the format asked for; whisper tells seconds, and in bare text nothing is told."""
    if request.get("response_format") == "text":
        return TEXT.encode()
    if request.get("response_format") == "verbose_json":
        return {"task": "transcribe", "language": "english", "duration": HEARD_S, "text": TEXT, "segments": []}
    by_seconds = request["model"] == "whisper-1"
    return {"text": TEXT, "usage": {"type": "duration", "seconds": 9} if by_seconds else TRANSCRIBED}


def transcription_stream(_: dict[str, Any], __: object) -> Iterator[str]:
    """Word by word, the tokens last."""
    for word in TEXT.split():
        yield _event({"type": "transcript.text.delta", "delta": word})
    yield _event({"type": "transcript.text.done", "text": TEXT, "usage": TRANSCRIBED})


def translation(request: dict[str, Any]) -> dict[str, Any] | bytes:
    """As a transcription, without any usage."""
    told = transcription(request)
    return {name: value for name, value in told.items() if name != "usage"} if isinstance(told, dict) else told


def moderation(request: dict[str, Any]) -> dict[str, Any]:
    """Nothing is wrong with it."""
    result: dict[str, Any] = {"flagged": False, "categories": {}, "category_scores": {}}
    return {"id": "modr-1", "model": request.get("model", "omni-moderation-latest"), "results": [result]}


def _event(event: dict[str, Any]) -> str:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
