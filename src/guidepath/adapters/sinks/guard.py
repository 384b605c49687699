"""Which addresses may be reached where somebody else has chosen the host.

The address of a webhook is often a customer's. One that leads into our own network would have us
ask there with our rights: cloud metadata, databases, admin pages. The lists are those of IANA's
registries of special addresses, written out: what Python's `is_global` says depends on the patch
release.
"""

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from guidepath.errors import ConfigurationError, DeliveryError

IP = IPv4Address | IPv6Address
Block = IPv4Network | IPv6Network

_NOT_PUBLIC_4 = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; a cloud's metadata at 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host agent, in the midst of public addresses
        "169.254.0.0/16",  # link-local; most clouds' metadata at 169.254.169.254
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocols; a cloud's metadata at 192.0.0.192
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")  # all else is local, mapped, multicast or not yet given out
_NOT_PUBLIC_6 = tuple(
    IPv6Network(one)
    for one in (
        "2001::/23",  # protocols, Teredo
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise, and out of use
        "3fff::/20",
    )
)
_CARRIES_IPV4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))  # mapped; NAT64


class Guard:
    """Lets through what is public, and the networks that are allowed all the same."""

    def __init__(self, allow: Iterable[Block] = ()) -> None:
        self._allow = tuple(allow)

    def __call__(self, host: str, addresses: Sequence[str]) -> None:
        """Have every address of a host checked: one bad among good ones is a trap, not an accident.

        Raises:
            DeliveryError: one of them may not be reached.
        """
        for address in addresses:
            if not self.passes(ip_address(address)):
                raise DeliveryError(
                    f"{host} leads to {address}, which is not a public address; "
                    "give another, or allow its network with allow="
                )

    def passes(self, address: IP) -> bool:
        """Whether an address may be reached."""
        meant = _meant(address)
        return _public(meant) or any(
            one in block for one in (address, meant) for block in self._allow
        )


def blocks(texts: Iterable[str]) -> tuple[Block, ...]:
    """Networks as they are written: `10.0.0.0/8`, `::1/128`.

    Raises:
        ConfigurationError: one of them is none.
    """
    try:
        return tuple(ip_network(one) for one in texts)
    except ValueError as problem:
        raise ConfigurationError(f"allow= takes networks, such as 10.0.0.0/8: {problem}") from None


def _meant(address: IP) -> IP:
    """The address that a connection would end at."""
    if isinstance(address, IPv6Address) and any(address in block for block in _CARRIES_IPV4):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _public(address: IP) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in block for block in _NOT_PUBLIC_6)
