"""A CSV of prices in, overrides out; price rows in, such a CSV out.

Columns: provider, model, bucket, usd, and optionally per, input_above, tier, region, valid_from, valid_until (dates or
RFC 3339, UTC), source, note. Rows of one model, tier, region and time are one override.
"""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from farthing.model.money import to_text
from farthing.pricing.catalog import PriceRow
from farthing.pricing.exchange.imported import ForeignPricesError, Imported, Origin
from farthing.pricing.overrides import Kind, Override, OverrideError, OverrideRate, check
from farthing.pricing.rates import ANY, STANDARD

COLUMNS = (
    "provider",
    "model",
    "bucket",
    "usd",
    "per",
    "input_above",
    "tier",
    "region",
    "valid_from",
    "valid_until",
    "source",
    "note",
)
_NEEDED = COLUMNS[:4]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Key = tuple[str, str, str, str, str, str]


def read(data: bytes, origin: Origin) -> Imported:
    """The overrides of a table. Raises `ForeignPricesError` where it lacks a column that is needed."""
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
        told = [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        msg = "this is no table"
        raise ForeignPricesError(msg) from error
    if missing:
        msg = f"the table has no column {', '.join(missing)}"
        raise ForeignPricesError(msg)
    same: dict[_Key, list[dict[str, str]]] = {}
    for row in told:
        key = (row["provider"], row["model"], row["tier"], row["region"], row["valid_from"], row["valid_until"])
        same.setdefault(key, []).append(row)
    found: list[Override] = []
    skipped: list[tuple[str, str]] = []
    for key, rows_of in same.items():
        try:
            override = _override(key, rows_of, origin)
            check(override)
        except (OverrideError, ValueError) as error:
            skipped.append((f"{key[0]}/{key[1]}", str(error)))
        else:
            found.append(override)
    return Imported(tuple(found), tuple(skipped))


def _override(key: _Key, rows: list[dict[str, str]], origin: Origin) -> Override:
    provider, model, tier, region, start, end = key
    rates: dict[str, OverrideRate] = {}
    for row in sorted(rows, key=lambda row: int(row["input_above"] or 0)):
        bucket, above, per = row["bucket"], int(row["input_above"] or 0), int(row["per"] or 0)
        if not above:
            rates[bucket] = OverrideRate(row["usd"], per)
        elif bucket in rates:
            rates[bucket] = OverrideRate(rates[bucket].usd, per, (*rates[bucket].steps, (above, row["usd"])))
        else:
            msg = f"{bucket} has a price above {above} and none below"
            raise OverrideError(msg)
    return Override(
        id="csv:" + "/".join(filter(None, key)),
        kind=Kind.RATES,
        provider=provider,
        model=model,
        rates=rates,
        tier=tier or STANDARD,
        region=region or ANY,
        valid_from=_instant(start),
        valid_until=_instant(end),
        known_since=origin.known_since,
        source=rows[0]["source"] or origin.text(),
        note=rows[0]["note"],
    )


def _instant(text: str) -> int | None:
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return (at.replace(tzinfo=at.tzinfo or UTC) - _EPOCH) // timedelta(microseconds=1) * 1000


def write(rows: Iterable[PriceRow]) -> bytes:
    """A table of all these prices, each amount as exact text."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows:
        if not row.factor and row.daily is None:
            times = (_moment(row.valid_from), _moment(row.valid_until))
            price = (to_text(row.usd), row.per, row.input_above or "")
            place = (row.tier, "" if row.region == ANY else row.region)
            table.writerow((row.provider, row.model, row.bucket, *price, *place, *times, row.source, row.note))
    return text.getvalue().encode()


def _moment(ns: int | None) -> str:
    return "" if ns is None else (_EPOCH + timedelta(microseconds=ns // 1000)).strftime("%Y-%m-%dT%H:%M:%SZ")
