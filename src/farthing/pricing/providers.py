"""A provider's name as an emitter wrote it in; the catalogue's provider, or what else is known about the name, out."""

import re
from collections.abc import Set
from enum import Enum


class Stranger(Enum):
    """A provider name that is none of the catalogue's."""

    UNTOLD = "untold"
    """No name, or one that says nothing: a framework, a router, something new."""
    SELF_HOSTED = "self-hosted"
    """Runs on one's own machines, or stands in front of who knows what: no list price applies."""
    UNLISTED = "unlisted"
    """Sells models at prices of its own that the catalogue doesn't have."""


_ALIASES = {
    "az": "azure",
    "azure-ai": "azure",
    "azure-ai-inference": "azure",
    "azure-ai-openai": "azure",
    "azure-openai": "azure",
    "azureopenai": "azure",
    "amazon": "aws",
    "amazon-bedrock": "aws",
    "aws-bedrock": "aws",
    "bedrock": "aws",
    "bedrock-converse": "aws",
    "gcp": "google",
    "gcp-gemini": "google",
    "gcp-gen-ai": "google",
    "gcp-vertex-ai": "google",
    "gemini": "google",
    "google-ai-studio": "google",
    "google-genai": "google",
    "google-generative-ai": "google",
    "google-gla": "google",
    "google-vertex": "google",
    "google-vertexai": "google",
    "vertex": "google",
    "vertex-ai": "google",
    "vertexai": "google",
    "xai": "x-ai",
    "mistral-ai": "mistral",
    "mistralai": "mistral",
    "together-ai": "together",
    "togetherai": "together",
    "fireworks-ai": "fireworks",
    "moonshot": "moonshotai",
    "moonshot-ai": "moonshotai",
    "cohere-chat": "cohere",
    "perplexity-ai": "perplexity",
    "z-ai": "zai",
    "zhipu": "zhipuai",
    "zhipu-ai": "zhipuai",
    "copilot": "github-copilot",
    "voyage": "voyageai",
    "voyage-ai": "voyageai",
    "novita-ai": "novita",
    "workers-ai": "cloudflare",
    "ovh": "ovhcloud",
    "text-completion-openai": "openai",
}
"""Other spellings, underscores written as hyphens: OpenTelemetry's names, LiteLLM's, the Vercel AI SDK's."""

_UNLISTED = frozenset(
    {
        "ai21",
        "aleph-alpha",
        "alibaba",
        "alicloud",
        "anyscale",
        "dashscope",
        "deepinfra",
        "featherless",
        "friendliai",
        "github",
        "github-models",
        "huggingface",
        "hyperbolic",
        "ibm",
        "lambda",
        "lepton",
        "nebius",
        "nvidia",
        "nvidia-nim",
        "oci",
        "octoai",
        "oracle",
        "replicate",
        "sambanova",
        "siliconflow",
        "snowflake",
        "volcengine",
        "watson",
        "watsonx",
        "writer",
    }
)

_SELF_HOSTED = frozenset(
    {
        "customopenai",
        "gpt4all",
        "jan",
        "kobold",
        "koboldcpp",
        "llamacpp",
        "llamafile",
        "lmstudio",
        "local",
        "localai",
        "localhost",
        "mlx",
        "ollama",
        "oobabooga",
        "openaicompatible",
        "openailike",
        "proxy",
        "sagemaker",
        "selfhosted",
        "sglang",
        "textgenerationinference",
        "tgi",
        "triton",
        "vllm",
        "xinference",
    }
)

_WORD = re.compile(r"[a-z0-9]+")


def provider_of(seen: str, known: Set[str]) -> str | Stranger:
    """The id among `known` that `seen` means, or which kind of stranger it is.

    Only whole names count: `my-openai-mirror` is not `openai`.
    """
    name = seen.strip().lower()
    if not name:
        return Stranger.UNTOLD
    if name in known:
        return name
    if _is_self_hosted(name):
        return Stranger.SELF_HOSTED
    # `openai.responses`, `aws.bedrock`: what follows the first dot names an API, unless the whole is a name.
    for spelling in (name, name.partition(".")[0]):
        hyphenated = re.sub(r"[._]", "-", spelling)
        for candidate in (spelling, hyphenated, _ALIASES.get(hyphenated, "")):
            if candidate in known:
                return candidate
        if hyphenated in _UNLISTED:
            return Stranger.UNLISTED
    return Stranger.UNTOLD


def _is_self_hosted(name: str) -> bool:
    words = _WORD.findall(name)
    runs = ("".join(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words)))
    return any(run in _SELF_HOSTED for run in runs)
