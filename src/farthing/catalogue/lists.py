"""Price lists of others in: newer data of our own source, or a list to import; what changed, what waits for a person's word, and what is live, out."""

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from farthing.catalogue.live import Live
from farthing.catalogue.overrides import Actor, Overrides
from farthing.errors import BadRequestError, NotFoundError
from farthing.pricing import overrides as own
from farthing.pricing import update
from farthing.pricing.base import PACKAGE, URL
from farthing.pricing.catalog import Catalog, PriceRow, Source, model_rows
from farthing.pricing.exchange import litellm, models_dev, openlit, table
from farthing.pricing.exchange.imported import ForeignPricesError, Imported, Origin
from farthing.pricing.genai import Shelf, installed_providers
from farthing.pricing.overrides import Override
from farthing.pricing.rates import PricedModel
from farthing.pricing.staging import Change, What, compare
from farthing.pricing.update import Name, PriceDataError
from farthing.store.meta import audit, prices
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database
from farthing.store.meta.prices import StoredUpdate

FORMATS = ("litellm", "models.dev", "openlit", "csv")
EXPORTS = ("litellm", "openlit", "csv")


class Report(msgspec.Struct, frozen=True):
    """What a list changes; `held` are the models that stay as they were until they are confirmed."""

    changes: Sequence[Change]
    held: Sequence[Name]
    skipped: Sequence[tuple[str, str]] = ()
    applied: bool = False


class Lists:
    """Takes price lists in and gives them out."""

    def __init__(self, database: Database, live: Live, overrides: Overrides, clock: Callable[[], datetime]) -> None:
        """`clock` answers an aware datetime."""
        self._database = database
        self._live = live
        self._overrides = overrides
        self._clock = clock

    def update(self, actor: Actor, data: bytes, source: str, *, dry_run: bool) -> Report:
        """Let newer data hold, but for what is suspicious. Raises `BadRequestError`, `ForbiddenError`."""
        if not dry_run:
            actor.require_organisation()
        with self._database.read() as session:
            before = prices.live_update(session)
        older, waiting = (before.data, before.held.encode()) if before else (b"[]", b"[]")
        try:
            # What waits already is compared again: newer data may have mended it.
            changes = [c for c in compare(_rows(older), _rows_of(update.providers(data))) if c.what is not What.REMOVED]
            held = {_name(change) for change in changes if change.suspicious}
            changed = {_name(change) for change in changes if change.what is What.CHANGED}
            new = update.merged(older, data, held, changed - held, self._clock().date().isoformat())
            still = {name for name in _names(waiting) if name not in _names(data)}
            waits = update.merged(update.only(waiting, still), update.only(data, held), (), (), "")
        except PriceDataError as error:
            msg = f"The price data can't be read: {error}."
            raise BadRequestError(msg) from error
        if not dry_run:
            self._go_live(actor, new, waits, source or URL, f"{len(changes)} rates changed, {len(held)} models held")
        return Report(changes, sorted(held), applied=not dry_run)

    def held(self) -> list[Change]:
        """What waits for a person's word."""
        with self._database.read() as session:
            before = prices.live_update(session)
        if before is None:
            return []
        changes = compare(_rows(before.data), _rows_of(update.providers(before.held.encode())))
        return [change for change in changes if change.what is not What.REMOVED]

    def confirm(self, actor: Actor, names: Collection[Name]) -> None:
        """Let held models hold; all of them if none is named. Raises `ForbiddenError`, `NotFoundError`."""
        actor.require_organisation()
        with self._database.read() as session:
            before = prices.live_update(session)
        waiting = _names(before.held.encode()) if before else set[Name]()
        wanted = set(names) or waiting
        if before is None or not wanted or not wanted <= waiting:
            missing = ", ".join("/".join(name) for name in sorted(wanted - waiting)) or "anything"
            msg = f"No price of {missing} waits to be confirmed."
            raise NotFoundError(msg)
        newer = update.only(before.held.encode(), wanted)
        changes = compare(_rows(before.data), _rows_of(update.providers(newer)))
        changed = {_name(change) for change in changes if change.what is What.CHANGED}
        new = update.merged(before.data, newer, (), changed, self._clock().date().isoformat())
        left = update.only(before.held.encode(), waiting - wanted)
        self._go_live(actor, new, left, before.source, f"confirmed {', '.join('/'.join(n) for n in sorted(wanted))}")

    def _go_live(self, actor: Actor, data: bytes, held: bytes, source: str, what: str) -> None:
        now = self._clock()
        name = f"pu_{secrets.token_hex(8)}"
        with self._database.write() as session:
            prices.go_live(session, StoredUpdate(name, source, data, held.decode(), now))
            told = json.dumps({"source": source, "changes": what})
            audit.record(session, Entry(now, str(actor), "updated", f"price_data:{name}", None, None, told))
        self._live.reload()

    def take_in(self, actor: Actor, data: bytes, form: str, source: str, *, confirmed: bool, dry_run: bool) -> Report:
        """Make a foreign list's prices overrides of the whole organisation. Raises `BadRequestError`."""
        now = self._clock()
        origin = Origin(url=source or f"a {form} list", read_on=now.date().isoformat(), known_since=_ns(now))
        try:
            found = self._read(data, form, origin)
        except (ForeignPricesError, ValueError) as error:
            msg = f"The list can't be read as {form}: {error}."
            raise BadRequestError(msg) from error
        catalog = self._live.catalog
        before = list(_known(catalog, found.overrides))
        changes = [c for c in compare(before, _told(found.overrides)) if c.what is not What.REMOVED]
        held = {_name(change) for change in changes if change.suspicious and not confirmed}
        fresh = {_name(change) for change in changes} - held
        wanted = [o for o in found.overrides if (o.provider, o.model) in fresh]
        if not dry_run and wanted:
            self._overrides.take_in(actor, wanted, f"{form} {now.isoformat(timespec='seconds')}"[:64])
        return Report(changes, sorted(held), found.skipped, applied=not dry_run)

    def _read(self, data: bytes, form: str, origin: Origin) -> Imported:
        catalog = self._live.catalog
        match form:
            case "litellm":
                return litellm.read(data, origin, catalog.providers())
            case "models.dev":
                return models_dev.read(data, origin, catalog.providers())
            case "openlit":
                return openlit.read(data, origin, lambda name: catalog.match("", "", name).seller)
            case "csv":
                return table.read(data, origin)
            case _:
                msg = f"format: {form!r} is none of {', '.join(FORMATS)}."
                raise BadRequestError(msg)

    def export(self, form: str, at_ns: int) -> bytes:
        """The catalogue in another tool's format. Raises `BadRequestError`."""
        rows = self._live.catalog.price_rows()
        match form:
            case "litellm":
                return litellm.write(rows, at_ns)
            case "openlit":
                return openlit.write(rows, at_ns)
            case "csv":
                return table.write(rows)
            case _:
                msg = f"format: {form!r} is none of {', '.join(EXPORTS)}."
                raise BadRequestError(msg)


def _rows(data: bytes) -> list[PriceRow]:
    """The rates that hold by our source's data: an update's above the installed package's."""
    installed = Shelf(installed_providers)
    book = update.Newer(Shelf(lambda: update.providers(data)), installed)
    return list(Catalog("", Source(PACKAGE, URL), book).price_rows())


def _rows_of(providers: Sequence[object]) -> Iterator[PriceRow]:
    found = list(providers)
    return Catalog("", Source(PACKAGE, URL), Shelf(lambda: found)).price_rows()  # pyright: ignore[reportArgumentType]


def _names(data: bytes) -> set[Name]:
    return {(provider["id"], model["id"]) for provider in json.loads(data) for model in provider["models"]}


def _name(change: Change) -> Name:
    row = change.after or change.before
    assert row is not None  # noqa: S101  a change is of something
    return row.provider, row.model


def _told(found: Iterable[Override]) -> Iterator[PriceRow]:
    for override in found:
        yield from model_rows(PricedModel(override.provider, override.model, own.cards(override, whole=True)))


def _known(catalog: Catalog, found: Iterable[Override]) -> Iterator[PriceRow]:
    """The rates that hold now for what the list is about, under the list's own names."""
    for name in dict.fromkeys((override.provider, override.model) for override in found):
        model = catalog.match(name[0], "", name[1]).model
        if model is not None:
            for row in model_rows(model):
                yield msgspec.structs.replace(row, provider=name[0], model=name[1])


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9
