"""Traces and scores written as a user of this release writes them; what is read back of them, as JSON, out."""

import json

from langfuse import Langfuse
from langfuse.decorators import langfuse_context, observe

client = Langfuse()
told = {"auth": client.auth_check()}

trace = client.trace(
    name="first",
    user_id="u-1",
    session_id="s-1",
    tags=["a"],
    metadata={"k": {"x": 1}},
    input={"q": "hi"},
    version="v1",
    release="r1",
)
generation = trace.generation(
    name="gen", model="gpt-4o", input=[{"role": "user", "content": "hi"}], metadata={"m": 1, "n": {"a": 1}}
)
span = trace.span(name="span", input="in")
inner = span.generation(name="inner", model="gpt-4o-mini", input="x")
inner.end(output="y", usage={"input": 7, "output": 3, "total": 10})
span.end(output={"o": [1, 2]})
generation.update(metadata={"n": {"b": 2}})
generation.end(output="hello", usage_details={"input": 10, "output": 5, "cache_read_input_tokens": 4, "total": 19})
trace.event(name="event", input="e")
trace.update(output={"a": 1}, metadata={"k": {"y": 2}}, tags=["b"])
trace.score(name="quality", value=0.9, comment="good")
generation.score(name="kind", value="fine", data_type="CATEGORICAL")
generation.score(name="right", value=1, data_type="BOOLEAN")
client.score(trace_id=trace.id, name="late", value=0.0, id="fixed 2")
client.score(trace_id=trace.id, name="late", value=1.0, id="fixed 2")
client.flush()

got = client.fetch_trace(trace.id).data
names = {one.id: one.name for one in got.observations}
told["trace"] = [
    got.id == trace.id,
    got.name,
    got.user_id,
    got.session_id,
    got.tags,
    got.metadata,
    got.input,
    got.output,
    got.version,
    got.release,
    got.total_cost,
]
told["observations"] = sorted(
    [
        one.name,
        one.type,
        one.model,
        one.input,
        one.output,
        one.metadata,
        one.usage_details,
        one.cost_details,
        names.get(one.parent_observation_id),
    ]
    for one in got.observations
)
told["scores"] = sorted(
    [one.name, one.value, getattr(one, "string_value", None), names.get(one.observation_id)] for one in got.scores
)
told["lists"] = [
    client.fetch_traces(user_id="u-1").meta.total_items,
    client.fetch_traces(user_id="nobody").meta.total_items,
    client.fetch_traces(tags=["a", "b"], session_id="s-1", name="first").meta.total_items,
    [one.name for one in client.fetch_observations(trace_id=trace.id, type="GENERATION").data],
    client.fetch_observation(generation.id).data.name,
    [one.id for one in client.fetch_sessions().data if one.id == "s-1"],
    [one.id == trace.id for one in client.client.sessions.get("s-1").traces],
    [one.name for one in client.client.score.get(name="kind").data],
    client.client.score.get_by_id("fixed 2").value,
]


@observe(as_type="generation")
def answer(question):
    langfuse_context.update_current_observation(model="gpt-4o", usage={"input": 1, "output": 2})
    return "A" + question


@observe()
def ask(question):
    langfuse_context.update_current_trace(user_id="decorated", metadata={"z": 1})
    langfuse_context.score_current_trace(name="useful", value=1)
    return answer(question)


ask("1", langfuse_observation_id="a/trace of mine")
langfuse_context.flush()
got = client.fetch_trace("a/trace of mine").data
told["decorated"] = [
    got.name,
    got.user_id,
    got.metadata,
    got.output,
    [[one.type, one.name, one.output] for one in got.observations],
    [one.name for one in got.scores],
]
client.client.trace.delete("a/trace of mine")
try:
    client.fetch_trace("a/trace of mine")
except Exception as error:
    told["deleted"] = error.status_code
print(json.dumps(told))
