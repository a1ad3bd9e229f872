"""What a browser must load for the first page, and what else the built UI weighs, stay within their budgets."""

import gzip
import io
import os
import re
import zipfile
from pathlib import Path

import pytest

from farthing.web.serving import DIST

KB = 1_000
CHARTS = "engine"
"""The charting library, which is loaded after the first paint."""

FIRST_SCRIPTS, CHART_CHUNK, LAZY_CHUNK = 280 * KB, 230 * KB, 40 * KB
FIRST_STYLES, WHEEL = 45 * KB, 1_500 * KB


@pytest.fixture(scope="module")
def page() -> str:
    """The one page, as it is built."""
    index = DIST / "index.html"
    if not index.is_file() and os.environ.get("CI"):
        pytest.fail("The web UI is not built, and CI must have it")
    if not index.is_file():
        pytest.skip("The web UI is not built")
    return index.read_text()


def packed(path: Path) -> int:
    """Bytes after gzip."""
    return len(gzip.compress(path.read_bytes(), 9))


def first_files(page: str, ending: str) -> set[Path]:
    """What the page names: it is loaded before anything is drawn."""
    return {DIST / name for name in re.findall(rf'(?:src|href)="\./([^"]+\.{ending})"', page)}


def test_what_is_loaded_first_is_small(page: str) -> None:
    scripts = first_files(page, "js")
    assert any(script.name.startswith("index-") for script in scripts)
    assert not any(script.name.startswith(CHARTS) for script in scripts)
    assert sum(map(packed, scripts)) <= FIRST_SCRIPTS
    assert sum(map(packed, first_files(page, "css"))) <= FIRST_STYLES


def test_what_is_loaded_later_is_small(page: str) -> None:
    first = first_files(page, "js")
    later = {path.name: packed(path) for path in (DIST / "assets").glob("*.js") if path not in first}
    charts = [size for name, size in later.items() if name.startswith(CHARTS)]
    assert len(charts) == 1
    assert charts[0] <= CHART_CHUNK
    assert {n: size for n, size in later.items() if size > LAZY_CHUNK and not n.startswith(CHARTS)} == {}


def test_first_questions_go_out_first(page: str) -> None:
    scripts = re.findall(r"<script[^>]*>", page)
    assert "begin-" in scripts[0]
    assert "async" in scripts[0]


@pytest.mark.usefixtures("page")
def test_a_wheel_grows_little() -> None:
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in DIST.rglob("*"):
            if path.is_file():
                archive.write(path, path.relative_to(DIST))
    assert len(wheel.getvalue()) <= WHEEL
