"""A type in; a reader of it that several threads may use from the first moment on, out.

msgspec works out how a type is read when it is asked for it first, and leaves the unfinished plan where others find it: two
threads that do so at once end the process with a segmentation fault (seen with msgspec 0.22). So every type is worked out here,
one at a time, when its module is imported; nobody else gives msgspec a type.
"""

import threading
from types import UnionType
from typing import Any, Generic, TypeVar, cast

import msgspec

T = TypeVar("T")

_ONE_AT_A_TIME = threading.Lock()


class Shape(Generic[T]):
    """How values of one type are read. Each way raises `msgspec.ValidationError` for what is of another type."""

    __slots__ = ("_kind", "of_json")

    def __init__(self, kind: type[T] | UnionType) -> None:
        """To be called when a module is imported."""
        self._kind = kind
        with _ONE_AT_A_TIME:
            decoder = msgspec.json.Decoder(kind)
        self.of_json = cast("msgspec.json.Decoder[T]", decoder).decode
        """JSON, as text or bytes. Raises `msgspec.DecodeError` for what is none."""

    def of(self, told: Any) -> T:
        """What JSON or YAML told."""
        return msgspec.convert(told, cast("type[T]", self._kind))

    def of_yaml(self, text: bytes | str) -> T:
        """YAML. Raises `msgspec.DecodeError` for what is none."""
        return msgspec.yaml.decode(text, type=cast("type[T]", self._kind))
