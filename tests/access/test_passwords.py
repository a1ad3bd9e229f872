"""A password matches its own hash only."""

from farthing.access import passwords


def test_a_password_matches_its_own_hash_only() -> None:
    kept = passwords.hashed("correct horse")
    assert "correct" not in kept
    assert kept.startswith("scrypt$16384$8$5$")
    assert passwords.matches("correct horse", kept)
    assert not passwords.matches("correct horsf", kept)
    assert passwords.hashed("correct horse") != kept


def test_nobodys_hash_matches_nothing() -> None:
    assert not passwords.matches("", passwords.NOBODYS)


def test_a_hash_with_other_parameters_still_matches() -> None:
    # A test vector of RFC 7914, cut to our 32 bytes.
    kept = "scrypt$16384$8$1$U29kaXVtQ2hsb3JpZGU=$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI="
    assert passwords.matches("pleaseletmein", kept)
