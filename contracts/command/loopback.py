"""Recognizing addresses of this machine, by name and, for `localhost` and names below it, by what they resolve to at each connection.

>>> [is_loopback(host) for host in ("localhost", "api.localhost", "127.3.2.1", "::1", "[::1]", "::ffff:127.0.0.1")]
[True, True, True, True, True, True]
>>> [is_loopback(host) for host in ("", "api.tchat.com", "0.0.0.0", "127.0.0.1.nip.io")]
[False, False, False, False]
"""

import contextlib
import ipaddress
import socket
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

Opened = TypeVar("Opened")
Resolve = Callable[..., list[tuple[Any, ...]]]


class ElsewhereError(OSError):
    """A name that resolved to this machine now resolves to another one, so nothing was sent."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name alone. `host` is without a port; an IPv6 address may have brackets."""
    name = _plain(host)
    if _below_localhost(name):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


@lru_cache
def stays_here(host: str) -> bool:
    """Whether everything sent to this host stays on this machine. True for a name that does not resolve.

    According to RFC 6761, 6.3, `localhost` and names below it are loopback, but a hosts file or resolver may differ. The first result is
    kept for the whole process, because the permission to write depends on it; `connected` enforces it for each connection.
    """
    if not is_loopback(host):
        return False
    try:
        found = socket.getaddrinfo(_plain(host), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(is_loopback(str(address[0])) for *_, address in found)


def connected(host: str, connect: Callable[[str], Opened], resolve: Resolve | None = None) -> Opened:
    """The connection that `connect` opens to the first reachable of the host's addresses. All clients connect to targets with it."""
    *others, last = addresses(host, resolve)
    for address in others:
        with contextlib.suppress(Exception):
            return connect(address)
    return connect(last)


def addresses(host: str, resolve: Resolve | None = None) -> list[str]:
    """The addresses to connect to for a host: the host itself or, for a `localhost` name that was found to be this machine, its present
    addresses. Raises ElsewhereError if one of them is not loopback. `resolve` replaces `getaddrinfo`, for event loops."""
    name = _plain(host)
    if not _below_localhost(name) or not stays_here(host):
        return [host]
    found = [str(each[4][0]) for each in (resolve or socket.getaddrinfo)(name, None, type=socket.SOCK_STREAM)]
    for address in found:
        if not is_loopback(address):
            raise ElsewhereError(f"{host} was this machine and resolves to {address} now, so nothing is sent")
    return found


def _below_localhost(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _plain(host: str) -> str:
    return host.removeprefix("[").removesuffix("]").rstrip(".").lower()
