"""Every public case holds its own arithmetic, and costs what it says."""

import importlib.util
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent / "prices"


def _conformance() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance", HERE / "conformance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RUN = _conformance()
CASES = RUN.cases()


def test_there_are_enough_and_each_says_where_its_rates_were_read() -> None:
    assert len(CASES) >= 300
    assert len({case["id"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert case["source"].startswith("https://"), case["id"]
        assert case["read"] >= "2026-01-01", case["id"]
        assert case["published"], case["id"]


def test_the_published_rates_come_to_the_expected_amount() -> None:
    for case in CASES:
        assert abs(RUN.published(case) - Fraction(case["expected_usd"])) < Fraction(1, 10**20), case["id"]


def test_all_that_was_used_is_charged() -> None:
    parts = {"cached_input_tokens", "cache_write_tokens", "reasoning_tokens", "citation_tokens"}
    for case in CASES:
        wholes = [n for name, n in case["usage"].items() if name not in parts and not _is_part(name)]
        fee = 1 if case["dimension"] == "requests" else 0
        assert sum(part["quantity"] for part in case["published"]) == sum(wholes) + fee, case["id"]


def _is_part(name: str) -> bool:
    kinds = ("audio", "image", "video", "cached_audio", "cache_write")
    return name.endswith("_tokens") and name.startswith(kinds)


def test_it_costs_what_it_says() -> None:
    ran = subprocess.run(
        [sys.executable, str(HERE / "conformance.py"), "--only", "farthing", "--verbose"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_an_adapter_is_held_to_every_case(tmp_path: Path) -> None:
    program = tmp_path / "free.py"
    program.write_text(
        "import json, sys\nfor line in sys.stdin: print(json.dumps({'id': json.loads(line)['id'], 'usd': '0'}))\n"
    )
    ran = subprocess.run(
        [sys.executable, str(HERE / "conformance.py"), "--adapter", f"free={program}"],
        capture_output=True,
        text=True,
        check=True,
    )

    free = sum(case["expected_usd"] == "0" for case in CASES)
    assert ran.stdout.splitlines()[-1].split() == ["all", str(len(CASES)), str(free), str(len(CASES) - free), "0"]
