"""A condition of a rollout, as JSON, in; whether a call fulfils it out. Pure.

The words are a part of JSONLogic's (https://jsonlogic.com/operations.html): `var`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `and`, `or`, `!`.
Here they have types: what nobody told is equal to `null` alone and neither less nor more than anything, text that is a number
compares as one with a number, and there is no other conversion.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from farthing.query.errors import ParameterError
from farthing.routing.plan import Wish

VARIABLES = ("user", "session", "model", "environment", "family")
"""What a condition may look at, besides `metadata.<key>`."""

_DEEPEST = 20
_MOST = 500
_LONGEST = 1_000

Value = str | int | float | bool | None
Test = Callable[[Wish], bool]
_Read = Callable[[Wish], "Value | Sequence[Value]"]


def compiled(condition: Any, field: str = "conditions") -> Test:
    """The test that a condition stands for; nothing at all holds always. Raises `ParameterError`."""
    if condition is None or condition == {} or condition is True:
        return lambda _: True
    return _Reader(field).test(condition, 0)


class _Reader:
    """Reads one condition, and counts so that it stays small."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._seen = 0

    def test(self, node: Any, depth: int) -> Test:
        """What must hold."""
        self._count(depth)
        if isinstance(node, bool):
            return lambda _: node
        name, given = self._word(node)
        match name:
            case "and" | "or":
                parts = [self.test(part, depth + 1) for part in self._several(name, given)]
                every = name == "and"
                return lambda wish: all(part(wish) for part in parts) if every else any(part(wish) for part in parts)
            case "!":
                inner = self.test(_only(given), depth + 1)
                return lambda wish: not inner(wish)
            case "var":
                told = self._value(node, depth)
                return lambda wish: told(wish) not in (None, "", False)
            case "in":
                return self._contains(given, depth)
            case _ if name in _COMPARISONS:
                left, right = self._pair(name, given, depth)
                compare = _COMPARISONS[name]
                return lambda wish: compare(left(wish), right(wish))
            case _:
                words = ", ".join(("and", "or", "!", "in", "var", *_COMPARISONS))
                raise self._error(f"there is no {name[:40]!r}; there are {words}.")

    def _contains(self, given: Any, depth: int) -> Test:
        left, right = self._pair("in", given, depth)

        def test(wish: Wish) -> bool:
            needle, heap = left(wish), right(wish)
            if isinstance(heap, str):
                return isinstance(needle, str) and needle != "" and needle in heap
            return isinstance(heap, Sequence) and any(_equal(needle, one) for one in heap)

        return test

    def _pair(self, name: str, given: Any, depth: int) -> tuple[_Read, _Read]:
        parts = self._several(name, given)
        if len(parts) != 2:
            raise self._error(f"{name} takes two values, not {len(parts)}.")
        return self._value(parts[0], depth + 1), self._value(parts[1], depth + 1)

    def _value(self, node: Any, depth: int) -> _Read:
        self._count(depth)
        if isinstance(node, list):
            told = [self._constant(part) for part in cast("list[Any]", node)]
            self._seen += len(told)
            self._count(depth)
            return lambda _: told
        if not isinstance(node, dict):
            constant = self._constant(node)
            return lambda _: constant
        name, given = self._word(node)
        if name != "var":
            raise self._error(f"{name[:40]!r} is no value; compare var, text, numbers, true, false or null.")
        return self._variable(_only(given))

    def _variable(self, where: Any) -> _Read:
        if isinstance(where, str) and where.startswith("metadata.") and len(where) > len("metadata."):
            key = where.removeprefix("metadata.")
            return lambda wish: wish.metadata.get(key)
        if isinstance(where, str) and where in VARIABLES:
            return lambda wish: getattr(wish, where) or None
        known = ", ".join((*VARIABLES, "metadata.<key>"))
        raise self._error(f"there is no variable {str(where)[:60]!r}; there are {known}.")

    def _constant(self, node: Any) -> Value:
        if isinstance(node, str) and len(node) > _LONGEST:
            raise self._error(f"a text has at most {_LONGEST} characters.")
        if isinstance(node, float) and not math.isfinite(node):
            raise self._error("a number must be finite.")
        if node is None or isinstance(node, str | int | float | bool):
            return node
        raise self._error(f"{str(node)[:60]!r} is no value.")

    def _word(self, node: Any) -> tuple[str, Any]:
        if not isinstance(node, Mapping) or len(cast("Mapping[Any, Any]", node)) != 1:
            raise self._error(
                'write one operation as an object with one member, such as {"==": [{"var": "user"}, "u1"]}.'
            )
        ((name, given),) = cast("Mapping[Any, Any]", node).items()
        return str(name), given

    def _several(self, name: str, given: Any) -> list[Any]:
        if not isinstance(given, list) or not given:
            raise self._error(f"{name} takes a list.")
        return cast("list[Any]", given)

    def _count(self, depth: int) -> None:
        self._seen += 1
        if depth > _DEEPEST or self._seen > _MOST:
            raise self._error(f"at most {_MOST} parts, nested at most {_DEEPEST} deep.")

    def _error(self, what: str) -> ParameterError:
        return ParameterError(self._field, what)


def _only(given: Any) -> Any:
    """JSONLogic writes what is one thing with a list around it or without."""
    told = cast("list[Any]", given) if isinstance(given, list) else []
    return told[0] if len(told) == 1 else cast("Any", given)


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    try:
        found = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        # Metadata is text, and says true and false in words.
        return _told(left) == _told(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if left is None or right is None:
        return left is right
    first, second = _number(left), _number(right)
    return first is not None and first == second


def _told(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(left: Any, right: Any) -> bool:
        first, second = _number(left), _number(right)
        if first is not None and second is not None:
            return compare(first, second)
        return isinstance(left, str) and isinstance(right, str) and compare(left, right)

    return test


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
}
