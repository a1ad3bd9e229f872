"""The source tree in, a list of files and functions that have outgrown their shape out; exit code 1 when there are any.

What is held here is what no linter we use can hold:
- a file has at most 400 lines and says in its first sentence what comes in and what goes out;
- a function has at most 60 lines, those of the functions inside it counted for themselves;
- only `settings.py` reads the environment;
- only `shapes.py` gives msgspec a type to read: two threads that do so at once end the process;
- nothing in `model/` and `pricing/` is a float: money is exact;
- ARCHITECTURE.md names every room, and no room or file is a drawer for odds and ends.

An exception stands below, by name and with its reason.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

LINES_OF_FILE = 400
LINES_OF_FUNCTION = 60

SEARCHED = ("src", "tests", "tools", "benchmarks", "sdk/python/src", "sdk/python/tests")
NOT_OURS = ("tests/e2e/apps/", "tests/corpus/record/apps/", "benchmarks/.envs/", "benchmarks/results/")
PACKAGE = "src/farthing/"
NO_FLOATS = (PACKAGE + "model/", PACKAGE + "pricing/")
READS_ENVIRONMENT = PACKAGE + "settings.py"
READS_TYPES = PACKAGE + "shapes.py"
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}

_Function = ast.FunctionDef | ast.AsyncFunctionDef

EXCEPTIONS: dict[tuple[str, str], str] = {}
"""(path, rule) to the reason. A rule is the first word of a complaint."""


def check(root: Path) -> list[str]:
    """All complaints about the tree at `root`, as `path:line: rule: sentence`."""
    complaints: list[str] = []
    used: set[tuple[str, str]] = set()
    for path, line, rule, sentence in _complaints(root):
        if (path, rule) in EXCEPTIONS:
            used.add((path, rule))
        else:
            complaints.append(f"{path}:{line}: {rule}: {sentence}")
    complaints += [
        f"{path}:1: exception: needs no exception from {rule} any more"
        for path, rule in EXCEPTIONS.keys() - used
        if (root / path).exists()
    ]
    return complaints


def _complaints(root: Path) -> Iterator[tuple[str, int, str, str]]:
    for file in _files(root):
        path = file.relative_to(root).as_posix()
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text, path)
        for line, rule, sentence in (*_of_file(path, text, tree), *_of_nodes(path, tree)):
            yield path, line, rule, sentence
    yield from _rooms(root)


def _files(root: Path) -> Iterator[Path]:
    for folder in SEARCHED:
        for file in sorted((root / folder).rglob("*.py")):
            if not file.relative_to(root).as_posix().startswith(NOT_OURS):
                yield file


def _of_file(path: str, text: str, tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    lines = text.count("\n")
    if lines > LINES_OF_FILE:
        yield 1, "long-file", f"{lines} lines, more than {LINES_OF_FILE}; it does more than one thing"
    if not ast.get_docstring(tree):
        yield 1, "silent-file", "the first sentence should say what comes in and what goes out"
    if DRAWERS & {*Path(path).with_suffix("").parts}:
        yield 1, "drawer", "name it after what it is about"


def _of_nodes(path: str, tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    exact = path.startswith(NO_FLOATS)
    outside = path.startswith(PACKAGE) and path != READS_ENVIRONMENT
    typed = path.startswith(PACKAGE) and path != READS_TYPES
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                lines = _length(node) - sum(_length(inner) for inner in _inside(node))
                if lines > LINES_OF_FUNCTION:
                    sentence = f"{node.name} has {lines} lines, more than {LINES_OF_FUNCTION}; make it a list of steps"
                    yield node.lineno, "long-function", sentence
            case ast.Name(id="float") | ast.Constant(value=float()) if exact:
                yield node.lineno, "float", "money is exact: integers and Decimal only"
            case ast.Attribute(attr=name) | ast.alias(name=name) if outside and name in {"environ", "getenv"}:
                yield node.lineno, "environment", "only settings.py reads the environment; take a value instead"
            case ast.Call() if typed and _gives_a_type(node):
                yield (
                    node.lineno,
                    "type",
                    "only shapes.py gives msgspec a type; make a Shape when the module is imported",
                )
            case _:
                pass


def _gives_a_type(call: ast.Call) -> bool:
    called = ast.unparse(call.func)
    if not called.startswith("msgspec."):
        return False
    told = called.endswith((".convert", ".Decoder")) and bool(call.args)
    return told or any(keyword.arg == "type" for keyword in call.keywords)


def _inside(node: ast.AST) -> Iterator[_Function]:
    """The functions directly within a function, or within a class in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function):
            yield child
        else:
            yield from _inside(child)


def _length(node: _Function) -> int:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return (node.end_lineno or node.lineno) - first + 1


def _rooms(root: Path) -> Iterable[tuple[str, int, str, str]]:
    map_of_the_house = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for entry in sorted((root / PACKAGE).iterdir()):
        is_package = (entry / "__init__.py").exists()
        if entry.name.startswith("_") or not (is_package or entry.suffix == ".py"):
            continue
        name = entry.name + "/" if is_package else entry.name
        if f"`{name}" not in map_of_the_house:
            yield "ARCHITECTURE.md", 1, "map", f"doesn't name {name}"


def main() -> int:
    """Print the complaints about this repository."""
    complaints = check(Path(__file__).parents[1])
    print("\n".join(complaints) or "The shape of all files holds.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
