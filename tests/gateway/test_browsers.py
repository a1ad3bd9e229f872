"""What a page elsewhere may ask, its browser is told before it asks."""

from farthing.gateway import browsers

ASKED = [
    (b"origin", b"https://app.example"),
    (b"access-control-request-method", b"POST"),
    (b"access-control-request-headers", b"authorization,content-type"),
]


def test_leave_is_given_for_what_was_asked() -> None:
    assert browsers.wants(ASKED) == "POST"
    start, _ = browsers.leave(ASKED)
    told = dict(start["headers"])
    assert start["status"] == 204
    assert told[b"access-control-allow-origin"] == b"*"
    assert told[b"access-control-allow-methods"] == b"POST"
    assert told[b"access-control-allow-headers"] == b"authorization,content-type"
    assert b"access-control-allow-credentials" not in told


def test_who_asks_for_no_leave_is_no_page_elsewhere() -> None:
    assert browsers.wants(ASKED[:1]) == browsers.wants(ASKED[1:]) == ""
    assert browsers.is_asking(ASKED)
    assert not browsers.is_asking(ASKED[1:])
