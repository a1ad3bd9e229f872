"""What re-pricing changes, as a narrow terminal shows it: sums as exact as elsewhere, and what they are of."""

import io

from rich.console import Console

from farthing.cli import repricing


def test_a_narrow_terminal_cuts_neither_names_nor_sums() -> None:
    row = {
        "provider": "openai", "model": "gpt-4o", "changed_calls": 10, "old_cost_usd": None,
        "new_cost_usd": "0.061483333333329285", "old_unpriced_calls": 10, "new_unpriced_calls": 0,
    }  # fmt: skip
    job = {
        "error": None, "dry_run": True, "touched": 10, "calls_seen": 3_181, "price_version": "v", "restored": None,
        "by_model": [row], "total": row | {"old_cost_usd": "131.50773337", "new_cost_usd": "131.569216703333329285"},
    }  # fmt: skip
    text = io.StringIO()
    repricing.show(Console(file=text, width=80), job, by_day=False)
    assert "…" not in text.getvalue()
    cells = [
        [cell.strip() for cell in line.strip("│").split("│")] for line in text.getvalue().splitlines() if "│" in line
    ]
    columns = ["".join(parts) for parts in zip(*cells, strict=True)]
    assert columns[0].startswith("openai")
    assert columns[1].startswith("gpt-4o")
    assert columns[4] == "$0.061483333333329285$131.569216703333329285"
