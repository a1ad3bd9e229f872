"""Traces in; what their spans tell of them, user, session, tags and the like, and conditions on that as SQL, out.

Langfuse keeps these with the trace: whichever span tells one, tells it of all. Spans are rows with their attributes as JSON, so a
condition looks at the text first and reads the JSON only where the value stands in it.
"""

from collections.abc import Iterable, Sequence

import msgspec

from farthing.normalize.fragments import OF_TRACE
from farthing.query.parameters import Parameters
from farthing.store.telemetry.engine import Engine

USERS = ("user.id", "user_id", "userId", "enduser.id", "langfuse.user.id", "langfuse.trace.metadata.langfuse_user_id",
         "langfuse.observation.metadata.langfuse_user_id")  # fmt: skip
SESSIONS = ("session.id", "session_id", "sessionId", "gen_ai.conversation.id", "langfuse.session.id",
            "langfuse.trace.metadata.langfuse_session_id", "langfuse.observation.metadata.langfuse_session_id")  # fmt: skip
ENVIRONMENTS = ("langfuse.environment", "deployment.environment.name", "deployment.environment", "environment")
NAMES = ("langfuse.trace.name",)
RELEASES = ("langfuse.release",)
VERSIONS = ("langfuse.version",)
TAGS = ("langfuse.trace.tags", "tag.tags", "langfuse_tags", "langfuse.trace.metadata.langfuse_tags",
        "langfuse.observation.metadata.langfuse_tags")  # fmt: skip

_MOST_SEARCHED = 255
"""Texts that the engine looks for at once."""


def told(names: Sequence[str], document: str = "attributes") -> str:
    """The first of these attributes that there is, as text; '' where there is none."""
    # Among metadata the newest SDKs write texts as JSON.
    found = [f"nullIf(trim(BOTH '\"' FROM JSONExtractString({document}, '{name}')), '')" for name in names]
    return f"coalesce({', '.join(found)}, '')"


def told_of_trace(names: Sequence[str]) -> str:
    """In SQL, of a trace's spans: what the one that stands for the trace tells, else the earliest that tells it."""
    return (
        f"argMinIf({told(names)}, (position(attributes, '\"{OF_TRACE}\":true') = 0, start_time), {told(names)} != '')"
    )


def is_any(names: Sequence[str], values: Sequence[str], p: Parameters) -> str:
    """Whether a span tells one of these values under one of these names."""
    said = f"{told(names)} IN {p.add('Array(String)', list(values))}"
    if len(values) > _MOST_SEARCHED:
        return f"({said})"
    return f"(multiSearchAny(attributes, {p.add('Array(String)', [_written(one) for one in values])}) AND {said})"


def _written(text: str) -> str:
    """As it stands in a document."""
    return msgspec.json.encode(text).decode()[1:-1]


def such(project_id: str, users: Sequence[str], tags: Sequence[str], p: Parameters) -> str:
    """A query for the traces of these users that have all of these tags."""
    having: list[str] = []
    where: list[str] = []
    if users:
        said = is_any(USERS, users, p)
        having.append(f"countIf({said}) > 0")
        where.append(said)
    for tag in tags:
        said = has_tag(tag, p)
        having.append(f"countIf({said}) > 0")
        where.append(said)
    return (
        f"SELECT trace_id FROM spans WHERE project_id = {p.add('String', project_id)} AND ({' OR '.join(where)})"
        f" GROUP BY trace_id HAVING {' AND '.join(having)}"
    )


def has_tag(tag: str, p: Parameters) -> str:
    """Whether a span tells this tag."""
    # A list that is a text in a document is written twice: only letters stand in it as they are.
    near = f"position(attributes, {p.add('String', _written(tag))}) > 0 AND " if tag.isascii() and tag.isalnum() else ""
    return f"({near}has({LISTED}, {p.add('String', tag)}))"


def _listed(name: str) -> str:
    told_so = f"JSONExtract(attributes, '{name}', 'Array(String)')"
    as_text = f"JSONExtract(JSONExtractString(attributes, '{name}'), 'Array(String)')"
    return f"arrayConcat({told_so}, {as_text})" if name.endswith("langfuse_tags") else told_so


LISTED = f"if(position(attributes, 'tags') > 0, arrayConcat({', '.join(_listed(name) for name in TAGS)}), [])"
"""In SQL: all tags that a span tells."""


class About(msgspec.Struct, frozen=True):
    """What is told of one trace; "" where nobody tells."""

    user_id: str = ""
    session_id: str = ""
    environment: str = ""
    name: str = ""
    release: str = ""
    version: str = ""
    tags: tuple[str, ...] = ()


NOTHING = About()

_ABOUT = ", ".join(told_of_trace(names) for names in (USERS, SESSIONS, ENVIRONMENTS, NAMES, RELEASES, VERSIONS))


def about(engine: Engine, project_id: str, traces: Iterable[bytes]) -> dict[bytes, About]:
    """What these traces' spans tell of them; of several that tell the same, the earliest. Raises `StoreError`."""
    asked = {"project": project_id, "traces": sorted(one.hex() for one in traces)}
    if not asked["traces"]:
        return {}
    rows = engine.query(
        f"SELECT trace_id, {_ABOUT}, arrayDistinct(arrayFlatten(groupArray({LISTED})))"
        " FROM spans FINAL WHERE project_id = {project:String}"
        " AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)) GROUP BY trace_id",
        asked,
    ).rows
    return {row[0]: About(row[1], row[2], row[3], row[4], row[5], row[6], tuple(row[7])) for row in rows}
