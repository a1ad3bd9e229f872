"""A migrated database of each kind."""

from collections.abc import Generator

import pytest

from farthing.store.meta.database import Database


@pytest.fixture
def database(meta_url: str) -> Generator[Database]:
    """An empty database with the schema."""
    opened = Database.open(meta_url)
    opened.migrate()
    yield opened
    opened.close()
