"""Cases on standard input; what LiteLLM says they cost on standard output. It knows no time but now."""

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
litellm: Any = importlib.import_module("litellm")
calculator: Any = importlib.import_module("litellm.cost_calculator")
types: Any = importlib.import_module("litellm.types.utils")

PROVIDERS = {
    "google": "gemini",
    "x-ai": "xai",
    "aws": "bedrock",
    "aws.bedrock": "bedrock",
    "voyageai": "voyage",
    "": None,
}
COUNTED = {
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
    "reasoning_tokens",
}
"""What its function for the cost of a usage is told; tools are charged by another, from a whole response."""


def question(case: dict[str, Any]) -> Callable[[], Any] | None:
    """What prices the case, everything else done before; None where its function for a response's cost can't be asked."""
    told = case["usage"]
    if not told.keys() <= COUNTED:
        return None
    given = told.get
    usage = types.Usage(
        prompt_tokens=given("input_tokens", 0),
        completion_tokens=given("output_tokens", 0),
        total_tokens=given("input_tokens", 0) + given("output_tokens", 0),
        prompt_tokens_details=types.PromptTokensDetailsWrapper(
            cached_tokens=given("cached_input_tokens", 0),
            audio_tokens=given("audio_input_tokens", 0),
            image_tokens=given("image_input_tokens", 0),
            cache_creation_tokens=given("cache_write_tokens", 0),
            cache_creation_token_details=types.CacheCreationTokenDetails(
                ephemeral_5m_input_tokens=given("cache_write_tokens", 0) - given("cache_write_1h_tokens", 0),
                ephemeral_1h_input_tokens=given("cache_write_1h_tokens", 0),
            ),
        ),
        completion_tokens_details=types.CompletionTokensDetailsWrapper(
            reasoning_tokens=given("reasoning_tokens", 0),
            audio_tokens=given("audio_output_tokens", 0),
            image_tokens=given("image_output_tokens", 0),
        ),
        cache_creation_input_tokens=given("cache_write_tokens", 0),
        cache_read_input_tokens=given("cached_input_tokens", 0),
    )
    if case.get("region") in ("us", "eu"):
        usage.inference_geo = case["region"]
    model, tier = case["model"], case.get("service_tier") or None
    seller = PROVIDERS.get(case["provider"].lower(), case["provider"].lower())
    if tier == "fast":
        usage.speed, tier = tier, None
    if tier == "batch":
        return lambda: calculator.batch_cost_calculator(usage=usage, model=model, custom_llm_provider=seller)
    place = {"data_residency": case["region"]} if case.get("region") in ("us", "eu") else {}
    kind = "embedding" if case.get("operation") == "embeddings" else "completion"
    return lambda: litellm.cost_per_token(
        model=model, custom_llm_provider=seller, usage_object=usage, service_tier=tier, call_type=kind, **place
    )


def main() -> None:
    """One answer a line."""
    for case in map(json.loads, sys.stdin):
        try:
            asked = question(case)
            usd, why = (None, "not by this function") if asked is None else (repr(sum(asked())), "")
        except Exception as error:  # noqa: BLE001  what it raises is its answer
            usd, why = None, str(error)
        print(json.dumps({"id": case["id"], "usd": usd, "why": why}))


if __name__ == "__main__":
    main()
