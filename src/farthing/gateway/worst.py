"""A request as its client sent it in; the most its answer can use and so cost, out. Pure.

Input: a token is at least a byte of the text it stands for, so the body's length is more than its text can be. What a body only
refers to (an image behind an address, a stored conversation) has bounds of its own. Output: what the client allows, times
the answers it asks for; a client that allows anything gets `ASSUMED_OUTPUT`, and the bound is no certain one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from farthing.gateway.kinds import Kind
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

Members = Mapping[str, msgspec.Raw]

FREE = ("", "moderation")
"""Operations that cost nothing, unless they cost unread."""
_BY_THE_IMAGE = ("dall-e", "imagen", "flux", "stable")
"""Models whose price is one of an image, not of its tokens."""

_TOOLS = b'"tools"'
_OWN_TOOL = re.compile(
    rb'"(?:web_search|web_fetch|file_search|code_interpreter|code_execution|computer|mcp|google_search|url_context)[a-z_0-9-]*"'
)
"""Tools that the provider runs: what they find becomes input, as often as the model likes."""
_ASKS_FOR_TOOL = re.compile(rb'"(?:web_search_options|mcp_servers|search_parameters|plugins)"\s*:')
"""Other ways to ask for them: OpenAI's and Anthropic's, xAI's, OpenRouter's."""
_IMAGE = re.compile(rb'"(?:image_url|input_image|image)"\s*[:,}]')
_REFERRED = re.compile(
    rb'"(?:file_id|previous_response_id|conversation|prompt_cache_id)"\s*:\s*["{]|"item_reference"|"prompt"\s*:\s*\{'
)
_WHOLE_DOCUMENT = re.compile(rb'"(?:document|input_file|file|video_url|audio_url|input_video)"\s*[:,}]')
_ESCAPED = re.compile(rb"\\u00([2-7][0-9a-fA-F])")
"""A letter that needs no escape: a member's name written so is the same name."""

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


def of_request(kind: Kind, body: bytes, members: Members) -> Worst | None:
    """The most such a call can use, `NOTHING` itself where it is free; None where nobody can say."""
    if kind.operation in FREE:
        return None if kind.costs_unread else NOTHING
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


def as_sent(body: bytes, members: Members, parameters: Mapping[str, Any], prompt: str) -> tuple[bytes, Members]:
    """A body no shorter than what the provider sees, and its members, with the parameters and the prompt of a variant."""
    told = msgspec.json.encode(parameters)
    set_by_it = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in parameters.items()}
    return body + told + prompt.encode(), {**members, **set_by_it}


def _text(body: bytes, members: Members, caps: Sequence[str]) -> Worst:
    # Of several caps the provider may know only the other.
    cap = max((told for name in caps if (told := _count(members, name))), default=None)
    output = cap or ASSUMED_OUTPUT
    if "n" in members or "best_of" in members:
        output *= max(_count(members, "n") or 1, _count(members, "best_of") or 1)
    if "prompt" in members:
        output *= _prompts(members)
    said = _unescaped(body)
    runs_tools = _runs_tools(said)
    read = _input(body, said, runs_tools=runs_tools)
    usage = Usage({_input_bucket(said): read, _output_bucket(members): min(output, _MOST)}, _ESTIMATED)
    return Worst(usage, is_certain=cap is not None and not runs_tools)


def _prompts(members: Members) -> int:
    """Each prompt of a list is answered for itself; a list of numbers is one, in tokens."""
    told = _value(members, "prompt")
    if not isinstance(told, list):
        return 1
    prompts = cast("list[Any]", told)
    return len(prompts) if any(isinstance(one, str | list) for one in prompts) else 1


def _unescaped(body: bytes) -> bytes:
    """Good for finding members' names."""
    if b"\\u00" not in body:
        return body
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), body)


def _certain(buckets: Mapping[str, int]) -> Worst:
    return Worst(Usage(buckets, _ESTIMATED), is_certain=True)


def _input(body: bytes, said: bytes, *, runs_tools: bool) -> int:
    # Looking for a word costs a fraction of looking for a pattern, and most bodies hold none of these.
    images = len(_IMAGE.findall(said)) * IMAGE_TOKENS if b"image" in said else 0
    refers = b'_id"' in said or b'conversation"' in said or b'_reference"' in said or b'"prompt"' in said
    referred = len(_REFERRED.findall(said)) if refers else 0
    holds = b'document"' in said or b'file"' in said or b'_url"' in said or b'video"' in said
    documents = len(_WHOLE_DOCUMENT.findall(said)) if holds else 0
    tools = TOOLS_INPUT if _TOOLS in said else 0
    found = REFERRED_TOKENS if runs_tools else 0
    return min(len(body) + tools + found + images + (referred + documents) * REFERRED_TOKENS, _MOST)


def _runs_tools(said: bytes) -> bool:
    if _TOOLS in said and _OWN_TOOL.search(said) is not None:
        return True
    return (b"search_" in said or b'mcp_servers"' in said or b'plugins"' in said) and bool(_ASKS_FOR_TOOL.search(said))


def _input_bucket(body: bytes) -> Bucket:
    """The dearest kind of input a body can be charged as."""
    if b'"input_audio"' in body:
        return Bucket.AUDIO_INPUT
    if b'"cache_control"' in body:
        return Bucket.CACHE_WRITE_1H if b'"1h"' in body else Bucket.CACHE_WRITE
    return _INPUT


def _output_bucket(members: Members) -> Bucket:
    if "modalities" not in members:
        return _OUTPUT
    modalities = _value(members, "modalities")
    return _AUDIO_OUTPUT if isinstance(modalities, list) and "audio" in modalities else _OUTPUT


def _images(body: bytes, members: Members) -> Worst:
    images = _count(members, "n") or 1
    model = _value(members, "model")
    if not (isinstance(model, str) and model.startswith(_BY_THE_IMAGE)):
        said = _unescaped(body)
        read = _input(body, said, runs_tools=_runs_tools(said))
        return _certain({Bucket.INPUT: read, Bucket.IMAGE_OUTPUT: IMAGE_MADE_TOKENS * images})
    variant = [one for name in ("quality", "size") if isinstance(one := _value(members, name), str)]
    whole = len(variant) == len(("quality", "size"))
    return _certain({".".join((Bucket.IMAGES, *variant)) if whole else Bucket.IMAGES: images})


def _value(members: Members, name: str) -> Any:
    raw = members.get(name)
    try:
        return None if raw is None else _read(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None  # what the provider makes of it is for the provider to say


def _count(members: Members, name: str) -> int | None:
    told = _value(members, name)
    return min(told, _MOST) if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None
