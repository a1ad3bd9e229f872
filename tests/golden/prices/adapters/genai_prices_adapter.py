"""Cases on standard input; what genai-prices says they cost on standard output."""

import importlib
import json
import sys
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

gp: Any = importlib.import_module("genai_prices")

NAMES = {
    "cached_input_tokens": "cache_read_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "audio_input_tokens": "input_audio_tokens",
    "cached_audio_input_tokens": "cache_audio_read_tokens",
    "image_input_tokens": "input_image_tokens",
    "video_input_tokens": "input_video_tokens",
    "audio_output_tokens": "output_audio_tokens",
    "image_output_tokens": "output_image_tokens",
    "reasoning_tokens": "output_reasoning_tokens",
    "citation_tokens": "output_citation_tokens",
    "characters": "input_characters",
    "pages": "input_document_pages",
    "annotated_pages": "input_annotated_document_pages",
    "messages": "input_text_messages",
    "web_searches": "web_searches",
    "grounding": "web_searches",
    "file_searches": "storage_searches",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
}
CONTEXTS = {"batch": {"processing": "batch"}, "fast": {"speed": "fast"}}
PROVIDERS = {
    "aws.bedrock": "aws",
    "bedrock": "aws",
    "gcp.vertex_ai": "google",
    "gemini": "google",
    "vertex_ai": "google",
}


def question(case: dict[str, Any]) -> Callable[[], Any] | None:
    """What prices the case, everything else done before; None where it has no name for what was used."""
    if any(name not in NAMES and name != "audio_seconds" for name in case["usage"]):
        return None
    told: dict[str, int] = {NAMES[name]: count for name, count in case["usage"].items() if name in NAMES}
    if "audio_seconds" in case["usage"]:
        told["input_audio_seconds"] = case["usage"]["audio_seconds"]
    if case["dimension"] == "requests":
        told["requests"] = 1
    usage, tier, at = gp.Usage(**told), case.get("service_tier", ""), datetime.fromisoformat(case["at"])
    known = {} if case["provider"] == "openai" and tier == "fast" else CONTEXTS  # which is a service tier there
    context = known.get(tier, {"service_tier": tier}) if tier else None
    seller = PROVIDERS.get(case["provider"].lower(), case["provider"].lower()) or None
    model = case["model"]
    return lambda: (
        gp.calc_price(usage, model, provider_id=seller, genai_request_timestamp=at, price_context=context).total_price
    )


def main() -> None:
    """One answer a line."""
    warnings.simplefilter("error")
    for case in map(json.loads, sys.stdin):
        try:
            asked = question(case)
            usd, why = (None, "no such unit") if asked is None else (str(asked()), "")
        except (LookupError, TypeError, UserWarning, ValueError) as error:
            usd, why = None, str(error)
        print(json.dumps({"id": case["id"], "usd": usd, "why": why}))


if __name__ == "__main__":
    main()
