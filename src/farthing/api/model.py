"""Nothing in; what all bodies that the API takes and gives are models of, out."""

from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A model that isn't worked out when it is declared: there are hundreds, and most servers are never asked for most of them."""

    model_config = ConfigDict(defer_build=True)


def work_out(kinds: Iterable[Any]) -> None:
    """Work out all models that these types are made of, those inside of others first."""
    for model in _models(kinds, {}):
        model.model_rebuild()
        # Else what is made of the model would be put off as well, until a thread needs it.
        model.model_config["defer_build"] = False


def _models(kinds: Iterable[Any], found: dict[type[BaseModel], None]) -> Iterable[type[BaseModel]]:
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            yield from _models(get_args(kind), found)
        elif kind not in found:
            found[kind] = None
            yield from _models([field.annotation for field in kind.model_fields.values()], found)
            yield kind
