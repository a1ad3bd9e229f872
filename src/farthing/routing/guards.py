"""A guard as an operator wrote it and what a call says in; why the call doesn't pass it, "" where it does, out. Pure.

No pattern of an operator's can hold up a call: patterns are matched in time that grows with the text alone (Rust's `regex`, by way of
the library that validates JSON schemas), and texts are bounded by whoever asks.
"""

import fnmatch
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import msgspec

from farthing.routing import personal
from farthing.routing.plan import Guard

MOST_PATTERN_BYTES = 1 << 20
"""Of a compiled pattern: repetitions of repetitions make small ones large."""


class Said(msgspec.Struct, frozen=True):
    """What of a call or its answer guards look at."""

    texts: Sequence[str]
    called: Sequence[str] = ()
    """What tools are called with: none of it has to be as an answer must, but all of it is searched for what must not be."""
    models: Sequence[str] = ()
    """The models it may go to."""
    cap: int | None = None
    """The most output tokens it allows."""


class GuardError(ValueError):
    """A guard that can't be; the message says how it must be."""


Check = Callable[[Said], str]


def check(guard: Guard) -> Check:
    """What a guard does. Raises `GuardError`."""
    return _check(guard.kind, guard.on, msgspec.json.encode(guard.parameters))


@lru_cache(maxsize=512)
def _check(kind: str, on: str, parameters: bytes) -> Check:
    told: dict[str, Any] = msgspec.json.decode(parameters)
    if kind in ("models", "max_tokens") and on != "request":
        msg = f"a guard of the kind {kind} looks at requests, not at responses."
        raise GuardError(msg)
    make, known = _KINDS[kind]
    if unknown := set(told) - known:
        msg = f"{', '.join(sorted(known))}; not {', '.join(sorted(unknown))[:100]}."
        raise GuardError(msg)
    return make(told)


def _regex(told: dict[str, Any]) -> Check:
    patterns = told.get("patterns", [told["pattern"]] if "pattern" in told else [])
    if (
        not isinstance(patterns, list)
        or not patterns
        or not all(isinstance(one, str) for one in cast("list[Any]", patterns))
    ):
        msg = "a guard of the kind regex needs pattern, or a list of patterns."
        raise GuardError(msg)
    searches = [_schema({"pattern": one}) for one in cast("list[str]", patterns)]
    required = told.get("required", False)

    def look(said: Said) -> str:
        looked_at = said.texts if required else (*said.texts, *said.called)
        found = any(search(text) for search in searches for text in looked_at)
        if found == bool(required):
            return ""
        return "nothing matches what it must" if required else "something matches a pattern that must not"

    return look


def _pii(told: dict[str, Any]) -> Check:
    kinds = told.get("kinds", list(personal.KINDS))
    if not isinstance(kinds, list) or not kinds or not set(cast("list[Any]", kinds)) <= set(personal.KINDS):
        msg = f"kinds: some of {', '.join(personal.KINDS)}."
        raise GuardError(msg)
    wanted = tuple(cast("list[str]", kinds))

    def look(said: Said) -> str:
        found = sorted({kind for text in (*said.texts, *said.called) for kind in personal.found(text, wanted)})
        return f"it holds personal data: {', '.join(found)}" if found else ""

    return look


def _json_schema(told: dict[str, Any]) -> Check:
    schema = told.get("schema")
    if not isinstance(schema, dict | bool):
        msg = "a guard of the kind json_schema needs schema, which is an object."
        raise GuardError(msg)
    is_valid = _schema(cast("dict[str, Any] | bool", schema))

    def look(said: Said) -> str:
        for text in said.texts:
            try:
                held = msgspec.json.decode(text)
            except (msgspec.DecodeError, RecursionError):
                return "it is no JSON"
            if not is_valid(held):
                return "it is not as the schema says"
        return "" if said.texts else "it is empty"

    return look


def _models(told: dict[str, Any]) -> Check:
    allow, deny = _names(told, "allow"), _names(told, "deny")
    if not allow and not deny:
        msg = "a guard of the kind models needs allow or deny, lists of names that may hold * and ?."
        raise GuardError(msg)

    def look(said: Said) -> str:
        for model in said.models:
            is_allowed = not allow or any(fnmatch.fnmatchcase(model, one) for one in allow)
            if not is_allowed or any(fnmatch.fnmatchcase(model, one) for one in deny):
                return f"the model {model[:100]!r} is not allowed"
        return ""

    return look


def _max_tokens(told: dict[str, Any]) -> Check:
    most = told.get("max")
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        msg = "a guard of the kind max_tokens needs max, a number from 1."
        raise GuardError(msg)

    def look(said: Said) -> str:
        if said.cap is None:
            return f"it names no limit of its output, which must be at most {most:,} tokens"
        return f"its output may be {said.cap:,} tokens, more than {most:,}" if said.cap > most else ""

    return look


_KINDS: dict[str, tuple[Callable[[dict[str, Any]], Check], frozenset[str]]] = {
    "regex": (_regex, frozenset({"pattern", "patterns", "required"})),
    "pii": (_pii, frozenset({"kinds"})),
    "json_schema": (_json_schema, frozenset({"schema"})),
    "models": (_models, frozenset({"allow", "deny"})),
    "max_tokens": (_max_tokens, frozenset({"max"})),
}
"""Kind → what makes its check, and the parameters it may have."""


def _schema(schema: dict[str, Any] | bool) -> Callable[[Any], bool]:
    # 8 MB that a server without guards doesn't need.
    import jsonschema_rs  # noqa: PLC0415

    try:
        options = jsonschema_rs.RegexOptions(size_limit=MOST_PATTERN_BYTES, dfa_size_limit=8 * MOST_PATTERN_BYTES)
        return jsonschema_rs.validator_for(schema, pattern_options=options, retriever=_nowhere).is_valid
    except (ValueError, TypeError, OverflowError) as error:
        msg = f"it can't be used: {str(error).splitlines()[0][:200]}"
        raise GuardError(msg) from error


def _nowhere(uri: str) -> Any:
    """Schemas are whole: nothing is fetched for them."""
    raise ValueError(uri)


def _names(told: dict[str, Any], field: str) -> list[str]:
    names = told.get(field, [])
    if not isinstance(names, list) or not all(isinstance(one, str) for one in cast("list[Any]", names)):
        msg = f"{field}: a list of names."
        raise GuardError(msg)
    return cast("list[str]", names)
