"""A variant's system prompt stands before what the client says, whose bytes stay."""

import pytest

from farthing.gateway import asked
from farthing.gateway.kinds import find
from farthing.gateway.prompting import prompted

TEMPLATE = "Be brief, {{ name }}{{ missing }}."


@pytest.mark.parametrize(
    ("path", "body", "sent"),
    [
        (
            "chat/completions",
            b'{"model":"m","input":{"name":"Ada"},"messages":[ {"role" :"user"} ]}',
            b'{"messages":[{"role":"system","content":"Be brief, Ada."}, {"role" :"user"} ]}',
        ),
        ("chat/completions", b'{"model":"m","messages":[ ]}', b'{"messages":[{"role":"system","content":"Be brief, ."} ]}'),
        ("messages", b'{"model":"m"}', b'{"system":"Be brief, ."}'),
        ("messages", b'{"model":"m","system":"And kind."}', b'{"system":"Be brief, .\\n\\nAnd kind."}'),
        (
            "messages",
            b'{"model":"m","system":[{"type":"text","text":"x"}]}',
            b'{"system":[{"type":"text","text":"Be brief, ."},{"type":"text","text":"x"}]}',
        ),
        ("responses", b'{"model":"m","input":"hi"}', b'{"instructions":"Be brief, ."}'),
        ("embeddings", b'{"model":"m","input":"hi"}', b"{}"),
    ],
)  # fmt: skip
def test_where_it_stands(path: str, body: bytes, sent: bytes) -> None:
    found = find(f"/v1/{path}", "POST")
    assert found
    members = asked.read(body, found.kind).members
    assert asked.spliced({}, prompted(members, found.kind, TEMPLATE)) == sent
