"""A provider that stands for all in; the variables that make accounts with it for a server, out."""

from stub_provider import StubProvider


def accounts_with(provider: StubProvider) -> dict[str, str]:
    """Default accounts of OpenAI's and Anthropic's."""
    return {
        "OPENAI_API_KEY": "sk-stub",
        "FARTHING_OPENAI_BASE_URL": f"{provider.url}/v1",
        "ANTHROPIC_API_KEY": "sk-stub",
        "FARTHING_ANTHROPIC_BASE_URL": provider.url,
    }
