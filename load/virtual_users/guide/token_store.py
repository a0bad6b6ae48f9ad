"""The auth slice and the places where each platform keeps its tokens (S:889-940, S:667-702, S:1018-1068, S:1235-1274).

>>> shared: Cell = {}
>>> TokenStore.web(shared).put(TokenPair("a", "r"))
>>> TokenStore.web(shared).get() is not None          # a second tab of the same browser
True
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

SESSION_TIMEOUT = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str = field(repr=False)
    refresh: str = field(repr=False)

    @classmethod
    def of(cls, body: Any) -> TokenPair | None:
        """The pair in `{tokens: {...}}`, which login and refresh both answer; None where it is not there."""
        pair = body.get("tokens") if isinstance(body, Mapping) else None
        if not isinstance(pair, Mapping):
            return None
        access, refresh = pair.get("accessToken"), pair.get("refreshToken")
        return cls(access, refresh) if isinstance(access, str) and isinstance(refresh, str) else None


Cell = MutableMapping[str, TokenPair]


@dataclass(frozen=True, slots=True)
class TokenStore:
    """A named place in a cell. Tabs of one browser share a cell; each phone has its own."""

    name: str
    cell: Cell = field(repr=False)

    @classmethod
    def web(cls, browser: Cell) -> TokenStore:
        """Web storage, shared by all tabs of the browser; the guide's httpOnly cookies cannot be set by JavaScript (R9)."""
        return cls("web storage", browser)

    @classmethod
    def ios(cls, keychain: Cell) -> TokenStore:
        """One keychain item of service com.tchat.tokens; it outlives the application."""
        return cls("keychain", keychain)

    @classmethod
    def android(cls, preferences: Cell) -> TokenStore:
        """EncryptedSharedPreferences, key `tokens`."""
        return cls("preferences", preferences)

    def put(self, tokens: TokenPair) -> None:
        self.cell[self.name] = tokens

    def get(self) -> TokenPair | None:
        return self.cell.get(self.name)

    def clear(self) -> None:
        self.cell.pop(self.name, None)


@dataclass(frozen=True, slots=True)
class Auth:
    """The auth slice of the guide's store. Reducers give a new value; `tokens` is this context's copy, which a second tab does
    not see change."""

    authenticated: bool = False
    loading: bool = False
    user: str = ""
    permissions: tuple[str, ...] = ()
    tokens: TokenPair | None = None
    error: str = ""
    last_activity: float | None = None

    def login_start(self) -> Auth:
        return replace(self, loading=True, error="")

    def login_success(self, user: str, permissions: tuple[str, ...], tokens: TokenPair, now: float) -> Auth:
        return Auth(True, False, user, permissions, tokens, "", now)

    def login_failure(self, error: str) -> Auth:
        return replace(
            self, loading=False, authenticated=False, error=error, user="", tokens=None, permissions=()
        )

    def logout(self) -> Auth:
        return Auth(loading=self.loading)

    def set_tokens(self, tokens: TokenPair, now: float) -> Auth:
        return replace(self, tokens=tokens, last_activity=now)

    def active(self, now: float) -> Auth:
        return replace(self, last_activity=now)

    def idle(self, now: float) -> bool:
        """Whether `sessionTimeout` has passed; the guide's code never asks (S:900)."""
        return self.last_activity is not None and now - self.last_activity >= SESSION_TIMEOUT
