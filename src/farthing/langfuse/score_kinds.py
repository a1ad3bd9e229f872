"""A request for scores in; the kinds of scores that who asks can parse, out. Pure.

Python's classes know a score by its kind, and a list with one of a kind they don't know is none to them at all.
"""

from collections.abc import Mapping

from farthing.model.score import DataType

_SINCE = ((DataType.CORRECTION, (3, 14)), (DataType.TEXT, (4, 2)))
"""From which release on Python's SDK knows which kind."""


def understood(headers: Mapping[str, str], *, of_traces: bool) -> frozenset[DataType]:
    """The kinds; `of_traces`: in a trace and in the first version's list, where no release has corrections."""
    found = set(DataType)
    if of_traces:
        found.discard(DataType.CORRECTION)
    if headers.get("x-langfuse-sdk-name", "") == "python" and (release := _release(headers)):
        found -= {kind for kind, since in _SINCE if release < since}
    return frozenset(found)


def _release(headers: Mapping[str, str]) -> tuple[int, ...]:
    """() where none is told."""
    said = headers.get("x-langfuse-sdk-version", "")[:20].split(".")[:2]
    return tuple(int(part) for part in said) if all(part.isascii() and part.isdigit() for part in said) else ()
