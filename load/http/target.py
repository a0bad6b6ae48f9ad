"""Where the load goes: a URL taken apart once, and the rule that it goes to this machine unless somebody says otherwise.

>>> parse("http://127.0.0.1:8000", prefix="/api").prefix, parse("https://h.example/v2/", prefix="/api").prefix
('/api', '/v2')
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import gevent.ssl

from contracts.command.loopback import stays_here
from contracts.network.target_url import InvalidTarget, read_target
from contracts.network.tls import TlsTrust, of_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    secure: bool
    host: str
    port: int
    prefix: str
    """Path before every operation's path, without a slash at its end."""

    @property
    def authority(self) -> str:
        """The value of the Host header (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.prefix}"


def parse(url: str | None, *, prefix: str) -> Target:
    """The target that a URL names. `prefix` stands in where the URL has no path of its own. InvalidTarget: the caller's mistake."""
    if not url:
        raise InvalidTarget("no target: say where the API is with --host URL")
    origin, path = read_target(url, option="--host")
    parts = urlsplit(origin)
    secure = parts.scheme == "https"
    return Target(
        secure=secure,
        host=parts.hostname or "",
        port=parts.port or (443 if secure else 80),
        prefix=path or prefix,
    )


def refuse_strangers(target: Target, *, owned: bool) -> None:
    """Load on a machine that is not one's own is an attack; InvalidTarget unless it is loopback or `owned`."""
    if not (owned or stays_here(target.host)):
        raise InvalidTarget(
            f"{target.host} is not this machine; load goes to loopback hosts only unless you add --i-own-this-target"
        )


def tls_context() -> Any:
    """Whom this process trusts over TLS (contracts.network.tls), for sockets of gevent."""
    return _context(of_environment())


@lru_cache
def _context(trust: TlsTrust) -> Any:
    """Reading the machine's certificates takes longer than a handshake."""
    return trust.context(gevent.ssl.SSLContext)
