"""Nothing is sent within our own walls, however an address is written, unless the operator said so."""

import asyncio

import pytest

from farthing.alerts.addresses import Addresses
from farthing.alerts.undelivered import Undelivered
from farthing.query.errors import ParameterError

NONE = Addresses()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.1.1",
        "240.0.0.1", "255.255.255.255", "192.0.2.1", "168.63.129.16", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "2001:0:0:0:0:0:80ff:fffe", "2001:db8::1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not NONE.may("hooks.example.com", address)


@pytest.mark.parametrize("address", ["1.1.1.1", "35.186.224.25", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_what_is_public_may_be_reached(address: str) -> None:
    assert NONE.may("hooks.example.com", address)


def test_an_operator_allows_hosts_and_networks() -> None:
    allowed = Addresses("mail.internal, 10.1.0.0/16 127.0.0.1,fd12::/16, 169.254.0.0/16")
    assert allowed.may("MAIL.internal.", "192.168.1.1")
    assert allowed.may("x", "10.1.255.1")
    assert allowed.may("x", "::ffff:10.1.0.1")
    assert allowed.may("x", "127.0.0.1")
    assert allowed.may("x", "fd12::1")
    assert not allowed.may("x", "10.2.0.1")
    assert not allowed.may("x", "127.0.0.2")
    assert not allowed.may("other.internal", "192.168.1.1")


def test_a_network_does_not_mean_the_address_that_hands_out_secrets() -> None:
    assert not Addresses("169.254.0.0/16, 100.64.0.0/10").may("x", "169.254.169.254")
    assert not Addresses("169.254.0.0/16, 100.64.0.0/10").may("x", "100.100.100.200")
    assert Addresses("169.254.169.254").may("x", "169.254.169.254")


@pytest.mark.parametrize("told", ["10.0.0.1/8", "10.0.0.0/99", "a/b"])
def test_what_is_no_network_stops_the_start(told: str) -> None:
    with pytest.raises(ParameterError, match="FARTHING_ALERTS_ALLOW_PRIVATE"):
        Addresses(told)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "db.localhost",
        "127.0.0.1",
        "[::1]",
        "10.0.0.8",
        "LOCALHOST.",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0X7F000001",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
    ],
)
def test_what_shows_by_itself_is_refused_when_it_is_entered(host: str) -> None:
    with pytest.raises(ParameterError, match=r"settings\.url: .*ALLOW_PRIVATE"):
        NONE.check("settings.url", host)
    Addresses(f"{host}, 127.0.0.0/8".replace("[", "").replace("]", "")).check("settings.url", host)


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1"])
def test_a_name_is_looked_up_before_it_is_connected_to(host: str) -> None:
    with pytest.raises(Undelivered, match="not public") as raised:
        asyncio.run(NONE.of(host, 443))
    assert raised.value.permanent
    assert "127.0.0.1" in asyncio.run(Addresses("localhost, 127.0.0.1, ::1").of(host, 443))


def test_a_name_that_nobody_knows_may_be_known_later() -> None:
    with pytest.raises(Undelivered, match=r"nowhere\.invalid") as raised:
        asyncio.run(NONE.of("nowhere.invalid", 443))
    assert not raised.value.permanent
