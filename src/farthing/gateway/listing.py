"""An account in; what its provider answers when it is asked for its models, and those it names, out.

Every provider lists them for nothing, and none does without looking at the key.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from farthing.gateway import providers
from farthing.gateway.upstream.client import Upstream
from farthing.routing.plan import Account, Timeouts
from farthing.shapes import Shape

_MOST_BYTES = 4 << 20


class Model(msgspec.Struct, frozen=True):
    """One that is offered, in the words of either family."""

    id: str
    created: int | float | None = None
    created_at: str | int | None = None
    owned_by: str | None = None
    organization: str | None = None
    display_name: str | None = None

    @property
    def created_s(self) -> int:
        """Seconds since 1970; 0 where nobody says: OpenAI's shape has a number here, and clients insist on it."""
        if self.created is not None:
            return int(self.created)
        try:
            return int(datetime.fromisoformat(str(self.created_at)).timestamp())
        except (ValueError, OverflowError):
            return 0


class _Listed(msgspec.Struct):
    data: list[Model]


_read = Shape[_Listed | list[Model]](_Listed | list[Model]).of_json


async def ask(upstream: Upstream, account: Account, seconds: float) -> tuple[int, bytes]:
    """Status and body. Raises `FarthingError`; `seconds` bound each step, not all of it."""
    is_openai = "openai" in providers.of(account.provider).families and account.provider != "anthropic"
    family = "openai" if is_openai else "anthropic"
    address = providers.address(account, family, "models")
    headers = {"accept": "application/json", "accept-encoding": "identity", **providers.headers(account, family)}
    if family == "anthropic":
        headers["anthropic-version"] = providers.ANTHROPIC_VERSION
        address += "?limit=1000"  # it tells twenty to who doesn't say
    answer = await upstream.ask("GET", address, headers, None, Timeouts(seconds, seconds, seconds))
    parts: list[bytes] = []
    size = 0
    try:
        while part := await answer.read():
            parts.append(part)
            size += len(part)
            if size > _MOST_BYTES:
                break
    finally:
        answer.close()
    return answer.status, b"".join(parts)


def named(body: bytes) -> Sequence[Model] | None:
    """The models that an answer lists; None where it is no list of models."""
    try:
        # Some answer with the bare list.
        told = _read(body)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        return None
    return told.data if isinstance(told, _Listed) else told
