"""The lifetimes of a target's tokens, and the effects of a refresh.

OpenAPI cannot express them. A target whose values differ from ours declares them at the top of its document, or an overlay does:

    x-dialect:
      tokens: {access: 300, refresh: 3600, session: 86400, grace: 0, rotates: false, leeway: 60}     # seconds, each of them optional
"""

from collections.abc import Mapping
from typing import NamedTuple

from contracts.spec import Spec, SpecError


class TokenLives(NamedTuple):
    """Lifetimes in seconds. `grace` is how long a used refresh token may be used again; `rotates` says that a refresh issues a new one; `leeway` is how
    long an access token is taken after its `exp`, as Spring's decoder does for 60 s."""

    access: int = 900
    refresh: int = 24 * 3600
    session: int = 30 * 24 * 3600
    grace: int = 10
    rotates: bool = True
    leeway: int = 0


def token_lives(spec: Spec) -> TokenLives:
    """The lifetimes that a document declares, else ours. Raises SpecError for an invalid declaration."""
    declared = spec.document.get("x-dialect", {}).get("tokens", {})
    if not isinstance(declared, Mapping) or set(declared) - set(TokenLives._fields):
        raise SpecError(f"/x-dialect/tokens: it has the keys {', '.join(TokenLives._fields)}")
    for name, value in declared.items():
        if not isinstance(value, bool if name == "rotates" else int) or value < 0:
            raise SpecError(
                f"/x-dialect/tokens/{name}: {value!r} is no number of seconds, or no true or false"
            )
    return TokenLives(**declared)


def tells_leeway(spec: Spec) -> bool:
    """Whether a document says how long a token is taken after its `exp`. RFC 7519 (4.1.4) allows some small leeway, "usually no more than a
    few minutes"."""
    declared = spec.document.get("x-dialect", {}).get("tokens", {})
    said = " ".join(str(spec.document.get("info", {}).get("description", "")).split())
    return "leeway" in declared or "without leeway" in said
