"""The public cases and programs that price them in; how many each gets exactly right, by dimension, out.

Needs nothing but Python: `--adapter name=program.py` for any implementation, see README.md. Those that come along are
asked without it, the ones not installed here in environments of their own.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BOUND = Fraction(1, 10**12)
ADAPTERS = {"farthing": "", "genai-prices": "genai-prices==0.2.3", "litellm": "litellm==1.105.1"}
"""Name, and what to install for it; "" where it is installed already."""

Case = dict[str, Any]


def cases() -> list[Case]:
    """All of them, in order."""
    with (HERE / "cases.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def published(case: Case) -> Fraction:
    """What the published rates come to."""
    return sum(
        (Fraction(p["quantity"]) * Fraction(p["usd"]) / Fraction(p["per"]) for p in case["published"]), Fraction()
    )


def verdict(case: Case, usd: str | None) -> str:
    """`exact`, `wrong` or `none`."""
    if usd is None:
        return "none"
    return "exact" if abs(Fraction(Decimal(usd)) - Fraction(case["expected_usd"])) <= BOUND else "wrong"


def answers(python: str, program: Path, told: list[Case]) -> dict[str, str | None]:
    """What a program says each case costs."""
    lines = "".join(json.dumps(case) + "\n" for case in told)
    done = subprocess.run([python, str(program)], input=lines, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        sys.exit(f"{program.name} failed:\n{done.stderr[-2000:]}")
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {answer["id"]: answer["usd"] for answer in said}


def main() -> int:
    """Ask all, print all; 1 if ours is wrong anywhere."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adapter", action="append", default=[], metavar="NAME=PROGRAM")
    options.add_argument("--only", action="append", default=[], choices=sorted(ADAPTERS))
    options.add_argument("--verbose", action="store_true", help="every case that is not exact")
    chosen = options.parse_args()
    asked: dict[str, tuple[str, Path]] = {}
    for name, program in (text.split("=", 1) for text in chosen.adapter):
        asked[name] = sys.executable, Path(program)
    only: list[str] = chosen.only
    for name in only or ([] if asked else list(ADAPTERS)):
        asked[name] = _python(name), HERE / "adapters" / f"{name.replace('-', '_')}_adapter.py"
    told = cases()
    columns = {name: answers(python, program, told) for name, (python, program) in asked.items()}
    _show(told, columns, verbose=chosen.verbose)
    return int(
        any(verdict(case, columns["farthing"].get(case["id"])) != "exact" for case in told if "farthing" in columns)
    )


def _python(name: str) -> str:
    if not ADAPTERS[name]:
        return sys.executable
    sys.path.insert(0, str(ROOT))
    from rich.console import Console  # noqa: PLC0415  likewise

    from benchmarks.environments import ensure  # noqa: PLC0415  only rivals need one

    return str(ensure(f"prices-{name}", ADAPTERS[name], Console(stderr=True)) / "python")


def _show(told: list[Case], columns: dict[str, dict[str, str | None]], *, verbose: bool) -> None:
    counts: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in columns}
    for case in told:
        for name, said in columns.items():
            found = verdict(case, said.get(case["id"]))
            for group in (case["dimension"], "all"):
                counts[name][group, found] += 1
            if verbose and found != "exact":
                print(f"{name}: {case['id']} {case['model']}: {said.get(case['id'])}, not {case['expected_usd']}")
    width = 24
    print(f"{'':20}{'cases':>6}" + "".join(f"{name:>{width}}" for name in columns))
    print(f"{'':26}" + "".join(f"{'exact wrong  none':>{width}}" for _ in columns))
    dimensions = list(dict.fromkeys(case["dimension"] for case in told))
    for group in (*dimensions, "all"):
        size = len(told) if group == "all" else sum(case["dimension"] == group for case in told)
        cells = (
            f"{counts[n][group, 'exact']:>5} {counts[n][group, 'wrong']:>5} {counts[n][group, 'none']:>5}"
            for n in columns
        )
        print(f"{group:20}{size:>6}" + "".join(f"{cell:>{width}}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
