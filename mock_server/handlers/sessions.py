"""Login, refresh, logout, verify (behaviour A1 to A4) and metrics (M1)."""

from __future__ import annotations

from mock_server import stamps
from mock_server.clock import SECOND
from mock_server.exchange import Exchange
from mock_server.message import Response, json_response
from mock_server.passwords import PasswordHasher
from mock_server.problem import Problem, challenge
from mock_server.store.database import Database
from mock_server.store.sessions import Account, Grant, RefreshReused, SessionStore, refresh_id
from mock_server.tokens import TokenSigner

NO_STORE = (b"cache-control", b"no-store")


class Sessions:
    def __init__(
        self, database: Database, store: SessionStore, signer: TokenSigner, hasher: PasswordHasher
    ) -> None:
        self._db = database
        self._store = store
        self._signer = signer
        self._hasher = hasher

    def login(self, exchange: Exchange) -> Response:
        body = exchange.body
        email = body["email"].encode().lower().decode()  # ASCII letters only, as the spec says
        wait = self._store.throttled_for(email)
        if wait:
            raise Problem(
                "LOGIN_THROTTLED",
                f"Too many failed logins. Try again in {wait} seconds.",
                headers=[(b"retry-after", str(wait).encode())],
            )
        known = self._store.account(email)
        if not self._hasher.matches(body["password"], known[1] if known else None) or known is None:
            self._store.note_failure(email)
            raise Problem(
                "INVALID_CREDENTIALS", "The e-mail address or the password is wrong.", headers=[challenge()]
            )
        account = known[0]
        grant = self._store.open(account, platform=body.get("platform"), device=body.get("deviceId"))
        answer = {
            "user": {"id": account.id, "email": account.email, "name": account.name},
            "tokens": self._tokens(account, grant),
            "permissions": account.permissions,
        }
        return json_response(200, answer)

    def refresh_tokens(self, exchange: Exchange) -> Response:
        assert exchange.claims is not None
        session = exchange.claims.sid
        account = self._store.account_of(session)
        assert account is not None
        try:
            grant = self._store.rotate(session, exchange.claims.jti)
        except RefreshReused:
            raise Problem(
                "REFRESH_REUSED",
                "This refresh token was already used. The session is revoked.",
                headers=[challenge("invalid_token", "the refresh token was used before")],
            ) from None
        return json_response(200, {"tokens": self._tokens(account, grant)})

    def logout(self, exchange: Exchange) -> Response:
        assert exchange.claims is not None
        self._store.revoke(exchange.claims.sid)
        return json_response(200, {"success": True})

    def verify_token(self, exchange: Exchange) -> Response:
        claims = exchange.claims
        assert claims is not None
        answer = {
            "valid": True,
            "userId": claims.sub,
            "sessionId": claims.sid,
            "expiresAt": stamps.text(claims.exp * SECOND),
        }
        return json_response(200, answer)

    def ingest_metrics(self, exchange: Exchange) -> Response:
        count = len(exchange.body["metrics"])
        with self._db.write():
            self._db.run(
                "INSERT INTO metrics VALUES (?, ?)"
                " ON CONFLICT (account) DO UPDATE SET received = received + excluded.received",
                (exchange.actor, count),
            )
        return json_response(202, {"accepted": count})

    def _tokens(self, account: Account, grant: Grant) -> dict[str, object]:
        """The pair of a grant: signing is deterministic, so the same grant gives the same pair again."""
        lives = self._store.lifetimes
        ends = grant.session_started // SECOND + lives.session
        claims = {
            "sub": account.id,
            "sid": grant.session,
            "wsp": account.workspace,
            "iat": grant.issued,
            "scope": " ".join(account.permissions),
        }
        access = self._signer.sign(
            "access",
            jti=f"{grant.session}.a{grant.number}",
            exp=min(grant.issued + lives.access, ends),
            **claims,  # type: ignore[arg-type]
        )
        refresh = self._signer.sign(
            "refresh",
            jti=refresh_id(grant.session, grant.number),
            exp=min(grant.issued + lives.refresh_idle, ends),
            **claims,  # type: ignore[arg-type]
        )
        return {
            "accessToken": access,
            "refreshToken": refresh,
            "expiresIn": max(1, min(lives.access, ends - grant.issued)),
            "tokenType": "Bearer",
        }
