"""Where the load goes: a URL taken apart once, and the rule that it goes to this machine unless somebody says otherwise.

>>> parse("http://127.0.0.1:8000", prefix="/api").prefix, parse("https://h.example/v2/", prefix="/api").prefix
('/api', '/v2')
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit


class TargetError(ValueError):
    """The caller's mistake: a URL that cannot be a target. One line."""


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

    @property
    def loopback(self) -> bool:
        """True only for what cannot leave this machine; a name that merely resolves to it today does not count."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse(url: str | None, *, prefix: str) -> Target:
    """The target that a URL names. `prefix` stands in where the URL has no path of its own."""
    if not url:
        raise TargetError("no target: say where the API is with --host URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetError(f"--host {url!r} is not a URL: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TargetError(f"--host {url!r} is not a URL of the form http://host:port or https://host/path")
    if parts.username or parts.password:
        raise TargetError("--host must not contain credentials; set TCHAT_EMAIL and TCHAT_PASSWORD")
    secure = parts.scheme == "https"
    return Target(
        secure=secure,
        host=parts.hostname,
        port=port or (443 if secure else 80),
        prefix=parts.path.rstrip("/") or prefix,
    )


def refuse_strangers(target: Target, *, owned: bool) -> None:
    """Load on a machine that is not one's own is an attack; TargetError unless it is loopback or `owned`."""
    if not (target.loopback or owned):
        raise TargetError(
            f"{target.host} is not this machine; load goes to loopback hosts only unless you add --i-own-this-target"
        )
