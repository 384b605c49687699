"""Addresses that may be reached, and those in disguise that may not."""

from ipaddress import ip_address

import pytest

from guidepath.adapters.sinks.guard import Guard, blocks
from guidepath.errors import ConfigurationError, DeliveryError

PUBLIC = ["8.8.8.8", "1.1.1.1", "223.255.255.255", "172.32.0.1", "192.0.1.1", "2606:4700::1111"]
INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
]


def mapped(address: str) -> str:
    return f"::ffff:{address}"


def nat64(address: str) -> str:
    return f"64:ff9b::{address}"


def six_to_four(address: str) -> str:
    return str(ip_address((0x2002 << 112) | (int(ip_address(address)) << 80) | 1))


def test_public_addresses_pass() -> None:
    assert [one for one in PUBLIC if not Guard().passes(ip_address(one))] == []
    assert Guard().passes(ip_address(mapped("8.8.8.8")))
    assert Guard().passes(ip_address(nat64("8.8.8.8")))


@pytest.mark.parametrize("disguise", [str, mapped, nat64, six_to_four])
def test_inner_addresses_do_not_pass_in_any_disguise(disguise: type[str]) -> None:
    assert [one for one in INSIDE if Guard().passes(ip_address(disguise(one)))] == []


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "::127.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%2",
        "fec0::1",
        "ff02::1",
    ],
)
def test_inner_addresses_of_version_6_do_not_pass(address: str) -> None:
    assert not Guard().passes(ip_address(address))


def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(DeliveryError, match=r"h leads to 10\.0\.0\.1, .* not a public") as raised:
        Guard()("h", ["8.8.8.8", "10.0.0.1"])
    assert not raised.value.refused
    Guard()("h", ["8.8.8.8", "1.1.1.1"])


def test_allowed_networks_pass_in_their_disguises_too_and_no_others() -> None:
    guard = Guard(blocks(["10.1.0.0/16", "fd00::/64"]))
    assert guard.passes(ip_address("10.1.2.3"))
    assert guard.passes(ip_address(mapped("10.1.2.3")))
    assert guard.passes(ip_address("fd00::1"))
    assert guard.passes(ip_address("8.8.8.8"))
    assert not guard.passes(ip_address("10.2.0.1"))
    assert not guard.passes(ip_address("127.0.0.1"))


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="allow= takes networks"):
        blocks(["10.0.0.0/8", "10.0.0.1/8"])
    with pytest.raises(ConfigurationError, match="allow= takes networks"):
        blocks(["example.com"])
