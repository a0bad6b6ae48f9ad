"""From an `Authorization` field to claims that are valid now, of the right kind, and of a live session."""

from __future__ import annotations

from mock_server.clock import Clock
from mock_server.problem import Problem, challenge
from mock_server.store.sessions import SessionStore
from mock_server.tokens import Claims, Refusal, TokenSigner


class Authenticator:
    def __init__(self, signer: TokenSigner, sessions: SessionStore, clock: Clock) -> None:
        self._signer = signer
        self._sessions = sessions
        self._clock = clock

    def claims(self, authorization: bytes | None, kind: str) -> Claims:
        """`kind` is access or refresh. Problem(401) says which of missing, invalid or expired it is."""
        if not authorization:
            raise Problem("TOKEN_MISSING", "This needs a bearer token.", headers=[challenge()])
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            raise _refused("the scheme is not Bearer")
        return self.of_token(token.strip(), kind)

    def of_token(self, token: bytes, kind: str) -> Claims:
        try:
            claims = self._signer.verify(kind, token, self._clock.seconds())
        except Refusal as refusal:
            raise _refused(refusal.reason, expired=refusal.expired) from None
        if not self._sessions.is_live(claims.sid):
            raise _refused("the session has ended")
        return claims


def _refused(reason: str, *, expired: bool = False) -> Problem:
    code = "TOKEN_EXPIRED" if expired else "TOKEN_INVALID"
    detail = "The token has expired." if expired else "The token is not valid."
    return Problem(code, detail, headers=[challenge("invalid_token", reason)])


def require(permission: str | None, claims: Claims) -> None:
    if permission is not None and permission not in claims.scope.split():
        value = f'Bearer realm="tchat", error="insufficient_scope", scope="{permission}"'
        raise Problem(
            "FORBIDDEN",
            f"This needs the permission {permission}.",
            headers=[(b"www-authenticate", value.encode())],
        )
