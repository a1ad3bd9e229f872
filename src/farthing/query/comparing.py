"""A column of texts, or of lists of texts, an operator and values in; the condition in SQL, with the values bound, out. Pure.

The operators are those that Langfuse's filters and metrics name.
"""

from collections.abc import Mapping, Sequence

from farthing.query.parameters import Parameters

_ONE: Mapping[str, str] = {
    "=": "{of} = {value}",
    "<>": "{of} != {value}",
    "!=": "{of} != {value}",
    "contains": "position({of}, {value}) > 0",
    "does not contain": "position({of}, {value}) = 0",
    "starts with": "startsWith({of}, {value})",
    "ends with": "endsWith({of}, {value})",
}
_MANY: Mapping[str, str] = {"any of": "{of} IN {values}", "none of": "{of} NOT IN {values}"}
_LISTED: Mapping[str, str] = {
    "any of": "hasAny({of}, {values})",
    "none of": "NOT hasAny({of}, {values})",
    "all of": "hasAll({of}, {values})",
    "=": "hasAll({of}, {values})",
}
TEXTS = (*_ONE, *_MANY)
LISTS = tuple(_LISTED)
"""Operators that there are."""


def text(of: str, operator: str, values: Sequence[str], p: Parameters) -> str:
    """Of a column of texts; at least one value, of which most operators take the first. The operator is one of `TEXTS`."""
    if operator in _MANY:
        return _MANY[operator].format(of=of, values=p.add("Array(String)", list(values)))
    return _ONE[operator].format(of=of, value=p.add("String", values[0]))


def listed(of: str, operator: str, values: Sequence[str], p: Parameters) -> str:
    """Of a column of lists. The operator is one of `LISTS`."""
    return _LISTED[operator].format(of=of, values=p.add("Array(String)", list(values)))
