"""The nouns between routing and the gateway: what was asked for, and the plan it goes by."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Wish(msgspec.Struct, frozen=True):
    """What a call asks for, as far as its way depends on it."""

    project_id: str
    environment: str
    """Of the key; "" when it has none."""
    model: str
    """As the client wrote it: `gpt-4o`, or `@account/gpt-4o`; "" where its kind of call has none."""
    family: str
    """Whose wire format the call is in: `openai` or `anthropic`."""
    config: str = ""
    """Slug or id of a config, as its header said."""
    user: str = ""
    session: str = ""
    metadata: Mapping[str, str] = {}
    """What rules may look at besides."""
    request_id: str = ""
    """What a call of no user and no session is drawn by, where variants have weights."""
    brings_key: bool = False
    """Whether the client sent a key of its own for the provider: then no account is needed."""


class Account(msgspec.Struct, frozen=True):
    """Somebody's account with a provider. Its secret is never shown: `repr` leaves it out."""

    id: str
    slug: str
    provider: str
    """A name in the gateway's table of providers."""
    base_url: str = ""
    """Instead of the provider's own."""
    secret: str = ""
    options: Mapping[str, str] = {}
    """What the provider's address or headers need besides: `api_version`, `organization`, `region`, `project` …"""

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Account({self.slug!r}, {self.provider!r})"


class Target(msgspec.Struct, frozen=True):
    """One place a call may go to."""

    account: Account
    model: str
    """As the provider calls it; "" as the client asked."""
    weight: int = 1


class Strategy(StrEnum):
    """How several targets are used."""

    FALLBACK = "fallback"
    """One after the other, when one fails."""
    BALANCE = "balance"
    """By weight; the others when that one fails."""


class Retries(msgspec.Struct, frozen=True):
    """When and how often one target is asked again."""

    attempts: int = 1
    """In all, of one target."""
    statuses: tuple[int, ...] = (429, 500, 502, 503, 504, 529)
    base_s: float = 0.5
    """The first wait; it doubles, with jitter, and a `Retry-After` of the provider's holds if it is longer."""
    longest_s: float = 20.0


class Timeouts(msgspec.Struct, frozen=True):
    """Seconds; 0 is none."""

    connect_s: float = 10.0
    first_byte_s: float = 600.0
    """Until the first byte, and between one and the next: as long as the providers' own libraries wait."""
    total_s: float = 1_800.0


class KeepsContent(StrEnum):
    """Whether what is said in a call is kept. A client may always ask that it is not."""

    BY_KEY = "by_key"
    """As the key does that it came with."""
    ASKED = "asked"
    """Where the client asks for it."""
    ALWAYS = "always"
    NEVER = "never"


class Guard(msgspec.Struct, frozen=True):
    """A check of what goes in or comes out."""

    name: str
    kind: str
    """`regex`, `pii`, `json_schema`, `models`, `max_tokens`."""
    on: str = "request"
    """`request` or `response`."""
    action: str = "block"
    """`block` or `mark`."""
    parameters: Mapping[str, Any] = {}


class Plan(msgspec.Struct, frozen=True):
    """Where a call goes, and under which rules."""

    targets: tuple[Target, ...]
    strategy: Strategy = Strategy.FALLBACK
    config: str = ""
    variant: str = ""
    version: int = 0
    environment: str = ""
    parameters: Mapping[str, Any] = {}
    """Members of the body that the variant sets, whatever the client sent."""
    system_prompt: str = ""
    """A template; rendered with the call's `input`."""
    retries: Retries = Retries()
    timeouts: Timeouts = Timeouts()
    cache_ttl_s: int = 0
    """How long an answer to the same request is given again; 0: never."""
    guards: tuple[Guard, ...] = ()
    keeps_content: KeepsContent = KeepsContent.BY_KEY


class Spent(StrEnum):
    """What happens to a call that a budget has no room for."""

    BLOCK = "block"
    WARN = "warn"
    """It is made all the same, and its answer says that there was no room."""
    CHEAPER = "cheaper"
    """It goes to another model, if that fits."""
    CACHE = "cache"
    """It is answered if its answer is in the cache, else blocked."""
