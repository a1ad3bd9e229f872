"""Where an operator wants something sent in; the addresses that may be connected to out: none within our own walls, unless allowed.

A name is looked up once for each connection, and what was looked at is what is connected to, so a name that answers
differently the second time gains nothing.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

from farthing.alerts.aside import aside
from farthing.alerts.undelivered import Undelivered
from farthing.query.errors import ParameterError

LOOK_UP_S = 10.0
SETTING = "FARTHING_ALERTS_ALLOW_PRIVATE"

_Address = IPv4Address | IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_METADATA = frozenset(
    ipaddress.ip_address(told)
    for told in ("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")
)
"""Where clouds hand secrets to whoever asks from within: allowed only one by one."""

_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}", re.ASCII)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Addresses:
    """Which addresses may be connected to."""

    def __init__(self, allowed: str = "") -> None:
        """`allowed` are hosts and networks that may be connected to although they are private, comma-separated.

        Raises `ParameterError`.
        """
        self._hosts: set[str] = set()
        self._networks: list[_Network] = []
        for part in allowed.replace(",", " ").split():
            if "/" not in part and not _is_address(part):
                self._hosts.add(_plain(part))
                continue
            try:
                self._networks.append(ipaddress.ip_network(part))
            except ValueError:
                what = f"{part[:60]!r} is no network; write hosts and networks, such as 10.0.0.0/8, mail.internal."
                raise ParameterError(SETTING, what) from None

    def may(self, host: str, address: str) -> bool:
        """Whether this address of this host may be connected to."""
        found = _inner(ipaddress.ip_address(address.partition("%")[0]))
        if _plain(host) in self._hosts:
            return True
        if any(found in network and _is_meant(found, network) for network in self._networks):
            return True
        return _is_public(found)

    def require_may(self, host: str, addresses: Sequence[str]) -> None:
        """Raises `Undelivered`, for good, unless all of a host's addresses may be connected to."""
        if not all(self.may(host, address) for address in addresses):
            msg = f"{host} has an address that is not public; {SETTING} can allow it."
            raise Undelivered(msg, permanent=True)

    def check(self, field: str, host: str) -> None:
        """What can be said of a host without asking anybody. Raises `ParameterError`."""
        name = _plain(host)
        literal = name if _is_address(name) else "127.0.0.1" if _is_here(name) else _as_number(name)
        if literal and not self.may(name, literal):
            raise ParameterError(field, f"{host[:100]!r} is no public address; the setting {SETTING} can allow it.")

    def may_be_plain(self, host: str) -> bool:
        """Whether an operator said that this host is within our own walls, or is this machine."""
        name = _plain(host)
        return (
            name in self._hosts or _is_here(name) or (_is_address(name) and not _is_public(ipaddress.ip_address(name)))
        )

    def check_address(self, host: str) -> None:
        """Raises `Undelivered`, for good, for what is an address and may not be connected to."""
        if _is_address(_plain(host)):
            self.require_may(host, [_plain(host)])

    async def of(self, host: str, port: int) -> list[str]:
        """All addresses of a host, each of which may be connected to. Raises `Undelivered`."""
        try:
            found = await asyncio.wait_for(aside(_looked_up, _plain(host), port), LOOK_UP_S)
        except TimeoutError as error:
            msg = f"The DNS did not tell the address of {host} within {LOOK_UP_S:g} s."
            raise Undelivered(msg) from error
        except (OSError, UnicodeError) as error:
            msg = f"The DNS doesn't know {host} right now."
            raise Undelivered(msg) from error
        self.require_may(host, found)
        return found


def _looked_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _is_public(address: _Address) -> bool:
    is_odd = address.is_multicast or address.is_reserved or address.is_unspecified or address in _METADATA
    return address.is_global and not is_odd


def _is_meant(address: _Address, network: _Network) -> bool:
    """Nobody who allows a whole network means the one address in it that hands out secrets."""
    return address not in _METADATA or network.num_addresses == 1


def _inner(address: _Address) -> _Address:
    """Where it leads: some of IPv6 are only another way to write one of IPv4."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _is_here(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _as_number(name: str) -> str:
    """The address that a number stands for, as libraries of C read it: 2130706433 and 0x7f.1 are 127.0.0.1; "" for names."""
    if not _NUMBER.fullmatch(name):
        return ""
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except OSError:
        return ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
