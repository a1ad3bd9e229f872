"""Counters of cost and tokens: exact, bounded, and never going back."""

import re
from collections.abc import Generator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from stored_calls import new_project, stored_call, write

from farthing.model.call import PricedCall
from farthing.query import usage_metrics
from farthing.query.usage_metrics import UsageMetrics
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

NOW = 1_795_000_000 * 10**9
_LINE = re.compile(
    r'(\w+)\{project="([^"]*)",provider="([^"]*)",model="([^"]*)",feature="([^"]*)"(?:,type="(\w+)")?\} (\S+)'
)


class Scraped:
    """A store with one project, and what a scrape of it tells."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.project = new_project()
        self.database = Database.open(f"sqlite:///{folder}/meta.db")
        self.database.migrate()
        with self.database.write() as session:
            projects.insert(session, Project(self.project, self.project, datetime.now(UTC)))

    def store(self, *calls: PricedCall) -> None:
        write(self.engine, self.project, calls)

    def scrape(self, most: int = 3) -> dict[tuple[str, str, str], Decimal]:
        """(name with type, model, feature) → value, of a server that has just started."""
        metrics = UsageMetrics(self.engine, Rollup(self.engine), self.database, most, lambda: NOW)
        found: dict[tuple[str, str, str], Decimal] = {}
        for name, project, _, model, feature, kind, value in _LINE.findall(metrics.text()):
            assert project == self.project
            found[f"{name}.{kind}" if kind else name, model, feature] = Decimal(value)
        return found


@pytest.fixture
def scraped(telemetry_engine: Engine, tmp_path: Path) -> Generator[Scraped]:
    made = Scraped(telemetry_engine, tmp_path)
    yield made
    made.database.close()


def test_sums_are_exact(scraped: Scraped) -> None:
    fine = ("0.000000000000000000000001", "0")
    scraped.store(stored_call(NOW, feature="chat"), stored_call(NOW, feature="chat", usd=fine))
    scraped.store(
        stored_call(NOW, request_model="quill-9", usd=None), stored_call(NOW, tokens=None, usd=None, feature="f")
    )
    found = scraped.scrape()
    assert found["gen_ai_usage_cost_usd", "gpt-4o", "chat"] == Decimal("0.003000000000000000000001")
    assert found["gen_ai_usage_tokens.input", "gpt-4o", "chat"] == 200
    assert found["gen_ai_usage_tokens.cached_input", "gpt-4o", "chat"] == 40
    assert found["gen_ai_usage_tokens.output", "gpt-4o", "chat"] == 60
    assert found["gen_ai_usage_duration_seconds_sum", "gpt-4o", "chat"] == 3
    assert found["gen_ai_usage_duration_seconds_count", "gpt-4o", "chat"] == 2
    assert found["gen_ai_usage_unpriced_calls", "quill-9", ""] == 1
    assert ("gen_ai_usage_cost_usd", "quill-9", "") not in found, "unknown is never zero"
    assert found["gen_ai_usage_unknown_calls", "gpt-4o", "f"] == 1


def test_series_are_bounded_and_keep_their_names(scraped: Scraped) -> None:
    scraped.store(*(stored_call(NOW, feature=f"f{n}", usd=(str(n), "0")) for n in range(1, 8)))
    cost = "gen_ai_usage_cost_usd"
    found = {key[2]: value for key, value in scraped.scrape().items() if key[0] == cost}
    assert found == {"f7": 7, "f6": 6, "f5": 5, "other": 10}
    scraped.store(*(stored_call(NOW, feature=feature, usd=("100", "0")) for feature in ("f1", "new", "x" * 500)))
    found = {key[2]: value for key, value in scraped.scrape().items() if key[0] == cost}
    assert found == {"f7": 7, "f6": 6, "f5": 5, "other": 310}


def test_no_counter_goes_back(scraped: Scraped) -> None:
    dear = stored_call(NOW, number=4_242, feature="chat", usd=("5", "0"))
    scraped.store(dear)
    key = ("gen_ai_usage_cost_usd", "gpt-4o", "chat")
    assert scraped.scrape()[key] == 5
    scraped.store(stored_call(NOW, number=4_242, feature="chat", usd=("2", "0")))
    assert scraped.scrape()[key] == 5
    scraped.store(stored_call(NOW, feature="chat", usd=("2", "0")))
    assert scraped.scrape()[key] == 5
    scraped.store(stored_call(NOW, feature="chat", usd=("2.5", "0")))
    assert scraped.scrape()[key] == Decimal("6.5")


def test_names_are_escaped_and_nothing_is_told_when_turned_off(scraped: Scraped) -> None:
    scraped.store(stored_call(NOW, feature='a"b\\c\nd\0e'))
    metrics = UsageMetrics(scraped.engine, Rollup(scraped.engine), scraped.database, 5, lambda: NOW)
    assert 'feature="a\\"b\\\\c\\nd\0e"' in metrics.text()
    assert metrics.text() is metrics.text()
    assert UsageMetrics(scraped.engine, Rollup(scraped.engine), scraped.database, 0, lambda: NOW).text() == ""
    assert usage_metrics.FRESH_NS > 0
