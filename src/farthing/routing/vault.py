"""Secrets of accounts in; what may be kept of them out, and back, by keys that stand in the environment or in a file of the data folder."""

import base64
import binascii
import hmac
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from farthing.errors import FarthingError, StartError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

NAME = "secret.key"
VARIABLE = "FARTHING_SECRET_KEY"

_BYTES = 32
_HOW = (
    "32 random bytes as base64, as `openssl rand -base64 32` prints them; several are comma-separated, the newest first"
)


class SealedError(FarthingError):
    """A secret was encrypted with a key that is not here."""

    code = "secret_unreadable"


class Vault:
    """Encrypts with the newest key and decrypts with any."""

    def __init__(self, keys: list[bytes]) -> None:
        """The newest key first."""
        self._keys = keys

    @classmethod
    def open(cls, given: str, folder: Path) -> Self:
        """With the keys that are given, and those in the folder's file, which is made when there is no key at all.

        So a server whose key moves from the file to the environment goes on reading what it kept. Raises `StartError`.
        """
        place = folder / NAME
        keys = _keys(given, VARIABLE)
        try:
            kept = place.read_text(encoding="ascii") if place.exists() else ""
            keys += _keys(kept, str(place))
            if not keys:
                kept = base64.urlsafe_b64encode(os.urandom(_BYTES)).decode()
                _write(place, kept)
                keys = _keys(kept, str(place))
        except (OSError, UnicodeDecodeError) as error:
            msg = f"The key {place} can't be read or written: {error}. Mend its permissions, or set {VARIABLE}."
            raise StartError(msg) from error
        return cls(keys)

    def seal(self, secret: str) -> str:
        """What may be kept of a secret."""
        return self._newest.encrypt(secret.encode()).decode() if secret else ""

    def unseal(self, sealed: str) -> str:
        """The secret. Raises `SealedError`."""
        return _opened(self._all, sealed) if sealed else ""

    def is_of_newest(self, sealed: str) -> bool:
        """Whether an older key is not needed for it."""
        try:
            _opened(self._newest, sealed) if sealed else None
        except SealedError:
            return False
        return True

    def derived(self, purpose: str) -> list[bytes]:
        """Keys for something else than encrypting, the newest first: they tell nothing of those they are made from."""
        return [hmac.digest(key, purpose.encode(), "sha256") for key in self._keys]

    # Loaded when the first secret is met: a server without any should not have to wait for OpenSSL at its start.
    @cached_property
    def _newest(self) -> "Fernet":
        from cryptography.fernet import Fernet  # noqa: PLC0415

        return Fernet(self._keys[0])

    @cached_property
    def _all(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

        return MultiFernet([Fernet(key) for key in self._keys])


def _opened(lock: "Fernet | MultiFernet", sealed: str) -> str:
    from cryptography.fernet import InvalidToken  # noqa: PLC0415

    try:
        return lock.decrypt(sealed).decode()
    except InvalidToken as error:
        msg = f"The secret was encrypted with another key; set {VARIABLE} to that one, or enter the secret again."
        raise SealedError(msg) from error


def _keys(told: str, where: str) -> list[bytes]:
    found: list[bytes] = []
    for part in told.replace(",", " ").split():
        # Both alphabets of base64 are about, and not everything prints the padding.
        text = part.translate(str.maketrans("+/", "-_")).rstrip("=")
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != _BYTES:
            msg = f"{where} holds something that is no key: {_HOW}."
            raise StartError(msg)
        found.append(base64.urlsafe_b64encode(raw))
    return found


def _write(place: Path, key: str) -> None:
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(handle)
