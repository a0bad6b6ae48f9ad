"""How long tokens live, and what a refresh does to them: an OpenAPI document has no word for it. A target with others than ours says so
at the top of its document, perhaps by an overlay:

    x-dialect:
      tokens: {access: 300, refresh: 3600, session: 86400, grace: 0, rotates: false}     # seconds, each of them optional
"""

from collections.abc import Mapping
from typing import NamedTuple

from contracts.spec import Spec, SpecError


class TokenLives(NamedTuple):
    """Seconds. `grace`: for which a refresh token that was used may be used again; `rotates`: a refresh brings another one."""

    access: int = 900
    refresh: int = 24 * 3600
    session: int = 30 * 24 * 3600
    grace: int = 10
    rotates: bool = True


def token_lives(spec: Spec) -> TokenLives:
    """SpecError where what the document tells are no lives."""
    told = spec.document.get("x-dialect", {}).get("tokens", {})
    if not isinstance(told, Mapping) or set(told) - set(TokenLives._fields):
        raise SpecError(f"/x-dialect/tokens: it has the keys {', '.join(TokenLives._fields)}")
    for name, value in told.items():
        if not isinstance(value, bool if name == "rotates" else int) or value < 0:
            raise SpecError(
                f"/x-dialect/tokens/{name}: {value!r} is no number of seconds, or no true or false"
            )
    return TokenLives(**told)
