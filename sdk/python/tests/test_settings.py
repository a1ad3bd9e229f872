"""Arguments, the environment, and what is wrong with them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import farthing_sdk
from farthing_sdk import Options
from farthing_sdk._settings import Settings, read

if TYPE_CHECKING:
    from stub_farthing import StubFarthing


def test_options_and_settings_are_the_same_names() -> None:
    assert set(Options.__annotations__) | {"endpoint", "api_key"} == set(Settings._fields)


def test_the_environment_alone_is_enough(stub: StubFarthing, monkeypatch: pytest.MonkeyPatch) -> None:
    assert farthing_sdk.current() is None
    farthing_sdk.shutdown()
    monkeypatch.setenv("FARTHING_ENDPOINT", stub.url + "/")
    monkeypatch.setenv("FARTHING_API_KEY", " fk_env ")
    monkeypatch.setenv("FARTHING_ENVIRONMENT", "staging")
    farthing_sdk.track(model="m")
    assert farthing_sdk.flush(10)
    assert stub.records[0]["environment"] == "staging"
    assert stub.sent[0].headers["X-API-Key"] == "fk_env"


def test_what_is_given_wins_over_the_environment() -> None:
    environ = {
        "FARTHING_ENDPOINT": "http://a",
        "FARTHING_TEAM": "a",
        "FARTHING_GUARD": "true",
        "FARTHING_SDK_DISABLED": "1",
    }
    settings = read("https://b/x/", "fk", {"team": "b", "enabled": True}, environ)
    assert settings == Settings("https://b/x", "fk", team="b", guard=True)
    assert not read(None, None, {}, environ).enabled
    assert read(None, None, {}, {}).endpoint == "http://127.0.0.1:4180"


def test_the_first_settings_hold(stub: StubFarthing, caplog: pytest.LogCaptureFixture) -> None:
    first = farthing_sdk.init(stub.url, "fk")
    assert farthing_sdk.init(stub.url, "fk") is first
    assert not caplog.records
    assert farthing_sdk.init(stub.url, "fk", team="other") is first
    assert "other settings" in caplog.text
    farthing_sdk.shutdown()
    assert farthing_sdk.init(stub.url, "fk", team="other") is not first


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 1001}, "batch_size"),
        ({"timeout": 0}, "timeout"),
        ({"limit_pause": -1}, "limit_pause"),
        ({"endpoint": "farthing.example"}, "endpoint"),
        ({"feature": "f"}, "feature"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], names: str) -> None:
    with pytest.raises(ValueError, match=names):
        farthing_sdk.init(**wrong)
    assert farthing_sdk.current() is None


def test_a_wrong_environment_stops_nobody(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("FARTHING_ENDPOINT", "nonsense")
    assert farthing_sdk.track(model="m") == ""
    assert farthing_sdk.track(model="m") == ""
    assert len(caplog.records) == 1


def test_the_version_is_that_of_the_package() -> None:
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(rf'^version = "{re.escape(farthing_sdk.__version__)}"$', project, re.MULTILINE)
