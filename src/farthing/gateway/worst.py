"""A request as its client sent it in; the most its answer can use and so cost, out. Pure.

Input: a token is at least a byte of the text it stands for, so the body's length is more than its text can be. What a body only
refers to (an image behind an address, a stored conversation) has bounds of its own. Output: what the client allows, times
the answers it asks for; a client that allows anything gets `ASSUMED_OUTPUT`, and the bound is no certain one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from farthing.gateway.kinds import PROXY, Kind
from farthing.model.usage import Bucket, Usage, UsageSource

ASSUMED_OUTPUT = 16_384
"""Tokens of an answer to a request that names no limit."""

TOOLS_INPUT = 1_000
"""Tokens a provider adds of its own to make tools known: Anthropic's page on tool use tells of up to some 700. What it adds around each
message is less than the JSON around it."""

IMAGE_TOKENS = 40_000
"""Of one image. OpenAI's page on vision charges up to 36,835 tokens for one in full detail (gpt-4o-mini)."""

REFERRED_TOKENS = 200_000
"""Of what was stored with the provider before: a file, a conversation, an earlier response."""

IMAGE_MADE_TOKENS = 16_000
"""Of one image that is made. OpenAI's pages tell 6,240 for the best quality and largest size of gpt-image-1."""

_LEAST_BYTES_A_SECOND = 500
"""Of recorded speech; Opus at its lowest rates needs 6 kbit/s."""

_FREE = ("", "moderation")
_BY_THE_IMAGE = ("dall-e", "imagen", "flux", "stable")
"""Models whose price is one of an image, not of its tokens."""

_TOOLS = b'"tools"'
_OWN_TOOL = re.compile(
    rb'"(?:web_search|web_fetch|file_search|code_interpreter|code_execution|computer|mcp)[a-z_0-9-]*"'
)
"""Tools that the provider runs: what they find becomes input, as often as the model likes."""
_IMAGE = re.compile(rb'"(?:image_url|input_image|image)"\s*[:,}]')
_REFERRED = re.compile(rb'"(?:file_id|previous_response_id|conversation|prompt_cache_id)"\s*:\s*["{]')
_WHOLE_DOCUMENT = re.compile(rb'"(?:document|input_file|file)"\s*[:,}]')

_MOST = 10**9

_read = msgspec.json.Decoder().decode


class Worst(NamedTuple):
    """The most a call can use. `is_certain` is False where nobody said when an answer has to end."""

    usage: Usage
    is_certain: bool


# Looked up once: reading a member off its Enum costs more than most of what is done with it here.
_INPUT, _OUTPUT, _AUDIO_OUTPUT, _ESTIMATED = Bucket.INPUT, Bucket.OUTPUT, Bucket.AUDIO_OUTPUT, UsageSource.ESTIMATED

NOTHING = Worst(Usage({Bucket.INPUT: 0, Bucket.OUTPUT: 0}, UsageSource.ESTIMATED), is_certain=True)
"""Of what asks no model."""


def of_request(kind: Kind, body: bytes, members: Mapping[str, msgspec.Raw]) -> Worst | None:
    """The most such a call can use; None where nobody can say."""
    if kind.operation in _FREE:
        return None if kind.name == PROXY else NOTHING
    match kind.operation:
        case "embeddings":
            return _certain({Bucket.INPUT: len(body)})
        case "image_generation":
            return _images(body, members)
        case "speech":
            text = _value(members, "input")
            return _certain({Bucket.CHARACTERS: len(text) if isinstance(text, str) else len(body)})
        case "transcription":
            return _certain({Bucket.AUDIO_SECONDS: -(-len(body) // _LEAST_BYTES_A_SECOND)})
        case _:
            return _text(body, members, kind.cap)


def _text(body: bytes, members: Mapping[str, msgspec.Raw], caps: Sequence[str]) -> Worst:
    cap = None
    for name in caps:
        if name in members and (cap := _count(members, name)):
            break
    output = cap or ASSUMED_OUTPUT
    if "n" in members or "best_of" in members:
        output *= max(_count(members, "n") or 1, _count(members, "best_of") or 1)
    usage = Usage({_input_bucket(body): _input(body), _output_bucket(members): min(output, _MOST)}, _ESTIMATED)
    return Worst(usage, is_certain=cap is not None and not _runs_tools(body))


def _certain(buckets: Mapping[str, int]) -> Worst:
    return Worst(Usage(buckets, _ESTIMATED), is_certain=True)


def _input(body: bytes) -> int:
    # Looking for a word costs a fraction of looking for a pattern, and most bodies hold none of these.
    images = len(_IMAGE.findall(body)) * IMAGE_TOKENS if b"image" in body else 0
    referred = len(_REFERRED.findall(body)) if b'_id"' in body or b'conversation"' in body else 0
    documents = len(_WHOLE_DOCUMENT.findall(body)) if b'document"' in body or b'file"' in body else 0
    tools = TOOLS_INPUT if _TOOLS in body else 0
    found = REFERRED_TOKENS if _runs_tools(body) else 0
    return min(len(body) + tools + found + images + (referred + documents) * REFERRED_TOKENS, _MOST)


def _runs_tools(body: bytes) -> bool:
    return _TOOLS in body and _OWN_TOOL.search(body) is not None


def _input_bucket(body: bytes) -> Bucket:
    """The dearest kind of input a body can be charged as."""
    if b'"input_audio"' in body:
        return Bucket.AUDIO_INPUT
    if b'"cache_control"' in body:
        return Bucket.CACHE_WRITE_1H if b'"1h"' in body else Bucket.CACHE_WRITE
    return _INPUT


def _output_bucket(members: Mapping[str, msgspec.Raw]) -> Bucket:
    if "modalities" not in members:
        return _OUTPUT
    modalities = _value(members, "modalities")
    return _AUDIO_OUTPUT if isinstance(modalities, list) and "audio" in modalities else _OUTPUT


def _images(body: bytes, members: Mapping[str, msgspec.Raw]) -> Worst:
    images = _count(members, "n") or 1
    model = _value(members, "model")
    if not (isinstance(model, str) and model.startswith(_BY_THE_IMAGE)):
        return _certain({Bucket.INPUT: _input(body), Bucket.IMAGE_OUTPUT: IMAGE_MADE_TOKENS * images})
    variant = [one for name in ("quality", "size") if isinstance(one := _value(members, name), str)]
    whole = len(variant) == len(("quality", "size"))
    return _certain({".".join((Bucket.IMAGES, *variant)) if whole else Bucket.IMAGES: images})


def _value(members: Mapping[str, msgspec.Raw], name: str) -> Any:
    raw = members.get(name)
    return None if raw is None else _read(raw)


def _count(members: Mapping[str, msgspec.Raw], name: str) -> int | None:
    if name not in members:
        return None
    told = _read(members[name])
    return min(told, _MOST) if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None
