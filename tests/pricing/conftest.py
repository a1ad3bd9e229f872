"""The catalogue as a server has it."""

import pytest

from farthing.pricing import base
from farthing.pricing.catalog import Catalog


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalogue of the installed price data."""
    return base.load()
