"""A user id goes in; a stable name nobody can read it from comes out."""

from __future__ import annotations

import os


def hash_user_id(user_id: str, salt: str | bytes | None = None) -> str:
    """`u_` and 32 hexadecimal digits of the HMAC-SHA256 of the user id.

    Without a salt (given here or as FARTHING_USER_ID_SALT) whoever knows the possible ids can find them by trying.
    """
    # Both are loaded when an id is first hashed: most applications that hash have them loaded long before.
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    if salt is None:
        salt = os.environ.get("FARTHING_USER_ID_SALT", "")
    key = salt.encode() if isinstance(salt, str) else salt
    return "u_" + hmac.new(key, user_id.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]
