"""A password in, a slow salted hash of it out, and back the answer whether another password is the same."""

import base64
import hashlib
import hmac
import secrets

# 16 MiB and some 150 ms a try: a stolen table of hashes is slow to guess through, a sign-in is not.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 5
_MAX_MEMORY = 64 * 1024 * 1024

NOBODYS = f"scrypt${_COST}${_BLOCK}${_PARALLEL}${'A' * 22}==${'A' * 43}="
"""A hash that no password has, for taking as long over an unknown user as over a known one."""


def hashed(password: str) -> str:
    """`scrypt$cost$block$parallel$salt$hash`: the parameters are kept, so that they can be raised later."""
    salt = secrets.token_bytes(16)
    found = _scrypt(password, salt, _COST, _BLOCK, _PARALLEL)
    parts = ["scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), _text(salt), _text(found)]
    return "$".join(parts)


def matches(password: str, kept: str) -> bool:
    """Whether this is the password that `kept` was made of."""
    _, cost, block, parallel, salt, expected = kept.split("$")
    found = _scrypt(password, base64.b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, base64.b64decode(expected))


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=parallel, dklen=32, maxmem=_MAX_MEMORY)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
