"""The target of the load: its URL in parts, and the rule that it must be this machine unless the user says otherwise.

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
    """The parts of the target's URL."""

    secure: bool
    host: str
    port: int
    prefix: str
    """The path before every operation's path, without a final slash."""

    @property
    def authority(self) -> str:
        """The value of the Host header (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.prefix}"


def parse(url: str | None, *, prefix: str) -> Target:
    """The target of a URL; `prefix` is used if the URL has no path. InvalidTarget if the URL is not usable."""
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
    """InvalidTarget unless the target is a loopback host or `owned`, because load on another's machine is an attack."""
    if not (owned or stays_here(target.host)):
        raise InvalidTarget(
            f"{target.host} is not this machine; load goes to loopback hosts only unless you add --i-own-this-target"
        )


def tls_context() -> Any:
    """The TLS trust of this process (contracts.network.tls) as a context for gevent's sockets."""
    return _context(of_environment())


@lru_cache
def _context(trust: TlsTrust) -> Any:
    """Cached, because reading the machine's certificates takes longer than a handshake."""
    return trust.context(gevent.ssl.SSLContext)
