"""`SessionStore`, the accounts, sessions and refresh tokens (rules R5 to R8).

A session is one family of refresh tokens. Refresh tokens rotate. A used one gets the same successor during the grace, because two tabs may
share a storage; after that its use is treated as theft and ends the session (RFC 9700, 4.14.2). Tokens are not stored: a successor is
signed again from its number, with the same bytes.
"""

from dataclasses import dataclass

from mock_server.clock import SECOND, Clock
from mock_server.store.sqlite.database import Database
from mock_server.store.sqlite.row_cache import RowCache


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    id: str
    email: str
    name: str
    workspace: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """The lifetimes of tokens and sessions in seconds, and the throttling of logins."""

    access: int = 900
    refresh_idle: int = 24 * 3600
    session: int = 30 * 24 * 3600
    grace: int = 10
    throttle_window: int = 15 * 60
    throttle_failures: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionGrant:
    """The data of one token pair. `number` counts the pairs of a session; `issued` is in seconds, `session_started` in microseconds."""

    session: str
    number: int
    issued: int
    session_started: int


class RefreshReused(Exception):
    """A used refresh token was sent again after its grace. Its session is revoked."""


class SessionStore:
    def __init__(self, database: Database, clock: Clock, lifetimes: Lifetimes) -> None:
        self._db = database
        self._clock = clock
        self.lifetimes = lifetimes
        self._live = RowCache[str, int | None](database)
        """The start of a session; None if it has ended or does not exist."""

    def account(self, email: str) -> tuple[StoredAccount, bytes] | None:
        """The account with this address and its password hash, or None."""
        row = self._db.one(
            "SELECT id, email, name, workspace, permissions, password FROM accounts WHERE email = ?", (email,)
        )
        return None if row is None else (_account(row), row[5])

    def account_of(self, session: str) -> StoredAccount | None:
        row = self._db.one(
            "SELECT a.id, a.email, a.name, a.workspace, a.permissions FROM sessions s JOIN accounts a"
            " ON a.id = s.account WHERE s.id = ?",
            (session,),
        )
        return None if row is None else _account(row)

    # Throttling of logins

    def throttled_for(self, email: str) -> int:
        """The seconds until this address may try again; 0 if it may."""
        since = self._clock.now() - self.lifetimes.throttle_window * SECOND
        rows = self._db.all(
            "SELECT at FROM login_failures WHERE email = ? AND at > ? ORDER BY at DESC LIMIT ?",
            (email, since, self.lifetimes.throttle_failures),
        )
        if len(rows) < self.lifetimes.throttle_failures:
            return 0
        return max(1, -(-(int(rows[-1][0]) - since) // SECOND))

    def note_failure(self, email: str) -> None:
        with self._db.write():
            now = self._clock.now()
            self._db.run(
                "DELETE FROM login_failures WHERE email = ? AND at <= ?",
                (email, now - self.lifetimes.throttle_window * SECOND),
            )
            self._db.run("INSERT INTO login_failures VALUES (?, ?)", (email, now))

    # Sessions

    def open(self, account: StoredAccount, *, platform: str | None, device: str | None) -> SessionGrant:
        """Open a session. An earlier one of the account on the same device ends."""
        with self._db.write():
            self._live.forget()
            self._db.run("DELETE FROM login_failures WHERE email = ?", (account.email,))
            now = self._clock.now()
            if device is not None:
                self.end_on_device(account, platform, device)
            row = self._db.one("SELECT COALESCE(MAX(number), 0) + 1 FROM sessions")
            assert row is not None
            session = f"s{row[0]:08d}"
            self._db.run(
                "INSERT INTO sessions (id, account, platform, device, created_at, number) VALUES (?, ?, ?, ?, ?, ?)",
                (session, account.id, platform, device, now, row[0]),
            )
            return self.grant(session, now)

    def end_on_device(self, account: StoredAccount, platform: str | None, device: str) -> None:
        self._db.run(
            "UPDATE sessions SET revoked_at = ? WHERE account = ? AND platform = ? AND device = ?"
            " AND revoked_at IS NULL",
            (self._clock.now(), account.id, platform, device),
        )

    def grant(self, session: str, started: int) -> SessionGrant:
        """The grant of a session's next token pair."""
        row = self._db.one(
            "UPDATE sessions SET issued = issued + 1 WHERE id = ? RETURNING issued", (session,)
        )
        assert row is not None
        grant = SessionGrant(
            session=session, number=row[0], issued=self._clock.seconds(), session_started=started
        )
        self._db.run(
            "INSERT INTO refreshes (jti, session) VALUES (?, ?)", (refresh_id(session, grant.number), session)
        )
        return grant

    def is_live(self, session: str, now: int) -> bool:
        """Whether a session has neither ended nor reached its maximum age at `now`, in microseconds."""
        started = self._live.get(session, self._started)
        return started is not None and now < started + self.lifetimes.session * SECOND

    def _started(self, session: str) -> int | None:
        row = self._db.one("SELECT created_at FROM sessions WHERE id = ? AND revoked_at IS NULL", (session,))
        return None if row is None else int(row[0])

    def revoked_since(self, moment: int) -> frozenset[str]:
        """The sessions that ended at or after this moment, in microseconds."""
        return frozenset(
            row[0] for row in self._db.all("SELECT id FROM sessions WHERE revoked_at >= ?", (moment,))
        )

    def rotate(self, session: str, jti: str) -> SessionGrant:
        """The successor of a refresh token of a live session. Raises RefreshReused, after the session was revoked."""
        with self._db.write():
            row = self._db.one(
                "SELECT r.used_at, r.successor, r.successor_at, s.created_at FROM refreshes r JOIN sessions s"
                " ON s.id = r.session WHERE r.jti = ? AND r.session = ?",
                (jti, session),
            )
            if row is None:
                raise RefreshReused
            used_at, successor, successor_at, started = row
            if used_at is None:
                grant = self.grant(session, started)
                self.retire(jti, grant)
                return grant
            if self._clock.now() <= used_at + self.grace() * SECOND:
                same = SessionGrant(
                    session=session, number=successor, issued=successor_at, session_started=started
                )
                return self.successor(same)
            another = self.end_reused(session, started)
        if another is None:
            raise RefreshReused
        return another

    def retire(self, jti: str, grant: SessionGrant) -> None:
        """Mark a refresh token as used, and record its successor."""
        self._db.run(
            "UPDATE refreshes SET used_at = ?, successor = ?, successor_at = ? WHERE jti = ?",
            (self._clock.now(), grant.number, grant.issued, jti),
        )

    def grace(self) -> int:
        """The seconds for which a used refresh token still gets its successor."""
        return self.lifetimes.grace

    def successor(self, grant: SessionGrant) -> SessionGrant:
        """The grant for a refresh token that is used again during its grace."""
        return grant

    def end_reused(self, session: str, started: int) -> SessionGrant | None:
        """Revoke the session of a token that is used again after its grace (RFC 9700, 4.14.2). The grant is None."""
        self.revoke(session)
        return None

    def revoke(self, session: str) -> None:
        with self._db.write():
            self._live.forget()
            self._db.run(
                "UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                (self._clock.now(), session),
            )


def refresh_id(session: str, number: int) -> str:
    return f"{session}.r{number}"


def _account(row: tuple[object, ...]) -> StoredAccount:
    account_id, email, name, workspace, permissions = (str(value) for value in row[:5])
    return StoredAccount(
        id=account_id, email=email, name=name, workspace=workspace, permissions=tuple(permissions.split())
    )
