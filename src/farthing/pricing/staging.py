"""Two sets of prices in; what changed, and which changes nobody should believe without a person's word, out."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from farthing.pricing.catalog import PriceRow

BOUND = 20
"""A rate this many times the last, or its so-manyth part, is more often a wrong unit than a new price."""

_Key = tuple[str, str, str, str, str, int]


class What(StrEnum):
    """What happened to a rate."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class Change(msgspec.Struct, frozen=True):
    """One rate before and after, as rows of the list; `suspicious` says why it must be confirmed, "" if it needn't."""

    what: What
    before: PriceRow | None
    after: PriceRow | None
    suspicious: str = ""


def compare(before: Iterable[PriceRow], after: Iterable[PriceRow], bound: int = BOUND) -> list[Change]:
    """What is different, in the order of the new list, what is gone last."""
    old, new = _latest(before), _latest(after)
    changes: list[Change] = []
    for key, row in new.items():
        was = old.get(key)
        if was is None:
            changes.append(Change(What.ADDED, None, row, _against_kin(row, new, bound)))
        elif was.usd * row.per != row.usd * was.per:
            changes.append(Change(What.CHANGED, was, row, _leap(was, row, bound)))
    # A price never disappears: calls of its time are still priced by it.
    gone = "a price that held is missing; it stays in force until it is confirmed to have ended"
    changes.extend(Change(What.REMOVED, row, None, gone) for key, row in old.items() if key not in new)
    return changes


def live(before: Iterable[PriceRow], changes: Iterable[Change]) -> list[PriceRow]:
    """The rates that hold until somebody has confirmed the suspicious ones."""
    rows = _latest(before)
    for change in changes:
        if not change.suspicious and change.after is not None:
            rows[_key(change.after)] = change.after
    return list(rows.values())


def _latest(rows: Iterable[PriceRow]) -> dict[_Key, PriceRow]:
    """The rate of each thing that began last: what a new one is compared with."""
    found: dict[_Key, PriceRow] = {}
    for row in rows:
        if row.factor:
            continue
        key = _key(row)
        was = found.get(key)
        if was is None or (row.valid_from or 0) > (was.valid_from or 0):
            found[key] = row
    return found


def _key(row: PriceRow) -> _Key:
    hours = "" if row.daily is None else f"{row.daily[0]}-{row.daily[1]}"
    return row.provider, row.model, f"{row.tier} {hours}", row.region, row.bucket, row.input_above


def _leap(was: PriceRow, row: PriceRow, bound: int) -> str:
    old, new = was.usd * row.per, row.usd * was.per
    if new == 0:
        return "it would cost nothing"
    if old and new >= bound * old:
        return f"at least {bound} times the last rate; is it in another unit?"
    if new * bound <= old:
        return f"at most 1/{bound} of the last rate; is it in another unit?"
    return ""


def _against_kin(row: PriceRow, rows: Mapping[_Key, PriceRow], bound: int) -> str:
    """A new output rate may be a few times the input's, never a thousand times."""
    if row.bucket != "output":
        return ""
    key = _key(row)
    kin = rows.get((*key[:4], "input", key[5]))
    if kin is not None and kin.usd and row.usd * kin.per >= bound * 5 * kin.usd * row.per:
        return "output costs a hundred times the input; is it in another unit?"
    return ""
