"""Names of dimensions as people write them in, the columns of `calls` behind them out."""

from collections.abc import Callable

import msgspec

from farthing.query.errors import ParameterError
from farthing.query.parameters import Parameters
from farthing.store.telemetry.cuts import TAG, Cut

COLUMNS = {
    "provider": "provider",
    "model": "model",
    "request_model": "request_model",
    "response_model": "response_model",
    "operation": "operation",
    "status": "status",
    "error_type": "error_type",
    "streaming": "streaming",
    "feature": "feature",
    "user": "user_id",
    "user_id": "user_id",
    "session": "session_id",
    "session_id": "session_id",
    "team": "team",
    "tenant": "tenant",
    "environment": "environment",
    "config": "config",
    "variant": "variant",
    "data_mode": "data_mode",
    "prompt_version": "prompt_version",
    "cost_status": "cost_status",
    "usage_source": "usage_source",
    "service_tier": "served_tier",
    "key": "key_id",
    "dialect": "dialect",
}
"""Name → column. `user` and `session` are short for the columns' own names."""

DATA_MODE = "data_mode"
"""The column that is empty for real calls, which are most; they are shown as `real`."""

MOST = 4
_LONGEST_KEY = 200


class Dimension(msgspec.Struct, frozen=True):
    """Something calls can be grouped and filtered by: a column, or a tag when `column` is ""."""

    name: str
    column: str = ""

    @property
    def tag(self) -> str:
        """The key of the tag."""
        return self.name.removeprefix(TAG)

    @property
    def looked_at(self) -> str:
        """What it looks at, as cuts name it."""
        return self.column or self.name

    def joined(self, p: Parameters) -> str:  # noqa: ARG002  other dimensions than these need it
        """What is joined to `calls` before it can be told."""
        return ""

    def sql(self, parameters: Parameters, cut: Cut | None = None) -> str:
        """Its value in a row of `calls`, or in one of `rollup` of a cut; '' when nobody said."""
        if self.column == DATA_MODE:
            return "if(data_mode = '', 'real', data_mode)"
        if self.column:
            return self.column
        if cut is not None:
            return f"tags[{cut.tags.index(self.name) + 1}]"
        return f"tags[{parameters.add('String', self.tag)}]"


def find(name: str) -> Dimension | None:
    """The dimension with this name; any `tag.<key>` is one."""
    if name in COLUMNS:
        return Dimension(name, COLUMNS[name])
    if name.startswith(TAG) and 0 < len(name) - len(TAG) <= _LONGEST_KEY:
        return Dimension(name)
    return None


def parse(values: list[str], other: Callable[[str, int], Dimension | None] | None = None) -> tuple[Dimension, ...]:
    """`by`, comma-separated or repeated; `other` may know more names, at their places. Raises `ParameterError`."""
    names = [part.strip() for value in values for part in value.split(",") if part.strip()]
    found: list[Dimension] = []
    for at, name in enumerate(dict.fromkeys(names)):
        dimension = (other and other(name, at)) or find(name)
        if dimension is None:
            known = ", ".join([*COLUMNS, *(["score.<name>"] if other else [])])
            raise ParameterError("by", f"there is no dimension {name!r}. There are {known} and tag.<key>.")
        found.append(dimension)
    if len(found) > MOST:
        raise ParameterError("by", f"at most {MOST} dimensions at once, not {len(found)}.")
    return tuple(found)
