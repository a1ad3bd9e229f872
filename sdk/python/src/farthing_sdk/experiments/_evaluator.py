"""Functions that judge go in; evaluators with a name and a version that changes when the function does come out."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Callable, Final, cast

from farthing_sdk.experiments._nouns import Item, Score

if TYPE_CHECKING:
    from types import CodeType

    from farthing_sdk.experiments._nouns import Value

_KNOWN: Final = frozenset({"output", "expected", "input", "metadata", "item"})


class Evaluator:
    """Something that judges an output. Built-in ones are made by functions of `farthing_sdk.experiments`, others by `evaluator`."""

    def __init__(self, name: str, function: Callable[..., Any], version: str) -> None:
        """`function` takes any of output, expected, input, metadata and item by these names. It may be a coroutine function."""
        self.name = name
        self.version = version
        self.function = function
        self._wanted = wanted(function, ("output", "expected"))

    def ask(self, output: Any, item: Item) -> Any:
        """What the function says: see `scores_of`. A coroutine, if it is one."""
        known = {
            "output": output,
            "expected": item.expected,
            "input": item.input,
            "metadata": item.metadata,
            "item": item,
        }
        return call(self.function, self._wanted, known)

    def __call__(self, output: Any, expected: Any = None, input: Any = None, metadata: Any = None) -> Any:  # noqa: A002 - so it is called everywhere
        """What it says of an output, for trying it out."""
        return self.ask(output, Item("", input, expected, metadata))

    def __repr__(self) -> str:
        """Name and version."""
        return f"Evaluator({self.name}@{self.version})"


def evaluator(name: str, version: str | None = None) -> Callable[[Callable[..., Any]], Evaluator]:
    """The decorated function, as an evaluator of this name. Without a version, the hash of its source is its version."""

    def named(function: Callable[..., Any]) -> Evaluator:
        return Evaluator(name, function, version or source_hash(function))

    return named


def as_evaluator(given: Evaluator | Callable[..., Any]) -> Evaluator:
    """A plain function is named after itself."""
    if isinstance(given, Evaluator):
        return given
    return Evaluator(getattr(given, "__name__", type(given).__name__), given, source_hash(given))


def scores_of(judge: Evaluator, said: Any) -> list[Score]:
    """What an evaluator said, as scores: a value, a `Score`, several of them, a mapping of names to values; None: nothing.

    Raises TypeError for anything else.
    """
    if said is None:
        return []
    if isinstance(said, Score):
        found = [said]
    elif isinstance(said, (bool, int, float, str)):
        found = [Score(judge.name, said)]
    elif isinstance(said, Mapping):
        found = [
            Score(str(name), value) for name, value in cast("Mapping[Any, Any]", said).items() if value is not None
        ]
    elif isinstance(said, Iterable):
        found = [score for one in cast("Iterable[Any]", said) for score in scores_of(judge, one)]
    else:
        raise TypeError(
            f"{judge.name} gave back {type(said).__name__}; it should be a number, a bool, a text or Scores"
        )
    return [one._replace(value=_value(judge, one.value), evaluator=judge.name, version=judge.version) for one in found]


def _value(judge: Evaluator, value: Any) -> Value:
    if isinstance(value, (bool, str)):
        return value
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise TypeError(f"{judge.name} gave back {value}, which is no number to reckon with")
    return number


def hash_of(*parts: object) -> str:
    """Twelve digits that change when any of the parts does."""
    said = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def source_hash(function: Callable[..., Any]) -> str:
    """A version of the function: it changes when its source does."""
    try:
        return hash_of(inspect.getsource(cast("Any", function)))
    except (OSError, TypeError):
        # Typed into a prompt, or not written in Python.
        code: CodeType | None = getattr(function, "__code__", None)
        return (
            hash_of(repr(type(function)))
            if code is None
            else hash_of(code.co_code.hex(), [repr(c) for c in code.co_consts])
        )


def wanted(function: Callable[..., Any], positional: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str] | None]:
    """What a function takes of what is known: by position, for parameters whose name is none of ours, and by name (None: all)."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        # Not written in Python, and it doesn't say: most that is so takes one thing.
        return positional[:1], frozenset()
    if any(one.kind is one.VAR_KEYWORD for one in parameters):
        return (), None
    named = frozenset(one.name for one in parameters if one.name in _KNOWN and one.kind is not one.POSITIONAL_ONLY)
    free = [
        one for one in parameters
        if one.name not in named and one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    left = [name for name in positional if name not in named]
    return tuple(left[: len(free)]), named


def call(
    function: Callable[..., Any], takes: tuple[tuple[str, ...], frozenset[str] | None], known: Mapping[str, Any]
) -> Any:
    """Call the function with what it takes."""
    places, names = takes
    by_name = known if names is None else {name: known[name] for name in names}
    return function(*[known[name] for name in places], **by_name)
