"""Secrets are kept encrypted, by a key of the environment or one that the first start makes; keys can be changed."""

import base64
import os
import stat
from pathlib import Path

import pytest

from farthing.errors import StartError
from farthing.routing.vault import NAME, SealedError, Vault


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


def test_the_first_start_makes_a_key_for_the_owner_alone(tmp_path: Path) -> None:
    sealed = Vault.open("", tmp_path).seal("sk-1")
    place = tmp_path / NAME
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert "sk-1" not in sealed
    assert Vault.open("", tmp_path).unseal(sealed) == "sk-1"
    place.unlink()
    with pytest.raises(SealedError, match="encrypted with another key; set FARTHING_SECRET_KEY"):
        Vault.open("", tmp_path).unseal(sealed)


def test_a_key_that_is_given_makes_no_file_and_one_in_the_file_is_still_read(tmp_path: Path) -> None:
    Vault.open(key("a"), tmp_path)
    assert not (tmp_path / NAME).exists()
    sealed = Vault.open("", tmp_path).seal("sk-1")
    moved = Vault.open(key("a"), tmp_path)
    assert moved.unseal(sealed) == "sk-1"
    assert not moved.is_of_newest(sealed)
    assert moved.is_of_newest(moved.seal("sk-1"))


def test_the_newest_encrypts_and_all_decrypt(tmp_path: Path) -> None:
    old = Vault.open(key("a"), tmp_path).seal("sk-1")
    both = Vault.open(f"{key('b')}, {key('a')}", tmp_path)
    assert both.unseal(old) == "sk-1"
    new = both.seal("sk-1")
    assert Vault.open(key("b"), tmp_path).unseal(new) == "sk-1"
    with pytest.raises(SealedError):
        Vault.open(key("b"), tmp_path).unseal(old)


def test_either_alphabet_with_or_without_padding_is_a_key(tmp_path: Path) -> None:
    raw = bytes(range(224, 256))
    told = [base64.b64encode(raw), base64.urlsafe_b64encode(raw), base64.b64encode(raw).rstrip(b"=")]
    sealed = Vault.open(told[0].decode(), tmp_path).seal("x")
    assert [Vault.open(one.decode(), tmp_path).unseal(sealed) for one in told] == ["x"] * 3


@pytest.mark.parametrize("told", ["hunter2", "a" * 32, "!" * 44, key("a") + "," + "x"])
def test_what_is_no_key_stops_the_start_and_is_not_shown(tmp_path: Path, told: str) -> None:
    with pytest.raises(
        StartError, match="FARTHING_SECRET_KEY holds something that is no key: 32 random bytes"
    ) as caught:
        Vault.open(told, tmp_path)
    assert told not in str(caught.value)


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_key_that_can_t_be_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / NAME).touch(mode=0)
    with pytest.raises(StartError, match="Mend its permissions"):
        Vault.open("", tmp_path)


def test_no_secret_is_no_secret(tmp_path: Path) -> None:
    vault = Vault.open("", tmp_path)
    assert vault.seal("") == ""
    assert vault.unseal("") == ""
    assert vault.is_of_newest("")
