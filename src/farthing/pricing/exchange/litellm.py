"""LiteLLM's map of model prices in, overrides out; price rows in, such a map out."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec

from farthing.model.money import decimal_text, to_decimal
from farthing.model.usage import Bucket
from farthing.pricing.catalog import PriceRow
from farthing.pricing.exchange.imported import Gathering, Imported, Origin, number, object_of, part
from farthing.pricing.overrides import OverrideRate
from farthing.pricing.providers import Stranger, provider_of
from farthing.pricing.rates import ANY, EVERY_DAY, REQUEST, STANDARD, TOKENS

_MTOK = 1_000_000

_COSTS: dict[str, str] = {
    "input_cost_per_token": Bucket.INPUT,
    "output_cost_per_token": Bucket.OUTPUT,
    "cache_read_input_token_cost": Bucket.CACHE_READ,
    "cache_creation_input_token_cost": Bucket.CACHE_WRITE,
    "cache_creation_input_token_cost_above_1hr": Bucket.CACHE_WRITE_1H,
    "cache_creation_input_token_cost_above_12hr": Bucket.CACHE_WRITE_12H,
    "output_cost_per_reasoning_token": Bucket.REASONING,
    "citation_cost_per_token": Bucket.CITATION,
    "input_cost_per_audio_token": Bucket.AUDIO_INPUT,
    "output_cost_per_audio_token": Bucket.AUDIO_OUTPUT,
    "cache_read_input_audio_token_cost": Bucket.AUDIO_CACHE_READ,
    "input_cost_per_image_token": Bucket.IMAGE_INPUT,
    "output_cost_per_image_token": Bucket.IMAGE_OUTPUT,
    "cache_read_input_image_token_cost": Bucket.IMAGE_CACHE_READ,
    "input_cost_per_video_token": Bucket.VIDEO_INPUT,
    "output_cost_per_video_token": Bucket.VIDEO_OUTPUT,
    "input_cost_per_character": Bucket.CHARACTERS,
    "ocr_cost_per_page": Bucket.PAGES,
    "annotation_cost_per_page": Bucket.ANNOTATED_PAGES,
    "input_cost_per_text_message": Bucket.MESSAGES,
    "input_cost_per_request": REQUEST,
    "code_interpreter_cost_per_session": Bucket.CODE_SESSIONS,
    "google_maps_grounding_cost_per_query": Bucket.MAPS_GROUNDING,
    "input_cost_per_query": Bucket.RERANKS,
}
_BY_MODE: dict[tuple[str, str], str] = {
    ("audio_transcription", "input_cost_per_second"): Bucket.AUDIO_SECONDS,
    ("audio_speech", "output_cost_per_second"): Bucket.SPEECH_SECONDS,
    ("video_generation", "output_cost_per_second"): Bucket.VIDEO_SECONDS,
    ("video_generation", "output_cost_per_video_per_second"): Bucket.VIDEO_SECONDS,
    ("image_generation", "output_cost_per_image"): Bucket.IMAGES,
    ("image_generation", "input_cost_per_image"): Bucket.IMAGES,
    ("embedding", "input_cost_per_image"): Bucket.INPUT_IMAGES,
}
"""What these keys count depends on what the model is for."""

_TIERS = {"batches": "batch"}
_KEY = re.compile(
    r"(?P<base>.+?)(?:_above_(?P<above>\d+)k_tokens)?(?:_(?P<tier>batches|flex|priority|ultrafast|balanced))?"
)
_RESOLUTION = re.compile(r"output_cost_per_second_(\d+[pk])")
_SPELLINGS = {"search_context_size_low": "low", "search_context_size_high": "high", "search_context_size_medium": ""}


def read(data: bytes, origin: Origin, known: Iterable[str] = ()) -> Imported:
    """The overrides of a map; `known` are the catalogue's providers, whose names are preferred."""
    providers = frozenset(known)
    gathering = Gathering("litellm", origin)
    for name, raw in object_of(data).items():
        if name == "sample_spec" or not isinstance(raw, dict):
            continue
        entry = cast("dict[str, Any]", raw)
        provider, model = _named(name, str(entry.get("litellm_provider", "")), providers)
        tiers = _tiers(entry)
        if not tiers:
            gathering.skip(name, "it has no price we know how to count")
        for tier, rates in tiers.items():
            told = entry.get("source")
            gathering.add(name, provider, model, rates, tier=tier, source=told if isinstance(told, str) else "")
    return gathering.done()


def _named(name: str, seller: str, known: frozenset[str]) -> tuple[str, str]:
    provider = _provider(seller, known)
    prefix, slash, rest = name.partition("/")
    if slash and rest and _provider(prefix, known) == provider:
        return provider, rest
    return provider, name


def _provider(name: str, known: frozenset[str]) -> str:
    # Their names say which API is spoken, too: `vertex_ai-language-models`, `bedrock_converse`.
    for spelling in (name, name.partition("-")[0]):
        found = provider_of(spelling, known)
        if not isinstance(found, Stranger):
            return found
    return name.lower()


def _tiers(entry: Mapping[str, Any]) -> dict[str, dict[str, OverrideRate]]:
    base: dict[tuple[str, str], Decimal] = {}
    steps: dict[tuple[str, str], list[tuple[int, Decimal]]] = {}
    mode = str(entry.get("mode", ""))
    for key, raw in entry.items():
        cost = number(raw)
        fits = _KEY.fullmatch(key)
        if cost is None or fits is None:
            continue
        bucket = _bucket(fits["base"], mode)
        if bucket is None:
            continue
        where = (_TIERS.get(fits["tier"] or "", fits["tier"] or STANDARD), bucket)
        if fits["above"]:
            steps.setdefault(where, []).append((int(fits["above"]) * 1000, cost))
        else:
            base[where] = cost
    for size, variant in _SPELLINGS.items():
        cost = number(part(entry, "search_context_cost_per_query").get(size))
        if cost is not None:
            searches = Bucket.WEB_SEARCHES.value
            base[STANDARD, f"{searches}.{variant}" if variant else searches] = cost
    tiers: dict[str, dict[str, OverrideRate]] = {}
    for (tier, bucket), cost in base.items():
        times = _MTOK if bucket in TOKENS else 1
        higher = tuple((above, decimal_text(usd * times)) for above, usd in sorted(steps.get((tier, bucket), [])))
        tiers.setdefault(tier, {})[bucket] = OverrideRate(decimal_text(cost * times), 0, higher)
    return tiers


def _bucket(key: str, mode: str) -> str | None:
    if (resolution := _RESOLUTION.fullmatch(key)) is not None:
        return f"{Bucket.VIDEO_SECONDS.value}.{resolution[1]}"
    found = _COSTS.get(key) or _BY_MODE.get((mode, key))
    return None if found is None else str(found)


_KEYS = {str(bucket): key for key, bucket in _COSTS.items()} | {
    Bucket.IMAGES.value: "output_cost_per_image",
    Bucket.AUDIO_SECONDS.value: "input_cost_per_second",
    Bucket.VIDEO_SECONDS.value: "output_cost_per_second",
}
_SUFFIX = {STANDARD: "", "batch": "_batches", "flex": "_flex", "priority": "_priority", "ultrafast": "_ultrafast"}


def write(rows: Iterable[PriceRow], at_ns: int) -> bytes:
    """A map of the prices in force at that instant. What it has no key for (places, hours, factors) is left out."""
    models: dict[str, dict[str, Any]] = {}
    for row in rows:
        key, suffix = _KEYS.get(row.bucket), _SUFFIX.get(row.tier)
        if key is None or suffix is None or not in_force(row, at_ns):
            continue
        above = f"_above_{row.input_above // 1000}k_tokens" if row.input_above else ""
        entry = models.setdefault(f"{row.provider}/{row.model}", {"litellm_provider": row.provider})
        entry.setdefault(f"{key}{above}{suffix}", (to_decimal(row.usd) / row.per).normalize())
    return msgspec.json.format(msgspec.json.Encoder(decimal_format="number").encode(models), indent=2)


def in_force(row: PriceRow, at_ns: int) -> bool:
    """Whether a row is a plain price everywhere, all day, at that instant."""
    if row.factor or row.daily is not None or row.region != ANY or row.weekdays != EVERY_DAY:
        return False
    return (row.valid_from is None or row.valid_from <= at_ns) and (row.valid_until is None or at_ns < row.valid_until)
