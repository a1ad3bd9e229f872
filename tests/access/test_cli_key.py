"""The command line's key is kept in a file that is its owner's alone."""

import stat
from pathlib import Path

import pytest

from farthing import errors
from farthing.access import cli_key


def test_the_key_comes_back_and_is_the_owners_alone(tmp_path: Path) -> None:
    assert cli_key.read(tmp_path) == ""
    for secret in ("fk_1", "fk_2"):
        cli_key.write(tmp_path, secret)
        assert cli_key.read(tmp_path) == secret
    assert [path.name for path in tmp_path.iterdir()] == ["cli-key"]
    assert stat.S_IMODE((tmp_path / "cli-key").stat().st_mode) == 0o600


def test_a_file_with_something_else_in_it_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "cli-key").write_bytes(b"\xff\xfe")
    assert cli_key.read(tmp_path) == ""


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.StartError, match=r"cli-key can't be written: No such file or directory"):
        cli_key.write(tmp_path / "gone", "fk_1")
