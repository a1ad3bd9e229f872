"""Arguments and the environment go in; the settings of one client come out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Final, NamedTuple, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farthing_sdk._record import Scalar
    from farthing_sdk._result import Result

MAX_BATCH: Final = 1000
"""What the server takes in one request."""


class Options(TypedDict, total=False):
    """What `init` may be told beside where to send."""

    environment: str
    """`prod`, `staging` …; of every call that doesn't say otherwise."""
    data_mode: str
    """`real`, `test` or `demo`; likewise."""
    team: str
    """Likewise."""
    metadata: Mapping[str, Scalar]
    """Tags of every call."""
    enabled: bool
    """False: nothing is kept and nothing sent."""
    batch_size: int
    """So many records at most are sent in one request (1000 is what the server takes)."""
    flush_interval: float
    """Seconds that a record waits for others before it is sent."""
    timeout: float
    """Seconds that one request may take to connect, and to answer."""
    exit_timeout: float
    """Seconds that the end of the process may wait for what isn't sent yet."""
    max_queue_records: int
    max_queue_bytes: int
    """What may wait in memory; beyond it the oldest records are dropped, and counted."""
    limit_pause: float
    """Seconds of rest after the server has said that the project's allowance is spent (402)."""
    max_backoff: float
    """Longest wait in seconds between two attempts at a server that doesn't answer."""
    spool: str | os.PathLike[str] | None
    """A folder on a local disk: what isn't sent yet outlives the process there."""
    max_spool_bytes: int
    """What may wait on the disk; beyond it the oldest records are dropped, and counted."""
    capture_content: bool
    """True: messages that calls carry are sent. They never are otherwise."""
    redact: Callable[[dict[str, Any]], dict[str, Any] | None] | None
    """Gets each request's body before it is kept or sent, and gives back what may go out; None: nothing of it."""
    hash_user_ids: bool
    """True: user ids leave the process as `hash_user_id` makes them."""
    user_id_salt: str | None
    """The key of those hashes."""
    on_result: Callable[[Result], object] | None
    """Is told, in the sending thread, what became of each record."""
    guard: bool
    """True: every call asks whether a budget is spent before it is made."""
    budget_max_age: float
    """Seconds for which what is known of a budget counts."""
    raise_errors: bool
    """For tests: what would be told in the log is raised."""


class Settings(NamedTuple):
    """What one client goes by; the fields mean what `Options` says of them."""

    endpoint: str
    api_key: str
    environment: str | None = None
    data_mode: str | None = None
    team: str | None = None
    metadata: Mapping[str, Scalar] | None = None
    enabled: bool = True
    batch_size: int = 500
    flush_interval: float = 1.0
    timeout: float = 5.0
    exit_timeout: float = 2.0
    max_queue_records: int = 10_000
    max_queue_bytes: int = 16 * 2**20
    limit_pause: float = 720.0
    max_backoff: float = 30.0
    spool: str | None = None
    max_spool_bytes: int = 64 * 2**20
    capture_content: bool = False
    redact: Callable[[dict[str, Any]], dict[str, Any] | None] | None = None
    hash_user_ids: bool = False
    user_id_salt: str | None = None
    on_result: Callable[[Result], object] | None = None
    guard: bool = False
    budget_max_age: float = 60.0
    raise_errors: bool = False


DEFAULT_ENDPOINT: Final = "http://127.0.0.1:4180"

_TEXTS: Final = {
    "environment": "FARTHING_ENVIRONMENT",
    "data_mode": "FARTHING_DATA_MODE",
    "team": "FARTHING_TEAM",
    "spool": "FARTHING_SPOOL",
    "user_id_salt": "FARTHING_USER_ID_SALT",
}
_FLAGS: Final = {
    "capture_content": "FARTHING_CAPTURE_CONTENT",
    "hash_user_ids": "FARTHING_HASH_USER_IDS",
    "guard": "FARTHING_GUARD",
}
_TRUE: Final = {"1", "true", "yes", "on"}


def read(endpoint: str | None, api_key: str | None, options: Options, environ: Mapping[str, str]) -> Settings:
    """The settings: what is given, else what the environment says, else the default. Raises ValueError, naming the field."""
    given: dict[str, Any] = {
        name: environ[variable] for name, variable in _TEXTS.items() if environ.get(variable, "").strip()
    }
    given.update({name: _flag(environ[variable]) for name, variable in _FLAGS.items() if environ.get(variable)})
    if _flag(environ.get("FARTHING_SDK_DISABLED", "")):
        given["enabled"] = False
    given.update(options)
    if given.get("spool") is not None:
        given["spool"] = os.fspath(given["spool"])
    unknown = given.keys() - set(Settings._fields)
    if unknown:
        raise ValueError(f"init has no option {', '.join(sorted(unknown))}")
    where = (endpoint or environ.get("FARTHING_ENDPOINT") or DEFAULT_ENDPOINT).strip().rstrip("/")
    if not where.startswith(("http://", "https://")):
        raise ValueError(f"endpoint is {where!r}; it must begin with http:// or https://")
    settings = Settings(where, (api_key or environ.get("FARTHING_API_KEY") or "").strip(), **given)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if not 1 <= settings.batch_size <= MAX_BATCH:
        raise ValueError(f"batch_size is {settings.batch_size}; it must be 1 to {MAX_BATCH}")
    for name in ("timeout", "max_queue_records", "max_queue_bytes", "max_spool_bytes", "max_backoff"):
        if getattr(settings, name) <= 0:
            raise ValueError(f"{name} is {getattr(settings, name)}; it must be more than 0")
    for name in ("flush_interval", "exit_timeout", "limit_pause", "budget_max_age"):
        if getattr(settings, name) < 0:
            raise ValueError(f"{name} is {getattr(settings, name)}; it can't be less than 0")


def _flag(text: str) -> bool:
    return text.strip().lower() in _TRUE
