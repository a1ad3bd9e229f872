"""A file in; what it declares, as plain data, out."""

from pathlib import Path
from typing import Any, cast

from farthing.errors import BadRequestError

_LARGEST = 10_000_000


def read(file: Path) -> dict[str, Any]:
    """The members of a YAML or JSON document. Raises `BadRequestError` for what is neither."""
    import yaml

    try:
        if file.stat().st_size > _LARGEST:
            msg = f"{file} is larger than {_LARGEST // 1_000_000} MB."
            raise BadRequestError(msg)
        found: object = yaml.safe_load(file.read_text(encoding="utf-8"))
    except RecursionError as error:
        msg = f"{file} is nested too deep."
        raise BadRequestError(msg) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"{file} can't be read: {error}"
        raise BadRequestError(msg) from error
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in cast("dict[Any, Any]", found)):
        msg = f"{file} should hold names and what belongs to them, such as targets: or accounts:."
        raise BadRequestError(msg)
    return cast("dict[str, Any]", found)
