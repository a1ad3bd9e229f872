"""An account in; whether its provider answers to it, how fast, and in words what is wrong if not, out.

Models are asked for: every provider lists them for nothing, and none does without looking at the key.
"""

import asyncio
import time

import aiohttp
import msgspec

from farthing.errors import FarthingError
from farthing.gateway import providers
from farthing.gateway.upstream import Upstream, failure
from farthing.routing.plan import Account, Timeouts

SECONDS = 10.0
"""A person waits."""

_MOST_BYTES = 4 << 20
_TIMEOUTS = Timeouts(SECONDS, SECONDS, SECONDS)

_NO_LIST = "There is no list of models at this address: is the base URL right? Some providers have none; calls may work all the same."
_SAID = {
    400: "The provider does not understand the request: is its base URL right?",
    401: "The provider does not know the key: it is wrong, revoked, or missing.",
    403: "The provider knows the key, but it may not list models.",
    404: _NO_LIST,
    405: _NO_LIST,
    501: _NO_LIST,
    429: "The key is good, but the provider is asked too often, or the account has no credit left.",
}


class Checked(msgspec.Struct, frozen=True):
    """What came of asking."""

    works: bool
    message: str
    status: int | None = None
    """None when there was no answer."""
    latency_ms: int | None = None
    models: int | None = None
    """How many are offered; None when the answer doesn't tell."""


class _Listed(msgspec.Struct):
    data: list[msgspec.Raw] | None = None


async def check(upstream: Upstream, account: Account) -> Checked:
    """Ask for the models, once."""
    families = providers.of(account.provider).families
    family = "openai" if "openai" in families and account.provider != "anthropic" else "anthropic"
    started = time.monotonic()
    try:
        async with asyncio.timeout(SECONDS):
            status, body = await _asked(upstream, account, family)
    except FarthingError as error:
        return Checked(works=False, message=str(error))
    except TimeoutError:
        return Checked(works=False, message=f"The provider did not answer within {SECONDS:.0f} seconds.")
    latency_ms = round((time.monotonic() - started) * 1000)
    if status != 200:
        return Checked(works=False, message=_SAID.get(status) or _other(status), status=status, latency_ms=latency_ms)
    models = _counted(body)
    if models is None:
        told = "It answers, but not with a list of models: is the base URL right?"
        return Checked(works=False, message=told, status=status, latency_ms=latency_ms)
    offered = "1 model" if models == 1 else f"{models:,} models"
    return Checked(
        works=True, message=f"It answers, and offers {offered}.", status=status, latency_ms=latency_ms, models=models
    )


async def _asked(upstream: Upstream, account: Account, family: str) -> tuple[int, bytes]:
    address = providers.address(account, family, "models")
    headers = {"accept": "application/json", "accept-encoding": "identity", **providers.headers(account, family)}
    if family == "anthropic":
        headers["anthropic-version"] = providers.ANTHROPIC_VERSION
    answer = await upstream.ask("GET", address, headers, None, _TIMEOUTS)
    parts: list[bytes] = []
    try:
        async for part in answer.content.iter_any():
            parts.append(part)
            if sum(map(len, parts)) > _MOST_BYTES:
                break
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise failure(error) from error
    finally:
        answer.close()
    return answer.status, b"".join(parts)


def _counted(body: bytes) -> int | None:
    try:
        told = msgspec.json.decode(body, type=_Listed).data
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        return None
    return None if told is None else len(told)


def _other(status: int) -> str:
    if status >= 500:
        return "The provider has a problem of its own. Try again in a moment."
    if 300 <= status < 400:
        return "The provider sends us elsewhere, where the key must not go: is the base URL right?"
    return "The provider refuses, and we do not know why."
