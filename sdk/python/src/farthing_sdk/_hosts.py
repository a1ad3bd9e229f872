"""The host a client speaks to goes in; the name of who serves there, and in which region, comes out."""

from __future__ import annotations

import re
from typing import Final

_EXACT: Final = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "openrouter.ai": "openrouter",
    "api.groq.com": "groq",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "api.fireworks.ai": "fireworks",
    "api.deepseek.com": "deepseek",
    "api.mistral.ai": "mistral",
    "api.x.ai": "xai",
    "api.perplexity.ai": "perplexity",
    "api.cohere.ai": "cohere",
    "api.cohere.com": "cohere",
    "api.cerebras.ai": "cerebras",
    "api.sambanova.ai": "sambanova",
    "api.moonshot.ai": "moonshotai",
    "api.moonshot.cn": "moonshotai",
    "api.deepinfra.com": "deepinfra",
    "api.novita.ai": "novita",
    "api.z.ai": "zai",
    "open.bigmodel.cn": "zhipuai",
    "api.minimax.io": "minimax",
    "api.voyageai.com": "voyage",
    "router.huggingface.co": "huggingface",
    "integrate.api.nvidia.com": "nvidia",
    "ai-gateway.vercel.sh": "vercel",
    "models.github.ai": "github",
    "models.inference.ai.azure.com": "azure.ai.inference",
    "generativelanguage.googleapis.com": "gemini",
}
_ENDINGS: Final = (
    (".api.openai.com", "openai"),
    (".openai.azure.com", "azure"),
    (".openai.azure.us", "azure"),
    (".cognitiveservices.azure.com", "azure"),
    (".services.ai.azure.com", "azure"),
    (".inference.ai.azure.com", "azure.ai.inference"),
    (".models.ai.azure.com", "azure.ai.inference"),
    ("aiplatform.googleapis.com", "vertex_ai"),
    (".maas.aliyuncs.com", "alibaba"),
    ("dashscope.aliyuncs.com", "alibaba"),
    ("dashscope-intl.aliyuncs.com", "alibaba"),
)

_REGIONS: Final = re.compile(
    r"""bedrock[a-z-]*\.([a-z]{2,14}(?:-[a-z]+)+-\d{1,2})\.(?:vpce\.|api\.)?(?:amazonaws\.com(?:\.cn)?|aws)
    |([a-z]{2,14}-[a-z]+\d{1,2}|us|eu)-aiplatform\.googleapis\.com
    |aiplatform\.(us|eu)\.rep\.googleapis\.com
    |([a-z]{2})\.api\.openai\.com""",
    re.VERBOSE,
)
_PROFILE: Final = re.compile(r"(?:us-gov|us|eu|apac|ap|au|ca|in|jp|sa|global)\.[a-z0-9]+\.|arn:", re.IGNORECASE)
"""How a model of Amazon's begins whose calls may be served elsewhere than where they are sent."""


def region_at(host: str, model: object) -> str | None:
    """Where a call of this model to `host` is served; None where that doesn't say it."""
    if isinstance(model, str) and _PROFILE.match(model):
        return None
    host = host.lower().rstrip(".")
    found = _REGIONS.fullmatch(host)
    if found is None:
        return "global" if host == "aiplatform.googleapis.com" else None
    return found[found.lastindex or 0]


def provider_at(host: str, otherwise: str) -> str:
    """Who serves at `host`; a host nobody knows stands for the provider whose client speaks to it."""
    host = host.lower().rstrip(".")
    known = _EXACT.get(host)
    if known is not None:
        return known
    for ending, provider in _ENDINGS:
        if host.endswith(ending):
            return provider
    if host.startswith("bedrock") and host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return "bedrock"
    return otherwise
