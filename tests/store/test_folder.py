"""The data folder belongs to one process, and what a crash left in its scratch folder goes."""

from pathlib import Path

import pytest

from farthing.errors import StartError
from farthing.store.folder import DataFolder, address


def test_the_scratch_folder_is_empty_at_every_start(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    (folder.scratch() / "left.raw").write_bytes(b"rows")
    assert list(folder.scratch().iterdir()) == []
    folder.release()


def test_a_folder_has_one_holder(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with pytest.raises(StartError, match="in use by another Farthing"):
        DataFolder(tmp_path)
    folder.announce("http://127.0.0.1:4180")
    assert address(tmp_path) == "http://127.0.0.1:4180"
    folder.release()
    assert address(tmp_path) == ""
    DataFolder(tmp_path).release()


def test_a_folder_s_server_has_one_name(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "one")
    name = folder.server()
    assert folder.server() == name
    folder.release()
    again, another = DataFolder(tmp_path / "one"), DataFolder(tmp_path / "two")
    assert again.server() == name
    assert another.server() != name
    again.release()
    another.release()
