"""Traces and scores written as a user of this release writes them; what is read back of them, as JSON, out."""

import json

from langfuse import get_client, propagate_attributes

client = get_client()
told = {"auth": client.auth_check()}

with propagate_attributes(user_id="u-5", session_id="s-5", tags=["x", "y"], metadata={"k": "123"}, trace_name="mine"):
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
client.create_score(session_id="s-5", name="session", value="good", data_type="CATEGORICAL")
client.create_score(trace_id=trace_id, name="said", value="some text", data_type="TEXT", score_id="fixed 5")
client.flush()

api = client.api
everything = "core,basic,io,usage,metadata,model,metrics,trace_context,prompt,time"
listed = api.observations.get_many(trace_id=trace_id, fields=everything).data
names = {one.id: one.name for one in listed}
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
        one.user_id,
        one.session_id,
        one.tags,
        one.trace_name,
    ]
    for one in listed
)
told["lists"] = [
    [one.name for one in api.observations.get_many(user_id="u-5", type="GENERATION").data],
    [one.name for one in api.observations.get_many(session_id="s-5", is_root_observation=True).data],
    [one.name for one in api.observations.get_many(trace_id=trace_id, parent_observation_id=names and root.id).data],
]
told["scores"] = sorted(
    [one.name, one.value, one.data_type, one.subject.kind]
    for one in api.scores.get_many(trace_id=trace_id, fields="subject").data
)
told["of_session"] = [[one.value, one.subject.id] for one in api.scores.get_many(session_id="s-5").data]
api.scores.delete("fixed 5")
told["left"] = sorted(one.name for one in api.scores.get_many(trace_id=trace_id).data)
api.trace.delete(trace_id)
told["deleted"] = api.observations.get_many(trace_id=trace_id).data
print(json.dumps(told))
