"""The authentication of a request: the claims of its bearer token, which must be valid now, of the right kind and of a live session."""

import functools

from mock_server.auth.tokens import Claims, Refusal, TokenSigner
from mock_server.clock import SECOND, Clock
from mock_server.problem import Problem, challenge
from mock_server.store.session_store import SessionStore


class Authenticator:
    def __init__(self, signer: TokenSigner, sessions: SessionStore, clock: Clock) -> None:
        self._signer = signer
        self._sessions = sessions
        self._clock = clock

    def claims(self, authorization: bytes | None, kind: str) -> Claims:
        """The claims of the token in an Authorization field. `kind` is access or refresh. Raises Problem(401), which tells a missing,
        an invalid and an expired token apart."""
        if not authorization:
            return self.without_token(kind)
        return self.of_token(self.token(authorization), kind)

    def without_token(self, kind: str) -> Claims:
        raise Problem("TOKEN_MISSING", "This needs a bearer token.", headers=[challenge()])

    def token(self, authorization: bytes) -> bytes:
        """The token of an Authorization field. The scheme is case-insensitive (RFC 9110, 11.1)."""
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            raise refused("the scheme is not Bearer")
        return token.strip()

    def of_token(self, token: bytes, kind: str) -> Claims:
        now = self._clock.now()
        try:
            claims = self.verified(kind, token, now // SECOND)
        except Refusal as refusal:
            raise self.refusal(refusal, token) from None
        self.require_live(claims, kind, now)
        return claims

    def verified(self, kind: str, token: bytes, now: int) -> Claims:
        """The claims of a token that is valid at `now`, in seconds."""
        return self._signer.verify(kind, token, now)

    def refusal(self, refusal: Refusal, token: bytes) -> Problem:
        return refused(refusal.reason, expired=refusal.expired)

    def require_live(self, claims: Claims, kind: str, now: int) -> None:
        """Raise Problem(401) unless the session is live at `now`, in microseconds."""
        if not self._sessions.is_live(claims.sid, now):
            raise refused("the session has ended")


def refused(reason: str, *, expired: bool = False) -> Problem:
    code = "TOKEN_EXPIRED" if expired else "TOKEN_INVALID"
    detail = "The token has expired." if expired else "The token is not valid."
    return Problem(code, detail, headers=[challenge("invalid_token", reason)])


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
