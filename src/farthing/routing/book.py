"""All that is configured for one project in; the plan of each of its calls out. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from farthing.errors import NotFoundError
from farthing.routing import conditions, default_accounts, finding
from farthing.routing.choosing import Choice, choose
from farthing.routing.configured import (
    Aim,
    Config,
    Content,
    Environment,
    KeyLimit,
    Noun,
    Rollout,
    Variant,
    Version,
)
from farthing.routing.finding import Found, Maker, ModelNotFoundError
from farthing.routing.plan import Account, Plan, Strategy, Target, Wish

PRODUCTION = "production"
"""Where calls belong whose key names no environment, unless another one is marked as production."""

_MOST_PLAIN = 1_024
"""Names of models are chosen by clients."""

_BROUGHT = tuple(Account(f"own:{name}", name, name) for name in default_accounts.PROVIDERS)
"""For a client with a key of its own, every provider is there."""


class NoVariantError(NotFoundError):
    """A config is there, and nothing of it answers this call."""

    code = "no_variant"


class VariantPage(msgspec.Struct, frozen=True):
    """A variant and all it ever was."""

    slug: str
    versions: Mapping[int, Content]
    latest: int
    """0: it has none yet."""


class ConfigPage(msgspec.Struct, frozen=True):
    """A config, its variants by id, and who gets which."""

    id: str
    slug: str
    variants: Mapping[str, VariantPage]
    choices: Sequence[Choice]


class Book(msgspec.Struct, frozen=True):
    """What is known at one moment, for one project."""

    accounts: Sequence[Account] = ()
    """Those that go before others come first: the project's, the organisation's, the environment's."""
    configs: Mapping[str, ConfigPage] = {}
    """By slug and by id."""
    production: str = PRODUCTION
    limits: Mapping[str, KeyLimit] = {}
    """By key; that for all others under ""."""
    unreadable: Sequence[str] = ()
    """Slugs of accounts whose secret can't be decrypted."""
    plain: dict[tuple[str, ...], Plan] = {}
    """Plans of calls that named no config, as long as this book holds."""

    def limit(self, key_id: str) -> KeyLimit | None:
        """What a key may ask for; None: anything."""
        return self.limits.get(key_id) or self.limits.get("")

    def plan(self, wish: Wish, maker: Maker, chance: str) -> Plan:
        """Where a call goes, and under which rules. `chance` decides where nothing of the call does."""
        environment = wish.environment or self.production
        try:
            if not wish.config:
                return self._by_model(wish, environment, maker)
            return self._configured(msgspec.structs.replace(wish, environment=environment), maker, chance)
        except ModelNotFoundError as error:
            if not self.unreadable:
                raise
            names = ", ".join(self.unreadable)
            msg = f"{error} The secrets of these accounts can't be read, since their key is not here: {names}."
            raise ModelNotFoundError(msg) from error

    def _by_model(self, wish: Wish, environment: str, maker: Maker) -> Plan:
        key = (wish.model, wish.family, environment, "own" if wish.brings_key else "")
        plan = self.plain.get(key)
        if plan is None:
            found = finding.find(wish, self._within_reach(wish), maker)
            plan = Plan((Target(found.account, found.model),), environment=environment)
            # Whose a model is that only the price catalogue knows may be another's with the next one.
            if finding.is_of_family(wish.model) and len(self.plain) < _MOST_PLAIN:
                self.plain[key] = plan
        return plan

    def _within_reach(self, wish: Wish) -> Sequence[Account]:
        return (*self.accounts, *_BROUGHT) if wish.brings_key else self.accounts

    def _configured(self, wish: Wish, maker: Maker, chance: str) -> Plan:
        config = self.configs.get(wish.config)
        if config is None:
            there = ", ".join(sorted({one.slug for one in self.configs.values()})) or "none yet"
            msg = f"There is no config {wish.config[:100]!r} in this project; there is: {there[:500]}."
            raise NotFoundError(msg)
        variant, number = _chosen(config, wish, chance)
        content = variant.versions[number]
        return Plan(
            self._targets(content, wish, maker),
            strategy=content.strategy,
            config=config.slug,
            variant=variant.slug,
            version=number,
            environment=wish.environment,
            parameters=content.parameters,
            system_prompt=content.system_prompt,
            retries=content.retries,
            timeouts=content.timeouts,
            cache_ttl_s=content.cache_ttl_s,
            guards=content.guards,
            keeps_content=content.keeps_content,
        )

    def _targets(self, content: Content, wish: Wish, maker: Maker) -> tuple[Target, ...]:
        targets: list[Target] = []
        missing: ModelNotFoundError | None = None
        for aim in content.targets:
            if aim.weight == 0 and content.strategy is Strategy.BALANCE:
                continue
            try:
                found = self._aimed(aim, wish, maker)
            except ModelNotFoundError as error:
                # An account that was taken away must not stop those that stand in for it.
                missing = missing or error
            else:
                targets.append(Target(found.account, found.model, aim.weight))
        if not targets:
            raise missing or ModelNotFoundError("All targets of this variant have the weight 0.")
        return tuple(targets)

    def _aimed(self, aim: Aim, wish: Wish, maker: Maker) -> Found:
        if not aim.account and not aim.provider:
            wanted = msgspec.structs.replace(wish, model=aim.model) if aim.model else wish
            return finding.find(wanted, self._within_reach(wish), maker)
        asked = wish.model.partition("/")[2] if wish.model.startswith("@") else wish.model
        if aim.account:
            account = finding.slugged(aim.account, self.accounts)
            told = f"There is no account {aim.account!r}, which this variant names"
        else:
            account = finding.of_provider(aim.provider, self._within_reach(wish))
            told = f"There is no account with {aim.provider}, which this variant names"
        if account is None:
            msg = f"{told}: {finding.how_to_set_up(aim.provider or aim.account)}."
            raise ModelNotFoundError(msg)
        return Found(account, aim.model or asked)


def book(nouns: Iterable[Noun], accounts: Sequence[Account], unreadable: Sequence[str] = ()) -> Book:
    """The book of one project, of what belongs to it."""
    configs: dict[str, Config] = {}
    variants: dict[str, dict[str, Variant]] = {}
    versions: dict[str, dict[int, Content]] = {}
    environments: dict[str, Environment] = {}
    rollouts: dict[str, list[Rollout]] = {}
    limits: dict[str, KeyLimit] = {}
    for one in nouns:
        match one:
            case Config():
                configs[one.id] = one
            case Variant():
                variants.setdefault(one.config_id, {})[one.id] = one
            case Version():
                versions.setdefault(one.variant_id, {})[one.number] = one.content
            case Environment():
                environments[one.id] = one
            case Rollout():
                rollouts.setdefault(one.config_id, []).append(one)
            case KeyLimit():
                limits[one.key_id] = one
            case _:
                pass  # accounts come with their secrets
    pages: dict[str, ConfigPage] = {}
    for config in configs.values():
        mine = {
            one.id: VariantPage(one.slug, found := versions.get(one.id, {}), max(found, default=0))
            for one in variants.get(config.id, {}).values()
        }
        choices = [_choice(one, environments) for one in rollouts.get(config.id, []) if one.enabled]
        page = ConfigPage(config.id, config.slug, mine, choices)
        pages[config.id] = pages[config.slug] = page
    production = next((one.slug for one in environments.values() if one.is_production), PRODUCTION)
    return Book(accounts, pages, production, limits, unreadable)


def _choice(rollout: Rollout, environments: Mapping[str, Environment]) -> Choice:
    where = environments[rollout.environment_id].slug if rollout.environment_id else ""
    return Choice(
        rollout.id,
        rollout.variant_id,
        conditions.compiled(rollout.conditions),
        rollout.version,
        where,
        rollout.weight,
        rollout.priority,
    )


def _chosen(config: ConfigPage, wish: Wish, chance: str) -> tuple[VariantPage, int]:
    choice = choose(config.id, config.choices, wish, wish.environment, chance)
    if choice is not None:
        variant = config.variants[choice.variant_id]
        number = choice.version or variant.latest
    elif not config.choices and len(config.variants) == 1:
        # Nobody would write a rollout for the only one there is.
        (variant,) = config.variants.values()
        number = variant.latest
    else:
        msg = (
            f"No variant of the config {config.slug!r} is rolled out in the environment {wish.environment!r} to this "
            f"call. Add one: farthing gateway rollouts add {config.slug} --variant …"
        )
        raise NoVariantError(msg)
    if number not in variant.versions:
        which = f"version {number}" if number else "version yet"
        msg = f"The variant {variant.slug!r} of the config {config.slug!r} has no {which}."
        raise NoVariantError(msg)
    return variant, number
