"""Whether an address cannot leave this machine, by its name alone: a resolver could say something else a second later.

>>> [is_loopback(host) for host in ("localhost", "api.localhost", "127.3.2.1", "::1", "[::1]", "::ffff:127.0.0.1")]
[True, True, True, True, True, True]
>>> [is_loopback(host) for host in ("", "api.tchat.com", "0.0.0.0", "127.0.0.1.nip.io")]
[False, False, False, False]
"""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name alone. `host` without a port; brackets around an IPv6 address are allowed."""
    name = host.removeprefix("[").removesuffix("]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
