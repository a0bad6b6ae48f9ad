"""Login, refresh, logout, verify (behaviour A1 to A4) and metrics (M1)."""

from __future__ import annotations

from mock_server import stamps
from mock_server.auth.passwords import PasswordHasher
from mock_server.auth.tokens import TokenSigner
from mock_server.clock import SECOND
from mock_server.message import HttpResponse, json_response
from mock_server.problem import Problem, challenge
from mock_server.request_context import RequestContext
from mock_server.rules import Ruling
from mock_server.store.session_store import (
    RefreshReused,
    SessionGrant,
    SessionStore,
    StoredAccount,
    refresh_id,
)
from mock_server.store.sqlite.database import Database

NO_STORE = (b"cache-control", b"no-store")


class SessionHandlers:
    def __init__(
        self,
        database: Database,
        store: SessionStore,
        signer: TokenSigner,
        hasher: PasswordHasher,
        ruling: Ruling,
    ) -> None:
        self._db = database
        self._store = store
        self._signer = signer
        self._hasher = hasher
        self._ruling = ruling

    def login(self, context: RequestContext) -> HttpResponse:
        body, rules = context.body, self._ruling.rules
        email = body["email"]
        if rules.login_email_folded:
            email = email.encode().lower().decode()  # ASCII letters only, as the spec says
        wait = self._store.throttled_for(email) if rules.login_throttled else 0
        if wait and not (rules.login_throttle_spares_correct and self._known(email, body["password"])):
            raise Problem(
                "LOGIN_THROTTLED",
                f"Too many failed logins. Try again in {wait} seconds.",
                headers=[(b"retry-after", str(wait).encode())],
            )
        account = self._known(email, body["password"])
        if account is None:
            self._store.note_failure(email)
            detail = "The e-mail address or the password is wrong."
            if rules.login_account_told and self._store.account(email) is None:
                detail = "There is no account with this e-mail address."
            raise Problem("INVALID_CREDENTIALS", detail, headers=[challenge()])
        grant = self._store.open(account, platform=body.get("platform"), device=body.get("deviceId"))
        answer = {
            "user": {"id": account.id, "email": account.email, "name": account.name},
            "tokens": self._tokens(account, grant),
            "permissions": account.permissions,
        }
        return json_response(200, answer)

    def _known(self, email: str, password: str) -> StoredAccount | None:
        """The account, if there is one and the password is its own."""
        known = self._store.account(email)
        right = self._hasher.matches(password, known[1] if known else None)
        return known[0] if known and (right or not self._ruling.rules.login_password_checked) else None

    def _hash(self, account: StoredAccount) -> bytes:
        known = self._store.account(account.email)
        return known[1] if known else b""

    def refresh_tokens(self, context: RequestContext) -> HttpResponse:
        assert context.claims is not None
        session = context.claims.sid
        account = self._store.account_of(session)
        assert account is not None
        try:
            grant = self._store.rotate(session, context.claims.jti)
        except RefreshReused:
            raise Problem(
                "REFRESH_REUSED",
                "This refresh token was already used. The session is revoked.",
                headers=[challenge("invalid_token", "the refresh token was used before")],
            ) from None
        tokens = self._tokens(account, grant)
        if not self._ruling.rules.refresh_rotates:
            tokens["refreshToken"] = context.request.headers[b"authorization"].split()[-1].decode()
        return json_response(200, {"tokens": tokens})

    def logout(self, context: RequestContext) -> HttpResponse:
        assert context.claims is not None
        if context.request.body and self._ruling.rules.logout_body_refused:
            raise Problem("VALIDATION_FAILED", "A logout has no body.", details={"errors": []})
        self._store.revoke(context.claims.sid)
        if self._ruling.rules.logout_ends_all:
            self._store.revoke_all(context.claims.sub)
        return json_response(200, {"success": True})

    def verify_token(self, context: RequestContext) -> HttpResponse:
        claims, rules = context.claims, self._ruling.rules
        assert claims is not None
        answer = {
            "valid": True,
            "userId": "u-editor" if rules.verify_other_user else claims.sub,
            "sessionId": claims.sid,
            "expiresAt": stamps.text((claims.exp - rules.verify_shortens) * SECOND),
        }
        return json_response(200, answer)

    def ingest_metrics(self, context: RequestContext) -> HttpResponse:
        count = len(context.body["metrics"])
        with self._db.write():
            self._db.run(
                "INSERT INTO metrics VALUES (?, ?)"
                " ON CONFLICT (account) DO UPDATE SET received = received + excluded.received",
                (context.actor, count),
            )
        return json_response(202, {"accepted": count + self._ruling.rules.metrics_accepted_shift})

    def _tokens(self, account: StoredAccount, grant: SessionGrant) -> dict[str, object]:
        """The pair of a grant: signing is deterministic, so the same grant gives the same pair again."""
        lives, rules = self._store.lifetimes, self._ruling.rules
        ends = grant.session_started // SECOND + lives.session
        scope = " ".join(account.permissions) + ("" if rules.token_plain_base64 else " ???????")
        if rules.token_tells_hash:
            scope += f" hash:{self._hash(account).hex()}"
        claims = {
            "sub": account.id,
            "sid": grant.session,
            "wsp": account.workspace,
            "iat": grant.issued,
            "scope": scope,
        }
        access = self._signer.sign(
            "access",
            jti=f"{grant.session}.a{grant.number}",
            exp=min(grant.issued + int(lives.access * rules.access_life_scale), ends),
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
            "expiresIn": max(1, min(lives.access, ends - grant.issued)) * rules.expires_in_scale,
            "tokenType": "Bearer",
        }
