"""Texts as Python prints objects, sound and hostile ones, and the values they stand for."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.privacy import literals


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': 1, 'b': None, 'c': {'d': [1, 2.5]}}", {"a": 1, "b": None, "c": {"d": [1, 2.5]}}),
        ("{'ok': True, 'not': False}", {"ok": True, "not": False}),
        ("Usage(prompt_tokens=21, details=Details(cached=None, audio=0))", {"prompt_tokens": 21, "details": {"cached": None, "audio": 0}}),
        ("pkg.Usage(a=-1, b=1e-05)", {"a": -1, "b": 1e-05}),
        ("""{'a': "it's", 'b': 'say "x"'}""", {"a": "it's", "b": 'say "x"'}),
        ("{'a': nan}", {"a": "nan"}),
        ("(1, 2)", [1, 2]),
        ("[]", []),
        ("{}", {}),
        (' {"a": null} ', {"a": None}),
    ],
)  # fmt: skip
def test_values_are_read(text: str, value: Any) -> None:
    assert literals.parse(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{'a': ",
        "{'a': 1}}",
        "1 + 1",
        "__import__('os').system('true')",
        "[" * 5000,
        "-" * 5000 + "1",
        "{'a': " + "9" * 5000 + ", 'b': it's}",
        "(" * 20 + "x" + ")" * 20,
        "{'a': 1}" + " " * literals.LONGEST,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(literals.UnreadableError):
        literals.parse(text)


@given(st.text(alphabet="{}[]()',:=\"\\ab1.eE-None_\n", max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    with suppress(literals.UnreadableError):
        literals.parse(text)


PRINTED = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(alphabet="abc xyz'\"", max_size=8),
    lambda inner: st.dictionaries(st.text(alphabet="abc_", min_size=1, max_size=6), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(alphabet="abc_", min_size=1, max_size=6), PRINTED, max_size=5))
def test_what_python_prints_is_what_is_read(value: dict[str, Any]) -> None:
    if str(value).count("{") <= literals.DEEPEST:
        assert literals.parse(str(value)) == value
