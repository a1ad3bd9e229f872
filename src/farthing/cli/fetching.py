"""An address in; the JSON that stands there out, or one sentence that says why not: bounded in size, time and detours."""

import time

import httpx

from farthing.cli.client import RefusedError

MOST_BYTES = 64 << 20
MOST_SECONDS = 60.0
MOST_DETOURS = 5


def fetch(source: str, *, most_bytes: int = MOST_BYTES, most_seconds: float = MOST_SECONDS) -> bytes:
    """What stands there, always loaded whole: an answer "not modified" would not tell what the server has. Raises `RefusedError`."""
    try:
        with httpx.Client(timeout=most_seconds, follow_redirects=True, max_redirects=MOST_DETOURS) as client:
            content = _read(client, source, most_bytes, most_seconds)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        msg = f"The price data can't be fetched from {source} ({error}). Load it elsewhere and give it with --file."
        raise RefusedError(msg) from error
    if content[:64].lstrip()[:1] not in (b"[", b"{"):
        msg = f"What stands at {source} is no price data but something else, such as a page to sign in."
        raise RefusedError(msg)
    return content


def _read(client: httpx.Client, source: str, most_bytes: int, most_seconds: float) -> bytes:
    # Timeouts of a connection begin anew with every byte; this one doesn't.
    until = time.monotonic() + most_seconds
    content = bytearray()
    with client.stream("GET", source) as answer:
        answer.raise_for_status()
        for part in answer.iter_bytes(1 << 16):
            content += part
            if len(content) > most_bytes:
                msg = f"it has more than {most_bytes:,} bytes"
                raise ValueError(msg)
            if time.monotonic() > until:
                msg = f"it takes longer than {most_seconds:.0f} s"
                raise ValueError(msg)
    return bytes(content)
