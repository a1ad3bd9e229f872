"""An account in; whether its provider answers to it, how fast, and in words what is wrong if not, out."""

import asyncio
import time

import msgspec

from farthing.errors import FarthingError
from farthing.gateway import listing
from farthing.gateway.upstream.client import Upstream
from farthing.routing.plan import Account

SECONDS = 10.0
"""A person waits."""

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


async def check(upstream: Upstream, account: Account) -> Checked:
    """Ask for the models, once."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(SECONDS):
            status, body = await listing.ask(upstream, account, SECONDS)
    except FarthingError as error:
        return Checked(works=False, message=str(error))
    except TimeoutError:
        return Checked(works=False, message=f"The provider did not answer within {SECONDS:.0f} seconds.")
    latency_ms = round((time.monotonic() - started) * 1000)
    if status != 200:
        return Checked(works=False, message=_SAID.get(status) or _other(status), status=status, latency_ms=latency_ms)
    named = listing.named(body)
    if named is None:
        told = "It answers, but not with a list of models: is the base URL right?"
        return Checked(works=False, message=told, status=status, latency_ms=latency_ms)
    models = len(named)
    offered = "1 model" if models == 1 else f"{models:,} models"
    return Checked(
        works=True, message=f"It answers, and offers {offered}.", status=status, latency_ms=latency_ms, models=models
    )


def _other(status: int) -> str:
    if status >= 500:
        return "The provider has a problem of its own. Try again in a moment."
    if 300 <= status < 400:
        return "The provider sends us elsewhere, where the key must not go: is the base URL right?"
    return "The provider refuses, and we do not know why."
