"""An answer, and how it is to be judged, in; the verdict out, with a sentence that says why. Pure.

Patterns of operators are matched in time that grows with the text alone (Rust's `regex`, by way of what validates JSON
schemas), so that none of them can hold up a round.
"""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from farthing.datasets import schema as schemas
from farthing.errors import BadRequestError
from farthing.model.score import DataType
from farthing.query.errors import ParameterError

MOST_TEXTS = 100
LONGEST_TEXT = 2_000
LONGEST_PATTERN = 2_000
LONGEST_PROMPT = 20_000
MOST_CATEGORIES = 50
LONGEST_CATEGORY = 100
JUDGE_CALLS_PER_DAY = 1_000
"""Of a judge whose rule bounds neither calls nor dollars."""


class Contains(msgspec.Struct, frozen=True, tag_field="kind", tag="contains", forbid_unknown_fields=True):
    """One of the texts stands in the answer."""

    texts: tuple[str, ...]
    ignore_case: bool = False


class Excludes(msgspec.Struct, frozen=True, tag_field="kind", tag="excludes", forbid_unknown_fields=True):
    """None of the texts stands in the answer."""

    texts: tuple[str, ...]
    ignore_case: bool = False


class Regex(msgspec.Struct, frozen=True, tag_field="kind", tag="regex", forbid_unknown_fields=True):
    """Something in the answer matches; with `absent`, nothing does."""

    pattern: str
    absent: bool = False


class Json(msgspec.Struct, frozen=True, tag_field="kind", tag="json", forbid_unknown_fields=True):
    """The answer is JSON."""


class JsonSchema(msgspec.Struct, frozen=True, tag_field="kind", tag="json_schema", forbid_unknown_fields=True):
    """The answer is JSON as the schema says."""

    schema: dict[str, object] | bool


class Length(msgspec.Struct, frozen=True, tag_field="kind", tag="length", forbid_unknown_fields=True):
    """The answer has so many characters, or words."""

    least: int | None = None
    most: int | None = None
    unit: str = "characters"


class Judge(msgspec.Struct, frozen=True, tag_field="kind", tag="judge", forbid_unknown_fields=True):
    """A model is asked. Its score is a number from 0 to 1; with categories, one of them."""

    prompt: str
    """`{input}` and `{output}` stand for what the call was given and answered."""
    model: str = ""
    config: str = ""
    """A gateway config to ask by, in place of a model."""
    api: str = "chat"
    """`chat` as OpenAI's, `messages` as Anthropic's."""
    categories: tuple[str, ...] = ()


Evaluator = Contains | Excludes | Regex | Json | JsonSchema | Length | Judge


class Verdict(msgspec.Struct, frozen=True):
    """What a score says: a number or a label, and why."""

    kind: DataType
    value: float | None
    label: str = ""
    why: str = ""


Check = Callable[[str], Verdict]
"""An answer's text → what is said of it."""


def check(evaluator: Evaluator) -> None:
    """Raises `ParameterError`, or another `BadRequestError`, for what can't be one."""
    match evaluator:
        case Contains() | Excludes():
            if not 1 <= len(evaluator.texts) <= MOST_TEXTS or not all(
                0 < len(t) <= LONGEST_TEXT for t in evaluator.texts
            ):
                raise ParameterError("evaluator.texts", f"1 to {MOST_TEXTS} texts of 1 to {LONGEST_TEXT:,} characters.")
        case Regex():
            if not 0 < len(evaluator.pattern) <= LONGEST_PATTERN:
                raise ParameterError("evaluator.pattern", f"1 to {LONGEST_PATTERN:,} characters.")
            _made(evaluator)
        case JsonSchema():
            _made(evaluator)
        case Length():
            _check_length(evaluator)
        case Judge():
            _check_judge(evaluator)
        case Json():
            pass


def of_text(evaluator: Evaluator) -> Check:
    """What an evaluator that asks nobody does. A judge is asked elsewhere."""
    return _made(evaluator)


def _check_length(told: Length) -> None:
    if told.unit not in ("characters", "words"):
        raise ParameterError("evaluator.unit", "characters or words.")
    if told.least is None and told.most is None:
        raise ParameterError("evaluator", "give least, most or both.")
    if (told.least or 0) < 0 or (told.most is not None and told.most < (told.least or 0)):
        raise ParameterError("evaluator.most", "no less than least, which is 0 or more.")


def _check_judge(told: Judge) -> None:
    if not 0 < len(told.prompt) <= LONGEST_PROMPT or "{output}" not in told.prompt:
        raise ParameterError(
            "evaluator.prompt", f"up to {LONGEST_PROMPT:,} characters, with {{output}} where the answer is to stand."
        )
    if bool(told.model) == bool(told.config) or len(told.model + told.config) > 300:
        raise ParameterError("evaluator", "give one of model and config: who is to judge.")
    if told.api not in ("chat", "messages"):
        raise ParameterError("evaluator.api", "chat (as OpenAI's) or messages (as Anthropic's).")
    names = [one.strip().casefold() for one in told.categories]
    if len(names) == 1 or len(names) > MOST_CATEGORIES or len(set(names)) < len(names):
        raise ParameterError("evaluator.categories", f"2 to {MOST_CATEGORIES} that differ, or none for a number.")
    if not all(0 < len(one) <= LONGEST_CATEGORY for one in names):
        raise ParameterError("evaluator.categories", f"each has 1 to {LONGEST_CATEGORY} characters.")


@lru_cache(maxsize=256)
def _schema(document: str) -> schemas.Check:
    try:
        return schemas.check_of(document)
    except ValueError as error:
        raise ParameterError("evaluator.schema", str(error)) from error


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> schemas.Check:
    try:
        return schemas.check_of(msgspec.json.encode({"pattern": pattern}).decode())
    except ValueError as error:
        what = "it is no pattern that can be used; look-around and references back are none, and repetitions may make it too large."
        raise ParameterError("evaluator.pattern", what) from error


def _made(evaluator: Evaluator) -> Check:
    match evaluator:
        case Contains():
            return lambda text: _passed(*_contains(evaluator.texts, text, ignore_case=evaluator.ignore_case))
        case Excludes():
            return lambda text: _passed(*_excludes(evaluator, text))
        case Regex():
            return _regex(evaluator)
        case Json():
            return lambda text: _passed(*_json(text)[:2])
        case JsonSchema():
            return _json_schema(evaluator)
        case Length():
            return lambda text: _length(evaluator, text)
        case Judge():
            msg = "A judge is a model; it is asked, not reckoned."
            raise BadRequestError(msg)


def _passed(is_so: bool, why: str) -> Verdict:
    return Verdict(DataType.BOOLEAN, float(is_so), str(is_so), why)


def _contains(texts: tuple[str, ...], text: str, *, ignore_case: bool) -> tuple[bool, str]:
    said = text.casefold() if ignore_case else text
    found = next((one for one in texts if (one.casefold() if ignore_case else one) in said), None)
    return (True, f"{found!r} stands in it") if found is not None else (False, "none of the texts stands in it")


def _excludes(told: Excludes, text: str) -> tuple[bool, str]:
    stands, why = _contains(told.texts, text, ignore_case=told.ignore_case)
    return not stands, why


def _regex(told: Regex) -> Check:
    search = _pattern(told.pattern)

    def look(text: str) -> Verdict:
        found = not search(text)
        return _passed(found != told.absent, "something matches" if found else "nothing matches")

    return look


def _json(text: str) -> tuple[bool, str, object]:
    try:
        return True, "it is JSON", msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False, "it is no JSON", None


def _json_schema(told: JsonSchema) -> Check:
    document = schemas.document_of(told.schema, "evaluator.schema")
    validate = _schema(document or "true")

    def look(text: str) -> Verdict:
        is_json, why, held = _json(text)
        if not is_json:
            return _passed(False, why)
        wrong = validate(held)
        if not wrong:
            return _passed(True, "it is as the schema says")
        return _passed(False, "; ".join(f"{path.lstrip('.') or 'it'}: {what}" for path, what in wrong[:3]))

    return look


def _length(told: Length, text: str) -> Verdict:
    count = len(text.split()) if told.unit == "words" else len(text)
    is_so = (told.least or 0) <= count and (told.most is None or count <= told.most)
    return _passed(is_so, f"it has {count:,} {told.unit}")
