"""What is expected of outputs goes in; evaluators that need neither a model nor another package come out."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Callable, cast

from farthing_sdk.experiments._evaluator import Evaluator, hash_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def exact(*, name: str = "exact", ignore_case: bool = False, strip: bool = True) -> Evaluator:
    """Whether the output is what is expected. Texts without blanks around them, unless `strip` is False."""

    def judge(output: Any, expected: Any) -> bool:
        if isinstance(output, str) and isinstance(expected, str):
            return _plain(output, ignore_case, strip) == _plain(expected, ignore_case, strip)
        return bool(output == expected)

    return Evaluator(name, judge, hash_of("exact", 1, ignore_case, strip))


def contains(text: str | None = None, *, name: str = "contains", ignore_case: bool = True) -> Evaluator:
    """Whether the output contains the text, or what is expected: all of them, where several are expected."""

    def judge(output: Any, expected: Any) -> bool:
        looked = expected if text is None else text
        parts = list(cast("Iterable[Any]", looked)) if isinstance(looked, (list, tuple, set)) else [looked]
        said = _plain(as_text(output), ignore_case, False)
        return all(_plain(as_text(part), ignore_case, False) in said for part in parts)

    return Evaluator(name, judge, hash_of("contains", 1, text, ignore_case))


def regex(pattern: str, *, name: str = "regex", flags: int = 0, whole: bool = False) -> Evaluator:
    """Whether the pattern is found in the output; with `whole`, whether it is all of it."""
    compiled = re.compile(pattern, flags)

    def judge(output: Any) -> bool:
        return (compiled.fullmatch if whole else compiled.search)(as_text(output)) is not None

    return Evaluator(name, judge, hash_of("regex", 1, pattern, int(flags), whole))


def is_json(*, name: str = "json") -> Evaluator:
    """Whether the output is JSON, or already what JSON is read as."""

    def judge(output: Any) -> bool:
        return _read(output)[0]

    return Evaluator(name, judge, hash_of("json", 1))


def json_schema(schema: Mapping[str, Any], *, name: str = "json_schema") -> Evaluator:
    """Whether the output is JSON of this JSON Schema. Needs `pip install "farthing-sdk[schema]"`; raises ImportError without."""
    valid = _validator(schema)

    def judge(output: Any) -> bool:
        is_read, value = _read(output)
        return is_read and valid(value)

    return Evaluator(name, judge, hash_of("json_schema", 1, schema))


def token_f1(*, name: str = "token_f1") -> Evaluator:
    """How far the words of output and expectation are the same: the harmonic mean of precision and recall, 0 to 1."""

    def judge(output: Any, expected: Any) -> float:
        said, wanted = Counter(_words(as_text(output))), Counter(_words(as_text(expected)))
        if not said or not wanted:
            return float(said == wanted)
        same = sum((said & wanted).values())
        return 2 * same / (sum(said.values()) + sum(wanted.values()))

    return Evaluator(name, judge, hash_of("token_f1", 1))


def levenshtein(*, name: str = "levenshtein", ignore_case: bool = False) -> Evaluator:
    """How alike the texts of output and expectation are, 0 to 1: 1 less the edits it takes, by the longer one's length."""

    def judge(output: Any, expected: Any) -> float:
        one, two = (_plain(as_text(text), ignore_case, True) for text in (output, expected))
        longest = max(len(one), len(two))
        return 1 - edits(one, two) / longest if longest else 1.0

    return Evaluator(name, judge, hash_of("levenshtein", 1, ignore_case))


def edits(one: str, two: str) -> int:
    """How many letters have to be put in, taken out or exchanged to turn one text into the other.

    Columns of the table are held as bits of one number (Hyyrö 2003), so it is quick without another package.
    """
    if not one or not two:
        return len(one) or len(two)
    places: dict[str, int] = {}
    for at, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << at
    whole, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    more, fewer, distance = whole, 0, len(one)
    for letter in two:
        same = places.get(letter, 0)
        diagonal = (((same & more) + more) ^ more) | same | fewer
        grows = fewer | ~(diagonal | more)
        shrinks = diagonal & more
        distance += bool(grows & last) - bool(shrinks & last)
        grows = grows << 1 | 1
        more = (shrinks << 1 | ~(diagonal | grows)) & whole
        fewer = grows & diagonal & whole
    return distance


def as_text(value: Any) -> str:
    """A text as it is; anything else as JSON; "" for None."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _plain(text: str, ignore_case: bool, strip: bool) -> str:
    text = text.strip() if strip else text
    return text.casefold() if ignore_case else text


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _read(output: Any) -> tuple[bool, Any]:
    if not isinstance(output, (str, bytes)):
        return output is not None, output
    try:
        return True, json.loads(output)
    except ValueError:
        return False, None


def _validator(schema: Mapping[str, Any]) -> Callable[[Any], bool]:
    import importlib  # noqa: PLC0415

    try:
        library: Any = importlib.import_module("jsonschema")
    except ImportError as error:
        raise ImportError('json_schema needs jsonschema: pip install "farthing-sdk[schema]"') from error
    made = library.validators.validator_for(schema)
    made.check_schema(schema)
    return made(schema).is_valid
