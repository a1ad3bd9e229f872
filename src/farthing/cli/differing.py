"""What a file declares and what the server holds in; the steps from one to the other out. Nothing is asked or changed here."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from farthing.cli.client import Client
from farthing.errors import BadRequestError

Json = dict[str, Any]

_NAMES = ("slug", "key")
"""They stand in the subject already."""


class Asked(NamedTuple):
    """A request that changes something."""

    method: str
    path: str
    body: Json | None = None


class Step(NamedTuple):
    """What brings the server nearer to the file."""

    sign: str
    """`+` adds, `~` changes, `-` removes."""
    subject: str
    lines: Sequence[str]
    asked: Sequence[Asked]


class Section:
    """One kind of thing: how those declared and those held are told apart, and asked for. By default by their slugs."""

    def __init__(self, what: str, path: str) -> None:
        """`path` is where they are listed."""
        self.what = what
        self.path = path

    def name_of(self, one: Json) -> str:
        """What it is called in the file and on the server."""
        return str(one["slug"])

    def key_of(self, held: Json) -> str:
        """Its part of an address."""
        return str(held["slug"])

    def add(self, one: Json) -> list[Asked]:
        """What makes it."""
        return [Asked("POST", self.path, one)]

    def change(self, one: Json, held: Json, differing: Json) -> list[Asked]:  # noqa: ARG002  others need all of it
        """What changes it; `differing` are the declared fields that differ."""
        return [Asked("PATCH", self._place(held), differing)]

    def remove(self, held: Json) -> list[Asked]:
        """What removes it."""
        return [Asked("DELETE", self._place(held))]

    def shown(self, field: str, value: Any) -> str:  # noqa: ARG002  others show some fields otherwise
        """A value in a line."""
        return told(value)

    def _place(self, held: Json) -> str:
        return f"{self.path}/{quote(self.key_of(held), safe='')}"


class ById(Section):
    """Things whose address is their id."""

    def key_of(self, held: Json) -> str:
        """The id."""
        return str(held["id"])


def take(client: Client, step: Step) -> None:
    """Take a step. Raises `RefusedError`."""
    for asked in step.asked:
        match asked.method:
            case "POST":
                client.post(asked.path, asked.body)
            case "PATCH":
                client.patch(asked.path, asked.body or {})
            case "PUT":
                client.put(asked.path, asked.body or {})
            case _:
                client.delete(asked.path)


def steps(section: Section, declared: Sequence[Json], held: Iterable[Json], *, prune: bool) -> list[Step]:
    """What isn't there is added, what differs in a declared field changed; what isn't declared is removed where pruned."""
    there = {section.name_of(one): one for one in held}
    found: list[Step] = []
    seen: set[str] = set()
    for one in declared:
        name = section.name_of(one)
        if name in seen:
            msg = f"{section.what} {name} stands twice in the file."
            raise BadRequestError(msg)
        seen.add(name)
        subject = f"{section.what} {name}"
        if name not in there:
            lines = [
                f"{field}: {section.shown(field, value)}"
                for field, value in one.items()
                if value not in ("", None, [], {}) and field not in _NAMES
            ]
            found.append(Step("+", subject, lines, section.add(one)))
            continue
        before = there[name]
        differing = {field: value for field, value in one.items() if not same(value, before.get(field))}
        if differing:
            lines = [
                f"{field}: {section.shown(field, before.get(field))} → {section.shown(field, value)}"
                for field, value in differing.items()
            ]
            found.append(Step("~", subject, lines, section.change(one, before, differing)))
    if prune:
        found += [
            Step("-", f"{section.what} {name}", (), section.remove(one))
            for name, one in there.items()
            if name not in seen
        ]
    return found


def same(given: Any, held: Any) -> bool:
    """Whether what is held is as declared. Of an object only what is declared counts, and numbers are equal however written."""
    if isinstance(given, Mapping) and isinstance(held, Mapping):
        inner = cast("Mapping[str, Any]", held)
        return all(same(value, inner.get(name)) for name, value in cast("Mapping[str, Any]", given).items())
    if isinstance(given, list) and isinstance(held, list):
        mine, theirs = cast("list[Any]", given), cast("list[Any]", held)
        return len(mine) == len(theirs) and all(same(*pair) for pair in zip(mine, theirs, strict=True))
    if given == held:
        return isinstance(given, bool) == isinstance(held, bool)
    first, second = _number(given), _number(held)
    return first is not None and first == second


def told(value: Any) -> str:
    """A value in a line."""
    if value is None:
        return "none"
    text = value if isinstance(value, str) else str(value)
    first, *rest = text.strip().splitlines() or [""]
    return f"{first[:100]} …" if rest or len(first) > 100 else first


def rows(declared: Mapping[str, Any], name: str, where: str = "") -> list[Json]:
    """The list of things under a name. Raises `BadRequestError` for what is no such list."""
    found: Any = declared.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in cast("list[Any]", found)):
        msg = f"{where}{name}: give a list of things, each with its fields."
        raise BadRequestError(msg)
    return [dict(one) for one in cast("list[Json]", found)]


def require(row: Json, fields: Sequence[str], known: Iterable[str], what: str) -> None:
    """Raises `BadRequestError` for a field that is missing, or that nobody knows."""
    missing = [field for field in fields if row.get(field) in (None, "")]
    if missing:
        msg = f"{what} needs {' and '.join(missing)}."
        raise BadRequestError(msg)
    unknown = sorted(set(row) - set(known))
    if unknown:
        msg = f"{what}: there is no field {unknown[0]!r}; there are {', '.join(sorted(known))}."
        raise BadRequestError(msg)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
