"""Traces and scores written as a user of this release writes them; what is read back of them, as JSON, out."""

import json

from langfuse import get_client, propagate_attributes

client = get_client()
told = {"auth": client.auth_check()}

with propagate_attributes(user_id="u-4", session_id="s-4", tags=["x", "y"], metadata={"k": "v"}, trace_name="mine"):
    with client.start_as_current_observation(name="root", as_type="span", input={"q": 1}) as root:
        with client.start_as_current_observation(
            name="gen",
            as_type="generation",
            model="gpt-4o",
            input=[{"role": "user", "content": "hi"}],
            model_parameters={"temperature": 1},
        ) as generation:
            generation.update(output="hello", usage_details={"input": 10, "output": 5}, metadata={"deep": {"a": [1]}})
            generation.score(name="right", value=1, data_type="BOOLEAN")
        root.update(output="123")
        client.score_current_trace(name="quality", value=0.5, comment="c", metadata={"a": 1})
        trace_id = client.get_current_trace_id()
client.create_score(session_id="s-4", name="session", value="good", data_type="CATEGORICAL")
client.create_score(trace_id=trace_id, name="said", value="some text", data_type="TEXT", score_id="fixed 4")
client.flush()

api = client.api
got = api.trace.get(trace_id)
told["trace"] = [got.name, got.user_id, got.session_id, got.tags, got.metadata, got.input, got.output, got.total_cost]
names = {one.id: one.name for one in got.observations}
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
told["scores"] = sorted([one.name, one.value, one.data_type] for one in got.scores)
first = api.observations.get_many(trace_id=trace_id, fields="core,basic,io", limit=1)
second = api.observations.get_many(trace_id=trace_id, fields="core,basic,io", limit=1, cursor=first.meta.cursor)
told["second"] = [[one.name, one.input, one.output] for one in (*first.data, *second.data)]
told["lists"] = [
    second.meta.cursor,
    api.trace.list(session_id="s-4", tags=["x"], name="mine").meta.total_items,
    [one.name for one in api.legacy.observations_v1.get_many(trace_id=trace_id).data],
    len(api.sessions.get("s-4").traces),
    sorted(one.name for one in api.scores.get_many(session_id="s-4").data),
    api.scores.get_by_id("fixed 4").string_value,
]
print(json.dumps(told))
