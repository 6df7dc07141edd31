"""What a command in a sandbox can reach: addresses where it has the network, and else nobody."""

import os
import socket
from collections.abc import Iterator
from contextlib import chdir, contextmanager

import pytest

from runtime.sandbox.profiles import STRICT, Profile
from tests.runtime.sandbox.cell import APPROVED, NETWORK, Cell

ALONE = pytest.mark.parametrize("profile", [STRICT, APPROVED], ids=["strict", "approved"])


@contextmanager
def _listening(sockets: "list[socket.socket]") -> Iterator[list[str]]:
    """What came in at these sockets, once the block is over."""
    heard: list[str] = []
    for each in sockets:
        each.settimeout(0.5)
    yield heard
    for each in sockets:
        try:
            if each.type == socket.SOCK_DGRAM:
                heard.append(each.recv(100).decode())
            else:
                connection, _ = each.accept()
                connection.close()
                heard.append("connected")
        except TimeoutError:
            pass
        finally:
            each.close()


_KNOCK = """
import socket
def knock(*args, to):
    try:
        with socket.socket(*args) as s:
            s.settimeout(2); s.connect(to); s.send(b'hello'); print('reached', to)
    except OSError as error: print(error)
knock(socket.AF_INET, socket.SOCK_STREAM, to=('127.0.0.1', {tcp}))
knock(socket.AF_INET, socket.SOCK_DGRAM, to=('127.0.0.1', {udp}))
knock(socket.AF_UNIX, socket.SOCK_STREAM, to='{path}')
knock(socket.AF_UNIX, socket.SOCK_STREAM, to='\\0{name}')
knock(40, socket.SOCK_STREAM, to=(2, 22))
"""


@ALONE
def test_without_the_network_it_reaches_nobody(cell: Cell, profile: Profile) -> None:
    tcp, udp, pathname, abstract = _sockets(cell)
    with _listening([tcp, udp, pathname, abstract]) as heard:
        done = _knock(cell, profile, tcp, udp)

    assert heard == [], done
    assert "127.0.0.1" not in cell.run("cat /proc/net/tcp; ip -o -4 addr", profile).output.replace("127.0.0.1/8", "")


def test_with_the_network_it_reaches_addresses_and_no_unix_socket(cell: Cell) -> None:
    tcp, udp, pathname, abstract = _sockets(cell)
    with _listening([tcp, udp, pathname, abstract]) as heard:
        done = _knock(cell, NETWORK, tcp, udp)

    assert heard == ["connected", "hello"], done


def _sockets(cell: Cell) -> tuple[socket.socket, socket.socket, socket.socket, socket.socket]:
    tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
    tcp.bind(("127.0.0.1", 0))
    udp.bind(("127.0.0.1", 0))
    pathname, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    with chdir(cell.outside):  # the path of such an address must be short
        pathname.bind("socket")
    abstract.bind(f"\0mallard-{os.getpid()}")
    for each in (tcp, pathname, abstract):
        each.listen()
    return tcp, udp, pathname, abstract


def _knock(cell: Cell, profile: Profile, tcp: socket.socket, udp: socket.socket) -> str:
    program = (
        _KNOCK.replace("{tcp}", str(tcp.getsockname()[1]))
        .replace("{udp}", str(udp.getsockname()[1]))
        .replace("{path}", os.path.relpath(cell.outside / "socket", cell.workspace))
        .replace("{name}", f"mallard-{os.getpid()}")
    )
    return cell.python(program, profile).output
