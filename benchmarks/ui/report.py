"""What was measured in; a table of figures beside their targets, and the rival's beside ours, out."""

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.ui.browser import Load
from benchmarks.ui.journeys import Filtered, LargeTrace, Scrolled, median, p95
from benchmarks.ui.rival import Seen

CHART = "engine"
"""The chunk of the charting library begins with this."""


class Figure(msgspec.Struct, frozen=True):
    """One row: what it is, what was measured, what it should be at most, 0 for nothing."""

    name: str
    value: float
    unit: str
    most: float = 0

    @property
    def held(self) -> bool:
        """Whether it is within its target."""
        return not self.most or self.value <= self.most


def first_load(load: Load) -> list[Figure]:
    """What the browser transferred for the first page."""
    charts = sum(one.size for one in load.answers if one.path.rpartition("/")[2].startswith(CHART)) / 1_000
    return [
        Figure("first load: scripts, without charts", load.kilobytes("Script") - charts, "KB", 280),
        Figure("first load: chart chunk", charts, "KB", 230),
        Figure("first load: styles", load.kilobytes("Stylesheet"), "KB", 45),
        Figure("first load: answers of the API", load.kilobytes("Fetch"), "KB"),
        Figure("first load: everything", sum(one.size for one in load.answers) / 1_000, "KB"),
    ]


def overview(loads: Sequence[Load], calls: int) -> list[Figure]:
    """When the first page was ready."""
    return [
        Figure(f"Overview ready, cold, {calls:,} calls (median)", median([one.ready_ms for one in loads]), "ms", 1_600),
        Figure("  of it the page's scripts", median([one.script_ms for one in loads]), "ms of its thread"),
    ]


def pages(loads: dict[str, Load]) -> list[Figure]:
    """The worst of all pages."""
    moved = max(loads, key=lambda path: loads[path].shift)
    large = max(loads, key=lambda path: loads[path].nodes)
    return [
        Figure(f"layout shift, worst of {len(loads)} pages ({moved})", loads[moved].shift, "", 0.02),
        Figure(f"elements, most of {len(loads)} pages ({large})", loads[large].nodes, "", 2_500),
    ]


def scrolled(tables: dict[str, Scrolled]) -> list[Figure]:
    """Every table run through."""
    frames = [frame for one in tables.values() for frame in one.frames]
    return [
        Figure("scrolling a table: frame (median)", median(frames), "ms", 17),
        Figure("scrolling a table: frame (p95)", p95(frames), "ms"),
        Figure("scrolling a table: elements, most", max(one.nodes for one in tables.values()), "", 2_500),
    ]


def filtered(found: Filtered, calls: int) -> list[Figure]:
    """A filter set, and let go."""
    return [
        Figure(f"filter to new rows, {calls:,} calls (median)", median(found.rows_ms), "ms"),
        Figure(f"filter to new rows, {calls:,} calls (p95)", p95(found.rows_ms), "ms", 400),
        Figure("  the API's answer (p95)", p95(found.api_ms), "ms", 200),
    ]


def large_trace(found: LargeTrace, spans: int) -> list[Figure]:
    """A trace with many spans."""
    return [
        Figure(f"trace of {spans:,} spans obeys, from the list (median)", median(found.clicked_ms), "ms", 1_000),
        Figure(
            f"trace of {spans:,} spans obeys, cold (median)", median([one.ready_ms for one in found.cold]), "ms", 1_000
        ),
        Figure("  the page's scripts", median([one.script_ms for one in found.cold]), "ms of its thread"),
        Figure("  the API's answer (median)", median(found.answer_ms), "ms"),
        Figure("  the API's answer", found.cold[0].kilobytes("Fetch"), "KB"),
        Figure("  scrolling: frame (median)", median(found.scrolled.frames), "ms", 17),
        Figure("  scrolling: elements, most", found.scrolled.nodes, "", 2_500),
    ]


def show(figures: Sequence[Figure], console: Console) -> None:
    """The table."""
    table = Table("", "measured", "at most", "", title="Farthing's web UI", title_justify="left")
    for one in figures:
        most = f"{one.most:g}" if one.most else ""
        mark = "" if not one.most else "[green]✓[/]" if one.held else "[red]missed[/]"
        table.add_row(one.name, f"{_written(one.value)} {one.unit}", most, mark)
    console.print(table)


def beside(ours: Seen, theirs: Seen, spans: int, console: Console) -> None:
    """The list of spans of both."""
    rows = {
        "scripts transferred": ("KB", *(one.loads[0].kilobytes("Script") for one in (ours, theirs))),
        "everything transferred": (
            "KB",
            *(sum(answer.size for answer in one.loads[0].answers) / 1_000 for one in (ours, theirs)),
        ),
        "list ready, cold (median)": ("ms", *(median([load.ready_ms for load in one.loads]) for one in (ours, theirs))),
        "work of the page's thread": ("ms", *(median([load.busy_ms for load in one.loads]) for one in (ours, theirs))),
        "elements": ("", *(one.loads[-1].nodes for one in (ours, theirs))),
    }
    if ours.filter_ms and theirs.filter_ms:
        rows["filter to new rows (median)"] = ("ms", median(ours.filter_ms), median(theirs.filter_ms))
    table = Table("", "Farthing", "Phoenix", "", title=f"Lists of the same {spans:,} spans", title_justify="left")
    for name, (unit, mine, other) in rows.items():
        table.add_row(
            name, f"{_written(mine)} {unit}", f"{_written(other)} {unit}", f"x{other / mine:.1f}" if mine else ""
        )
    console.print(table)


def _written(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
