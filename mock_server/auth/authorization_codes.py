"""The OAuth authorization codes (RFC 6749, 4.1) with their requests and sessions."""

from collections.abc import Callable
from dataclasses import dataclass

from mock_server.clock import SECOND, Clock
from mock_server.store.sqlite.database import Database

LIFE = 60
"""Seconds; RFC 6749, 4.1.2 allows ten minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCode:
    """An issued authorization code. `session` is the id of the session that it has opened; None if it is unused."""

    code: str
    client: str
    redirect_uri: str
    challenge: str
    email: str
    issued_at: int
    session: str | None


class CodeStore:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def issue(
        self, make: Callable[[int], str], *, client: str, redirect_uri: str, challenge: str, email: str
    ) -> str:
        """Issue a new code. `make` returns the text of the code with a given number."""
        with self._db.write():
            row = self._db.one(
                "INSERT INTO authorization_codes (client, redirect_uri, challenge, account, issued_at) VALUES (?, ?, ?, ?, ?)"
                " RETURNING number",
                (client, redirect_uri, challenge, email, self._clock.now()),
            )
            assert row is not None
            code = make(row[0])
            self._db.run("UPDATE authorization_codes SET code = ? WHERE number = ?", (code, row[0]))
        return code

    def find(self, code: str) -> AuthorizationCode | None:
        row = self._db.one(
            "SELECT code, client, redirect_uri, challenge, account, issued_at, session FROM authorization_codes WHERE code = ?",
            (code,),
        )
        if row is None:
            return None
        code, client, redirect_uri, challenge, email, issued_at, session = row
        return AuthorizationCode(
            code=code, client=client, redirect_uri=redirect_uri, challenge=challenge, email=email, issued_at=issued_at,
            session=session,
        )  # fmt: skip

    def has_expired(self, code: AuthorizationCode) -> bool:
        return self._clock.now() > code.issued_at + LIFE * SECOND

    def spend(self, code: AuthorizationCode, session: str) -> None:
        self._db.run("UPDATE authorization_codes SET session = ? WHERE code = ?", (session, code.code))

    def client_of(self, session: str) -> str | None:
        """The client of a session; None for one that a login has opened."""
        row = self._db.one("SELECT client FROM authorization_codes WHERE session = ?", (session,))
        return None if row is None else str(row[0])
