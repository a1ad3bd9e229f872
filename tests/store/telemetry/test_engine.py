"""What is asked of an engine of our own, and what not of a server, which may be older or keep its data far away."""

from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest

from farthing.store.telemetry.engine import Engine

OF_OUR_OWN = {"load_marks_asynchronously", "merge_tree_use_prefixes_deserialization_thread_pool"}


class Client:
    """A server that nobody asks anything."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}

    def set_client_setting(self, name: str, value: str) -> None:
        self.settings[name] = value

    def close(self) -> None:
        pass


def test_an_engine_of_our_own_starts_no_thread_for_each_column(tmp_path: Path) -> None:
    engine = Engine(f"chdb://{tmp_path}/telemetry")
    told = engine.query(
        "SELECT name, value FROM system.settings WHERE name IN {names:Array(String)}", {"names": sorted(OF_OUR_OWN)}
    )
    engine.close()
    assert dict(told.rows) == dict.fromkeys(OF_OUR_OWN, "0")


def test_a_server_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()

    def get_client(*_: Any, **__: Any) -> Client:
        return client

    monkeypatch.setattr(clickhouse_connect, "get_client", get_client)
    Engine("clickhouse://somebody@elsewhere:8123/db").close()
    assert client.settings["async_insert"] == "0"
    assert not OF_OUR_OWN & set(client.settings)
