"""Provider names as emitters write them."""

import pytest

from farthing.pricing.base import load
from farthing.pricing.providers import Stranger, provider_of

KNOWN = {row.provider for row in load().price_rows()}


@pytest.mark.parametrize(
    ("seen", "provider"),
    [
        ("openai", "openai"),
        ("OpenAI", "openai"),
        (" openai ", "openai"),
        ("openai.chat", "openai"),
        ("openai.responses", "openai"),
        ("anthropic.messages", "anthropic"),
        ("az.ai.openai", "azure"),
        ("azure.ai.openai", "azure"),
        ("azure.ai.inference", "azure"),
        ("azure-openai.chat", "azure"),
        ("azure_ai", "azure"),
        ("aws.bedrock", "aws"),
        ("AWS", "aws"),
        ("amazon-bedrock", "aws"),
        ("bedrock_converse", "aws"),
        ("gcp.vertex_ai", "google"),
        ("gcp.gemini", "google"),
        ("gcp.gen_ai", "google"),
        ("vertex_ai", "google"),
        ("gemini", "google"),
        ("google.generative-ai", "google"),
        ("google.vertex.chat", "google"),
        ("google_genai", "google"),
        ("x_ai", "x-ai"),
        ("xai.chat", "x-ai"),
        ("mistral_ai", "mistral"),
        ("moonshot_ai", "moonshotai"),
        ("together_ai", "together"),
        ("fireworks_ai", "fireworks"),
        ("z.ai", "zai"),
        ("github_copilot", "github-copilot"),
        ("huggingface_groq", "huggingface_groq"),
        ("groq", "groq"),
        ("deepseek", "deepseek"),
        ("cohere", "cohere"),
        ("perplexity", "perplexity"),
    ],
)
def test_a_known_provider(seen: str, provider: str) -> None:
    assert provider_of(seen, KNOWN) == provider


def test_every_id_means_itself() -> None:
    assert {seen: provider_of(seen, KNOWN) for seen in KNOWN} == {seen: seen for seen in KNOWN}


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ("", Stranger.UNTOLD),
        ("langchain", Stranger.UNTOLD),
        ("litellm", Stranger.UNTOLD),
        ("my-openai-mirror", Stranger.UNTOLD),
        ("ollama", Stranger.SELF_HOSTED),
        ("Ollama.chat", Stranger.SELF_HOSTED),
        ("vllm", Stranger.SELF_HOSTED),
        ("hosted_vllm", Stranger.SELF_HOSTED),
        ("llama.cpp", Stranger.SELF_HOSTED),
        ("llama_cpp", Stranger.SELF_HOSTED),
        ("lm_studio", Stranger.SELF_HOSTED),
        ("openai-compatible", Stranger.SELF_HOSTED),
        ("openai.vllm", Stranger.SELF_HOSTED),
        ("aws.sagemaker", Stranger.SELF_HOSTED),
        ("ibm.watsonx.ai", Stranger.UNLISTED),
        ("huggingface", Stranger.UNLISTED),
    ],
)
def test_a_stranger(seen: str, kind: Stranger) -> None:
    assert provider_of(seen, KNOWN) is kind
