"""Cases of runs asked for; what each answered, where that is kept, out: as its result told, else as its span did."""

from collections.abc import Iterable, Mapping

import msgspec

from farthing.model.span import Value
from farthing.query import content
from farthing.query.content import Content
from farthing.store.telemetry.engine import Engine

TIMEOUT_S = 60


class Answered(msgspec.Struct, frozen=True):
    """A case, and where its answer may be found. "" where it left no trace, or is no span of it."""

    run_id: str
    item_id: str
    trace_id: str
    span_id: str


_TOLD = """
SELECT run_id, item_id, lower(hex(trace_id)), max(output) AS told FROM run_items
WHERE project_id = {project:String} AND run_id IN {runs:Array(String)} AND item_id IN {items:Array(String)}
GROUP BY run_id, item_id, trace_id HAVING told != ''
"""


def of_cases(engine: Engine, project_id: str, asked: Iterable[Answered]) -> dict[tuple[str, str], Value]:
    """Run and item → its answer, of those whose answer is kept. Raises `StoreError`."""
    cases = list(asked)
    told = {
        "project": project_id,
        "runs": sorted({one.run_id for one in cases}),
        "items": sorted({one.item_id for one in cases}),
    }
    rows = engine.query(_TOLD, told, timeout_s=TIMEOUT_S).rows if cases else ()
    kept = {(run_id, item_id, trace): document for run_id, item_id, trace, document in rows}
    found: dict[tuple[str, str], Value] = {}
    left: list[Answered] = []
    for one in cases:
        document = kept.get((one.run_id, one.item_id, one.trace_id))
        if document is not None:
            found[one.run_id, one.item_id] = msgspec.json.decode(document)
        elif one.trace_id:
            left.append(one)
    if left:
        spans = sorted({one.span_id for one in left})
        # Where one of them is a whole trace, all spans are looked at.
        said = content.of_traces(engine, project_id, sorted({o.trace_id for o in left}), spans if all(spans) else ())
        for one in left:
            answer = _said(said.get(one.trace_id, {}), one.span_id)
            if answer is not None:
                found[one.run_id, one.item_id] = answer
    return found


def _said(spans: Mapping[str, Content], span_id: str) -> Value:
    if span_id:
        return spans[span_id].output if span_id in spans else None
    return content.of_whole(spans).output if spans else None
