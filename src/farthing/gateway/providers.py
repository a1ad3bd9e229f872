"""A provider's name, an account with it and a path of its API in; the address and the headers to call out. Pure.

The table says what is peculiar about each. Whatever speaks OpenAI's language and is not in it needs a base URL and nothing else.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import quote

import msgspec

from farthing.errors import BadRequestError
from farthing.routing.plan import Account


class Auth(StrEnum):
    """Where the secret goes."""

    BEARER = "authorization"
    X_API_KEY = "x-api-key"
    API_KEY = "api-key"


class Metadata(StrEnum):
    """Whether `metadata` of OpenAI's chat completions is taken."""

    NEVER = "never"
    STORED = "stored"
    """Only together with `store`."""
    ALWAYS = "always"


class Provider(msgspec.Struct, frozen=True):
    """What is peculiar about a provider's wire."""

    base_url: str = ""
    """`{name}` is an option of the account's; "" where every account has its own."""
    auth: Auth = Auth.BEARER
    families: tuple[str, ...] = ("openai",)
    stream_options: bool = True
    """Whether a stream tells its usage only when asked to. Those who always tell it may refuse to be asked."""
    metadata: Metadata = Metadata.NEVER
    defaults: Mapping[str, str] = {}
    """Options of an account that nobody set."""
    headers: Mapping[str, str] = {}
    """Header → the option it carries."""
    base_paths: Mapping[str, str] = {}
    """Family → what comes after the base URL, where the base URL is often told without it."""


_V1 = {"openai": "/v1", "anthropic": "/v1"}

PROVIDERS: Mapping[str, Provider] = {
    "openai": Provider(
        "https://api.openai.com/v1",
        metadata=Metadata.STORED,
        headers={"openai-organization": "organization", "openai-project": "project"},
    ),
    "azure": Provider("https://{resource}.openai.azure.com/openai/v1", Auth.API_KEY, metadata=Metadata.STORED),
    "anthropic": Provider("https://api.anthropic.com", Auth.X_API_KEY, ("anthropic", "openai"), base_paths=_V1),
    "google": Provider("https://generativelanguage.googleapis.com/v1beta/openai"),
    "vertex": Provider(
        "https://{region}-aiplatform.googleapis.com/v1/projects/{project}/locations/{region}/endpoints/openapi",
        defaults={"region": "us-central1"},
    ),
    "bedrock": Provider("https://bedrock-runtime.{region}.amazonaws.com/openai/v1", defaults={"region": "us-east-1"}),
    "mistral": Provider("https://api.mistral.ai/v1", stream_options=False),
    "groq": Provider("https://api.groq.com/openai/v1"),
    "deepseek": Provider("https://api.deepseek.com/v1"),
    "xai": Provider("https://api.x.ai/v1"),
    "together": Provider("https://api.together.xyz/v1"),
    "fireworks": Provider("https://api.fireworks.ai/inference/v1"),
    "openrouter": Provider("https://openrouter.ai/api/v1"),
    "ollama": Provider("http://127.0.0.1:11434/v1", families=("openai", "anthropic")),
    "vllm": Provider(families=("openai", "anthropic")),
}

# Looked up once: reading a member off its Enum costs more than what is done with it here.
_BEARER, _X_API_KEY = Auth.BEARER, Auth.X_API_KEY

_ANY = Provider(families=("openai", "anthropic"))

_VERSION = re.compile(r"(?:^|/)v\d\w*/")
_DEPLOYED = re.compile(r"deployments/[^/]+/(.+)")
_BY_ITS_BODY = re.compile(r"responses(/|$)")
"""What Azure's older addresses have beside its deployments: the body names the model."""

ANTHROPIC_VERSION = "2023-06-01"


def of(name: str) -> Provider:
    """What is peculiar about a provider: nothing, where it is not in the table."""
    return PROVIDERS.get(name, _ANY)


def address(account: Account, family: str, path: str, model: str = "", version: str = "") -> str:
    """Where a call goes; `path` is what follows `/v1/`, `version` Azure's of its API where the client names one.

    Raises `BadRequestError` when the account lacks something.
    """
    provider = of(account.provider)
    base = (account.base_url or provider.base_url).rstrip("/")
    if not base:
        msg = f"The account {account.slug!r} has no base URL, and {account.provider} has none of its own. Give it one."
        raise BadRequestError(msg)
    if "{" in base:
        base = _filled(base, account, provider)
    if account.provider == "azure":
        return _azure(base, path, model, version or account.options.get("api_version", ""), is_told=bool(version))
    after = provider.base_paths.get(family, "")
    if after and not base.endswith(after):
        base += after
    return f"{base}/{_beyond(base, path) if _VERSION.search(path) else path}"


def _beyond(base: str, path: str) -> str:
    """What a path repeats of the base URL's end is said once: clients put their provider's whole path after the proxy's."""
    ends, parts = base.split("/")[3:], path.split("/")
    for said in range(min(len(ends), len(parts) - 1), 0, -1):
        if ends[-said:] == parts[:said] and _VERSION.search("/".join(parts[: said + 1])):
            return "/".join(parts[said:])
    return path


def headers(account: Account, family: str) -> dict[str, str]:
    """What the provider wants to see besides the client's headers, the secret among it; names are lower case."""
    provider = of(account.provider)
    found = {name: account.options[option] for name, option in provider.headers.items() if account.options.get(option)}
    if account.secret:
        # Anthropic's OpenAI-compatible paths take what OpenAI's clients send.
        bearer = provider.auth is _BEARER or (provider.auth is _X_API_KEY and family == "openai")
        found["authorization" if bearer else provider.auth.value] = (
            f"Bearer {account.secret}" if bearer else account.secret
        )
    return found


def _filled(base: str, account: Account, provider: Provider) -> str:
    try:
        return base.format_map({**provider.defaults, **account.options})
    except (KeyError, IndexError, ValueError) as error:
        msg = f"The address {base} of the account {account.slug!r} needs the option {error}."
        raise BadRequestError(msg) from error


def _azure(base: str, path: str, model: str, version: str, *, is_told: bool) -> str:
    """Azure's older addresses name the deployment, which is what it calls a model, and a version of the API, a date."""
    path = path.removeprefix("openai/").removeprefix("v1/")
    if deployed := _DEPLOYED.fullmatch(path):
        path = deployed[1]
    elif _BY_ITS_BODY.match(path):
        model = ""
    is_dated = version[:1].isdigit() and (is_told or "/openai/v1" not in base)
    if not is_dated:
        base = base if "/openai/" in f"{base}/" else f"{base}/openai/v1"
        return f"{base}/{path}?api-version={version}" if is_told else f"{base}/{path}"
    base = f"{base.removesuffix('/v1').removesuffix('/openai')}/openai"
    place = f"deployments/{quote(model, safe='')}/{path}" if model else path
    return f"{base}/{place}?api-version={version}"
