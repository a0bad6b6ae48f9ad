"""From an `Authorization` field to claims that are valid now, of the right kind, and of a live session."""

from __future__ import annotations

import functools
import sys

import msgspec

from mock_server.auth.tokens import Claims, Refusal, TokenSigner
from mock_server.clock import SECOND, Clock
from mock_server.problem import Problem, challenge
from mock_server.rules import Ruling
from mock_server.store.session_store import SessionStore

_REMEMBERED = 10_000


class Authenticator:
    def __init__(self, signer: TokenSigner, sessions: SessionStore, clock: Clock, ruling: Ruling) -> None:
        self._signer = signer
        self._sessions = sessions
        self._clock = clock
        self._ruling = ruling
        self._tokens: dict[bytes, bytes] = {}
        """Authorization field -> its token. A client sends the same one again and again, and whoever finds it here need not hash
        it anew."""

    def claims(self, authorization: bytes | None, kind: str) -> Claims:
        """`kind` is access or refresh. Problem(401) says which of missing, invalid or expired it is."""
        rules = self._ruling.rules
        known = None if authorization is None or self._ruling.on else self._tokens.get(authorization)
        if known is not None:
            return self.of_token(known, kind)
        if not authorization:
            if kind == "access" and not rules.token_needed:
                return self.guest()
            named = (
                challenge("invalid_token", "there is none") if rules.challenge_error_always else challenge()
            )
            raise Problem("TOKEN_MISSING", "This needs a bearer token.", headers=[named])
        if rules.token_in_log:
            print(f"authorization: {authorization.decode('latin-1')}", file=sys.stderr, flush=True)
        scheme, _, token = authorization.partition(b" ")
        if (
            scheme != b"Bearer"
            and not (rules.scheme_any_case and scheme.lower() == b"bearer")
            and rules.scheme_checked
        ):
            raise _refused("the scheme is not Bearer")
        if kind == "access" and token == b"undefined" and rules.undefined_taken:
            return self.guest()
        token = token.strip()
        claims = self.of_token(token, kind)
        if not self._ruling.on:  # and it is one of ours: what anybody may send is not kept
            if len(self._tokens) >= _REMEMBERED:
                self._tokens.clear()
            self._tokens[authorization] = token
        return claims

    def guest(self) -> Claims:
        """Whom a call without a token passes for, where a fault lets it pass."""
        known = self._sessions.account("demo@tchat.com")
        assert known is not None
        account = known[0]
        return Claims("", "", account.id, "guest", account.workspace, "", 0, 0, " ".join(account.permissions))

    def of_token(self, token: bytes, kind: str) -> Claims:
        rules, now = self._ruling.rules, self._clock.now()
        try:
            claims = self._verified(kind, token, now // SECOND)
        except Refusal as refusal:
            told = f": {token.decode('latin-1')}" if rules.token_in_error else ""
            raise _refused(
                refusal.reason, expired=refusal.expired and rules.expired_told, told=told
            ) from None
        if not self._sessions.is_live(claims.sid, now) and (
            rules.ended_access_refused if kind == "access" else rules.ended_refresh_refused
        ):
            raise _refused("the session has ended")
        if (
            rules.rotation_ends_access
            and kind == "access"
            and self._sessions.has_rotated(claims.sid, claims.jti)
        ):
            raise _refused("the session has newer tokens")
        return claims

    def _verified(self, kind: str, token: bytes, now: int) -> Claims:
        """`now` in seconds."""
        try:
            return self._signer.verify(kind, token, now)
        except Refusal:
            rules = self._ruling.rules
            if not (rules.access_from_refresh if kind == "access" else rules.refresh_from_access):
                raise
        claims = self._signer.verify("refresh" if kind == "access" else "access", token, now)
        return msgspec.structs.replace(claims, jti=claims.jti.replace(".a", ".r"))


def _refused(reason: str, *, expired: bool = False, told: str = "") -> Problem:
    code = "TOKEN_EXPIRED" if expired else "TOKEN_INVALID"
    detail = "The token has expired." if expired else "The token is not valid."
    return Problem(code, detail + told, headers=[challenge("invalid_token", reason)])


@functools.lru_cache(maxsize=64)
def _scope(scope: str) -> frozenset[str]:
    return frozenset(scope.split())


def require(permission: str | None, claims: Claims) -> None:
    if permission is not None and permission not in _scope(claims.scope):
        value = f'Bearer realm="tchat", error="insufficient_scope", scope="{permission}"'
        raise Problem(
            "FORBIDDEN",
            f"This needs the permission {permission}.",
            headers=[(b"www-authenticate", value.encode())],
        )
