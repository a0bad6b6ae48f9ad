"""The auth slice and the token storage of each platform (S:889-940, S:667-702, S:1018-1068, S:1235-1274)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

SESSION_TIMEOUT = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str = field(repr=False)
    refresh: str = field(repr=False)

    @classmethod
    def of(cls, body: Any) -> TokenPair | None:
        """The pair in `{tokens: {...}}`, as login and refresh return it; None if the body has none."""
        pair = body.get("tokens") if isinstance(body, Mapping) else None
        if not isinstance(pair, Mapping):
            return None
        access, refresh = pair.get("accessToken"), pair.get("refreshToken")
        return cls(access, refresh) if isinstance(access, str) and isinstance(refresh, str) else None


class TokenStore:
    """The token storage of a client: web storage, which all tabs share (the guide's httpOnly cookies cannot be set by JavaScript,
    R9), the keychain item com.tchat.tokens, which outlives the application, or EncryptedSharedPreferences."""

    def __init__(self) -> None:
        self._pair: TokenPair | None = None

    def put(self, tokens: TokenPair) -> None:
        self._pair = tokens

    def get(self) -> TokenPair | None:
        return self._pair

    def clear(self) -> None:
        self._pair = None


@dataclass(frozen=True, slots=True)
class Auth:
    """The auth slice of the guide's store. Reducers return a new value; `tokens` is this tab's copy, which does not change with
    another tab's."""

    authenticated: bool = False
    loading: bool = False
    user: str = ""
    tokens: TokenPair | None = None
    error: str = ""
    last_activity: float | None = None

    def login_start(self) -> Auth:
        return replace(self, loading=True, error="")

    def login_success(self, user: str, tokens: TokenPair, now: float) -> Auth:
        return Auth(True, False, user, tokens, "", now)

    def login_failure(self, error: str) -> Auth:
        return replace(self, loading=False, authenticated=False, error=error, user="", tokens=None)

    def logout(self) -> Auth:
        return Auth(loading=self.loading)

    def set_tokens(self, tokens: TokenPair, now: float) -> Auth:
        return replace(self, tokens=tokens, last_activity=now)

    def active(self, now: float) -> Auth:
        return replace(self, last_activity=now)

    def idle(self, now: float) -> bool:
        """Whether `sessionTimeout` has passed; the guide's code never checks it (S:900)."""
        return self.last_activity is not None and now - self.last_activity >= SESSION_TIMEOUT
