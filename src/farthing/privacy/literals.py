"""The text of a Python object (a dict or a dataclass-like repr) in; nested dicts of its numbers and short words out.

Some libraries put `str(usage)` on a span. Nothing is evaluated here: the text is cut into tokens, in one pass of bounded
length and depth.
"""

import re
from contextlib import suppress

import msgspec

from farthing.model.span import Value

LONGEST = 16_384
"""A longer text is no usage report."""
DEEPEST = 8
_LONGEST_NUMBER = 32

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>-?(?:\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+|\d+(?:[eE][-+]?\d+)?))(?![\w.])
    | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<name>[A-Za-z_][\w.]*)
    | (?P<mark>[{}()\[\],:=<>])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(['\"\\])")
_WORD = re.compile(r"'|\bNone\b|\bTrue\b|\bFalse\b")
_AS_JSON = {"'": '"', "None": "null", "True": "true", "False": "false"}
_CLOSING = {"{": "}", "[": "]", "(": ")"}
_WORDS: dict[str, Value] = {"None": None, "null": None, "True": True, "true": True, "False": False, "false": False}


class UnreadableError(ValueError):
    """The text is no Python literal of the supported kind."""


def parse(text: str) -> Value:
    """The value this text stands for: numbers, strings, None, booleans, lists, dicts; `Name(a=1)` is the dict {"a": 1}.

    Raises `UnreadableError` for anything else.
    """
    if len(text) > LONGEST:
        raise UnreadableError
    with suppress(msgspec.DecodeError, RecursionError, UnicodeError):
        # What holds nothing but plain words and numbers differs from JSON in little, and JSON is read much faster.
        return msgspec.json.decode(_WORD.sub(lambda found: _AS_JSON[found[0]], text))
    tokens: list[tuple[str, str]] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise UnreadableError
        tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
        at = found.end()
    tokens.reverse()
    value = _value(tokens, 0)
    if tokens:
        raise UnreadableError
    return value


def _value(tokens: list[tuple[str, str]], depth: int) -> Value:
    if not tokens or depth > DEEPEST:
        raise UnreadableError
    kind, text = tokens.pop()
    if kind == "number":
        if len(text) > _LONGEST_NUMBER:
            raise UnreadableError
        return float(text) if any(c in text for c in ".eE") else int(text)
    if kind == "string":
        return _ESCAPED.sub(r"\1", text[1:-1])
    if kind == "name":
        if text in _WORDS:
            return _WORDS[text]
        if tokens and tokens[-1][1] == "(":
            tokens.pop()
            return _held(tokens, "(", depth)
        return text  # nan, inf and the names of enums: words
    if text in _CLOSING:
        return _held(tokens, text, depth)
    raise UnreadableError


def _held(tokens: list[tuple[str, str]], opening: str, depth: int) -> Value:
    """What stands between two brackets: a dict where keys are told, else a list."""
    pairs: dict[str, Value] = {}
    items: list[Value] = []
    while tokens:
        if tokens[-1][1] == _CLOSING[opening]:
            tokens.pop()
            return items if opening == "[" or (items and not pairs) else pairs
        value = _value(tokens, depth + 1)
        if tokens and tokens[-1][1] in (":", "="):
            tokens.pop()
            pairs[str(value)] = _value(tokens, depth + 1)
        else:
            items.append(value)
        if tokens and tokens[-1][1] == ",":
            tokens.pop()
    raise UnreadableError
