"""A request being handled in; its body out, sent at its length or in chunks, and the fields in it."""

import email
import json
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any, cast


def body_of(handler: BaseHTTPRequestHandler) -> bytes:
    """The whole body, still encoded."""
    if handler.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
    body = b""
    while size := int(handler.rfile.readline().strip() or b"0", 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return body


def fields_of(body: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a JSON object or of a form, a file as its length."""
    if not content_type.startswith("multipart/"):
        return json.loads(body)
    form = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: dict[str, Any] = {}
    for part in cast("list[Message]", form.get_payload()):
        content = cast("bytes", part.get_payload(decode=True))
        name = str(part.get_param("name", header="content-disposition"))
        fields[name] = len(content) if part.get_filename() else content.decode()
    return {name: value == "true" if value in ("true", "false") else value for name, value in fields.items()}
