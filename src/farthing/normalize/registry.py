"""A span in; the dialect that reads it out: by the scope that made it, else by an attribute only that dialect has.

A dialect is a module of `dialects/`. Adding one is a line in `DIALECTS` here.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from farthing.model.span import Span
from farthing.normalize.dialects import (
    anthropic_sdk,
    claude_code,
    codex,
    direct,
    gateway,
    gen_ai,
    langfuse,
    litellm,
    logfire,
    mlflow,
    openinference,
    openlit,
    openllmetry,
    pydantic_ai,
    vercel_ai,
)
from farthing.normalize.reading import Reading

Reader = Callable[[Span], Reading | None]


class Dialect(Protocol):
    """What a module of `dialects/` offers."""

    @property
    def NAME(self) -> str:  # noqa: N802  a module's constant
        """What its calls are marked with."""
        ...

    @property
    def SCOPES(self) -> tuple[str, ...]:  # noqa: N802
        """Names of scopes it reads: these themselves, and whatever follows one of them after a dot, dash or slash."""
        ...

    @property
    def MARKERS(self) -> tuple[str, ...]:  # noqa: N802
        """Attributes by which its spans are known where something else re-exports them under a scope of its own."""
        ...

    def read(self, span: Span) -> Reading | None:
        """The call this span describes; None when it describes none."""
        ...


CONVENTIONS: Dialect = gen_ai
"""Reads whatever no other dialect claims."""

DIALECTS: tuple[Dialect, ...] = (
    anthropic_sdk,
    claude_code,
    codex,
    direct,
    gateway,
    logfire,
    openlit,
    openllmetry,
    pydantic_ai,
    vercel_ai,
    litellm,
    openinference,
    mlflow,
    langfuse,
)
"""All others. The longest scope wins; of two markers on one span that of the dialect named first."""

_MARKED = tuple((marker, dialect.read) for dialect in DIALECTS for marker in dialect.MARKERS)
_MARKERS = frozenset(marker for marker, _ in _MARKED)


def read(span: Span) -> Reading | None:
    """The call this span describes, by whatever dialect it speaks; None when it describes none."""
    reader = _of_scope(span.scope.name)
    if reader is not None:
        return reader(span)
    attributes = span.attributes
    if _MARKERS.isdisjoint(attributes):
        return CONVENTIONS.read(span)
    return next(marked for marker, marked in _MARKED if marker in attributes)(span)


@lru_cache(maxsize=4096)
def _of_scope(name: str) -> Reader | None:
    claims = [
        (len(scope), dialect.read)
        for dialect in (*DIALECTS, CONVENTIONS)
        for scope in dialect.SCOPES
        if name.startswith(scope) and not (name[len(scope) :][:1].isalnum() or name[len(scope) :].startswith("_"))
    ]
    return max(claims, key=lambda claim: claim[0])[1] if claims else None
