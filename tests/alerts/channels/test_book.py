"""Channels are kept, each in its project, their secrets encrypted, also anew with a newer key."""

import base64
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels.book import Channels
from farthing.alerts.channels.channel import Channel
from farthing.catalogue.overrides import Actor
from farthing.errors import ConflictError, NotFoundError
from farthing.routing.vault import SealedError, Vault
from farthing.store.meta import channels as rows
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"a", b"b"))
ADMIN, OTHER = Actor("shop", "key_1"), Actor("other", "key_2")
URL = "https://hooks.example.com/T0/secret-part-wxyz"
WANTED = Channel("", "", "ops", "slack", settings={"url": URL})


@pytest.fixture
def database(tmp_path: Path) -> Generator[Database]:
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db")) as opened:
        opened.migrate()
        with opened.write() as session:
            for project in ("shop", "other"):
                projects.insert(session, Project(project, project, NOW))
        yield opened


def channels(database: Database, folder: Path, key: str) -> Channels:
    return Channels(database, Vault.open(key, folder), Addresses(), lambda: NOW)


def test_each_is_one_of_its_project(database: Database, tmp_path: Path) -> None:
    book = channels(database, tmp_path, OLD)
    made, _ = book.create(ADMIN, WANTED)
    with pytest.raises(ConflictError):
        book.create(ADMIN, WANTED)
    book.create(OTHER, WANTED)
    with pytest.raises(NotFoundError):
        book.get("other", made.id)
    with pytest.raises(NotFoundError):
        book.remove(OTHER, made.id)
    assert book.get("shop", "ops") == made
    assert made.hints == {"url": "https://hooks.example.com/…wxyz"}
    same = book.change(ADMIN, "ops", {"enabled": True})
    assert same == made
    book.change(ADMIN, "ops", {"least_severity": "critical"})
    book.remove(ADMIN, "ops")
    told = book.history("shop")
    assert sorted(one.action for one in told) == ["changed", "created", "removed"]
    assert URL not in repr(told)
    assert [one.project_id for one in book.all()] == ["other"]


def test_secrets_outlive_the_key_they_were_encrypted_with(database: Database, tmp_path: Path) -> None:
    made, _ = channels(database, tmp_path, OLD).create(ADMIN, WANTED)
    both = channels(database, tmp_path, f"{NEW},{OLD}")
    assert (both.seal_anew(), both.seal_anew()) == (1, 0)
    opened = channels(database, tmp_path, NEW).opened(made.id)
    assert opened is not None
    assert opened.settings.url == URL
    lost = channels(database, tmp_path, OLD)
    with pytest.raises(SealedError):
        lost.opened(made.id)
    assert lost.seal_anew() == 0
    # All of its secrets entered anew mend it.
    lost.change(ADMIN, "ops", {"settings": {"url": URL + "-2"}})
    mended = lost.opened(made.id)
    assert mended is not None
    assert mended.settings.url == URL + "-2"
    assert lost.opened("ch_gone") is None


def test_an_address_that_was_shown_once_is_a_secret_by_now(database: Database, tmp_path: Path) -> None:
    book = channels(database, tmp_path, OLD)
    wanted = Channel("", "", "oncall", "pagerduty", settings={"routing_key": "k" * 32, "url": URL})
    made, _ = book.create(ADMIN, wanted)
    assert made.settings == {"region": "us"}
    assert made.hints == {"routing_key": "…kkkk", "url": "https://hooks.example.com/…wxyz"}
    with database.write() as session:
        (kept,) = rows.listing(session, "shop")
        # As it was kept before: the address beside the region, the key alone encrypted.
        document = msgspec.json.decode(kept.document)
        document["settings"]["url"] = URL
        del document["hints"]["url"]
        sealed = Vault.open(OLD, tmp_path).seal(msgspec.json.encode({"routing_key": "k" * 32}).decode())
        rows.put(
            session, msgspec.structs.replace(kept, document=msgspec.json.encode(document).decode(), secrets=sealed)
        )
    assert book.get("shop", "oncall") == made
    opened = book.opened(made.id)
    assert opened is not None
    assert opened.settings.url == URL
    changed = book.change(ADMIN, "oncall", {"least_severity": "critical"})
    assert changed.hints == made.hints
    with database.read() as session:
        assert URL not in rows.listing(session, "shop")[0].document
    assert URL not in repr(book.history("shop"))
