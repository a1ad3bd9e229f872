"""A model's name as the client wrote it and the accounts there are in; the account that serves it, and the model's name there, out. Pure.

The name decides, in this order: `@account/model`; a provider's name before a slash; whose family of models it is of; which
provider the price catalogue knows it from; and what nobody knows goes to the one account that takes any name.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from farthing.errors import NotFoundError
from farthing.routing.default_accounts import PROVIDERS, SELF_HOSTED, base_url_variable
from farthing.routing.plan import Account, Wish

Maker = Callable[[str], str]
"""A model's name → the provider that is known to make it, by a name of `PROVIDERS` or another; "" when nobody knows."""

_MOST_NAMED = 20
"""Of accounts, in what is said to clients."""

ROUTERS = ("openrouter", "together", "fireworks")
"""They sell the models of many makers, under names with a slash."""

_FAMILIES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), providers)
    for pattern, providers in (
        (r"(us|eu|apac|jp|au|ca|us-gov|global)\.\w+\.|(amazon|anthropic|meta|cohere|ai21|mistral|openai|qwen)\.", ("bedrock",)),
        (r"accounts/", ("fireworks",)),
        (r"claude-", ("anthropic",)),
        (
            r"(ft:)?(gpt-(?!oss)|chatgpt-|o\d|codex-|davinci|babbage|computer-use)|text-embedding-(3|ada)"
            r"|(text|omni)-moderation|tts-|whisper-1|dall-e|sora-",
            ("openai", "azure"),
        ),
        (r"(models/)?(gemini-|gemma-|imagen-|veo-|text-embedding-00|learnlm)", ("google", "vertex")),
        (r"(open-)?(mistral|mixtral|ministral|codestral|pixtral|magistral|devstral|voxtral)", ("mistral",)),
        (r"grok-", ("xai",)),
        (r"deepseek-", ("deepseek",)),
    )
)  # fmt: skip
"""How a family's names begin → who serves them under these names, the maker first."""


class ModelNotFoundError(NotFoundError):
    """No account serves this model; the message names what to set up."""

    code = "model_not_found"


class Found(NamedTuple):
    """Who serves a model, and what it is called there."""

    account: Account
    model: str


def find(wish: Wish, accounts: Sequence[Account], maker: Maker) -> Found:
    """The account for a call that names no config; of several of one provider the first. Raises `ModelNotFoundError`."""
    model = wish.model
    if model.startswith("@"):
        return _addressed(model, accounts)
    if not model:
        return Found(_of_family(wish, accounts), "")
    makers = _makers(model, maker)
    return (
        _prefixed(model, accounts)
        or _at_first(makers, model, accounts)
        or (_at_first(ROUTERS, model, accounts) if "/" in model else None)
        or _at_whoever_takes_any(wish, makers, accounts)
    )


def slugged(slug: str, accounts: Iterable[Account]) -> Account | None:
    """The account of that slug; accounts that go before others come first."""
    return next((one for one in accounts if one.slug == slug), None)


def of_provider(provider: str, accounts: Iterable[Account]) -> Account | None:
    """The first account with a provider."""
    return next((one for one in accounts if one.provider == provider), None)


def is_of_family(model: str) -> bool:
    """Whether its name alone says whose it is."""
    return bool(_of_families(model.lower()))


def how_to_set_up(provider: str) -> str:
    """What to do so that there is an account with a provider."""
    told = PROVIDERS.get(provider)
    given = told.secret[0] if told and provider not in SELF_HOSTED else base_url_variable(provider)
    return (
        f"set {given} where the server runs, or add one: farthing gateway accounts add {provider} --provider {provider}"
    )


def _addressed(model: str, accounts: Sequence[Account]) -> Found:
    slug, slash, name = model[1:].partition("/")
    if not slash:
        msg = f"The model {model[:100]!r} names an account and no model; write @account/model."
        raise ModelNotFoundError(msg)
    account = slugged(slug, accounts) or of_provider(slug, accounts)
    if account is None:
        known = _named(accounts)
        there = f"there are {known}" if known else "there is none yet"
        more = f" To have one, {how_to_set_up(slug)}." if slug in PROVIDERS else ""
        msg = f"There is no account {slug[:100]!r}; {there}.{more}"
        raise ModelNotFoundError(msg)
    return Found(account, name)


def _prefixed(model: str, accounts: Sequence[Account]) -> Found | None:
    provider, slash, name = model.partition("/")
    account = of_provider(provider, accounts) if slash and name else None
    return Found(account, name) if account else None


@lru_cache(maxsize=1024)
def _of_families(lower: str) -> tuple[str, ...]:
    return next((providers for pattern, providers in _FAMILIES if pattern.match(lower)), ())


def _makers(model: str, maker: Maker) -> tuple[str, ...]:
    lower = model.lower()
    told = _of_families(lower)
    known = () if told or "/" in model else (maker(lower),)
    return told or tuple(name for name in known if name)


def _at_first(providers: Sequence[str], model: str, accounts: Sequence[Account]) -> Found | None:
    account = next((found for name in providers if (found := of_provider(name, accounts))), None)
    return Found(account, model) if account else None


def _at_whoever_takes_any(wish: Wish, makers: Sequence[str], accounts: Sequence[Account]) -> Found:
    """Servers of one's own are asked for names nobody knows; and a lone account for all that nobody else is known to make."""
    own = [one for one in accounts if one.provider in SELF_HOSTED or one.provider not in PROVIDERS]
    if len(own) == 1:
        return Found(own[0], wish.model)
    if not makers and len(accounts) == 1:
        return Found(accounts[0], wish.model)
    # Models are new every week: whoever speaks a provider's language usually means that provider's.
    if not makers and (account := of_provider(wish.family, accounts)):
        return Found(account, wish.model)
    shown = repr(wish.model[:100])
    if makers:
        msg = f"No account serves the model {shown}, which is one of {makers[0]}: {how_to_set_up(makers[0])}."
    elif not accounts:
        msg = f"No provider is set up for the model {shown}: {how_to_set_up(wish.family)}."
    else:
        known = _named(accounts)
        msg = f"It is not known whose model {shown} is. Write @account/model; there are the accounts {known}."
    raise ModelNotFoundError(msg)


def _named(accounts: Sequence[Account]) -> str:
    """As many as a person reads."""
    slugs = list(dict.fromkeys(one.slug for one in accounts))
    more = len(slugs) - _MOST_NAMED
    return ", ".join(slugs[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _of_family(wish: Wish, accounts: Sequence[Account]) -> Account:
    account = of_provider(wish.family, accounts) or (accounts[0] if len(accounts) == 1 else None)
    if account is None:
        msg = f"This call names no model, and there is no account with {wish.family}: {how_to_set_up(wish.family)}."
        raise ModelNotFoundError(msg)
    return account
