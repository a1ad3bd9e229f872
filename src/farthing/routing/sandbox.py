"""A template and the values of its variables in; the text out. Pure, and bounded in size and time.

Templates are Jinja's, in its sandbox, and of its language only what a prompt needs: text, variables and their members,
conditions, loops, and filters that are known not to blow up. What a call doesn't tell renders empty.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, NoReturn, cast

from jinja2 import ChainableUndefined, Template, TemplateError, Undefined, nodes
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.visitor import NodeTransformer

from farthing.errors import BadRequestError
from farthing.query.errors import ParameterError

LONGEST_TEXT = 1_000_000
MOST_ROUNDS = 20_000
"""Rounds of all loops together."""

_LONGEST_ARGUMENT = 100
_TICK = "farthing_tick"

_FILTERS = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "int", "items", "join", "last", "length",
    "list", "lower", "max", "min", "replace", "reverse", "round", "sort", "string", "sum", "title", "tojson", "trim",
    "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
_TESTS = (
    "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "ge", "gt", "in", "iterable", "le", "lt", "mapping",
    "ne", "none", "number", "odd", "sequence", "string", "true", "undefined", "==", "!=", "<", "<=", ">", ">=",
)  # fmt: skip
_ALLOWED = frozenset(
    {
        "Template", "Output", "TemplateData", "Name", "Getattr", "Getitem", "Slice", "Const", "Filter", "Test", "If", "For",
        "Compare", "Operand", "And", "Or", "Not", "Neg", "CondExpr", "Assign", "Tuple", "List", "Keyword", "Sub", "Add",
    }
)  # fmt: skip
"""Everything else could call, import or grow. `Add` is for numbers: text is never added, see `_Environment`."""


class RenderError(BadRequestError):
    """A template can't be rendered with this input."""

    code = "template"


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, in which members are those of the input's objects, and sums are of numbers alone."""

    intercepted_binops = frozenset({"+", "-"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A member of an object: never a method of ours, though it may be called `items`."""
        if isinstance(obj, LoopContext | Undefined):
            return super().getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Likewise."""
        try:
            if isinstance(obj, Mapping | Sequence):
                return cast("Any", obj)[argument]
        except (LookupError, TypeError):
            pass
        return self.undefined(obj=obj, name=str(argument))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """A sum or difference: text that is added to itself would grow beyond all bounds."""
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            msg = f"{operator} is for numbers; write texts one after the other."
            raise RenderError(msg)
        return super().call_binop(context, operator, left, right)


class _Counted(NodeTransformer):
    """Counts the rounds of every loop, also of one that writes nothing."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802  the visitor's name for it
        """With a tick before its body."""
        self.generic_visit(node)
        tick = nodes.Call(nodes.Name(_TICK, "load"), [], [], None, None)
        node.body.insert(0, nodes.ExprStmt(tick, lineno=node.lineno))
        return node


def render(template: str, given: Mapping[str, Any]) -> str:
    """The text. Raises `RenderError`."""
    rounds = 0

    def tick() -> None:
        nonlocal rounds
        rounds += 1
        if rounds > MOST_ROUNDS:
            msg = f"The template's loops go round more than {MOST_ROUNDS:,} times for this input."
            raise RenderError(msg)

    written: list[str] = []
    size = 0
    values = {name: value for name, value in given.items() if name != _TICK}
    try:
        for piece in _compiled(template).generate({**values, _TICK: tick}):
            size += len(piece)
            if size > LONGEST_TEXT:
                _too_long()
            written.append(piece)
    except RenderError:
        raise
    except (
        TemplateError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ) as error:
        msg = f"The template can't be rendered with this input: {error}."
        raise RenderError(msg) from error
    return "".join(written)


def check(template: str, field: str) -> None:
    """Raises `ParameterError` for what is no template, or one of more than is allowed."""
    try:
        _compiled(template)
    except RenderError as error:
        raise ParameterError(field, str(error)) from error
    except (TemplateError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise ParameterError(field, f"{error}{f' (line {line})' if line else ''}.") from error


@lru_cache(maxsize=512)
def _compiled(template: str) -> Template:
    parsed = _ENVIRONMENT.parse(template)
    _check_words(parsed)
    _Counted().visit(parsed)
    parsed.set_environment(_ENVIRONMENT)
    return Template.from_code(_ENVIRONMENT, _ENVIRONMENT.compile(parsed), {}, None)


def _check_words(parsed: nodes.Template) -> None:
    for node in parsed.find_all(nodes.Node):
        name = type(node).__name__
        if name not in _ALLOWED:
            _not_allowed(f"{name.lower()} is not allowed", node)
        if isinstance(node, nodes.Name) and node.name in ("self", _TICK):
            _not_allowed(f"{node.name} is no variable", node)
        if isinstance(node, nodes.For) and node.recursive:
            _not_allowed("a loop may not call itself", node)
        if isinstance(node, nodes.Filter):
            _check_filter(node)
        is_target = isinstance(node, nodes.Tuple) and node.ctx == "store"
        if isinstance(node, nodes.List | nodes.Tuple) and not is_target and not _is_constant(node):
            _not_allowed("a list may hold nothing but constants", node)


def _check_filter(node: nodes.Filter) -> None:
    if node.name not in _FILTERS:
        _not_allowed(f"there is no filter {node.name!r}; there are {', '.join(_FILTERS)}", node)
    if node.node is None:
        _not_allowed("a block can't be filtered", node)
    given = [*node.args, *(one.value for one in node.kwargs)]
    # With what a call tells as their arguments, some filters would grow beyond all bounds.
    if node.name not in ("default", "d") and not all(_is_constant(one) for one in given):
        _not_allowed(f"the filter {node.name} takes constants of at most {_LONGEST_ARGUMENT} characters", node)


def _is_constant(node: nodes.Expr) -> bool:
    if isinstance(node, nodes.List | nodes.Tuple):
        return all(_is_constant(one) for one in node.items)
    return isinstance(node, nodes.Const) and len(str(node.value)) <= _LONGEST_ARGUMENT


def _not_allowed(what: str, node: nodes.Node) -> NoReturn:
    msg = f"line {node.lineno}: {what}. Use variables, if, for and filters."
    raise RenderError(msg)


def _too_long() -> NoReturn:
    msg = f"The text gets longer than {LONGEST_TEXT:,} characters with this input."
    raise RenderError(msg)


def _bounded(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        found = work(*args, **kwargs)
        if isinstance(found, str) and len(found) > LONGEST_TEXT:
            _too_long()
        return found

    return bounded


def _json(value: Any) -> str:
    """For a model, not for a page of HTML, which Jinja's own is for."""
    return "" if isinstance(value, Undefined) else json.dumps(value, ensure_ascii=False)


def _written(value: Any) -> Any:
    """JSON's null is nothing to be written."""
    return "" if value is None else value


_ENVIRONMENT = _Environment(
    undefined=ChainableUndefined,
    keep_trailing_newline=True,
    finalize=_written,
    cache_size=0,
)
_ENVIRONMENT.filters = {name: _bounded(_json if name == "tojson" else FILTERS[name]) for name in _FILTERS}
_ENVIRONMENT.tests = {name: TESTS[name] for name in _TESTS}
_ENVIRONMENT.globals = {}
