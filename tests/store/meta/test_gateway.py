"""What is configured for the gateway is kept, replaced and forgotten in its order; whoever looks at the stamp knows of it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from farthing.errors import FarthingError
from farthing.store.meta import gateway, projects
from farthing.store.meta.database import Database
from farthing.store.meta.gateway import Kind, Stored
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
KEPT: list[tuple[Kind, dict[str, Any]]] = [
    (Kind.ACCOUNT, {"slug": "main"}),
    (Kind.CONFIG, {"slug": "support"}),
    (Kind.VARIANT, {"config_id": "config", "slug": "a"}),
    (Kind.VERSION, {"variant_id": "variant", "number": 1}),
    (Kind.ENVIRONMENT, {"slug": "live"}),
    (Kind.ROLLOUT, {"config_id": "config", "variant_id": "variant", "environment_id": "environment"}),
    (Kind.LIMIT, {"key_id": ""}),
]


def stored(kind: Kind, project: str | None = "shop", secret: str = "") -> Stored:
    return Stored(kind, kind.value, project, "{}", NOW, NOW, secret)


def test_all_kinds_are_kept_replaced_and_forgotten(database: Database) -> None:
    stamps: list[str] = []
    with database.write() as session:
        projects.insert(session, Project("shop", "shop", NOW))
        for kind, columns in KEPT:
            assert tuple(columns) == tuple(gateway.COLUMNS[kind])
            gateway.put(session, stored(kind), columns)
            stamps.append(gateway.stamp(session))
        changed = msgspec.structs.replace(stored(Kind.ACCOUNT, None, "sealed"), document='{"x":1}')
        gateway.put(session, changed, {"slug": "main"})
        stamps.append(gateway.stamp(session))
    with database.read() as session:
        assert gateway.listing(session, Kind.ACCOUNT) == [changed]
        assert "sealed" not in repr(changed)
        assert [gateway.listing(session, kind) for kind, _ in KEPT[1:]] == [[stored(kind)] for kind, _ in KEPT[1:]]
    with database.write() as session:
        for kind, _ in reversed(KEPT):
            gateway.remove(session, kind, kind.value)
            stamps.append(gateway.stamp(session))
        gateway.remove(session, Kind.CONFIG, "never-was")
        assert gateway.stamp(session) == stamps[-1]
    assert len(set(stamps)) == len(stamps)
    with database.read() as session:
        assert all(gateway.listing(session, kind) == [] for kind, _ in KEPT)


def test_what_something_belongs_to_can_t_go_before_it(database: Database) -> None:
    with database.write() as session:
        projects.insert(session, Project("shop", "shop", NOW))
        for kind, columns in KEPT:
            gateway.put(session, stored(kind), columns)
    for kind in (Kind.CONFIG, Kind.VARIANT, Kind.ENVIRONMENT):
        with pytest.raises(FarthingError), database.write() as session:
            gateway.remove(session, kind, kind.value)
