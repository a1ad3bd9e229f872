"""Parts that tests ask for by name: the real server, and a provider that knows what it served."""

import os
from collections.abc import Generator
from pathlib import Path

import hypothesis
import postgres
import pytest
from environments import Ahead
from server_process import ServerProcess
from stub_provider import StubProvider

from farthing.store.telemetry.engine import Engine


def pytest_addoption(parser: pytest.Parser) -> None:
    """How hard the tests that draw their cases try, and how to repeat one that failed."""
    parser.addoption("--crash-rounds", type=int, default=20, help="how often the crash test kills the server")
    parser.addoption("--crash-seed", type=int, default=None, help="the crash test's seed [default: a new one]")
    parser.addoption("--fuzz-bodies", type=int, default=6_000, help="how many bodies the fuzz test sends")
    parser.addoption("--openapi-examples", type=int, default=5, help="requests per operation of the OpenAPI document")
    parser.addoption("--new-baselines", action="store_true", help="pages are to look as they look now")
    parser.addoption("--fuzz-seed", type=int, default=None, help="the fuzz test's seed [default: a new one]")


# How long a case takes says nothing where other processes are at work. All else is as it is set here or in CI.
hypothesis.settings.register_profile(
    "at any speed",
    parent=hypothesis.settings(),
    deadline=None,
    suppress_health_check=[*hypothesis.settings().suppress_health_check, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("at any speed")

_AHEAD = pytest.StashKey[Ahead]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to make what tests will ask for: the environments of the `APPS_AHEAD` of their files."""
    # Of several workers, one does it for all.
    if not session.config.getoption("collectonly") and os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        modules = dict.fromkeys(item.getparent(pytest.Module) for item in session.items)
        apps = [app for module in modules if module for app in getattr(module.obj, "APPS_AHEAD", ())]
        session.config.stash[_AHEAD] = Ahead(dict.fromkeys(apps))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing goes on after the run."""
    if ahead := config.stash.get(_AHEAD, None):
        ahead.stop()


@pytest.fixture
def server(tmp_path: Path) -> Generator[ServerProcess]:
    """A running server with an empty data folder of its own."""
    running = ServerProcess(tmp_path)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def provider() -> Generator[StubProvider]:
    """A running provider."""
    with StubProvider() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_server() -> Generator[postgres.PostgresServer]:
    """A running PostgreSQL, or the reason why there is none."""
    if reason := postgres.why_not():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    running = postgres.PostgresServer()
    running.start()
    yield running
    running.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def meta_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty meta database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/meta.db"
    server: postgres.PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()


@pytest.fixture(scope="module")
def telemetry_engine(tmp_path_factory: pytest.TempPathFactory) -> Generator[Engine]:
    """A telemetry store with the schema, shared by a file's tests: each asks about a project of its own."""
    engine = Engine(f"chdb://{tmp_path_factory.mktemp('telemetry')}/telemetry")
    engine.migrate()
    yield engine
    engine.close()
