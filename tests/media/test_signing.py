"""A signature holds for what was signed and until its time is over, and for nothing else."""

from msgspec.structs import replace

from farthing.media.signing import May, Permit, Signing

PERMIT = Permit(May.UPLOAD, "default", "abc", 1_000)
OLD, NEW = b"o" * 32, b"n" * 32


def test_what_was_signed_holds_in_its_time() -> None:
    signing = Signing([NEW])
    signature = signing.sign(PERMIT)
    assert signing.holds(PERMIT, signature, 999)
    assert not signing.holds(PERMIT, signature, 1_000)


def test_nothing_else_holds() -> None:
    signing = Signing([NEW])
    signature = signing.sign(PERMIT)
    for other in (
        replace(PERMIT, may=May.DOWNLOAD),
        replace(PERMIT, project_id="other"),
        replace(PERMIT, media_id="abd"),
        replace(PERMIT, until=2_000),
    ):
        assert not signing.holds(other, signature, 0)
    for told in ("", signature[:-1], signature + "=", "ß", signature.swapcase()):
        assert not signing.holds(PERMIT, told, 0)


def test_an_older_key_still_opens() -> None:
    signature = Signing([OLD]).sign(PERMIT)
    assert Signing([NEW, OLD]).holds(PERMIT, signature, 0)
    assert not Signing([NEW]).holds(PERMIT, signature, 0)
