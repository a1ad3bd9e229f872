"""The source's traces, observations, score configs and scores in; the same here, under the ids they have there, out."""

from collections.abc import Sequence

from farthing.cli.importing import events
from farthing.cli.importing.ends import Ends
from farthing.cli.importing.lists import Listing
from farthing.cli.importing.peer import Json
from farthing.cli.importing.record import Reading, Record
from farthing.cli.importing.sending import send

TRACES, BESIDE, OBSERVATIONS = "traces", "tellings of traces", "observations"
CONFIGS, SCORES = "score configs", "scores"

_GROUPS = "core,basic,time,io,metadata,model,usage,prompt,trace_context"


def import_traces(ends: Ends) -> None:
    """Traces, and all observations. Raises `RefusedError`."""
    asked = {"fields": "core,io"} | _between(ends.record, "fromTimestamp", "toTimestamp")

    def take_traces(reading: Reading, _: int, items: Sequence[Json]) -> None:
        send(ends.target, reading, [events.of_trace(one) for one in items])

    has_list = ends.read(TRACES, (Listing("/traces", asked),), take_traces)

    def take(reading: Reading, way: int, items: Sequence[Json]) -> None:
        send(ends.target, reading, [events.of_observation(one) for one in items])
        if not has_list:
            beside = [events.of_trace_beside(one) for one in items if one.get("traceId")]
            send(ends.target, ends.record.reading(BESIDE), list({one["id"]: one for one in beside}.values()))
        if way:
            ends.record.miss("Its newer list of observations cuts values of metadata after 200 characters.")

    asked = _between(ends.record, "fromStartTime", "toStartTime")
    newer = {**asked, "fields": _GROUPS, "parseIoAsJson": "true"}
    ways = (Listing("/observations", asked), Listing("/v2/observations", newer, by_cursor=True))
    ends.read(OBSERVATIONS, ways, take)


def import_scores(ends: Ends) -> None:
    """Score configs, and scores, which name them. Raises `RefusedError`."""
    configs = _configs(ends)

    def take(reading: Reading, _: int, items: Sequence[Json]) -> None:
        made: list[Json] = []
        for one in items:
            try:
                made.append(events.of_score(one, configs, ends.record.runs))
            except LookupError as error:
                reading.refuse(str(one.get("id")), str(error))
        send(ends.target, reading, made)

    asked = _between(ends.record, "fromTimestamp", "toTimestamp")
    ways = (Listing("/v2/scores", asked), Listing("/v3/scores", asked, by_cursor=True), Listing("/scores", asked))
    ends.read(SCORES, ways, take)


def _configs(ends: Ends) -> dict[str, str]:
    """The source's id of a config that takes scores → its id here; those that are missing are made."""
    mine: dict[str, str] = {}
    listing = Listing("/score-configs")
    held = {_what(one): str(one["id"]) for one in ends.here(listing) if not one.get("isArchived")}

    def take(reading: Reading, _: int, items: Sequence[Json]) -> None:
        for one in items:
            # An archived config takes no scores; its scores keep what they are without it.
            if one.get("isArchived"):
                reading.refuse(str(one.get("name")), "It is archived.")
                continue
            which = _what(one)
            if which not in held:
                fields = ("name", "dataType", "categories", "minValue", "maxValue", "description")
                body = {field: one[field] for field in fields if one.get(field) is not None}
                made = ends.put(reading, str(one.get("name")), listing.path, body)
                if made is None:
                    continue
                held[which] = str(made["id"])
            else:
                reading.taken += 1
            mine[str(one["id"])] = held[which]

    # They are few, and needed anew by whoever goes on with scores.
    ends.record.lists[CONFIGS] = Reading()
    ends.read(CONFIGS, (listing,), take)
    return mine


def _what(config: Json) -> str:
    """What makes two configs the same."""
    categories: list[Json] = config.get("categories") or []
    told = [(one.get("label"), float(one.get("value") or 0)) for one in categories]
    bounds = [None if config.get(one) is None else float(config[one]) for one in ("minValue", "maxValue")]
    return repr((config.get("name"), config.get("dataType"), bounds, told))


def _between(record: Record, since: str, until: str) -> dict[str, str]:
    return ({since: record.since} if record.since else {}) | {until: record.until}
