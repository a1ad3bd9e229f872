"""The provider's address in; an ASGI application that passes everything to it and does nothing else, out: the limit."""

import os
from typing import Any

import aiohttp

UPSTREAM = os.environ.get("UPSTREAM", "")
_session: list[aiohttp.ClientSession] = []


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read it all, ask, pass the answer on as it comes."""
    if not _session:
        _session.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False))
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {k.decode(): v.decode() for k, v in scope["headers"] if k not in (b"host", b"content-length")}
    async with _session[0].request(scope["method"], UPSTREAM + scope["path"], data=body, headers=headers) as answer:
        kept = [(k.lower(), v) for k, v in answer.raw_headers if k.lower() != b"transfer-encoding"]
        await send({"type": "http.response.start", "status": answer.status, "headers": kept})
        async for chunk in answer.content.iter_any():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
