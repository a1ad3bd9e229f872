"""Nothing in; the catalogue that comes with the program out: genai-prices' data under our own dated prices."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from importlib.metadata import distribution
from pathlib import Path

from farthing.pricing import dated
from farthing.pricing.catalog import Catalog, Source
from farthing.pricing.genai import Shelf, installed_providers
from farthing.pricing.layers import Layers
from farthing.pricing.overrides import Override

PACKAGE = "genai-prices"
URL = "https://github.com/pydantic/genai-prices"

__all__ = ["PACKAGE", "URL", "Shelf", "installed_providers", "latest_date", "load"]


def load(overrides: Sequence[Override] = ()) -> Catalog:
    """The catalogue of what is installed, with an operator's overrides. The data is read at the first question."""
    installed = distribution(PACKAGE)
    data = Path(str(installed.locate_file("genai_prices/data.py"))).read_bytes()
    digest = hashlib.sha256(data + dated.digest()).hexdigest()[:8]
    book = Layers(Shelf(installed_providers), dated.Shelf())
    catalog = Catalog(f"{PACKAGE}-{installed.version}+{digest}", Source(PACKAGE, URL, installed.version), book)
    return catalog.overridden(overrides) if overrides else catalog


def latest_date(today: date) -> date | None:
    """The latest date up to today that stands in the data, as a price's beginning or as the day it was checked.

    The data says nowhere how old it is; it is at most as old as this.
    """
    text = Path(str(distribution(PACKAGE).locate_file("genai_prices/data.py"))).read_bytes()
    # Patterns that begin with what they must: searched for forty times as fast as those that may begin anywhere.
    written = re.findall(rb"20\d\d-\d\d-\d\d\b", text) + re.findall(rb"date\(20\d\d, \d+, \d+\)", text)
    found: set[date] = set()
    for day in set(written):
        try:
            found.add(date(*map(int, re.findall(rb"\d+", day))))
        except ValueError:
            continue
    return max((day for day in found if day <= today), default=None)
