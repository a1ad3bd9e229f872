"""Files that are not what a command reads: told in a sentence that names the file, whatever is wrong with it."""

from pathlib import Path

import pytest

from farthing import errors
from farthing.cli import declared, files
from farthing.listening import listener


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\x7fELF\xd0", "is no text in UTF-8"), (b"[" * 50_000, "is nested too deep"), (b"{", "is no JSON")],
    ids=["program", "deep", "cut"],
)
def test_what_is_no_json(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "given"
    file.write_bytes(content)
    with pytest.raises(files.RefusedError, match=f"{file} {said}"):
        files.parsed(file)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(files.RefusedError, match="none can't be read: No such file or directory"):
        files.text(tmp_path / "none")
    with pytest.raises(files.RefusedError, match="none/x can't be written: No such file or directory"):
        files.write(tmp_path / "none/x", b"")


def test_a_declaration_that_is_nested_too_deep(tmp_path: Path) -> None:
    file = tmp_path / "farthing.yml"
    file.write_text("[" * 50_000)
    with pytest.raises(errors.BadRequestError, match=f"{file} is nested too deep"):
        declared.read(file)


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_an_address_of_another_machine(host: str) -> None:
    with pytest.raises(errors.StartError, match=rf"{host} is no address of this machine: .* --host or FARTHING_HOST"):
        listener(host, 0, "FARTHING_PORT or --port")
