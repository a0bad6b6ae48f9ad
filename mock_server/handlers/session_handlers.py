"""The handlers of login, refresh, logout, verify (A1 to A4) and metrics (M1)."""

from functools import partial

from mock_server import stamps
from mock_server.auth.passwords import PasswordHasher
from mock_server.auth.tokens import Claims, TokenSigner
from mock_server.clock import SECOND
from mock_server.message import HttpResponse, json_response
from mock_server.problem import Problem, challenge
from mock_server.request_context import RequestContext
from mock_server.store.session_store import (
    RefreshReused,
    SessionGrant,
    SessionStore,
    StoredAccount,
    refresh_id,
)
from mock_server.store.sqlite.database import Database


class SessionHandlers:
    def __init__(
        self, database: Database, store: SessionStore, signer: TokenSigner, hasher: PasswordHasher
    ) -> None:
        self._db = database
        self._store = store
        self._signer = signer
        self._hasher = hasher

    def login(self, context: RequestContext) -> HttpResponse:
        body = context.body
        account = self.authenticated(body["email"], body["password"])
        grant = self._store.open(account, platform=body.get("platform"), device=body.get("deviceId"))
        answer = {
            "user": {"id": account.id, "email": account.email, "name": account.name},
            "tokens": self.tokens(account, grant),
            "permissions": account.permissions,
        }
        return json_response(200, answer)

    def authenticated(self, email: str, password: str) -> StoredAccount:
        """The account with this address and password. Raises Problem(401) or Problem(429)."""
        email = self.lowercased(email)
        self.require_not_throttled(email, password)
        account = self.known(email, password)
        if account is None:
            self._store.note_failure(email)
            raise Problem("INVALID_CREDENTIALS", self.refusal_of(email), headers=[challenge()])
        return account

    def lowercased(self, email: str) -> str:
        """The address with ASCII letters in lower case, as the document defines."""
        return email.encode().lower().decode()

    def require_not_throttled(self, email: str, password: str) -> None:
        """Raise Problem(429) after too many failures, whatever the password is, so that the answer does not reveal it."""
        wait = self._store.throttled_for(email)
        if wait:
            raise Problem(
                "LOGIN_THROTTLED",
                f"Too many failed logins. Try again in {wait} seconds.",
                headers=[(b"retry-after", str(wait).encode())],
            )

    def known(self, email: str, password: str) -> StoredAccount | None:
        """The account if it exists and the password is right, else None."""
        known = self._store.account(email)
        right = self.is_password(password, known[1] if known else None)
        return known[0] if known and right else None

    def is_password(self, password: str, hashed: bytes | None) -> bool:
        return self._hasher.matches(password, hashed)

    def refusal_of(self, email: str) -> str:
        """The detail of a refused login, which does not reveal whether the account exists."""
        return "The e-mail address or the password is wrong."

    def refresh_tokens(self, context: RequestContext) -> HttpResponse:
        assert context.claims is not None
        account, grant = self.rotated(context.claims)
        return json_response(200, {"tokens": self.refreshed(context, account, grant)})

    def rotated(self, claims: Claims) -> tuple[StoredAccount, SessionGrant]:
        """The successor of a refresh token. Raises Problem(401) if it was used before."""
        account = self._store.account_of(claims.sid)
        assert account is not None
        try:
            return account, self._store.rotate(claims.sid, claims.jti)
        except RefreshReused:
            raise Problem(
                "REFRESH_REUSED",
                "This refresh token was already used. The session is revoked.",
                headers=[challenge("invalid_token", "the refresh token was used before")],
            ) from None

    def refreshed(
        self, context: RequestContext, account: StoredAccount, grant: SessionGrant
    ) -> dict[str, object]:
        return self.tokens(account, grant)

    def logout(self, context: RequestContext) -> HttpResponse:
        self.end_session(context)
        return json_response(200, {"success": True})

    def end_session(self, context: RequestContext) -> None:
        """End the session of the token; a body is ignored."""
        assert context.claims is not None
        self._store.revoke(context.claims.sid)

    def verify_token(self, context: RequestContext) -> HttpResponse:
        assert context.claims is not None
        return json_response(200, self.verified(context.claims))

    def verified(self, claims: Claims) -> dict[str, object]:
        return {
            "valid": True,
            "userId": claims.sub,
            "sessionId": claims.sid,
            "expiresAt": stamps.text(claims.exp * SECOND),
        }

    def ingest_metrics(self, context: RequestContext) -> HttpResponse:
        return json_response(202, {"accepted": self.count_metrics(context)})

    def count_metrics(self, context: RequestContext) -> int:
        """The number of measurements, which is added to the account's total."""
        count = len(context.body["metrics"])
        with self._db.write():
            self._db.run(
                "INSERT INTO metrics VALUES (?, ?)"
                " ON CONFLICT (account) DO UPDATE SET received = received + excluded.received",
                (context.actor, count),
            )
        return count

    # The pair of tokens

    def tokens(self, account: StoredAccount, grant: SessionGrant) -> dict[str, object]:
        """The token pair of a grant. Signing is deterministic, so the same grant gives the same pair."""
        lives = self._store.lifetimes
        ends = grant.session_started // SECOND + lives.session
        sign = partial(
            self._signer.sign,
            sub=account.id,
            sid=grant.session,
            wsp=account.workspace,
            iat=grant.issued,
            scope=self.scope(account),
        )
        access_ends = min(grant.issued + self.access_life(), ends)
        refresh_ends = min(grant.issued + lives.refresh_idle, ends)
        return {
            "accessToken": sign("access", jti=f"{grant.session}.a{grant.number}", exp=access_ends),
            "refreshToken": sign("refresh", jti=refresh_id(grant.session, grant.number), exp=refresh_ends),
            "expiresIn": self.expires_in(grant, ends),
            "tokenType": "Bearer",
        }

    def access_life(self) -> int:
        """The life of an access token, in seconds."""
        return self._store.lifetimes.access

    def expires_in(self, grant: SessionGrant, ends: int) -> int:
        return max(1, min(self._store.lifetimes.access, ends - grant.issued))

    def scope(self, account: StoredAccount) -> str:
        return " ".join(account.permissions)
