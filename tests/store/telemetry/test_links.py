"""A copied folder without its links: whether they can be told, and what is said when they can't."""

from pathlib import Path

import pytest

from farthing import errors
from farthing.store.telemetry import links

TABLES = "store/b66/b6643aad"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / TABLES).mkdir(parents=True)
    for name in ("schema_migrations", "spans"):
        (tmp_path / TABLES / f"{name}.sql").write_text(f"ATTACH TABLE {name}")
    return tmp_path


def copied(folder: Path) -> Path:
    place = folder / "metadata/default"
    place.mkdir(parents=True)
    for file in (folder / TABLES).iterdir():
        (place / file.name).write_text(file.read_text())
    return place


def test_a_link_that_is_there_stays(folder: Path) -> None:
    link = folder / "metadata/default"
    link.parent.mkdir()
    link.symlink_to("../store/elsewhere")
    links.mend(folder)
    assert link.readlink() == Path("../store/elsewhere")


def test_a_new_folder_is_left_alone(tmp_path: Path) -> None:
    links.mend(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_was_left_out(folder: Path) -> None:
    links.mend(folder)
    assert (folder / "metadata/default").readlink() == Path("..") / TABLES


def test_a_link_that_was_followed(folder: Path) -> None:
    copied(folder)
    links.mend(folder)
    assert (folder / "metadata/default").readlink() == Path("..") / TABLES


def test_what_is_no_copy_is_kept_and_told(folder: Path) -> None:
    place = copied(folder)
    (place / "spans.sql").write_text("something else")
    with pytest.raises(errors.StartError, match=r"copied without its symbolic links.*cp -a"):
        links.mend(folder)
    assert (place / "spans.sql").read_text() == "something else"


def test_two_stores_are_told(folder: Path) -> None:
    (folder / "store/c77/c77").mkdir(parents=True)
    (folder / "store/c77/c77/schema_migrations.sql").touch()
    with pytest.raises(errors.StartError, match="what metadata/default led to can't be told"):
        links.mend(folder)
