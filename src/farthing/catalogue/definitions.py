"""Who asks and a model's prices by name in; definitions kept, and the price overrides that carry them out, live and audited, out."""

import secrets
from collections.abc import Callable
from datetime import datetime

import msgspec

from farthing.catalogue.definition import Definition
from farthing.catalogue.live import Live
from farthing.catalogue.overrides import Actor, Overrides, scope_of
from farthing.errors import ConflictError, NotFoundError
from farthing.pricing.catalog import Catalog
from farthing.pricing.overrides import Kind, Override
from farthing.shapes import Shape
from farthing.store.meta import model_definitions
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.model_definitions import StoredDefinition

MOST = 1_000
"""Definitions of a project."""

UNLISTED_SELLER = "openai"
"""Who is taken to sell a model that nobody lists: where calls are looked for that don't tell who served them."""

_definition = Shape(Definition).of_json


class Defined(msgspec.Struct, frozen=True):
    """A definition as it is kept."""

    id: str
    definition: Definition
    created_at: datetime


class Definitions:
    """The definitions of all projects. Every method may be called from any thread."""

    def __init__(self, database: Database, live: Live, clock: Callable[[], datetime]) -> None:
        """`live` prices by them as soon as a method that changes them returns. `clock` answers an aware moment."""
        self._database = database
        self._live = live
        self._clock = clock
        self._overrides = Overrides(database, live, clock)

    def of(self, project_id: str) -> list[Defined]:
        """All of a project, the newest first."""
        with self._database.read() as session:
            return [_defined(stored) for stored in model_definitions.listing(session, project_id)]

    def get(self, project_id: str, definition_id: str) -> Defined:
        """One of them. Raises `NotFoundError`."""
        with self._database.read() as session:
            return _mine(session, project_id, definition_id)

    def put(self, actor: Actor, definition: Definition, definition_id: str = "") -> Defined:
        """Add one, or put it in the place of another. Raises `BadRequestError`, `ConflictError`, `NotFoundError`."""
        now, project_id = self._clock(), actor.project_id
        before = self.get(project_id, definition_id) if definition_id else None
        made = Defined(definition_id or f"md_{secrets.token_hex(8)}", definition, before.created_at if before else now)
        if before is None and len(self.of(project_id)) >= MOST:
            msg = f"There are {MOST} models with prices of their own already."
            raise ConflictError(msg)
        # Prices first: should the server stop in between, they stand in their list, where they can be taken back.
        wanted = _overrides(actor, made, self._live.catalog, now)
        self._overrides.take_in(actor, wanted, made.id)
        self._take_back(actor, made.id, {override.id for override in wanted})
        with self._database.write() as session:
            document = msgspec.json.encode(definition).decode()
            stored = StoredDefinition(made.id, project_id, document, made.created_at, now)
            model_definitions.put(session, stored)
        return made

    def remove(self, actor: Actor, definition_id: str) -> None:
        """Take one back, with its prices. Raises `NotFoundError`."""
        self.get(actor.project_id, definition_id)
        self._take_back(actor, definition_id, set())
        with self._database.write() as session:
            model_definitions.remove(session, definition_id)

    def _take_back(self, actor: Actor, batch: str, but: set[str]) -> None:
        for kept in self._overrides.of(actor.project_id):
            if kept.batch == batch and kept.override.id not in but:
                self._overrides.remove(actor, kept.override.id)


def sellers(catalog: Catalog, names: tuple[str, ...]) -> list[str]:
    """Who sells a model of one of these names by a price of its own."""
    found: list[str] = []
    for provider in catalog.providers():
        listed = catalog.price_list(provider)
        if listed is not None and any(listed.find(name) for name in names):
            found.append(provider)
    return found


def _overrides(actor: Actor, defined: Defined, catalog: Catalog, now: datetime) -> list[Override]:
    definition = defined.definition
    sold_by = sellers(catalog, definition.names) or [UNLISTED_SELLER]
    return [
        Override(
            id=f"po_{defined.id}_{provider}",
            kind=Kind.RATES,
            provider=provider,
            model=definition.names[0],
            names=definition.names[1:],
            scope=scope_of(actor, organisation=False),
            rates=definition.rates,
            valid_from=definition.start_ns,
            known_since=int(now.timestamp()) * 10**9,
            source=f"model {definition.model_name}",
        )
        for provider in sold_by
    ]


def _mine(session: Transaction, project_id: str, definition_id: str) -> Defined:
    stored = model_definitions.get(session, project_id, definition_id)
    if stored is None:
        msg = f"There is no model {definition_id[:80]!r} with prices of its own in this project."
        raise NotFoundError(msg)
    return _defined(stored)


def _defined(stored: StoredDefinition) -> Defined:
    return Defined(stored.id, _definition(stored.document), stored.created_at)
