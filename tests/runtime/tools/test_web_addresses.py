"""Which addresses the agent may reach by itself: those that everybody on the internet means the same machine by."""

import socket
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.tools.web.addresses import is_public, may_be_opened, read_address

INNER = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "168.63.129.16", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:db8::1",
    "2002:7f00:1::", "2002:808:808::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "fe80::1",
    "fe80::1%1", "fec0::1", "ff02::1", "2606:4700::1111%1",
)  # fmt: skip
PUBLIC = ("1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:810::200e")


@pytest.mark.parametrize("address", INNER)
def test_what_is_inside_or_nowhere_is_not_public(address: str) -> None:
    assert not is_public(read_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_everybody_can_reach_is_public(address: str) -> None:
    assert is_public(read_address(address))


@given(st.ip_addresses(v=4).filter(lambda address: not is_public(address)))
def test_no_inner_address_becomes_public_by_being_wrapped(address: object) -> None:
    number = int(ip_address(str(address)))
    wrapped = (
        f"::ffff:{address}",
        f"::{address}",
        f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1",
    )
    assert not any(is_public(read_address(each)) for each in wrapped)


def test_a_public_address_of_this_very_machine_is_not_public_to_it() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks for the way
            own = probe.getsockname()[0]
        except OSError:
            own = "127.0.0.1"

    assert not is_public(read_address(own))


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254", "::ffff:169.254.169.254", "0.0.0.0"],
)
def test_where_clouds_hand_out_credentials_no_operator_opens_the_way(address: str) -> None:
    assert not may_be_opened(read_address(address))


@pytest.mark.parametrize("address", ["10.0.0.5", "192.168.1.1", "127.0.0.1", "fd12::1"])
def test_an_operator_may_open_the_way_to_a_host_of_their_own(address: str) -> None:
    assert may_be_opened(read_address(address))
