"""A demo that is stopped while it is filled in: it ends with a sentence, and not with a thread's traceback."""

import io
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from farthing.cli.filling import Filling
from farthing.errors import BusyError
from farthing.settings import load


def test_stopping_while_it_fills_is_no_failure(tmp_path: Path) -> None:
    refused = threading.Event()

    def keep(*_: Any) -> None:
        refused.set()
        raise BusyError("The server is stopping.")

    told = io.StringIO()
    filling = Filling(Console(file=told, width=120), load(data=tmp_path), calls=1_000, seed=1, days=1)
    ready: Any = SimpleNamespace(pipeline=SimpleNamespace(keep=keep), made=SimpleNamespace(project_id="default"))
    filling.start(ready)
    assert refused.wait(30)
    # What a thread raises is an error of this test.
    filling.stop()
    assert "Stopped before all of it was kept." in told.getvalue()
    assert not (tmp_path / "demo-filled").exists()
