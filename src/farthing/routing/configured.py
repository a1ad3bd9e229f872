"""The nouns operators configure; each is sound, or `check` names the field that is not. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from farthing.query.errors import ParameterError
from farthing.query.moments import EPOCH
from farthing.routing import conditions, templates
from farthing.routing.guards import GuardError
from farthing.routing.guards import check as check_guard
from farthing.routing.plan import Guard, KeepsContent, Retries, Spent, Strategy, Timeouts

MOST_WEIGHT = 10_000
MOST_TARGETS = 20

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_PROVIDER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_BASE_URL = re.compile(r"https?://[^\s@?#]+")
_LONGEST_NAME = 200
_LONGEST_MODEL = 500
_LONGEST_SECRET = 10_000
_MOST_OPTIONS = 20
_LONGEST_OPTION = 1_000
_MOST_ATTEMPTS = 10
_LONGEST_WAIT_S = 3_600.0
_LONGEST_CALL_S = 86_400.0
_LONGEST_CACHE_S = 365 * 86_400
_MOST_GUARDS = 50
_MOST_DOCUMENT_BYTES = 100_000
_GUARD_KINDS = ("regex", "pii", "json_schema", "models", "max_tokens")
_RESERVED = frozenset({"messages", "input", "prompt", "stream"})
"""What a call is about, and how it is answered, is the client's to say."""
_OF_TARGETS = "model"


class AccountKept(msgspec.Struct, frozen=True):
    """An account with a provider, without its secret; every project's where it names none."""

    id: str
    project_id: str | None
    slug: str
    provider: str
    name: str = ""
    base_url: str = ""
    options: Mapping[str, str] = {}
    enabled: bool = True
    has_secret: bool = False
    secret_hint: str = ""
    """The last letters of a longer secret, to recognise it by."""
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    def check(self) -> None:
        """Raises `ParameterError`."""
        check_slug(self.slug)
        check_name(self.name)
        if not _PROVIDER.fullmatch(self.provider):
            raise ParameterError("provider", "a provider's name, such as openai: a-z, 0-9 and -.")
        if self.base_url and not _BASE_URL.fullmatch(self.base_url):
            raise ParameterError(
                "base_url", "an address such as https://llm.example.com/v1, without a password or a query."
            )
        if len(self.options) > _MOST_OPTIONS:
            raise ParameterError("options", f"at most {_MOST_OPTIONS}.")
        for name, value in self.options.items():
            if not name or len(name) > _LONGEST_NAME or len(value) > _LONGEST_OPTION or not value.isprintable():
                raise ParameterError(f"options.{name[:60]}", f"printable text of at most {_LONGEST_OPTION} characters.")


class Config(msgspec.Struct, frozen=True):
    """A name under which an application asks."""

    id: str
    project_id: str
    slug: str
    name: str = ""
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    def check(self) -> None:
        """Raises `ParameterError`."""
        check_slug(self.slug)
        check_name(self.name)


class Variant(msgspec.Struct, frozen=True):
    """One way in which a config is answered; what it does stands in its versions."""

    id: str
    project_id: str
    config_id: str
    slug: str
    name: str = ""
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    def check(self) -> None:
        """Raises `ParameterError`."""
        check_slug(self.slug)
        check_name(self.name)


class Aim(msgspec.Struct, frozen=True):
    """Where a version sends calls: an account by its slug, or the first with a provider, or wherever the model is found."""

    account: str = ""
    provider: str = ""
    model: str = ""
    """"": as the client asked."""
    weight: int = 1


class Content(msgspec.Struct, frozen=True):
    """What a version of a variant does with a call."""

    targets: tuple[Aim, ...] = (Aim(),)
    strategy: Strategy = Strategy.FALLBACK
    parameters: Mapping[str, Any] = {}
    system_prompt: str = ""
    retries: Retries = Retries()
    timeouts: Timeouts = Timeouts()
    cache_ttl_s: int = 0
    guards: tuple[Guard, ...] = ()
    keeps_content: KeepsContent = KeepsContent.BY_KEY

    def check(self) -> None:
        """Raises `ParameterError`."""
        if not 0 < len(self.targets) <= MOST_TARGETS:
            raise ParameterError("targets", f"1 to {MOST_TARGETS}.")
        for number, aim in enumerate(self.targets):
            _check_aim(aim, f"targets.{number}")
        reserved = sorted(_RESERVED & self.parameters.keys())
        if reserved:
            raise ParameterError(f"parameters.{reserved[0]}", "that is for the client to say.")
        if _OF_TARGETS in self.parameters:
            raise ParameterError(f"parameters.{_OF_TARGETS}", "that is for the targets to say.")
        check_document(self.parameters, "parameters")
        templates.check(self.system_prompt)
        _check_times(self)
        _check_guards(self.guards)


class Version(msgspec.Struct, frozen=True):
    """A variant as it was from one moment on; it never changes."""

    id: str
    project_id: str
    variant_id: str
    number: int
    content: Content
    note: str = ""
    created_by: str = ""
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    def check(self) -> None:
        """Raises `ParameterError`."""
        check_name(self.note, "note")
        self.content.check()


class Environment(msgspec.Struct, frozen=True):
    """Where applications run. Keys belong to one by its slug; a key of none is production's."""

    id: str
    project_id: str
    slug: str
    name: str = ""
    is_production: bool = False
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    def check(self) -> None:
        """Raises `ParameterError`."""
        check_slug(self.slug)
        check_name(self.name)


class Rollout(msgspec.Struct, frozen=True):
    """Which calls of a config a variant answers: of one environment or all, those that fulfil the conditions, by weight."""

    id: str
    project_id: str
    config_id: str
    variant_id: str
    environment_id: str | None = None
    version: int = 0
    """0: the latest."""
    weight: int = MOST_WEIGHT
    priority: int = 0
    conditions: Any = None
    enabled: bool = True
    name: str = ""
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    def check(self) -> None:
        """Raises `ParameterError`."""
        check_name(self.name)
        if not 0 <= self.weight <= MOST_WEIGHT:
            raise ParameterError("weight", f"0 to {MOST_WEIGHT}.")
        if not -MOST_WEIGHT <= self.priority <= MOST_WEIGHT:
            raise ParameterError("priority", f"-{MOST_WEIGHT} to {MOST_WEIGHT}.")
        conditions.compiled(self.conditions)
        check_document(self.conditions, "conditions")


class KeyLimit(msgspec.Struct, frozen=True):
    """What a key may ask of the gateway; with no key, what every key may that has none of its own. None: no limit."""

    id: str
    project_id: str
    key_id: str
    models: tuple[str, ...] | None = None
    """Patterns with * and ?; a call's model as it was asked for or as it is sent must match one."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent: int | None = None
    """Calls under way at once."""
    when_spent: Spent = Spent.BLOCK
    cheaper_model: str = ""
    """Where calls go that a budget has no room for, with `Spent.CHEAPER`: `gpt-4o-mini`, `@account/model`."""
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    def check(self) -> None:
        """Raises `ParameterError`."""
        if (self.when_spent is Spent.CHEAPER) != bool(self.cheaper_model):
            raise ParameterError("cheaper_model", "a model's name where when_spent is cheaper, and nowhere else.")
        if self.models is not None and not self.models:
            raise ParameterError(
                "models", "at least one pattern, such as gpt-4o*; null where any model may be asked for."
            )
        for pattern in self.models or ():
            if not 0 < len(pattern) <= _LONGEST_MODEL:
                raise ParameterError("models", f"patterns of 1 to {_LONGEST_MODEL} characters, such as gpt-4o*.")
        for field in ("requests_per_minute", "tokens_per_minute", "concurrent"):
            value: int | None = getattr(self, field)
            if value is not None and not 0 <= value < 1 << 50:
                raise ParameterError(field, "a whole number from 0 on, or null for no limit.")


Noun = AccountKept | Config | Variant | Version | Environment | Rollout | KeyLimit


def check_secret(secret: str) -> None:
    """Raises `ParameterError` for what can't stand in a header."""
    if len(secret) > _LONGEST_SECRET or not secret.isascii() or not secret.isprintable():
        raise ParameterError("secret", f"printable ASCII of at most {_LONGEST_SECRET:,} characters.")


def check_slug(slug: str) -> None:
    """Raises `ParameterError`."""
    if not _SLUG.fullmatch(slug):
        raise ParameterError("slug", "1 to 64 of a-z, 0-9, -, _ and ., with a letter or digit at either end.")


def check_name(name: str, field: str = "name") -> None:
    """Raises `ParameterError`."""
    if len(name) > _LONGEST_NAME or "\0" in name:
        raise ParameterError(field, f"at most {_LONGEST_NAME} characters.")


def check_document(value: Any, field: str) -> None:
    """Raises `ParameterError` for what can't be kept as JSON and read again as it was."""
    try:
        kept = msgspec.json.encode(value)
        same = msgspec.json.decode(kept) == value
    except (ValueError, OverflowError, RecursionError):
        # Lone surrogates, or a thousand lists in each other.
        kept, same = b"", False
    if not same:
        raise ParameterError(field, "JSON, with numbers that are finite and text that is UTF-8.")
    if len(kept) > _MOST_DOCUMENT_BYTES:
        raise ParameterError(field, f"at most {_MOST_DOCUMENT_BYTES:,} bytes.")


def _check_aim(aim: Aim, field: str) -> None:
    if aim.account and aim.provider:
        raise ParameterError(field, "an account has its provider; give one of the two.")
    if aim.account:
        try:
            check_slug(aim.account)
        except ParameterError as error:
            raise ParameterError(f"{field}.account", "the slug of an account.") from error
    if aim.provider and not _PROVIDER.fullmatch(aim.provider):
        raise ParameterError(f"{field}.provider", "a provider's name, such as openai.")
    if len(aim.model) > _LONGEST_MODEL or "\0" in aim.model:
        raise ParameterError(f"{field}.model", f"at most {_LONGEST_MODEL} characters.")
    if not 0 <= aim.weight <= MOST_WEIGHT:
        raise ParameterError(f"{field}.weight", f"0 to {MOST_WEIGHT}.")


def _check_times(content: Content) -> None:
    retries, timeouts = content.retries, content.timeouts
    if not 1 <= retries.attempts <= _MOST_ATTEMPTS:
        raise ParameterError("retries.attempts", f"1 to {_MOST_ATTEMPTS}, the first one included.")
    if any(not 400 <= status <= 599 for status in retries.statuses):
        raise ParameterError("retries.statuses", "HTTP statuses from 400 to 599.")
    for field, seconds, most in (
        ("retries.base_s", retries.base_s, _LONGEST_WAIT_S),
        ("retries.longest_s", retries.longest_s, _LONGEST_WAIT_S),
        ("timeouts.connect_s", timeouts.connect_s, _LONGEST_WAIT_S),
        ("timeouts.first_byte_s", timeouts.first_byte_s, _LONGEST_CALL_S),
        ("timeouts.total_s", timeouts.total_s, _LONGEST_CALL_S),
        ("cache_ttl_s", content.cache_ttl_s, _LONGEST_CACHE_S),
    ):
        if not 0 <= seconds <= most:
            raise ParameterError(field, f"seconds from 0 to {most:,.0f}.")


def _check_guards(guards: tuple[Guard, ...]) -> None:
    if len(guards) > _MOST_GUARDS:
        raise ParameterError("guards", f"at most {_MOST_GUARDS}.")
    for number, guard in enumerate(guards):
        field = f"guards.{number}"
        check_name(guard.name, f"{field}.name")
        for name, value, known in (
            ("kind", guard.kind, _GUARD_KINDS),
            ("on", guard.on, ("request", "response")),
            ("action", guard.action, ("block", "mark")),
        ):
            if value not in known:
                raise ParameterError(f"{field}.{name}", f"one of {', '.join(known)}.")
        check_document(guard.parameters, f"{field}.parameters")
        try:
            check_guard(guard)
        except GuardError as error:
            raise ParameterError(f"{field}.parameters", str(error)) from error
