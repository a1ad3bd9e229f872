"""The body of a webhook in; headers that prove who sent it and when out. Pure.

The scheme is that of https://www.standardwebhooks.com, so that its libraries verify it: HMAC-SHA256 over `id.timestamp.body`
by a secret that is written `whsec_` and base64.
"""

import base64
import binascii
import hashlib
import hmac

from farthing.query.errors import ParameterError

PREFIX = "whsec_"
_FEWEST, _MOST = 24, 64


def headers(secrets: str, delivery_id: str, at_s: int, body: bytes) -> dict[str, str]:
    """With a signature by each of the secrets, so that a receiver may change from one to the next."""
    signed = f"{delivery_id}.{at_s}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in _keys(secrets)
    ]
    told = {"webhook-id": delivery_id, "webhook-timestamp": str(at_s), "Idempotency-Key": delivery_id}
    return told | ({"webhook-signature": " ".join(signatures)} if signatures else {})


def check(field: str, secrets: str) -> None:
    """Raises `ParameterError` for what is no secret."""
    try:
        keys = _keys(secrets)
    except (binascii.Error, ValueError):
        keys = [b""]
    if any(not _FEWEST <= len(key) <= _MOST for key in keys):
        what = f"{PREFIX} and {_FEWEST} to {_MOST} random bytes as base64; several are comma-separated."
        raise ParameterError(field, what)


def written(random: bytes) -> str:
    """Random bytes as a secret is written."""
    return PREFIX + base64.b64encode(random).decode()


def _keys(secrets: str) -> list[bytes]:
    parts = (part.strip() for part in secrets.split(","))
    return [base64.b64decode(part.removeprefix(PREFIX), validate=True) for part in parts if part]
