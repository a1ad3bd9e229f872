"""A prompt that quotes others in; the same with their texts in its place, and which were quoted by which, out. Pure.

A quotation is written `@@@langfusePrompt:name=folder/intro|label=production@@@`, or with `version=3`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import msgspec

from farthing.errors import ConflictError
from farthing.prompts.prompt import PRODUCTION, Content, Kind, Version

DEEPEST = 5
MOST_LETTERS = 4_000_000
"""That one prompt quotes: what is quoted twice by what is quoted twice, and so on, must not fill the memory."""

_QUOTED = re.compile(r"@@@langfusePrompt:(.*?)@@@", re.DOTALL)


class Reference(msgspec.Struct, frozen=True):
    """Which version is quoted: by its number, or else by the label that stands on it."""

    name: str
    number: int | None = None
    label: str = PRODUCTION

    def __str__(self) -> str:
        """For a person."""
        return f"{self.name!r} ({f'version {self.number}' if self.number is not None else f'label {self.label!r}'})"


class Whole(msgspec.Struct, frozen=True):
    """A prompt without quotations. `quoted` tells by the id of each version that quotes which versions it does."""

    prompt: Content
    quoted: dict[str, tuple[Version, ...]] = {}


Find = Callable[[Reference], Version | None]


def references(prompt: Content) -> Iterator[Reference]:
    """What a prompt quotes, in order. Raises `ConflictError` for what can't be read."""
    for text in _texts(prompt):
        for found in _QUOTED.finditer(text):
            yield _read(found[1])


def whole(version: Version, find: Find) -> Whole:
    """The prompt with the texts of all it quotes. Raises `ConflictError` when one is missing, a chat, or quotes in a circle."""
    filling = _Filling(version, find)
    return Whole(filling.filled(version, ()), filling.quoted)


class _Filling:
    """The filling of one prompt: each version it quotes, however often, is looked for and filled once."""

    def __init__(self, root: Version, find: Find) -> None:
        self.quoted: dict[str, tuple[Version, ...]] = {}
        self._root = root
        self._find = find
        self._found: dict[Reference, Version | None] = {}
        self._texts: dict[str, str] = {}

    def filled(self, version: Version, above: tuple[Version, ...]) -> Content:
        path = (*above, version)
        mine: dict[str, Version] = {}
        letters = 0

        def text_of(quotation: re.Match[str]) -> str:
            nonlocal letters
            other = self._other(_read(quotation[1]), path)
            mine.setdefault(other.id, other)
            if other.id not in self._texts:
                self._texts[other.id] = cast("str", self.filled(other, path))
            letters += len(self._texts[other.id])
            if letters > MOST_LETTERS:
                msg = f"The prompt {self._root.name!r} has more than {MOST_LETTERS} letters with all it quotes."
                raise ConflictError(msg)
            return self._texts[other.id]

        filled = _mapped(version.written.prompt, lambda text: _QUOTED.sub(text_of, text))
        if mine:
            self.quoted[version.id] = tuple(mine.values())
        return filled

    def _other(self, reference: Reference, path: tuple[Version, ...]) -> Version:
        by = path[-1].name
        if any(reference.name == version.name for version in path):
            circle = " → ".join([*(version.name for version in path), reference.name])
            msg = f"The prompts quote each other in a circle: {circle}."
            raise ConflictError(msg)
        if len(path) > DEEPEST:
            msg = f"The prompt {path[0].name!r} quotes others more than {DEEPEST} deep."
            raise ConflictError(msg)
        if reference not in self._found:
            self._found[reference] = self._find(reference)
        other = self._found[reference]
        if other is None:
            msg = f"The prompt {by!r} quotes {reference}, which there is none of."
            raise ConflictError(msg)
        if other.kind is not Kind.TEXT:
            msg = f"The prompt {by!r} quotes {reference}, which is a chat; only texts can be quoted."
            raise ConflictError(msg)
        return other


def _read(text: str) -> Reference:
    told: dict[str, str] = {}
    for part in text.split("|"):
        key, _, value = part.partition("=")
        told[key] = value
    number, label = told.get("version"), told.get("label")
    unknown = told.keys() - {"name", "version", "label"}
    if not told.get("name") or unknown or (number and label) or (number is not None and not number.isdecimal()):
        msg = f"A quotation says name=…, then |version=… or |label=…; this one says {text[:200]!r}."
        raise ConflictError(msg)
    return Reference(told["name"], int(number[:9]) if number else None, label or PRODUCTION)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(cast("dict[str, Any]", value).values()))
    elif isinstance(value, list | tuple):
        for inner in cast("Sequence[Any]", value):
            yield from _texts(inner)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(inner, change) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return tuple(_mapped(inner, change) for inner in cast("Sequence[Any]", value))
    return value
