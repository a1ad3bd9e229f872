"""Traces in; what their spans tell of them, user, session, tags and the like, and conditions on that as SQL, out.

Langfuse keeps these with the trace: whichever span tells one, tells it of all. Spans are rows with their attributes as JSON, so a
condition looks at the text first and reads the JSON only where the value stands in it.
"""

from collections.abc import Iterable, Sequence

import msgspec

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
TAGS = ("langfuse.trace.tags", "tag.tags", "langfuse_tags")


def told(names: Sequence[str], document: str = "attributes") -> str:
    """The first of these attributes that there is, as text; '' where there is none."""
    # Among metadata the newest SDKs write texts as JSON.
    found = [f"nullIf(trim(BOTH '\"' FROM JSONExtractString({document}, '{name}')), '')" for name in names]
    return f"coalesce({', '.join(found)}, '')"


def is_any(names: Sequence[str], values: Sequence[str], p: Parameters) -> str:
    """Whether a span tells one of these values under one of these names."""
    near = p.add("Array(String)", list(values))
    return f"(multiSearchAny(attributes, {near}) AND {told(names)} IN {near})"


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
    said = p.add("String", tag)
    lists = " OR ".join(f"has(JSONExtract(attributes, '{name}', 'Array(String)'), {said})" for name in TAGS)
    return f"(position(attributes, {said}) > 0 AND ({lists}))"


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

_EARLIEST = "argMinIf({told}, start_time, {told} != '')"
_ABOUT = ", ".join(
    _EARLIEST.format(told=told(names)) for names in (USERS, SESSIONS, ENVIRONMENTS, NAMES, RELEASES, VERSIONS)
)
LISTED = "arrayConcat(" + ", ".join(f"JSONExtract(attributes, '{name}', 'Array(String)')" for name in TAGS) + ")"
"""In SQL: all tags that a span tells."""


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
