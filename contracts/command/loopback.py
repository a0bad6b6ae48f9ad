"""Whether an address cannot leave this machine: by its name, and where that is `localhost` or below it, by what it resolves to.

>>> [is_loopback(host) for host in ("localhost", "api.localhost", "127.3.2.1", "::1", "[::1]", "::ffff:127.0.0.1")]
[True, True, True, True, True, True]
>>> [is_loopback(host) for host in ("", "api.tchat.com", "0.0.0.0", "127.0.0.1.nip.io")]
[False, False, False, False]
"""

import ipaddress
import socket


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name alone. `host` without a port; brackets around an IPv6 address are allowed."""
    name = _plain(host)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def stays_here(host: str) -> bool:
    """Whether all that is sent to this host stays on this machine. A name that does not resolve reaches nobody.

    RFC 6761, 6.3 makes `localhost` and what is below it loopback; a file of hosts or a resolver need not.
    """
    if not is_loopback(host):
        return False
    try:
        found = socket.getaddrinfo(_plain(host), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(is_loopback(str(address[0])) for *_, address in found)


def _plain(host: str) -> str:
    return host.removeprefix("[").removesuffix("]").rstrip(".").lower()
