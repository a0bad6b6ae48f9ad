"""Whether an address cannot leave this machine: by its name, and where that is `localhost` or below it, by what it resolves to, at
each connection anew.

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
    """A name that stood for this machine stands for another one now: nothing was sent."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name alone. `host` without a port; brackets around an IPv6 address are allowed."""
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
    """Whether all that is sent to this host stays on this machine. A name that does not resolve reaches nobody.

    RFC 6761, 6.3 makes `localhost` and what is below it loopback; a file of hosts or a resolver need not. What is found first counts
    for the whole process, since its rights hang on it; `connected` holds each connection to it.
    """
    if not is_loopback(host):
        return False
    try:
        found = socket.getaddrinfo(_plain(host), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(is_loopback(str(address[0])) for *_, address in found)


def connected(host: str, connect: Callable[[str], Opened], resolve: Resolve | None = None) -> Opened:
    """What `connect` opens to the first of the host's `addresses` that takes it: the way to a target for all clients."""
    *others, last = addresses(host, resolve)
    for address in others:
        with contextlib.suppress(Exception):
            return connect(address)
    return connect(last)


def addresses(host: str, resolve: Resolve | None = None) -> list[str]:
    """What to connect to in place of this host: itself, but where its name was judged to be this machine, the addresses that it has now.
    ElsewhereError if one of them is another machine's. `resolve` is a `getaddrinfo` that does not block its caller's loop."""
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
