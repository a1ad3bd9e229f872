"""A digest is asked of real calls, stored once by however many servers, and not sent to those who did not want it then."""

from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
from stored_calls import new_project, stored_call, write

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels.book import Channels
from farthing.alerts.channels.channel import Channel, Digest
from farthing.alerts.digesting import Digesting, Ledger
from farthing.alerts.notice import Notice
from farthing.catalogue.overrides import Actor
from farthing.routing.vault import Vault
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

NS = 10**9
MORNING = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
YESTERDAY = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())


def test_it_is_stored_once_and_in_its_time(tmp_path: Path, telemetry_engine: Engine) -> None:
    project = new_project()
    calls = [
        stored_call((YESTERDAY + 3_600 * hour) * NS, feature="chat", usd=("1.25", "0.0000000001"), tokens=(10, 0, 5))
        for hour in range(24)
    ]
    calls.append(stored_call((YESTERDAY - 1) * NS, feature="chat", usd=("10", "0")))
    calls.append(stored_call((YESTERDAY + 86_400) * NS, feature="chat", usd=("999", "0")))
    calls.append(stored_call((YESTERDAY + 5) * NS, request_model="quill-9", usd=None))
    write(telemetry_engine, project, calls)
    now = [MORNING.replace(second=1)]
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db")) as database:
        database.migrate()
        with database.write() as session:
            projects.insert(session, Project(project, "The shop", MORNING))
        channels = Channels(database, Vault.open("", tmp_path), Addresses(), lambda: now[0])
        url = {"url": "https://hooks.example.com/x"}
        actor = Actor(project, "key_1")
        late, _ = channels.create(actor, Channel("", "", "late", "slack", settings=url, digest=Digest()))
        now[0] = MORNING.replace(day=20)
        on_time, _ = channels.create(actor, Channel("", "", "ops", "slack", settings=url, digest=Digest()))
        channels.create(actor, Channel("", "", "none", "slack", settings=url))
        ledger = Ledger(telemetry_engine, Rollup(telemetry_engine), lambda _: [])
        now[0] = MORNING.replace(second=1)
        clock = lambda: int(now[0].timestamp()) * NS  # noqa: E731
        servers = [Digesting(channels, database, ledger, "https://f.example", clock) for _ in range(2)]
        assert [one.look() for one in servers] == [1, 0]
        (kept,) = channels.deliveries(project, channel_id=on_time.id)
        assert channels.deliveries(project, channel_id=late.id) == []
        told = msgspec.json.decode(kept.document, type=Notice)
        spent = Decimal(24) * Decimal("1.2500000001")
        assert spent == Decimal("30.0000000024")
        assert told.summary == (
            "$30.00 for 25 calls: $20.00 more than the day before, +200.0 %. In no sum: 1 call without a price."
        )
        assert told.title == "The shop: $30.00 on Fri 20 Nov 2026"
        now[0] = MORNING.replace(day=22, hour=9)
        assert servers[1].look() == 2
