"""The accounts of a run and their sessions. Each account has one cached session, which is renewed before its access token expires."""

import time
from dataclasses import dataclass
from typing import Any

from contracts.dialect.document_needs import promises
from contracts.dialect.token_lives import token_lives
from contracts.model.unpromised import Unpromised
from contracts.suite.contract_violation import ContractViolation, read_aside
from contracts.suite.world.target_client import TargetClient

UNTOLD = 60.0
"""The life of a token, in seconds, of which nobody says how long it lives."""
RENEW = 0.6
"""The share of an access token's life after which a cached session is renewed."""


@dataclass(slots=True)
class AccountSession:
    """A session of an account, as the login answered it."""

    access: str
    refresh: str
    user: Any
    """The id of its user, or `Unpromised` if the document promises none."""
    permissions: Any
    """A tuple of our permissions, or `Unpromised`."""
    opened: float
    """When its tokens came, by the monotonic clock."""
    life: float
    """The seconds that its access token lives from then on, by the answer or the document; infinite if neither says it."""

    @property
    def until(self) -> float:
        """When another session should be opened in its place."""
        return self.opened + RENEW * (UNTOLD if self.life == float("inf") else self.life)


class Accounts:
    """The sessions of a run by role: `owner`, and those of `--editor`, `--viewer`, `--ingest` and `--stranger`."""

    def __init__(self, target: TargetClient) -> None:
        self._target = target
        self._sessions: dict[str, AccountSession] = {}

    def session(self, role: str) -> AccountSession:
        """The cached session of an account, after a login if there is none or it is old."""
        cached = self._sessions.get(role)
        if cached is None or time.monotonic() > cached.until:
            with read_aside():
                cached = self._sessions[role] = self.login(role)
        return cached

    def stated_permissions(self, role: str) -> frozenset[str] | None:
        """The permissions of an account, or None if nothing says what they are for or which it has."""
        known = self.session(role).permissions
        return (
            None
            if isinstance(known, Unpromised) or not promises(self._target.spec, "permissions")
            else frozenset(known)
        )

    def can_log_in(self, role: str) -> bool:
        """Whether the run has this account and the target accepts its password."""
        if role not in self._target.settings.accounts:
            return False
        try:
            self.session(role)
        except ContractViolation:
            return False
        return True

    def forget(self) -> None:
        """Drop all cached sessions, after the clock has moved or sessions were revoked."""
        self._sessions.clear()

    def login(self, role: str, **device: str) -> AccountSession:
        """A new session. Raises ContractViolation if the login is refused."""
        account = self._target.settings.accounts[role]
        body = {"email": account.email, "password": account.password, **device}
        answer = self._target.call("login", body=body, token=None)
        if answer.status != 200:
            where = f"{account.email} on {self._target.base}"
            raise ContractViolation(f"login of {where} = 200", answer.summary(), [answer.exchange])
        tokens = answer.member("tokens")
        user, permissions = answer.member("user"), answer.member("permissions")
        lifetime = tokens.get("expiresIn")
        if not isinstance(lifetime, int | float):
            spec = self._target.spec
            lifetime = token_lives(spec).access if promises(spec, "token lives") else float("inf")
        return AccountSession(
            access=tokens["accessToken"],
            refresh=tokens["refreshToken"],
            user=user if isinstance(user, Unpromised) else answer.member("user", "id"),
            permissions=permissions if isinstance(permissions, Unpromised) else tuple(permissions),
            opened=time.monotonic(),
            life=float(lifetime),
        )
