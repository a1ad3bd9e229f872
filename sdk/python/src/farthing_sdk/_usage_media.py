"""What OpenAI's API of images and audio, or one like it, was asked and answered goes in; fields of a record come out.

Most of these models are charged by tokens, which their answers tell. The older ones are charged by the image, the second or the
character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from farthing_sdk._usage_openai import answered, chunk, fields, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farthing_sdk._observed import Told
    from farthing_sdk._unread import Chunk

_BY_TOKENS: Final = "gpt-"
"""How the names of models begin that speak for tokens, not for characters."""


def asked_of(operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a request: what it used is in what it asked for."""
    spoken = asked.get("input")
    if operation != "speech" or not isinstance(spoken, str) or str(asked.get("model")).startswith(_BY_TOKENS):
        return {}
    return {"characters": len(spoken)}


def reading_of(operation: str, asked: Mapping[str, Any]) -> tuple[Told, Chunk]:
    """How to read an answer to this request, and how an event of a stream of them."""
    if operation == "image_generation":

        def told(answer: Any) -> dict[str, Any]:
            return _of_images(answer, asked)
    elif operation == "speech":
        told = _of_speech
    else:
        told = _of_transcription

    def event_told(event: Mapping[str, Any]) -> tuple[dict[str, Any], bool, bool]:
        kind = str(event.get("type"))
        if kind.endswith((".completed", ".done")):
            return told(event), True, True
        if event.get("error"):
            return chunk(event)
        return {}, kind.endswith((".delta", ".partial_image")), False

    return told, event_told


def _of_images(answer: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    said = fields(answer)
    told = answered(answer)
    if said.get("usage") is not None:
        if told.get("image_output_tokens") is None:
            # Without details all of it is the image.
            told["image_output_tokens"] = told.get("output_tokens")
        return told
    made = said.get("data")
    if isinstance(made, (list, tuple)):
        told["images"] = len(cast("list[Any]", made))
    told["image_quality"], told["image_size"] = (_asked_for(said, asked, name) for name in ("quality", "size"))
    return told


def _asked_for(said: Mapping[str, Any], asked: Mapping[str, Any], name: str) -> str | None:
    wanted = text(said, name) or text(asked, name)
    if wanted in (None, "auto"):
        usual = {"quality": "standard", "size": "1024x1024"}
        return usual[name] if str(asked.get("model")).startswith("dall-e") else None
    return wanted


def _of_speech(answer: Any) -> dict[str, Any]:
    told = answered(answer)
    if told.get("audio_output_tokens") is None:
        told["audio_output_tokens"] = told.get("output_tokens")
    return told


def _of_transcription(answer: Any) -> dict[str, Any]:
    told = answered(answer)
    seconds = fields(answer).get("duration")
    if told.get("input_tokens") is None and told.get("audio_seconds") is None and seconds is not None:
        # Some tell it as text.
        told["audio_seconds"] = seconds
    return told
