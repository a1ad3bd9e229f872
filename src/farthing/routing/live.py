"""What operators configured for the gateway in; the plan of each call, and the limits of each key, from memory, out."""

import contextlib
import logging
import secrets
import threading
from collections.abc import Mapping, Sequence

from farthing.errors import FarthingError
from farthing.routing import default_accounts
from farthing.routing.book import Book, book
from farthing.routing.configured import (
    AccountKept,
    Config,
    Environment,
    KeyLimit,
    Noun,
    Rollout,
    Variant,
    Version,
)
from farthing.routing.finding import Maker
from farthing.routing.plan import Account, Plan, Wish
from farthing.routing.records import Reading
from farthing.routing.vault import SealedError, Vault
from farthing.store.meta.database import Database

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""How soon a change made by another server holds here."""


class Routing:
    """Where calls go. Every method may be called from any thread."""

    def __init__(
        self, database: Database, vault: Vault, environment: Mapping[str, str], maker: Maker = lambda _: ""
    ) -> None:
        """`environment` holds the variables that `default_accounts` names; `maker` knows whose model a name is.

        Nothing is known before `start` or `reload`.
        """
        self._database = database
        self._vault = vault
        self._defaults = default_accounts.accounts(environment)
        self._maker = maker
        self._reloading = threading.Lock()
        self._stamp = ""
        self._shared = Book(self._defaults)
        self._books: Mapping[str, Book] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, name="routing", daemon=True)

    def start(self) -> None:
        """Read what is configured, and look for changes that other servers make. Raises `StoreError`."""
        self.reload()
        self._thread.start()

    def stop(self) -> None:
        """Look no longer."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def plan(self, wish: Wish) -> Plan:
        """Where a call goes, and under which rules. Raises `BadRequestError`, `NotFoundError`."""
        return self._book(wish.project_id).plan(wish, self._maker, wish.request_id or secrets.token_hex(8))

    def limit(self, project_id: str, key_id: str) -> KeyLimit | None:
        """What a key may ask for; None: anything."""
        return self._book(project_id).limit(key_id)

    def accounts(self, project_id: str) -> Sequence[Account]:
        """The accounts a project may use, those that go before others first; with their secrets."""
        return self._book(project_id).accounts

    @property
    def defaults(self) -> Sequence[Account]:
        """The accounts that the environment tells of."""
        return self._defaults

    def reload(self) -> None:
        """Read the meta store. Raises `StoreError`."""
        with self._reloading:
            with self._database.read() as session:
                reading = Reading(session)
                stamp = reading.stamp()
                kinds: tuple[type[Noun], ...] = (Config, Variant, Version, Environment, Rollout, KeyLimit)
                nouns: list[Noun] = [one for kind in kinds for one in reading.all(kind)]
                sealed = reading.sealed()
            self._shared, self._books = self._bound(nouns, sealed)
            self._stamp = stamp

    def _bound(
        self, nouns: Sequence[Noun], sealed: Sequence[tuple[AccountKept, str]]
    ) -> tuple[Book, Mapping[str, Book]]:
        accounts: dict[str | None, list[Account]] = {}
        unreadable: dict[str | None, list[str]] = {}
        for kept, secret in sealed:
            if not kept.enabled:
                continue
            try:
                opened = self._vault.unseal(secret)
            except SealedError as error:
                log.warning("The account %s can't be used: %s", kept.slug, error)
                unreadable.setdefault(kept.project_id, []).append(kept.slug)
                continue
            account = Account(kept.id, kept.slug, kept.provider, kept.base_url, opened, kept.options)
            accounts.setdefault(kept.project_id, []).append(account)
        everybody = (*accounts.get(None, ()), *self._defaults)
        lost = unreadable.get(None, [])
        by_project: dict[str, list[Noun]] = {one: [] for one in (*accounts, *unreadable) if one is not None}
        for noun in nouns:
            by_project.setdefault(noun.project_id or "", []).append(noun)
        books = {
            project: book(mine, (*accounts.get(project, ()), *everybody), [*unreadable.get(project, ()), *lost])
            for project, mine in by_project.items()
        }
        return Book(everybody, unreadable=lost), books

    def _book(self, project_id: str) -> Book:
        return self._books.get(project_id) or self._shared

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            with contextlib.suppress(FarthingError):  # a store that is out of order is told of by everything else
                with self._database.read() as session:
                    changed = Reading(session).stamp() != self._stamp
                if changed:
                    self.reload()
