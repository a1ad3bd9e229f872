"""pyarrow in, pyarrow without pandas out: nothing here needs it, and it would be imported at the first array.

pyarrow looks for pandas once, the first time it makes an array; chDB brings pandas along, so it would find it: 57 MB and
0.7 s for nothing. Here it looks while pandas can't be found. Whoever wants pandas for itself can still import it.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NoPandas:
    """Finds no pandas."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The import system's question. Raises `ImportError` for pandas."""
        if fullname == "pandas":
            msg = "not now"
            raise ImportError(msg)
        return None


def forgo_pandas() -> None:
    """Let pyarrow find out that there is no pandas, unless somebody has imported it already."""
    if "pandas" in sys.modules:
        return
    import pyarrow as pa  # noqa: PLC0415  must not come earlier than this file's own purpose

    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(finder)
