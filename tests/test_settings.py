"""Settings come from flags, then the environment, then the defaults; what can't be is refused in one sentence."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from farthing import errors, settings


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's reaches the tests."""
    for name in [name for name in os.environ if name.startswith("FARTHING_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_the_contracts(tmp_path: Path) -> None:
    found = settings.load()
    assert (found.host, found.port, found.otlp_port, found.grpc_port) == ("127.0.0.1", 4180, 4318, 4317)
    assert found.data == tmp_path / "farthing-data"
    assert found.telemetry_url == f"chdb://{tmp_path}/farthing-data/telemetry"
    assert found.meta_url == f"sqlite:///{tmp_path}/farthing-data/meta.db"
    assert (found.max_body_mb, found.queue_spans, found.drain_seconds) == (64, 200_000, 8)
    assert found.log_level == "info"
    assert found.init_key.get_secret_value() == ""


def test_every_knob_has_a_sentence() -> None:
    for name, field in settings.Settings.model_fields.items():
        assert field.description is not None, name
        assert field.description.endswith("."), name


def test_the_environment_is_read_and_flags_go_before_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FARTHING_PORT", "5000")
    monkeypatch.setenv("FARTHING_HOST", "0.0.0.0")
    monkeypatch.setenv("FARTHING_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("FARTHING_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("FARTHING_INIT_KEY", "fk_secret")
    found = settings.load(port=6000, host=None, data=None)
    assert (found.host, found.port, found.log_level) == ("0.0.0.0", 6000, "warning")
    assert found.meta_url == f"sqlite:///{tmp_path}/elsewhere/meta.db"
    assert found.init_key.get_secret_value() == "fk_secret"
    assert settings.load(data="flag").data == tmp_path / "flag"


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in settings.Settings.model_fields:
        monkeypatch.setenv(f"FARTHING_{name.upper()}", "")
    found = settings.load()
    assert (found.port, found.data) == (4180, tmp_path / "farthing-data")


def test_the_databases_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARTHING_TELEMETRY_URL", "clickhouse://user:hunter22@host:8123/db")
    monkeypatch.setenv("FARTHING_META_URL", "postgresql+psycopg://user:hunter22@host/db")
    found = settings.load()
    assert found.telemetry_url == "clickhouse://user:hunter22@host:8123/db"
    assert found.meta_url == "postgresql+psycopg://user:hunter22@host/db"
    assert "hunter22" not in repr(found)


def test_home_is_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings.load(data="~/kept").data == tmp_path / "kept"


def test_nothing_can_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        settings.load().port = 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "abc", "FARTHING_PORT must be a whole number from 0 to 65535, not 'abc'."),
        ("PORT", "65536", "FARTHING_PORT must be a whole number from 0 to 65535, not '65536'."),
        ("OTLP_PORT", "-1", "FARTHING_OTLP_PORT must be a whole number from 0 to 65535, not '-1'."),
        ("GRPC_PORT", "1.5", "FARTHING_GRPC_PORT must be a whole number from 0 to 65535, not '1.5'."),
        ("OTLP_PORT", "4180", "FARTHING_PORT and FARTHING_OTLP_PORT are both 4180; give them different ports."),
        (
            "HOST",
            "http://x",
            "FARTHING_HOST must be an address or a host name, without a scheme, a port or spaces, not 'http://x'.",
        ),
        (
            "DATA",
            "a?b",
            "FARTHING_DATA must be a folder without ? or # in its path, which URLs can't carry, not 'a?b'.",
        ),
        ("TELEMETRY_URL", "mysql://u:pw@h/d", "FARTHING_TELEMETRY_URL must begin with chdb:/// or clickhouse://."),
        ("META_URL", "mysql://u:pw@h/d", "FARTHING_META_URL must begin with sqlite:/// or postgresql+psycopg://."),
        ("MAX_BODY_MB", "0", "FARTHING_MAX_BODY_MB must be a whole number from 1 to 2047, not '0'."),
        ("QUEUE_SPANS", "many", "FARTHING_QUEUE_SPANS must be a whole number from 1 to 100000000, not 'many'."),
        ("DRAIN_SECONDS", "1h", "FARTHING_DRAIN_SECONDS must be a whole number from 0 to 600, not '1h'."),
        ("LOG_LEVEL", "loud", "FARTHING_LOG_LEVEL must be debug, info, warning or error, not 'loud'."),
    ],
)
def test_what_can_not_be_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"FARTHING_{name}", value)
    with pytest.raises(errors.StartError) as caught:
        settings.load()
    assert str(caught.value) == said


def test_a_wrong_flag_is_named_as_it_was_typed() -> None:
    with pytest.raises(errors.StartError, match=r"^--port must be a whole number from 0 to 65535, not '70000'\.$"):
        settings.load(port=70000)


def test_ports_that_are_off_do_not_collide() -> None:
    found = settings.load(port=0, otlp_port=0, grpc_port=0)
    assert (found.port, found.otlp_port, found.grpc_port) == (0, 0, 0)


def test_an_unknown_flag_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="there is no setting prot"):
        settings.load(prot=1)
