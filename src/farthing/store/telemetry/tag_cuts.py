"""How many values each tag of a day has in, the cuts by tags that are worth trying out. Pure, but for the question's text."""

from collections.abc import Iterable, Sequence

from farthing.store.telemetry.cuts import TAG, Cut, of_tags

MOST_ROWS = 1_000
"""Tags with few values share a cut, so that any of them can be asked about together, while it has no more rows a day."""

MOST_VALUES = 20_000
"""A tag with more values a day names single requests: no cut by it could be small."""

MOST_CUTS = 24
"""Each cut costs some time whenever a day is recomputed."""

_TOGETHER = (("environment",), ("environment", "model"))
"""What goes with the tags that share a cut: what overviews are narrowed to; and what is asked about a tag most."""

OF_PROMPTS = of_tags([f"{TAG}prompt", "prompt_version"])
"""What each version of a prompt costs: the one pair of a tag and a column that is asked about as often as any column."""

_PLACES = 2
"""How many environments are reckoned with."""

CENSUS = f"""
SELECT key, uniqCombined(12)(value) AS values
FROM (
    SELECT arrayJoin(tags) AS tag, tag.1 AS key, tag.2 AS value
    FROM calls
    WHERE project_id = {{project:String}} AND is_owner AND data_mode = ''
      AND start_time >= toDateTime64({{from:UInt32}}, 9, 'UTC') AND start_time < toDateTime64({{to:UInt32}}, 9, 'UTC')
)
GROUP BY key
HAVING values <= {MOST_VALUES}
ORDER BY values, key
LIMIT 64
SETTINGS max_threads = 1
"""
"""The question for the tags of one UTC day, those with the fewest values first."""


def choose(tags: Iterable[tuple[str, int]], known: Sequence[Cut]) -> list[Cut]:
    """Cuts for a day with these tags (key, number of values; fewest first).

    Those the project has for other days come first: a question about many days is answered by one cut.
    """
    values = {TAG + key: count for key, count in tags}
    chosen = [cut for cut in known if _fits(cut, values)][:MOST_CUTS]
    covered = {tag for cut in chosen for tag in cut.tags}
    together: list[str] = []
    alone: list[str] = []
    rows = _PLACES
    for tag, count in values.items():
        if tag in covered:
            continue
        if rows * count <= MOST_ROWS:
            together.append(tag)
            rows *= count
        else:
            alone.append(tag)
    new = [of_tags([*others, *together]) for others in _TOGETHER] if together else []
    new += [of_tags([tag]) for tag in alone]
    if f"{TAG}prompt" in values and OF_PROMPTS not in chosen:
        new.insert(0, OF_PROMPTS)
    return chosen + new[: max(0, MOST_CUTS - len(chosen))]


def _fits(cut: Cut, values: dict[str, int]) -> bool:
    rows = 1
    for tag in cut.tags:
        rows *= values.get(tag, 1)
    return len(cut.tags) == 1 or rows <= MOST_ROWS
