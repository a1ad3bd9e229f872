"""What a client wrote of a prompt in; the nouns of prompts, checked, out. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import msgspec

from farthing.errors import BadRequestError

LATEST = "latest"
"""The label that always stands on the newest version, and that nobody sets."""
PRODUCTION = "production"
"""The label that is meant where nobody says which."""

LONGEST_NAME = 255
LONGEST_LABEL = 64
LONGEST_TAG = 100
LONGEST_MESSAGE = 500
MOST_LABELS = 50
MOST_BYTES = 1 << 20
"""Of one version: the prompt and its config as JSON."""

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
_OF_VERSION = re.compile(r"(^|/)versions/[^/]*$")

Message = Mapping[str, Any]
Content = str | tuple[Message, ...]


class Kind(StrEnum):
    """What a prompt is made of; all its versions are of the same kind."""

    TEXT = "text"
    CHAT = "chat"


class Written(msgspec.Struct, frozen=True):
    """A version as somebody wrote it: what is kept of it. Messages of a chat may be placeholders."""

    prompt: Content
    config: Any = None
    message: str | None = None
    """Why it was written, as a commit's message says it."""


class Version(msgspec.Struct, frozen=True):
    """A version as it is kept, with what is shared over all of them."""

    prompt_id: str
    name: str
    kind: Kind
    number: int
    written: Written
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    created_at: datetime
    created_by: str

    @property
    def id(self) -> str:
        """Unlike the name and the number, no other version ever has it."""
        return f"{self.prompt_id}-{self.number}"


class Listed(msgspec.Struct, frozen=True):
    """A prompt in a list: its versions' numbers, and what stands on which of them."""

    id: str
    name: str
    kind: Kind
    tags: tuple[str, ...]
    labels: Mapping[str, int]
    versions: tuple[int, ...]
    created_at: datetime
    updated_at: datetime
    config: Any = None
    """The newest version's."""


def checked_name(name: Any) -> str:
    """A name: text with slashes for folders if one likes. Raises `BadRequestError`."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        msg = f"name: text of 1 to {LONGEST_NAME} characters."
        raise BadRequestError(msg)
    if "|" in name or "@@@" in name or not name.isprintable() or name != name.strip():
        msg = "name: printable, without |, @@@ and spaces at either end; prompts that quote others could not tell where it ends."
        raise BadRequestError(msg)
    if name.startswith("/") or name.endswith("/") or "//" in name or _OF_VERSION.search(name):
        msg = "name: a slash stands between two folders, and none is called versions just before the end."
        raise BadRequestError(msg)
    return name


def checked_labels(labels: Any, *, lets_latest: bool = False) -> tuple[str, ...]:
    """Labels, each once; `lets_latest` drops the one nobody sets instead of refusing it. Raises `BadRequestError`."""
    found = _texts("labels", labels, LONGEST_LABEL)
    if LATEST in found and not lets_latest:
        msg = f"labels: {LATEST!r} stands on the newest version by itself, and can't be set."
        raise BadRequestError(msg)
    for label in found:
        if not _LABEL.fullmatch(label):
            msg = f"labels: {label[:80]!r} is none; letters, digits, _ . and - are, and it begins with a letter or a digit."
            raise BadRequestError(msg)
    return tuple(label for label in found if label != LATEST)


def checked_tags(tags: Any) -> tuple[str, ...]:
    """Tags, each once. Raises `BadRequestError`."""
    return _texts("tags", tags, LONGEST_TAG)


def checked_kind(kind: Any, prompt: Any) -> Kind:
    """The kind that was told, else the one that the prompt has. Raises `BadRequestError`."""
    if kind is None:
        return Kind.TEXT if isinstance(prompt, str) else Kind.CHAT
    if kind not in (Kind.TEXT, Kind.CHAT):
        msg = f"type: text or chat, not {str(kind)[:40]!r}."
        raise BadRequestError(msg)
    return Kind(kind)


def checked(kind: Kind, prompt: Any, config: Any, message: Any) -> Written:
    """A version to be kept. Raises `BadRequestError`."""
    if message is not None and (not isinstance(message, str) or len(message) > LONGEST_MESSAGE):
        msg = f"commitMessage: text of at most {LONGEST_MESSAGE} characters."
        raise BadRequestError(msg)
    if kind is Kind.TEXT:
        if not isinstance(prompt, str):
            msg = "prompt: a prompt of the type text is text."
            raise BadRequestError(msg)
        content: Content = prompt
    else:
        content = _messages(prompt)
    written = Written(content, config, message or None)
    if len(msgspec.json.encode(written)) > MOST_BYTES:
        msg = f"prompt: with its config it has at most {MOST_BYTES // 1024} KiB."
        raise BadRequestError(msg)
    return written


def _messages(prompt: Any) -> tuple[Message, ...]:
    if not isinstance(prompt, list):
        msg = "prompt: a prompt of the type chat is a list of messages."
        raise BadRequestError(msg)
    return tuple(_message(at, told) for at, told in enumerate(cast("list[Any]", prompt)))


def _message(at: int, told: Any) -> Message:
    if not isinstance(told, dict):
        msg = f"prompt[{at}]: a message is an object with role and content, or a placeholder with a name."
        raise BadRequestError(msg)
    message = cast("dict[str, Any]", told)
    if message.get("type") == "placeholder":
        name = message.get("name")
        if not isinstance(name, str) or not name:
            msg = f"prompt[{at}].name: a placeholder has a name."
            raise BadRequestError(msg)
        return {"type": "placeholder", "name": name}
    for field in ("role", "content"):
        if not isinstance(message.get(field), str):
            msg = f"prompt[{at}].{field}: text."
            raise BadRequestError(msg)
    # What else a message has, such as a name or tool calls, is the application's own.
    return message


def _texts(field: str, told: Any, longest: int) -> tuple[str, ...]:
    if told is None:
        return ()
    if not isinstance(told, list | tuple):
        msg = f"{field}: a list of texts."
        raise BadRequestError(msg)
    listed = cast("Sequence[Any]", told)
    if len(listed) > MOST_LABELS:
        msg = f"{field}: at most {MOST_LABELS}."
        raise BadRequestError(msg)
    for text in listed:
        if not isinstance(text, str) or not 0 < len(text) <= longest or not text.isprintable():
            msg = f"{field}: each is text of 1 to {longest} characters."
            raise BadRequestError(msg)
    return tuple(dict.fromkeys(listed))
