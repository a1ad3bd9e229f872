"""Filters as words of a command line in, as the API takes them out."""

import typer


def given(where: list[str] | None) -> dict[str, list[str]]:
    """`name=value`, each; a name given more than once means any of its values."""
    found: dict[str, list[str]] = {}
    for text in where or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is no filter; write name=value")
        found.setdefault(name, []).append(value)
    return found
