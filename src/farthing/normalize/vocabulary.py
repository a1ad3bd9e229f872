"""A table of fields and the attribute names that may hold them in; a span's attributes read by it out, as field → value.

Where dialects differ in names only, the difference is data: each has a vocabulary, most of them the conventions' own with a
few names in front.
"""

from collections.abc import Mapping
from functools import lru_cache

from farthing.model.span import Attributes, Value

Spelled = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]
"""Fields with their only spelling, and those of which several are there, best first."""


class Vocabulary:
    """Field → its spellings, best first."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        """A spelling belongs to one field. Raises `ValueError` for one that is claimed twice."""
        self.fields = dict(fields)
        self._of: dict[str, tuple[str, int]] = {}
        for field, names in fields.items():
            for rank, name in enumerate(names):
                if name in self._of:
                    msg = f"{name} is a spelling of both {self._of[name][0]} and {field}"
                    raise ValueError(msg)
                self._of[name] = (field, rank)
        # One library sends the same keys in the same order every time: which of them say what is worked out once.
        self._spelled = lru_cache(maxsize=4096)(self._spell)

    def extended(self, fields: Mapping[str, tuple[str, ...]]) -> "Vocabulary":
        """This one with further spellings, which are tried before its own."""
        return Vocabulary(self.fields | {field: names + self.fields.get(field, ()) for field, names in fields.items()})

    def told(self, attributes: Attributes) -> dict[str, Value]:
        """Field → value, the best spelling that holds something winning."""
        plain, several = self._spelled(tuple(attributes))
        told = {field: value for field, name in plain if (value := attributes[name]) is not None and value != ""}
        for field, names in several:
            for name in names:
                value = attributes[name]
                if value is not None and value != "":
                    told[field] = value
                    break
        return told

    def _spell(self, keys: tuple[str, ...]) -> Spelled:
        found: dict[str, list[tuple[int, str]]] = {}
        for key in keys:
            if key in self._of:
                field, rank = self._of[key]
                found.setdefault(field, []).append((rank, key))
        ranked = [(field, tuple(key for _, key in sorted(names))) for field, names in found.items()]
        return (
            tuple([(field, names[0]) for field, names in ranked if len(names) == 1]),
            tuple([(field, names) for field, names in ranked if len(names) > 1]),
        )
