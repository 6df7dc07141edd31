"""Which addresses belong to the public internet. What is not known to, does not. Pure, but for the machine's own."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_PUBLIC_V6 = ip_network("2000::/3")
# Within what is handed out publicly: protocols' own, documentation, and what holds an IPv4 address inside.
_INNER = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32",  # the last one: Azure tells machines about themselves there
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        ),
    )
)  # fmt: skip
# Where clouds hand out credentials, and what is no single machine: not even an operator's word opens these.
_NEVER = tuple(
    map(
        ip_network,
        ("0.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "224.0.0.0/3",
         "::/128", "fe80::/10", "fd00:ec2::/32", "ff00::/8"),
    )
)  # fmt: skip


def read_address(text: str) -> Address:
    """An address as a resolver writes it. Raises ValueError."""
    return ip_address(text)


def is_public(address: Address) -> bool:
    """Whether anybody on the internet means the same machine by it, and it is not this machine."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and (address.scope_id or address not in _PUBLIC_V6):
        return False  # IPv4 in disguise (mapped, NAT64), private, link-local and all that is not handed out yet
    return not any(address in network for network in _INNER) and not _is_own(address)


def may_be_opened(address: Address) -> bool:
    """Whether an operator's word makes it reachable."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return not any((mapped or address) in network for network in _NEVER)


def _is_own(address: Address) -> bool:
    """Whether a program here could listen at it: what is bound to every address is reached by the public one too."""
    nobodys = ip_address("2001:db8::1" if isinstance(address, IPv6Address) else "192.0.2.1")
    return _can_be_bound(address) and not _can_be_bound(nobodys)  # some machines may bind to whatever they like


def _can_be_bound(address: Address) -> bool:
    family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as trial:
            trial.bind((str(address), 0))
    except OSError:
        return False
    return True
