"""Two servers and what is wanted of the one in; all of it in the other, list by list, with a progress bar, out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from farthing.cli.client import RefusedError
from farthing.cli.importing import datasets, prompts, record, telemetry
from farthing.cli.importing.ends import Ends
from farthing.cli.importing.peer import DeclinedError, Json, Peer
from farthing.cli.importing.record import Record
from farthing.query import moments

PROMPTS, DATASETS, TRACES, SCORES = "prompts", "datasets", "traces", "scores"

STEPS: Mapping[str, Sequence[Callable[[Ends], None]]] = {
    PROMPTS: (prompts.import_prompts,),
    # Runs need the items they tried, and a run's scores need the run.
    DATASETS: (datasets.import_datasets, datasets.import_runs),
    TRACES: (telemetry.import_traces,),
    SCORES: (telemetry.import_scores,),
}
"""In the order in which one needs the other."""

OVERLAP = timedelta(days=1)
"""What a later import reads again of the time before it: some things are told late."""

_COUNTED = {
    PROMPTS: ("/v2/prompts",),
    DATASETS: ("/v2/datasets", "/dataset-items"),
    TRACES: ("/traces", "/observations"),
    SCORES: ("/score-configs", "/v2/scores"),
}


def project_of(peer: Peer) -> str:
    """The project its keys lead to. Raises `RefusedError`."""
    try:
        found: list[Json] = peer.get("/projects").get("data") or []
        return str(found[0]["id"])
    except (DeclinedError, AttributeError, LookupError, TypeError) as error:
        msg = f"{peer.name} ({peer.url}) doesn't answer as Langfuse's public API does: {error}"
        raise RefusedError(msg) from error


def begun(before: Record | None, source: str, asked: str, now: datetime, *, anew: bool) -> Record:
    """The record to go on with: the one of a run that was cut off, else a new one, of what came since the last run.

    `asked` is from when on, as a person says it; "" where nobody did. Raises `ParameterError`.
    """
    if before is not None and not anew and not before.finished and before.asked == asked:
        return before
    since = _text(moments.EPOCH + timedelta(seconds=_seconds(asked, now))) if asked else ""
    if before is not None and before.finished and not anew and not asked:
        since = _text(datetime.fromisoformat(before.until) - OVERLAP)
    return Record(source, asked=asked, since=since, until=_text(now), runs={} if before is None else before.runs)


def _seconds(asked: str, now: datetime) -> int:
    return moments.parse("--since", asked, int(now.timestamp()) * moments.NS, UTC) // moments.NS


def run(console: Console, ends: tuple[Peer, Peer], kept: tuple[Path, Record], wanted: Sequence[str]) -> None:
    """Import what is wanted. Raises `RefusedError`; then the same call goes on where this one ended."""
    source, target = ends
    file, held = kept
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        shown: dict[str, TaskID] = {}

        def keep(name: str) -> None:
            record.write(file, held)
            reading = held.reading(name)
            if name not in shown:
                shown[name] = progress.add_task(name, total=None, said="")
            count = reading.taken + sum(reading.refused.values())
            total = count if reading.done else reading.total
            said = f"{count:,}" if total is None else f"{count:,} of {total:,}"
            progress.update(shown[name], completed=count, total=total, said=said)

        both = Ends(source, target, held, keep)
        try:
            for name, steps in STEPS.items():
                if name in wanted:
                    for step in steps:
                        step(both)
        except DeclinedError as error:
            msg = f"{error} Run the same command again to go on from here."
            raise RefusedError(msg) from error
    held.finished = True
    record.write(file, held)


def counts(source: Peer, wanted: Sequence[str], since: str) -> dict[str, int | None]:
    """List → how many stand in it at the source; None where it doesn't say. Raises `RefusedError`."""
    found: dict[str, int | None] = {}
    for name in wanted:
        for path in _COUNTED[name]:
            asked = {"limit": "1"}
            if since and name in (TRACES, SCORES):
                asked |= {"fromTimestamp": since, "fromStartTime": since}
            try:
                told: Json = source.get(path, asked)
                meta: Json = told.get("meta") or {}
                found[path] = meta.get("totalItems")
            except DeclinedError:
                found[path] = None
    return found


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
