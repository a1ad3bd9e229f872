"""Traces and scores written as a user of this release writes them; what is read back of them, as JSON, out."""

import json

from langfuse import get_client

client = get_client()
told = {"auth": client.auth_check()}

with client.start_as_current_observation(name="root", as_type="span", input={"q": 1}) as root:
    client.update_current_trace(
        name="mine",
        user_id="u-3",
        session_id="s-3",
        tags=["x", "y"],
        metadata={"k": "v", "n": 1},
        input="ti",
        output={"to": 1},
    )
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
    url = client.get_trace_url()
client.create_score(session_id="s-3", name="session", value="good", data_type="CATEGORICAL")
client.create_score(trace_id=trace_id, name="said", value="some text", data_type="TEXT", score_id="fixed 3")
client.flush()

api = client.api
got = api.trace.get(trace_id)
names = {one.id: one.name for one in got.observations}
told["url"], told["trace_id"], told["path"] = url, trace_id, got.html_path
told["trace"] = [got.name, got.user_id, got.session_id, got.tags, got.metadata, got.input, got.output, got.total_cost]
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
        one.model_parameters,
    ]
    for one in got.observations
)
told["scores"] = sorted([one.name, one.value, one.data_type] for one in got.scores)
listed = api.observations_v_2.get_many(trace_id=trace_id, fields="core,basic,io,usage,metadata,trace_context").data
told["second"] = sorted([one["name"], one["input"], one["output"], one["totalCost"], one["tags"]] for one in listed)
told["lists"] = [
    api.trace.list(user_id="u-3").meta.total_items,
    api.trace.list(session_id="s-3", tags=["x"], name="mine").meta.total_items,
    [one.name for one in api.observations.get_many(trace_id=trace_id).data],
    api.observations.get(listed[0]["id"]).name,
    len(api.sessions.get("s-3").traces),
    sorted(one.name for one in api.score_v_2.get(session_id="s-3").data),
    api.score_v_2.get_by_id("fixed 3").string_value,
]
api.trace.delete(trace_id)
try:
    api.trace.get(trace_id)
except Exception as error:
    told["deleted"] = error.status_code
print(json.dumps(told))
