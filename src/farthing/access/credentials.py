"""The headers of a request in, the key it was sent with out; whether that key is any good is not asked here."""

import base64
import binascii
import hashlib
import re

import msgspec

from farthing import errors

BEARER_MARK = "fk_"
PUBLIC_MARK = "pk-lf-"
SECRET_MARK = "sk-lf-"  # noqa: S105  a prefix, no secret

MAX_LENGTH = 256
"""Of a key or of half a pair; whatever is longer isn't worth hashing."""

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_HOW = "Send `Authorization: Bearer fk_…`, `X-API-Key: fk_…`, or Basic with a public and a secret key"


class Credential(msgspec.Struct, frozen=True):
    """A key as it was sent: a secret, with the public key before it when it is one of a pair."""

    secret: str
    public_key: str | None = None

    def __repr__(self) -> str:
        """Without the secret: this ends up in logs."""
        return f"Credential(public_key={self.public_key!r})"


def from_headers(authorization: str | None = None, api_key: str | None = None) -> Credential:
    """The key in `Authorization` or `X-API-Key`; the latter goes first, for a proxy may need the former itself.

    Raises `UnauthenticatedError` when neither holds anything that looks like a key of ours.
    """
    if api_key and _looks_like(api_key.strip(), BEARER_MARK):
        return Credential(api_key.strip())
    if authorization and authorization.strip():
        return _from_authorization(authorization.strip())
    if api_key:
        msg = f"X-API-Key holds no key of ours, which begins with {BEARER_MARK}. {_HOW}."
        raise errors.UnauthenticatedError(msg)
    msg = f"No key was sent. {_HOW}."
    raise errors.UnauthenticatedError(msg)


def digest(secret: str) -> bytes:
    """What is kept of a secret.

    One round of SHA-256 is enough: the keys we make hold 256 random bits (a pair's secret 122), which nobody
    can try out, so a slow hash would only slow down every request. Passwords are another matter, see `passwords`.
    """
    return hashlib.sha256(secret.encode()).digest()


def _from_authorization(header: str) -> Credential:
    # OTEL_EXPORTER_OTLP_HEADERS wants its values percent-encoded, and not every exporter decodes them.
    scheme, _, rest = header.replace("%20", " ", 1).partition(" ")
    value = rest.strip()
    if scheme.lower() == "bearer":
        if _looks_like(value, BEARER_MARK):
            return Credential(value)
        msg = f"The Bearer token is no key of ours, which begins with {BEARER_MARK}."
        raise errors.UnauthenticatedError(msg)
    if scheme.lower() == "basic":
        return _from_basic(value)
    msg = f"The Authorization header has an unknown scheme. {_HOW}."
    raise errors.UnauthenticatedError(msg)


def _from_basic(value: str) -> Credential:
    user, colon, password = _decoded(value).partition(":")
    if not colon:
        msg = "The Basic credentials have no colon; they should be public-key:secret-key."
        raise errors.UnauthenticatedError(msg)
    if _looks_like(password, BEARER_MARK):
        return Credential(password)
    if not password and _looks_like(user, BEARER_MARK):
        return Credential(user)
    if _looks_like(user, PUBLIC_MARK) and _looks_like(password, SECRET_MARK):
        return Credential(password, user)
    msg = f"The Basic credentials should be {PUBLIC_MARK}…:{SECRET_MARK}… or any name with {BEARER_MARK}… as password."
    raise errors.UnauthenticatedError(msg)


def _decoded(value: str) -> str:
    msg = "The Basic credentials are not valid base64."
    if len(value) > 4 * MAX_LENGTH:
        raise errors.UnauthenticatedError(msg)
    try:
        # Some clients leave out the padding.
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise errors.UnauthenticatedError(msg) from error


def _looks_like(value: str, mark: str) -> bool:
    return value.startswith(mark) and len(mark) < len(value) <= MAX_LENGTH and _PRINTABLE.fullmatch(value) is not None
