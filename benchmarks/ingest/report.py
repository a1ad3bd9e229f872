"""Results in; the table with ratios, what it was taken on, and the same as JSON out."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.ingest.limit import Limit
from benchmarks.ingest.measure import Result
from benchmarks.machine import Machine, describe

_LESS, _MORE, _PLAIN = "less is better", "more is better", ""


class Report(msgspec.Struct, frozen=True):
    """Everything a run found out; the first result is what the others are compared with."""

    taken_at: str
    machine: Machine
    results: tuple[Result, ...]
    limit: Limit | None


def _mib(value: float) -> str:
    return f"{value:,.0f}" if value else "not told"


def _read_back(result: Result) -> str:
    speed = result.speed
    return f"{speed.readable:,} of {speed.sent:,} ({speed.elapsed_s:.0f} s)"


def _loss(result: Result) -> str:
    loss = result.loss
    extra = f", {loss.found - loss.acked:,} too many" if loss.found > loss.acked else ""
    return f"{loss.lost:,} of {loss.acked:,}{extra}"


def _refused(result: Result) -> str:
    speed = result.speed
    return f"{speed.busy_answers} / {speed.failed:,}" + (f" ({speed.failure[:40]})" if speed.failure else "")


def _cpu_per_span(result: Result) -> float:
    return 1e6 * result.speed.server_cpu_s / max(1, result.speed.readable)


# label, text, the number that the ratio is taken of, which way is better
_ROWS: tuple[tuple[str, Callable[[Result], str], Callable[[Result], float] | None, str], ...] = (
    ("acknowledged, spans/s", lambda r: f"{r.speed.acked_per_s:,.0f}", lambda r: r.speed.acked_per_s, _MORE),
    ("read back", _read_back, None, _PLAIN),
    ("durable, spans/s", lambda r: f"{r.speed.durable_per_s:,.0f}", lambda r: r.speed.durable_per_s, _MORE),
    ("lost after SIGKILL", _loss, None, _PLAIN),
    ("busy / refused", _refused, None, _PLAIN),
    ("idle memory, MiB", lambda r: _mib(r.idle_rss), lambda r: r.idle_rss, _LESS),
    ("  shared once, MiB", lambda r: _mib(r.idle_pss), lambda r: r.idle_pss, _LESS),
    ("peak memory, MiB", lambda r: _mib(r.peak_rss), lambda r: r.peak_rss, _LESS),
    ("cold start, s", lambda r: f"{r.cold_start_s:.1f}", lambda r: r.cold_start_s, _LESS),
    ("restart, s", lambda r: f"{r.loss.restart_s:.1f}", lambda r: r.loss.restart_s, _LESS),
    ("processor, µs/span", lambda r: f"{_cpu_per_span(r):,.0f}", _cpu_per_span, _LESS),
    ("others, cores busy", lambda r: f"{r.speed.others_cores:.1f}", None, _PLAIN),
)


def show(report: Report, console: Console) -> None:
    """The table, the physical limit, the notes and the machine."""
    first, *others = report.results
    table = Table(title="Ingest, side by side", title_justify="left", header_style="bold")
    table.add_column("", no_wrap=True)
    for result in report.results:
        table.add_column(f"{result.system} {result.version}", justify="right")
    for label, text, number, better in _ROWS:
        cells = [text(first)]
        cells += [text(other) + _ratio(first, other, number, better) for other in others]
        table.add_row(label, *cells)
    console.print(table)
    if others:
        console.print(f"[dim](xn: {first.system} is n times better)[/]")
    if report.limit:
        _show_limit(report.limit, first, console)
    for result in report.results:
        console.print(f"[bold]{result.system}[/]: {'; '.join(result.notes)}.", highlight=False)
    console.print(f"[bold]Machine[/]: {describe(report.machine)}", highlight=False)


def save(report: Report, path: Path) -> None:
    """The report as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def _ratio(first: Result, other: Result, number: Callable[[Result], float] | None, better: str) -> str:
    if number is None:
        return ""
    ours, theirs = number(first), number(other)
    if not ours or not theirs:
        return ""
    times = ours / theirs if better == _MORE else theirs / ours
    return f"  [bold {'green' if times >= 1 else 'red'}]x{times:,.{0 if times >= 10 else 1}f}[/]"


def _show_limit(limit: Limit, result: Result, console: Console) -> None:
    needed = limit.rows / limit.calls
    reached = result.speed.durable_per_s * needed / limit.rows_per_s
    sizes = ", ".join(
        f"{name} {size / limit.calls:.0f}" for name, size in limit.bytes_on_disk.items() if size >= limit.calls
    )
    console.print(
        f"[bold]Physical limit[/]: the engine alone inserts the same rows from Arrow, fsync on, at "
        f"{limit.rows_per_s:,.0f} rows/s; a call is {needed:.2f} rows, so {limit.rows_per_s / needed:,.0f} calls/s. "
        f"{result.system} reached [bold]{reached:.0%}[/] of it.",
        highlight=False,
    )
    total = sum(limit.bytes_on_disk.values()) / limit.calls
    console.print(f"[bold]On disk[/]: {total:.0f} bytes per call after merges ({sizes}).", highlight=False)


def failures(results: Sequence[Result]) -> list[str]:
    """What makes the run worthless as a comparison, in sentences."""
    return [
        f"{result.system} refused {result.speed.failed:,} spans: {result.speed.failure}"
        for result in results
        if result.speed.failed
    ]
