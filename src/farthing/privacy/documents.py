"""A provider's response or request as JSON text in; the few facts of it that are no content out.

Only named fields are visited, at named places: what a model or a person wrote is never searched. A text that is too long or
was cut short is looked at by its two ends.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec

from farthing.model.span import Value
from farthing.privacy import tools
from farthing.shapes import Shape

LONGEST = 2**20
"""A longer text is not parsed."""
LONGEST_WORD = 256
_MOST_PLACES = 64
_MOST_COUNTS = 96
_DEEPEST_USAGE = 4
_LARGEST = 2**63
_END = 4096

_IDS = ("id", "response_id", "responseId")
_MODELS = ("model", "model_name", "model_version", "modelVersion")
_USAGES = ("usage", "token_usage", "tokenUsage", "usage_metadata", "usageMetadata")
_FINISHES = ("stop_reason", "stopReason", "finish_reason", "finishReason", "done_reason")
_TIERS = ("service_tier", "serviceTier")
_USAGE_TIERS = (*_TIERS, "trafficType", "traffic_type")
"""How usage objects name the tier: the last two are Vertex AI's."""
_CHOICES = ("choices", "candidates")
_LOOSE_COUNTS = ("prompt_eval_count", "eval_count")
"""Counts that a provider (Ollama) puts beside the answer instead of into an object."""
_BESIDE = (("usage_info", "pages_processed", "pages"), ("meta", "search_units", "reranks"))
"""What Mistral's OCR and Cohere's rerankers count, and the bucket that is."""
_KIND_COUNTS = ("token_count", "tokenCount", "inputTokens", "tokens", "count")
"""What an item of a list by kind may call its number."""
_HOLDERS = (
    "llm_output",
    "llmOutput",
    "response_metadata",
    "generation_info",
    "raw",
    "response",
    "generations",
    "message",
    "kwargs",
    "x_groq",
)
"""Fields in which the response itself, or a framework's copy of its facts, may stand."""
_VISITED = (
    *(*_IDS, *_MODELS, *_USAGES, *_FINISHES, *_TIERS, *_CHOICES, *_LOOSE_COUNTS, *_HOLDERS),
    *("object", "status", "tool_usage", "usage_info", "meta"),
)
_ROLES = {
    name: role
    for role, names in {
        "response_id": _IDS,
        "model": _MODELS,
        "usage": _USAGES,
        "finish_reason": (*_FINISHES, *_CHOICES),
        "served_tier": _TIERS,
        "count": _LOOSE_COUNTS,
    }.items()
    for name in names
}
_RESPONSE = msgspec.defstruct(
    "_Response", [*((name, Any, None) for name in _VISITED), ("output", msgspec.Raw, msgspec.Raw())]
)
"""What is visited is built; all else, which is most of a response, is skipped."""
_read_response = Shape(_RESPONSE).of_json
_REQUEST_MODELS = ("model", "model_name", "model_id", "modelId", "deployment_name")
_REQUEST = msgspec.defstruct(
    "_Request", [(name, Any, None) for name in (*_REQUEST_MODELS, *_TIERS, "stream", "streaming")]
)
_read_request = Shape(_REQUEST).of_json


_PRICED = msgspec.defstruct("_Priced", [("response_cost", Decimal | None, None)])
_read_priced: Callable[[str], Any] = Shape(_PRICED).of_json

_NO_RESPONSE_ID = ("run-", "lc_run-", "call_", "toolu_")
"""How frameworks' own ids of a run and ids of tool calls begin."""
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,24})?(e-\d{1,2})?")
_NAME = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_ID = re.compile(r"[!-~]{4,256}")
_CUT_ID = re.compile(r'"id": ?"((?:chatcmpl-|cmpl-|resp_|msg_|gen-)[\w-]{4,200})"')
_CUT_MODEL = re.compile(r'"model": ?"([\w./:@-]{1,200})"')
_CUT_USAGE = re.compile(
    r'"(?:usage|token_usage|tokenUsage|usage_metadata|usageMetadata)": ?(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})'
)


UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeError)
"""What reading a text that is no JSON, or a hostile one, may raise."""


class Facts(msgspec.Struct):
    """What has been found so far; None is not found. What was found first stays."""

    response_id: str | None = None
    model: str | None = None
    usage: dict[str, Value] | None = None
    finish_reason: str | None = None
    served_tier: str | None = None
    request_model: str | None = None
    requested_tier: str | None = None
    streaming: bool | None = None
    caching_asked: bool | None = None
    reported_cost: str | None = None
    region: str | None = None
    tools: dict[str, int] | None = None

    @property
    def names_the_response(self) -> bool:
        """Whether a further response could only repeat what is known."""
        return self.response_id is not None and self.usage is not None


def response(text: Value, facts: Facts) -> None:
    """Take what this response says: a provider's, or one in the wrapping of a framework."""
    if not isinstance(text, str):
        return
    if not text.startswith(("{", "[")):
        return
    try:
        if len(text) > LONGEST:
            _ends(text, facts)
        elif text.startswith("{"):
            _visit(_told(_read_response(text)), facts)
        else:
            _visit(msgspec.json.decode(text), facts)
    except UNREADABLE:
        _ends(text, facts)


def usage(raw: Value, facts: Facts) -> None:
    """Take this usage object (JSON text or already an object) as it is."""
    if facts.usage is not None:
        return
    if isinstance(raw, str):
        raw = _object(raw)
    if isinstance(raw, Mapping):
        fields = cast("Mapping[Any, Value]", raw)
        facts.usage = counts(fields) or None
        if facts.usage is not None and (size := fields.get("search_context_size")) in ("low", "medium", "high"):
            facts.usage["search_context_size"] = size
        _take_circumstances(fields, facts)


def _take_circumstances(usage: Mapping[Any, Value], facts: Facts) -> None:
    """How and where it was served, which some providers tell with the usage."""
    if usage.get("speed") == "fast":
        facts.served_tier = "fast"  # Anthropic's tier says "standard" beside it
    elif facts.served_tier is None:
        facts.served_tier = next((tier for name in _USAGE_TIERS if (tier := word(usage.get(name)))), None)
    place = word(usage.get("inference_geo"))
    if facts.region is None and place not in (None, "not_available"):
        facts.region = place


def by_provider(text: Value, facts: Facts) -> None:
    """Take what stands in an object {provider: facts}: its usage object, counts of tokens beside it, id, tier and cost."""
    held = _object(text) if isinstance(text, str) else text
    if not isinstance(held, Mapping):
        return
    for told in cast("Mapping[Any, Value]", held).values():
        if not isinstance(told, Mapping):
            continue
        fields = cast("Mapping[Any, Value]", told)
        inner = next((held for name in _USAGES if (held := _mapping(fields.get(name)))), _mapping(None))
        beside = {name: value for name, value in fields.items() if "tokens" in str(name).lower()}
        both = {**counts(beside), **counts(inner)}
        if facts.usage is None:
            facts.usage = both or None
        if facts.response_id is None:
            facts.response_id = _first_id([fields.get("responseId"), fields.get("id")])
        if facts.served_tier is None:
            facts.served_tier = word(fields.get("serviceTier")) or word(inner.get("service_tier"))
        if facts.reported_cost is None:
            facts.reported_cost = _amount(fields.get("cost")) or _amount(inner.get("cost"))


def cost(text: Value, facts: Facts) -> None:
    """Take the cost that a library names beside the response."""
    if not isinstance(text, str) or not text.startswith("{") or len(text) > LONGEST:
        return
    try:
        told: Decimal | None = _read_priced(text).response_cost
    except UNREADABLE:
        return
    if told is not None:
        facts.reported_cost = str(told)


def identity(value: Value, facts: Facts) -> None:
    """Take this as the response's id, if it can be one."""
    if facts.response_id is None:
        facts.response_id = _first_id([value])


def request(text: Value, facts: Facts) -> None:
    """Take the model, the service tier and whether a stream was asked for."""
    if not isinstance(text, str) or not text.startswith("{") or len(text) > LONGEST:
        return
    try:
        told = _told(_read_request(text))
    except UNREADABLE:
        return
    if facts.request_model is None:
        facts.request_model = _first_word(told.get(name) for name in _REQUEST_MODELS)
    if facts.requested_tier is None:
        facts.requested_tier = _first_word(told.get(name) for name in _TIERS)
    for stream in (told.get("stream"), told.get("streaming")):
        if facts.streaming is None and isinstance(stream, bool):
            facts.streaming = stream


def counts(usage: Mapping[Any, Value]) -> dict[str, Value]:
    """The numbers of a usage object, nested as they were; everything else is left out."""
    return _counts(usage, _DEEPEST_USAGE, [_MOST_COUNTS])


def _counts(usage: Mapping[Any, Value], depth: int, left: list[int]) -> dict[str, Value]:
    kept: dict[str, Value] = {}
    for name, value in usage.items():
        if left[0] <= 0:
            break
        key = str(name)
        if not _NAME.fullmatch(key):
            continue
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:
            left[0] -= 1
            kept[key] = value
        elif depth and isinstance(value, Mapping):
            inner = _counts(cast("Mapping[Any, Value]", value), depth - 1, left)
            if inner:
                kept[key] = inner
        elif depth and isinstance(value, list):
            inner = _by_kind(cast("list[Value]", value))
            if inner:
                kept[key] = inner
    return kept


def _by_kind(items: list[Value]) -> dict[str, Value]:
    """Google's [{modality: TEXT, tokenCount: 5}, …] as {text: 5, …}, Bedrock's [{ttl: 1h, inputTokens: 5}] as {1h: 5}."""
    kept: dict[str, Value] = {}
    for item in items[:8]:
        if isinstance(item, Mapping):
            fields = cast("Mapping[str, Value]", item)
            kind = word(fields.get("modality") or fields.get("ttl") or fields.get("type"))
            number = next((fields[name] for name in _KIND_COUNTS if name in fields), None)
            if kind and _NAME.fullmatch(kind) and isinstance(number, int) and not isinstance(number, bool):
                kept[kind.rsplit(".", 1)[-1].lower()] = number
    return kept


def _visit(top: Value, facts: Facts) -> None:
    places: deque[Value] = deque([top])
    for _ in range(_MOST_PLACES):
        if not places:
            return
        place = places.popleft()
        if isinstance(place, list):
            items = cast("list[Value]", place)
            # The last piece of a stream has the usage, the first one the id.
            places.extend(items[-1:])
            places.extend(items[:1] if len(items) > 1 else ())
        elif isinstance(place, Mapping):
            fields = cast("Mapping[str, Value]", place)
            _take(fields, facts)
            places.extend(held for name in _HOLDERS if (held := fields.get(name)))


def _take(fields: Mapping[str, Value], facts: Facts) -> None:
    loose: dict[str, Value] = {}
    for name, value in fields.items():
        role = _ROLES.get(name)
        if role is None or value is None:
            continue
        if role == "usage":
            if isinstance(value, Mapping):
                usage(cast("Mapping[str, Value]", value), facts)
        elif role == "count":
            loose[name] = value
        elif getattr(facts, role) is None:
            setattr(facts, role, _READ[role](value))
    if loose and facts.usage is None:
        facts.usage = counts(loose) or None
    _count_tools(fields, facts)
    if facts.finish_reason is None and fields.get("object") == "response":
        facts.finish_reason = word(fields.get("status"))


def _count_tools(fields: Mapping[str, Value], facts: Facts) -> None:
    """Count what tools of the provider's were used, where its usage object does not say."""
    if facts.tools is not None:
        return
    found: dict[str, int] = {}
    output = fields.get("output")
    if output and isinstance(output, msgspec.Raw):
        found = tools.of_items(output)
    elif isinstance(output, list) and fields.get("object") == "response":
        found = tools.of_items(msgspec.json.encode(output))
    if billed := _mapping(_mapping(fields.get("tool_usage")).get("web_search")).get("num_requests"):
        found[tools.WEB_SEARCHES] = billed if isinstance(billed, int) else 0
    if isinstance(candidates := fields.get("candidates"), list):
        found = tools.of_candidates(cast("list[Value]", candidates))
    for holder, name, bucket in _BESIDE:
        number = _mapping(fields.get(holder)).get(name)
        number = _mapping(_mapping(fields.get(holder)).get("billed_units")).get(name) if number is None else number
        if isinstance(number, int | float) and 0 < number < _LARGEST:
            found[bucket] = int(number)
    facts.tools = found or None


def _finish(value: Value) -> str | None:
    """A reason, or those of several choices."""
    if not isinstance(value, list):
        return word(value)
    reasons: list[str] = []
    for choice in cast("list[Value]", value)[:8]:
        if isinstance(choice, Mapping):
            told = cast("Mapping[str, Value]", choice)
            reason = _first_word(told.get(spelling) for spelling in _FINISHES)
            if reason:
                reasons.append(reason)
    return ",".join(reasons)[:LONGEST_WORD] or None


def _ends(text: str, facts: Facts) -> None:
    """What the two ends of a text show that is no whole JSON: the id stands at its start, the usage at its end."""
    head, tail = text[:_END], text[-_END:]
    if facts.response_id is None and (found := _CUT_ID.search(head)):
        facts.response_id = found[1]
    if facts.model is None and (found := _CUT_MODEL.search(head)):
        facts.model = found[1]
    last = None
    for found in _CUT_USAGE.finditer(tail):
        last = found[1]
    usage(last, facts)


def _object(text: str) -> Value:
    if not text.startswith("{") or len(text) > LONGEST:
        return None
    try:
        return msgspec.json.decode(text)
    except UNREADABLE:
        return None


def _told(decoded: msgspec.Struct) -> dict[str, Value]:
    return {name: value for name in decoded.__struct_fields__ if (value := getattr(decoded, name)) is not None}


def _mapping(value: Value) -> Mapping[Any, Value]:
    return cast("Mapping[Any, Value]", value) if isinstance(value, Mapping) else {}


def _amount(value: Value) -> str | None:
    """A number, or one in a text, as text; None for zero too: who resells models reports one for every call."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value)
    return text if _AMOUNT.fullmatch(text) and text.strip("0.") else None


def _first_id(values: Iterable[Value]) -> str | None:
    for value in values:
        if isinstance(value, str) and _ID.fullmatch(value) and not value.startswith(_NO_RESPONSE_ID):
            return value
    return None


def _first_word(values: Iterable[Value]) -> str | None:
    return next((found for value in values if (found := word(value))), None)


def word(value: Value) -> str | None:
    """A short word or name; None for anything that could be somebody's text."""
    if isinstance(value, str) and 0 < len(value) <= LONGEST_WORD and value.isprintable():
        return value
    return None


_READ: dict[str, Callable[[Value], str | None]] = {
    "response_id": lambda value: _first_id([value]),
    "model": word,
    "finish_reason": _finish,
    "served_tier": word,
}
"""The fact → how it is read from the field that holds it."""
