"""A request for scores in; the kinds of scores that who asks can parse, out. Pure.

Python's classes know a score by its kind, and a list with one of a kind they don't know is none to them at all.
"""

from collections.abc import Mapping

from farthing.model.score import DataType

_NONE = 1_000_000  # no release has this number
_KNOWN = {
    DataType.CORRECTION: (((3, 14), (_NONE,)),),
    DataType.TEXT: (((3, 15), (4,)), ((4, 2), (_NONE,))),
}
"""In which releases of Python's SDK, from one to before another, each kind is known; all others are in all."""


def understood(headers: Mapping[str, str], *, of_traces: bool) -> frozenset[DataType]:
    """The kinds; `of_traces`: in a trace and in the first version's list, where no release has corrections."""
    found = set(DataType)
    if of_traces:
        found.discard(DataType.CORRECTION)
    if headers.get("x-langfuse-sdk-name", "") == "python" and (release := _release(headers)):
        found -= {k for k, known in _KNOWN.items() if not any(since <= release < until for since, until in known)}
    return frozenset(found)


def _release(headers: Mapping[str, str]) -> tuple[int, ...]:
    """() where none is told."""
    said = headers.get("x-langfuse-sdk-version", "")[:20].split(".")[:2]
    return tuple(int(part) for part in said) if all(part.isascii() and part.isdigit() for part in said) else ()
