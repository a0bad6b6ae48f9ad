"""The guide's web, iOS and Android clients as rows of a table of their differences.

>>> make("ios").cached, make("web").prefix
('http', '/api')
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from contracts.spec import Spec
from load.virtual_users.guide.behaviour.token_expiry import Platform
from load.virtual_users.guide.profile import PROFILES, Profile

Keeps = Literal["tags", "http", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One platform's client with one profile. `prefix` is the path prefix of the API for this client (F2). `cached`: RTK Query's
    tag cache, URLCache (S:1015), or none."""

    platform: Platform
    prefix: str
    cached: Keeps
    monitored: bool
    checks_first: bool
    """Whether it checks the token's expiry before each call (`refreshTokensIfNeeded`) rather than react to a 401."""
    strict_200: bool
    """Whether it accepts only the status 200 for login and refresh (S:983, S:1093)."""
    profile: Profile

    @property
    def name(self) -> str:
        return f"{self.platform} / {self.profile.name}"

    @property
    def shares_refresh(self) -> bool:
        return self.platform == "web" or self.profile.shares_mobile_refresh

    @property
    def replays_401(self) -> bool:
        return self.platform == "web" or self.profile.replays_mobile_401


_ROWS: Mapping[Platform, tuple[str, Keeps, bool, bool, bool]] = MappingProxyType(
    {
        "web": ("/api", "tags", True, False, False),
        "ios": ("", "http", False, True, True),
        "android": ("", "nothing", False, True, False),
    }
)


def make(platform: Platform, profile: str = "guide-exact") -> Persona:
    """The persona of a platform and a profile."""
    prefix, cached, monitored, checks_first, strict_200 = _ROWS[platform]
    return Persona(
        platform=platform,
        prefix=prefix,
        cached=cached,
        monitored=monitored,
        checks_first=checks_first,
        strict_200=strict_200,
        profile=PROFILES[profile],
    )


def lifetimes(spec: Spec, persona: Persona) -> dict[str, float]:
    """Operation -> seconds for which an unused answer is kept; empty if the profile ignores them."""
    if not persona.profile.own_lifetimes:
        return {}
    return {
        operation.id: float(operation.cache.keep_seconds)
        for operation in spec
        if operation.cache is not None and operation.cache.keep_seconds is not None
    }
