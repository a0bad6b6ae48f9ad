"""The accounts of a run and their sessions: one session an account is kept and renewed before its token grows old."""

import time
from dataclasses import dataclass

from contracts.suite.contract_violation import LOOKS, ContractViolation
from contracts.suite.world.target_client import TargetClient

RENEW = 0.6
"""A cached session is renewed after this share of its access token's life."""


@dataclass(slots=True)
class AccountSession:
    """One login of an account. `user` and `permissions` as the login told them."""

    access: str
    refresh: str
    user: str
    permissions: tuple[str, ...]
    until: float


class Accounts:
    """The accounts of a run and their sessions, by role. Sessions by role: `owner`, and those of `--editor`, `--viewer`,
    `--ingest`, `--stranger`."""

    def __init__(self, target: TargetClient) -> None:
        self._target = target
        self._sessions: dict[str, AccountSession] = {}

    def session(self, role: str) -> AccountSession:
        """The cached session of an account; logs in where there is none, or where it grows old."""
        cached = self._sessions.get(role)
        if cached is None or time.monotonic() > cached.until:
            read, cached = LOOKS.read, self.login(role)
            self._sessions[role], LOOKS.read = cached, read
        return cached

    def logs_in(self, role: str) -> bool:
        """Whether the run has such an account and the target takes its password."""
        if role not in self._target.settings.accounts:
            return False
        try:
            self.session(role)
        except ContractViolation:
            return False
        return True

    def forget(self) -> None:
        """After the clock has moved or sessions were revoked."""
        self._sessions.clear()

    def login(self, role: str, **device: str) -> AccountSession:
        """A session of its own."""
        account = self._target.settings.accounts[role]
        body = {"email": account.email, "password": account.password, **device}
        answer = self._target.call("login", body=body, token=None)
        if answer.status != 200:
            where = f"{account.email} on {self._target.base}"
            raise ContractViolation(f"login of {where} = 200", answer.told(), [answer.exchange])
        tokens = answer.member("tokens")
        life = float(tokens.get("expiresIn", 60))
        return AccountSession(
            access=tokens["accessToken"],
            refresh=tokens["refreshToken"],
            user=answer.member("user", "id"),
            permissions=tuple(answer.member("permissions")),
            until=time.monotonic() + RENEW * life,
        )
