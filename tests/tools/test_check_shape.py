"""Trees with one fault each in, the complaint about it out."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def check_shape() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_shape", ROOT / "tools" / "check_shape.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "src/farthing/pricing").mkdir(parents=True)
    (tmp_path / "src/farthing/pricing/__init__.py").write_text('"""Prices."""\n')
    (tmp_path / "ARCHITECTURE.md").write_text("`pricing/` and `settings.py` and `app.py`\n")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("app.py", "import sys\n", "app.py:1: silent-file"),
        ("app.py", '"""App."""\n' + "X = 1\n" * 400, "app.py:1: long-file: 401 lines"),
        ("app.py", '"""App."""\n\n\ndef f():\n' + "    x = 1\n" * 60, "app.py:4: long-function: f has 61 lines"),
        ("app.py", '"""App."""\nimport os\nX = os.environ["X"]\n', "app.py:3: environment"),
        ("app.py", '"""App."""\nfrom os import getenv\n', "app.py:2: environment"),
        ("app.py", '"""App."""\nX = msgspec.json.decode(y, type=T)\n', "app.py:2: type"),
        ("app.py", '"""App."""\nX = msgspec.convert(y, T)\n', "app.py:2: type"),
        ("app.py", '"""App."""\nX = msgspec.json.Decoder(T)\n', "app.py:2: type"),
        ("pricing/cost.py", '"""Cost."""\nX = float("1")\n', "pricing/cost.py:2: float"),
        ("pricing/cost.py", '"""Cost."""\nX = 0.1\n', "pricing/cost.py:2: float"),
        ("pricing/utils.py", '"""Odds and ends."""\n', "pricing/utils.py:1: drawer"),
        ("billing.py", '"""Bills."""\n', "ARCHITECTURE.md:1: map: doesn't name billing.py"),
    ],
)
def test_a_fault_is_told(check_shape: ModuleType, tree: Path, path: str, text: str, complaint: str) -> None:
    (tree / "src/farthing" / path).write_text(text)
    (told,) = check_shape.check(tree)
    assert complaint in told


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("settings.py", '"""Knobs."""\nimport os\nX = os.environ["X"]\n'),
        ("app.py", '"""App."""\nX = float("1") + 0.5\n'),
        ("app.py", '"""App."""\nX = msgspec.json.decode(y), msgspec.json.Decoder()\n'),
        ("app.py", '"""App."""\n\n\ndef f():\n' + "    x = 1\n" * 59),
        ("app.py", '"""App."""\n\n\ndef f():\n' + ("    @f\n    def g():\n" + "        x = 1\n" * 40) * 2),
    ],
)
def test_what_is_allowed_is_not_told(check_shape: ModuleType, tree: Path, path: str, text: str) -> None:
    (tree / "src/farthing" / path).write_text(text)
    assert check_shape.check(tree) == []
