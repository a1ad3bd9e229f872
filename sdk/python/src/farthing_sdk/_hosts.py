"""The host a client speaks to goes in; the name of who serves there comes out."""

from __future__ import annotations

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
