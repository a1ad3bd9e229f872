"""A file and what may be done with it until when in; a signature that says so, and whether one does, out. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from enum import StrEnum

import msgspec


class May(StrEnum):
    """What an address lets whoever has it do."""

    UPLOAD = "upload"
    DOWNLOAD = "download"


class Permit(msgspec.Struct, frozen=True):
    """What is signed. `until` is in Unix seconds."""

    may: May
    project_id: str
    media_id: str
    until: int


class Signing:
    """Signs with the newest key, and knows signatures of any."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """The newest key first; all are secret."""
        self._keys = tuple(keys)

    def sign(self, permit: Permit) -> str:
        """The signature, fit for an address."""
        return _signature(self._keys[0], permit)

    def holds(self, permit: Permit, signature: str, now: int) -> bool:
        """Whether this was signed, and the time isn't over."""
        told = signature.encode("utf-8", "replace")
        matches = [hmac.compare_digest(_signature(key, permit).encode(), told) for key in self._keys]
        return any(matches) and now < permit.until


def _signature(key: bytes, permit: Permit) -> str:
    made = hmac.digest(key, msgspec.json.encode(permit), hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
