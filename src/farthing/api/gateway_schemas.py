"""The shapes of what is asked and answered about the gateway; what the OpenAPI document is made of."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from farthing.api.model import Model
from farthing.api.price_schemas import Strict
from farthing.routing import plan
from farthing.routing.configured import MOST_TARGETS, MOST_WEIGHT

RETRIED = plan.Retries().statuses

_SLUG = r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$"
_SLUG_SAID = "a-z, 0-9, -, _ and ., with a letter or digit at either end. It stays as it is."

Slug = Field(pattern=_SLUG, description=_SLUG_SAID)
Name = Field(default="", max_length=200, description="For people.")
Secret = Field(
    default=None, max_length=10_000, description="The provider's key. Written only: it is never shown again."
)


class AccountChanges(Strict):
    """What is to be changed of an account; what isn't given stays."""

    name: str = Name
    base_url: str = Field(default="", max_length=2_000, description="Instead of the provider's own.")
    options: dict[str, str] = Field(
        default={}, max_length=20, description="What the provider needs besides: api_version, organization, region …"
    )
    enabled: bool = Field(default=True, description="One that is off is as good as not there.")
    secret: str | None = Secret


class AccountWanted(AccountChanges):
    """An account to be added."""

    slug: str = Slug
    provider: str = Field(
        min_length=1, max_length=63, description="openai, anthropic, azure …; any other with a base_url."
    )
    level: Literal["project", "organisation"] = Field(default="project", description="Whose calls may go there.")


class AccountShown(Model):
    """An account without its secret."""

    id: str
    slug: str
    name: str
    provider: str
    level: Literal["project", "organisation", "environment"] = Field(
        description="environment: made of variables of the server's process, such as OPENAI_API_KEY; not to be changed here."
    )
    base_url: str | None
    options: dict[str, str]
    enabled: bool
    has_secret: bool
    secret_hint: str | None = Field(description="How the secret ends.")
    created_at: datetime | None
    updated_at: datetime | None


class AccountList(Model):
    """The accounts a project may use; of several of one slug or provider the first goes before the others."""

    data: list[AccountShown]
    next_cursor: str | None = None


class NameChanges(Strict):
    """Another name."""

    name: str = Name


class ConfigWanted(NameChanges):
    """A config to be added."""

    slug: str = Slug


class ConfigShown(Model):
    """A config: applications name it in the header x-farthing-config."""

    id: str
    slug: str
    name: str
    created_at: datetime
    updated_at: datetime


class ConfigList(Model):
    """All configs of the project, oldest first."""

    data: list[ConfigShown]
    next_cursor: str | None = None


class Target(Strict):
    """One place calls may go to: an account, or the first with a provider, or wherever the model is found."""

    account: str = Field(default="", max_length=64, description="The slug of an account.")
    provider: str = Field(default="", max_length=63)
    model: str = Field(default="", max_length=500, description="As the provider calls it; empty: as the client asked.")
    weight: int = Field(default=1, ge=0, le=MOST_WEIGHT, description="Its share where calls are balanced.")


class Retries(Strict):
    """When and how often one target is asked again."""

    attempts: int = Field(default=1, ge=1, le=10, description="In all, of one target.")
    statuses: list[int] = Field(default=list(RETRIED), max_length=50)
    base_s: float = Field(default=0.5, ge=0, le=3_600, description="The first wait; it doubles each time.")
    longest_s: float = Field(default=20.0, ge=0, le=3_600)


class Timeouts(Strict):
    """Seconds; 0 is none."""

    connect_s: float = Field(default=10.0, ge=0, le=3_600)
    first_byte_s: float = Field(default=600.0, ge=0, le=86_400)
    total_s: float = Field(default=1_800.0, ge=0, le=86_400)


class Guard(Strict):
    """A check of what goes in or comes out."""

    name: str = Field(max_length=200)
    kind: Literal["regex", "pii", "json_schema", "models", "max_tokens"]
    on: Literal["request", "response"] = "request"
    action: Literal["block", "mark"] = "block"
    parameters: dict[str, Any] = Field(default={})


class Content(Strict):
    """What a version of a variant does with a call."""

    targets: list[Target] = Field(default=[Target()], min_length=1, max_length=MOST_TARGETS)
    strategy: Literal["fallback", "balance"] = Field(
        default="fallback", description="fallback: one after the other. balance: by weight."
    )
    parameters: dict[str, Any] = Field(default={}, description="Members of the body, whatever the client sent.")
    system_prompt: str = Field(default="", description="A Jinja template; its variables are the members of input.")
    retries: Retries = Retries()
    timeouts: Timeouts = Timeouts()
    cache_ttl_s: int = Field(default=0, ge=0, description="How long an answer to the same request is given again.")
    guards: list[Guard] = Field(default=[], max_length=50)
    keeps_content: Literal["by_key", "asked", "always", "never"] = Field(
        default="by_key",
        description="Whether what is said is kept. asked: where x-farthing-content says keep; by any other word it forbids it.",
    )


class VersionWanted(Content):
    """A variant as it is to be from now on."""

    note: str = Field(default="", max_length=200)


class VersionShown(Content):
    """A variant as it was from one moment on. It never changes."""

    version: int
    note: str
    created_by: str
    created_at: datetime


class VersionList(Model):
    """All versions of a variant, oldest first."""

    data: list[VersionShown]
    next_cursor: str | None = None


class VariantWanted(VersionWanted):
    """A variant to be added, with its first version."""

    slug: str = Slug
    name: str = Name


class VariantShown(Model):
    """A variant, and what it is now."""

    id: str
    slug: str
    name: str
    config: str
    latest: VersionShown | None
    versions: int
    created_at: datetime
    updated_at: datetime


class VariantList(Model):
    """All variants of a config, oldest first."""

    data: list[VariantShown]
    next_cursor: str | None = None


class FieldDifference(Model):
    """What differs in one field; null where there is nothing."""

    field: str
    before: Any
    after: Any
    lines: list[str] = Field(description="Of longer text, a unified difference.")


class VersionDifference(Model):
    """What differs between two versions of a variant."""

    before: int
    after: int
    data: list[FieldDifference]


class EnvironmentChanges(Strict):
    """What is to be changed of an environment; what isn't given stays."""

    name: str = Name
    is_production: bool = Field(default=False, description="Keys that name no environment belong to it.")


class EnvironmentWanted(EnvironmentChanges):
    """An environment to be added."""

    slug: str = Slug


class EnvironmentShown(Model):
    """Where applications run. Keys belong to one by its slug."""

    id: str
    slug: str
    name: str
    is_production: bool
    created_at: datetime
    updated_at: datetime


class EnvironmentList(Model):
    """All environments of the project, oldest first."""

    data: list[EnvironmentShown]
    next_cursor: str | None = None


class RolloutChanges(Strict):
    """What is to be changed of a rollout; what isn't given stays."""

    variant: str = Field(default="", max_length=200, description="The slug of a variant of the config.")
    environment: str | None = Field(default=None, max_length=200, description="The slug of one; null: all.")
    version: int | None = Field(default=None, ge=1, description="Pinned to this one; null: the latest.")
    weight: int = Field(
        default=MOST_WEIGHT,
        ge=0,
        le=MOST_WEIGHT,
        description="Its share among those of its priority whose conditions hold.",
    )
    priority: int = Field(default=0, ge=-MOST_WEIGHT, le=MOST_WEIGHT, description="The highest goes first.")
    conditions: Any = Field(
        default=None,
        description="Which calls: a part of JSONLogic (var, ==, !=, <, <=, >, >=, in, and, or, !) over user, session, model, "
        "environment, family and metadata.<key>. null: all.",
    )
    enabled: bool = True
    name: str = Name


class RolloutWanted(RolloutChanges):
    """A rollout to be added."""

    config: str = Field(min_length=1, max_length=200, description="The slug of a config.")
    variant: str = Field(min_length=1, max_length=200, description="The slug of a variant of it.")


class RolloutShown(Model):
    """Which share of a config's calls a variant answers. A user stays with a variant as long as weights allow."""

    id: str
    name: str
    config: str
    variant: str
    environment: str | None
    version: int | None
    weight: int
    priority: int
    conditions: Any
    enabled: bool
    created_at: datetime
    updated_at: datetime


class RolloutList(Model):
    """All rollouts of the project, oldest first."""

    data: list[RolloutShown]
    next_cursor: str | None = None


class LimitWanted(Strict):
    """What a key may ask of the gateway. null: no limit."""

    models: list[str] | None = Field(
        default=None, max_length=1_000, description="Patterns with * and ?, such as gpt-4o*."
    )
    requests_per_minute: int | None = Field(default=None, ge=0)
    tokens_per_minute: int | None = Field(default=None, ge=0)
    concurrent: int | None = Field(default=None, ge=0, description="Calls under way at once.")
    when_spent: Literal["block", "warn", "cheaper", "cache"] = Field(
        default="block",
        description="What happens to a call that a blocking budget has no room for: it is refused; or let through with a "
        "header that says so; or sent to cheaper_model; or answered from the cache, else refused.",
    )
    cheaper_model: str = Field(default="", max_length=500, description="For cheaper: gpt-4o-mini, @account/model.")


class LimitShown(LimitWanted):
    """The limit of a key, or of all that have none of their own."""

    key_id: str | None = Field(description="null: of all other keys of the project.")
    created_at: datetime
    updated_at: datetime


class LimitList(Model):
    """All limits of the project, oldest first."""

    data: list[LimitShown]
    next_cursor: str | None = None
