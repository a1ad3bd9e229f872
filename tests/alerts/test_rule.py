"""Rules that make no sense in; an error that names the field out."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from alerts.made_rules import rule

from farthing.alerts import presets
from farthing.alerts.rule import Compare, Kind, Measure, QuietHours, check
from farthing.errors import BadRequestError


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", {"name": "  "}),
        ("limit", {"limit": None}),
        ("limit", {"limit": Decimal("1e40")}),
        ("window", {"window": "0h"}),
        ("window", {"window": "soon"}),
        ("every", {"every": "5s"}),
        ("by", {"by": ("feature", "model", "user")}),
        ("by", {"by": ("colour",)}),
        ("filters", {"filters": {"colour": "red"}}),
        ("compare", {"compare": Compare(ratio=Decimal(2))}),
        ("compare.ratio", {"compare": Compare(ratio=Decimal(0), past="7d")}),
        ("compare.past", {"compare": Compare(ratio=Decimal(2), past="x")}),
        ("critical_limit", {"limit": None, "critical_limit": Decimal(1), "compare": Compare(Decimal(2), "7d")}),
        ("quiet_hours.from", {"quiet_hours": QuietHours("25:00", "07:00")}),
        ("quiet_hours.timezone", {"quiet_hours": QuietHours("22:00", "07:00", "Mars/Olympus")}),
        ("quiet_hours.weekdays", {"quiet_hours": QuietHours("22:00", "07:00", "UTC", ("someday",))}),
        ("sensitivity", {"kind": Kind.ANOMALY, "sensitivity": Decimal(1)}),
        ("measure", {"kind": Kind.ANOMALY, "measure": Measure.LATENCY_P95}),
        ("measure", {"kind": Kind.ANOMALY, "measure": Measure.COST_PER_CALL}),
    ],
)
def test_what_is_wrong_is_named(field: str, wrong: dict[str, Any]) -> None:
    kind = wrong.pop("kind", Kind.THRESHOLD)
    name = wrong.pop("name", "spend")
    with pytest.raises(BadRequestError, match=rf"^{field}"):
        check(msgspec.structs.replace(rule(kind, **wrong), name=name))


@pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda one: one.name)
def test_every_preset_is_sound(preset: presets.Preset) -> None:
    check(preset.rule)
    assert preset.rule.name == preset.name
