"""The process's variables in; the accounts they stand for, which every project may use, out. Pure."""

from collections.abc import Mapping

import msgspec

from farthing.routing.plan import Account


class Told(msgspec.Struct, frozen=True):
    """Which variables tell of an account with a provider; of several the first one that is set counts."""

    secret: tuple[str, ...]
    base_url: tuple[str, ...] = ()
    """Besides `FARTHING_<PROVIDER>_BASE_URL`, which goes first."""
    options: Mapping[str, tuple[str, ...]] = {}


PROVIDERS: Mapping[str, Told] = {
    "openai": Told(
        ("OPENAI_API_KEY",), options={"organization": ("OPENAI_ORG_ID",), "project": ("OPENAI_PROJECT_ID",)}
    ),
    "azure": Told(
        ("AZURE_OPENAI_API_KEY", "AZURE_API_KEY"),
        ("AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"),
        {"api_version": ("OPENAI_API_VERSION", "AZURE_API_VERSION")},
    ),
    "anthropic": Told(("ANTHROPIC_API_KEY",)),
    "google": Told(("GEMINI_API_KEY", "GOOGLE_API_KEY")),
    "vertex": Told(
        ("VERTEX_ACCESS_TOKEN",), options={"project": ("GOOGLE_CLOUD_PROJECT",), "region": ("GOOGLE_CLOUD_LOCATION",)}
    ),
    "bedrock": Told(("AWS_BEARER_TOKEN_BEDROCK",), options={"region": ("AWS_REGION", "AWS_DEFAULT_REGION")}),
    "mistral": Told(("MISTRAL_API_KEY",)),
    "groq": Told(("GROQ_API_KEY",)),
    "deepseek": Told(("DEEPSEEK_API_KEY",)),
    "xai": Told(("XAI_API_KEY",)),
    "together": Told(("TOGETHER_API_KEY", "TOGETHERAI_API_KEY")),
    "fireworks": Told(("FIREWORKS_API_KEY",)),
    "openrouter": Told(("OPENROUTER_API_KEY",)),
    "ollama": Told(("OLLAMA_API_KEY",)),
    "vllm": Told(("VLLM_API_KEY",)),
}

SELF_HOSTED = frozenset({"ollama", "vllm"})
"""They serve whatever models somebody put there."""


def base_url_variable(provider: str) -> str:
    """The variable that points a provider's default account elsewhere."""
    return f"FARTHING_{provider.upper().replace('-', '_')}_BASE_URL"


def variables() -> list[str]:
    """The names of all variables that matter here."""
    names: list[str] = []
    for provider, told in PROVIDERS.items():
        names += [*told.secret, base_url_variable(provider), *told.base_url]
        names += [name for options in told.options.values() for name in options]
    return names


def accounts(environment: Mapping[str, str]) -> tuple[Account, ...]:
    """One account, named like its provider, wherever a key or a base URL is told."""
    found: list[Account] = []
    for provider, told in PROVIDERS.items():
        secret = _first(environment, told.secret)
        base_url = _first(environment, (base_url_variable(provider), *told.base_url))
        if secret or base_url:
            options = {name: value for name, where in told.options.items() if (value := _first(environment, where))}
            found.append(Account(f"env:{provider}", provider, provider, base_url, secret, options))
    return tuple(found)


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := environment.get(name, "").strip())), "")
