"""Templates say what they should, render empty what isn't told, and can neither reach out nor blow up."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.errors import BadRequestError
from farthing.query.errors import ParameterError
from farthing.routing.templates import LONGEST_TEMPLATE, check, render


@pytest.mark.parametrize(
    ("template", "told", "text"),
    [
        ("You are kind.\n", {}, "You are kind.\n"),
        ('Answer as {"a": {"b": 1}}.', {}, 'Answer as {"a": {"b": 1}}.'),
        ("Help {{ name }}!", {"name": "Ada"}, "Help Ada!"),
        ("Help {{ name }}{{ a.b.c }}{{ a[0] }}{{ nothing }}!", {"nothing": None}, "Help !"),
        ("{{ user.name }}, {{ user['name'] }}, {{ list[1] }}", {"user": {"name": "Ada"}, "list": [1, 2]}, "Ada, Ada, 2"),
        ("{{ order.items[0] }}{{ order.items|length }}", {"order": {"items": ["x"]}}, "x1"),
        ("{{ text.upper }}{{ text.__class__ }}{{ text['__class__'] }}", {"text": "x"}, ""),
        ("{% for i in l %}{{ loop.index }}{{ i }}{{ ',' if not loop.last }}{% else %}none{% endfor %}", {"l": ["a", "b"]}, "1a,2b"),
        ("{% for i in l %}x{% else %}none{% endfor %}", {}, "none"),
        ("{% for k, v in m|dictsort %}{{ k }}={{ v }};{% endfor %}", {"m": {"b": 2, "a": 1}}, "a=1;b=2;"),
        ("{% if tier in ['gold', 'silver'] and not x %}yes{% elif x %}x{% endif %}", {"tier": "gold"}, "yes"),
        ("{{ n + 1 }} {{ n - 1 }} {{ -n }} {{ n if n is odd else 0 }}", {"n": 3}, "4 2 -3 3"),
        ("{{ a|default('none') }} {{ a|default(b) }} {{ l|join(', ') }}", {"b": "B", "l": [1, 2]}, "none B 1, 2"),
        ("{{ d|tojson }}{{ nothing|tojson }}", {"d": {"ü": "<1>"}}, '{"ü": "<1>"}'),
        ("{% set x = name|upper %}{{ x }} {# a remark #}", {"name": "<b>"}, "<B> "),
    ],
)  # fmt: skip
def test_a_template_says(template: str, told: dict[str, Any], text: str) -> None:
    check(template)
    assert render(template, told) == text


@pytest.mark.parametrize(
    "template",
    [
        "{{ x.upper() }}",
        "{% for a in range(9) %}{% endfor %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% block a %}{% endblock %}",
        "{% macro a() %}{% endmacro %}",
        "{% call a() %}{% endcall %}",
        "{% filter upper %}a{% endfilter %}",
        "{% set a %}b{% endset %}",
        "{% set ns.a = 1 %}",
        "{% for a in b recursive %}{{ loop(a) }}{% endfor %}",
        "{{ x * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ x ~ x }}",
        "{{ [x, x] }}",
        "{{ {'a': x} }}",
        "{{ x|replace('a', x) }}",
        "{{ x|center(1000000000) }}",
        "{{ x|attr('__class__') }}",
        "{{ x|map('upper') }}",
        "{{ x is callable }}",
        "{{ self }}",
        "{{ farthing_tick }}",
        "{{ x",
        "{% if %}{% endif %}",
        "{{ 'a' * 9 }}" * (LONGEST_TEMPLATE // 10),
    ],
)
def test_what_could_reach_out_or_grow_is_no_template(template: str) -> None:
    with pytest.raises(ParameterError, match=r"^system_prompt: "):
        check(template)


@pytest.mark.parametrize(
    ("template", "told", "said"),
    [
        (
            "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}",
            {"x": [0] * 1_000},
            "go round more",
        ),
        ("{% for a in x %}{{ y }}{% endfor %}", {"x": [0] * 1_000, "y": "q" * 10_000}, "longer than 1,000,000"),
        ("{% set a = x|replace('q', '" + "q" * 100 + "') %}{{ a }}", {"x": "q" * 100_000}, "longer than 1,000,000"),
        ("{{ x + x }}", {"x": "q"}, r"\+ is for numbers"),
        ("{{ x|sum }}", {"x": ["q"]}, "can't be rendered"),
        ("{{ x|int + y }}", {"x": "q"}, "is for numbers"),
        ("{% for a in x %}{% endfor %}", {"x": 7}, "can't be rendered"),
    ],
)
def test_what_goes_wrong_with_an_input_is_told(template: str, told: dict[str, Any], said: str) -> None:
    check(template)
    with pytest.raises(BadRequestError, match=said):
        render(template, told)


def test_text_of_the_input_is_no_template() -> None:
    assert render("{{ x }}", {"x": "{{ y }}{% for %}", "y": "secret"}) == "{{ y }}{% for %}"


@given(template=st.text(alphabet="{}%#|.()[]'+-*~ abx1,:\n", max_size=60), told=st.dictionaries(st.sampled_from("abx"), st.text(max_size=5)))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_text_renders_or_is_refused(template: str, told: dict[str, str]) -> None:
    try:
        check(template)
        assert isinstance(render(template, told), str)
    except BadRequestError:
        pass
