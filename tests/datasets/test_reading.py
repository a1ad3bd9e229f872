"""Files of items in; drafts and what is wrong on which line out, and files of items, read back as they were."""

import pytest

from farthing.datasets.dataset import Draft, Item
from farthing.datasets.reading import read
from farthing.datasets.writing import write
from farthing.errors import BadRequestError

CSV = """question,context,answer,level
"What, is
this?",{"a": [1]},42,1
second,[not json,,2
third,x
"""


def test_columns_of_a_csv_become_fields_and_lines_are_told() -> None:
    found = read("csv", CSV.encode(), {"input": ["question", "context"], "expected_output": ["answer"]})
    assert found.drafts == [
        Draft(input={"question": "What, is\nthis?", "context": {"a": [1]}}, expected="42", line=2),
        Draft(input={"question": "second", "context": "[not json"}, expected="", line=4),
    ]
    assert [(one.line, one.message) for one in found.faults] == [(5, "it has 2 columns, not 4 as the first line")]
    assert found.ignored == ["level"]


def test_plain_names_need_no_columns_to_be_named() -> None:
    told = b'\xef\xbb\xbfid;input;expectedOutput;metadata\na;1;;{"x": 1}\n;[1];y;\n'
    assert read("csv", told).drafts == [
        Draft(id="a", input="1", expected=None, metadata={"x": 1}, line=2),
        Draft(input=[1], expected="y", metadata=None, line=3),
    ]
    assert "question" in str(read("csv", CSV.encode()).faults[0])


def test_lines_of_json_are_read_each_for_itself() -> None:
    told = b'{"input": null, "expected_output": 1}\n\n[1]\n{"q": 1}\n{"input": {}, "id": 5}\n{"input"\n'
    found = read("jsonl", told)
    assert found.drafts == [Draft(input=None, expected=1, line=1), Draft(input={}, line=5)]
    assert [one.line for one in found.faults] == [3, 4, 5, 6]
    assert read("jsonl", b'{"q": 1, "r": 2}', {"input": ["q"], "metadata": ["r"]}).drafts == [
        Draft(input=1, metadata={"r": 2}, line=1)
    ]


def test_what_is_no_such_file_is_refused() -> None:
    for kind, told in (("json", b"{}"), ("json", b"["), ("csv", b"\xff"), ("csv", b"a,a\n1,2\n"), ("xml", b"")):
        with pytest.raises(BadRequestError):
            read(kind, told)
    with pytest.raises(BadRequestError):
        read("json", b"[]", {"inputs": ["x"]})


def test_what_is_written_is_read_back() -> None:
    items = [
        Item("a/1", "ds", "ACTIVE", {"q": "é,\n"}, None, [1], "t", "", 1, 1),
        Item("b", "ds", "ARCHIVED", None, "=1+1", None, "", "s", 1, 1),
    ]
    drafts = [
        Draft(id="a/1", input={"q": "é,\n"}, metadata=[1], source_trace="t", line=1),
        Draft(id="b", input=None, expected="=1+1", source_observation="s", status="ARCHIVED", line=2),
    ]
    for kind in ("jsonl", "json"):
        assert read(kind, "".join(write(kind, items)).encode()).drafts == drafts
    assert "'=1+1" in "".join(write("csv", items))
