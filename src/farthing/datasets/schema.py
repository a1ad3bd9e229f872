"""A JSON Schema and values in; all that is wrong with a value, out. Pure: nothing is fetched for a schema."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, cast

import msgspec

from farthing.errors import BadRequestError

MOST_BYTES = 256 * 1024
MOST_ERRORS = 20
"""Told of one value."""
_MOST_PATTERN_BYTES = 1 << 20
_LONGEST = 300

Check = Callable[[Any], list[tuple[str, str]]]
"""What is wrong with a value, each with the path to it."""


def document_of(schema: Any, what: str) -> str | None:
    """A schema as the JSON it is kept as. Raises `BadRequestError` where it is none."""
    if schema is None:
        return None
    if not isinstance(schema, dict | bool):
        msg = f"{what}: a JSON Schema is an object."
        raise BadRequestError(msg)
    try:
        document = msgspec.json.encode(schema).decode()
    except (OverflowError, ValueError, TypeError, RecursionError) as error:
        msg = f"{what}: it can't be kept: {str(error)[:200]}."
        raise BadRequestError(msg) from error
    if len(document) > MOST_BYTES:
        msg = f"{what}: at most {MOST_BYTES // 1024} KiB."
        raise BadRequestError(msg)
    try:
        check_of(document)
    except ValueError as error:
        msg = f"{what}: {error}"
        raise BadRequestError(msg) from error
    return document


@lru_cache(maxsize=256)
def check_of(document: str) -> Check:
    """What checks values by a schema. Raises `ValueError` for what is no schema."""
    # 8 MB that a server without schemas doesn't need.
    import jsonschema_rs  # noqa: PLC0415

    try:
        # Texts are matched in time that grows with them alone, whatever the pattern.
        options = jsonschema_rs.RegexOptions(size_limit=_MOST_PATTERN_BYTES, dfa_size_limit=8 * _MOST_PATTERN_BYTES)
        made = jsonschema_rs.validator_for(
            msgspec.json.decode(document), pattern_options=options, retriever=_nowhere, validate_formats=True
        )
    except (ValueError, TypeError, OverflowError) as error:
        msg = f"it is no JSON Schema that can be used: {str(error).splitlines()[0][:_LONGEST]}."
        raise ValueError(msg) from error

    def check(value: Any) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        errors = cast("Iterator[Any]", made.iter_errors(value))
        for error in errors:
            if len(found) == MOST_ERRORS:
                break
            path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
            found.append((path, str(error.message)[:_LONGEST]))
        return found

    return check


def _nowhere(uri: str) -> Any:
    """Schemas are whole: nothing is fetched for them."""
    raise ValueError(uri)
