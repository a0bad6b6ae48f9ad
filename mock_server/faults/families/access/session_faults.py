"""Faults of login, refresh, logout and verify: rotation, reuse, grace, throttling, devices."""

from functools import partial
from typing import Any

from mock_server import stamps
from mock_server.auth.authentication import Authenticator, refused
from mock_server.auth.tokens import Claims
from mock_server.clock import SECOND, Clock
from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, members, returns, skipped
from mock_server.handlers.session_handlers import SessionHandlers
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.store.session_store import SessionGrant, SessionStore, StoredAccount
from mock_server.store.sqlite.database import Database

_fault = partial(entry.wrapped, "auth")


def _same_token(
    step: WrappedStep, context: RequestContext, account: StoredAccount, grant: SessionGrant
) -> dict[str, object]:
    own = context.request.headers[b"authorization"].split()[-1].decode()
    return {**step(context, account, grant), "refreshToken": own}


def second_pair(step: WrappedStep, grant: SessionGrant) -> SessionGrant:
    return step.part(SessionStore).grant(grant.session, grant.session_started)


def once_more(step: WrappedStep, session: str, started: int) -> SessionGrant:
    return step.part(SessionStore).grant(session, started)


def _still_live(wanted: str) -> Any:
    """A wrapper that accepts tokens of this kind although their session has ended."""

    def by(step: WrappedStep, claims: Claims, kind: str, now: int) -> None:
        if kind != wanted:
            step(claims, kind, now)

    return by


def _newest_only(step: WrappedStep, claims: Claims, kind: str, now: int) -> None:
    step(claims, kind, now)
    row = step.part(Database).one("SELECT issued FROM sessions WHERE id = ?", (claims.sid,))
    if kind == "access" and row is not None and claims.jti != f"{claims.sid}.a{row[0]}":
        raise refused("the session has newer tokens")


def _body_refused(step: WrappedStep, context: RequestContext) -> None:
    if context.request.body:
        raise Problem("VALIDATION_FAILED", "A logout has no body.", details={"errors": []})
    step(context)


def _all_ended(step: WrappedStep, context: RequestContext) -> None:
    step(context)
    assert context.claims is not None
    mine = "SELECT id FROM sessions WHERE account = ? AND revoked_at IS NULL"
    for (session,) in step.part(Database).all(mine, (context.claims.sub,)):
        step.part(SessionStore).revoke(session)
        step.touch()


def _shared(step: WrappedStep, account: StoredAccount, *, ms: int = 100, **where: Any) -> SessionGrant:
    last: SessionGrant | None = step.memory.get(account.id)
    if last is not None and 0 <= step.part(Clock).now() - last.session_started < ms * 1000:
        return last
    grant: SessionGrant = step(account, **where)
    step.memory[account.id] = grant
    return grant


def _spares_correct(step: WrappedStep, email: str, password: str) -> None:
    if step.part(SessionHandlers).known(email, password) is None:
        step(email, password)


def _unknown_told(step: WrappedStep, email: str) -> str:
    known = step.part(SessionStore).account(email)
    return step(email) if known is not None else "There is no account with this e-mail address."


def _minute_early(verified: dict[str, Any], claims: Claims) -> str:
    return stamps.text((claims.exp - 60) * SECOND)


SESSIONS = (
    _fault("refresh-not-rotated", "R6", "Refresh answers the same refresh token.", "auth.refresh-rotates", "refreshTokens",
           at(SessionHandlers.refreshed, _same_token), at(SessionStore.retire, skipped)),
    _fault("reuse-accepted", "R6", "A retired refresh token still works after its grace.", "auth.refresh-reuse-revokes-family",
           "refreshTokens", at(SessionStore.end_reused, once_more)),
    _fault("reuse-spares-family", "RFC 9700 4.14.2", "Reuse does not end the session.", "auth.refresh-reuse-revokes-family",
           "refreshTokens", at(SessionStore.end_reused, skipped)),
    _fault("grace-missing", "R6", "There is no grace: a second tab's refresh ends the session.",
           "auth.refresh-grace-same-pair", "refreshTokens", at(SessionStore.grace, returns(0))),
    _fault("grace-endless", "R6", "The grace of a retired refresh token never ends.", "auth.refresh-grace-ends",
           "refreshTokens", at(SessionStore.grace, returns(10**9))),
    _fault("grace-second-pair", "R6", "Within the grace each refresh answers another pair.", "auth.refresh-grace-same-pair",
           "refreshTokens", at(SessionStore.successor, second_pair)),
    _fault("logout-keeps-access", "F4", "An access token outlives the logout.", "auth.logout-ends-session", "",
           at(Authenticator.require_live, _still_live("access"))),
    _fault("logout-keeps-refresh", "F4", "A refresh token outlives the logout.", "auth.logout-ends-session", "refreshTokens",
           at(Authenticator.require_live, _still_live("refresh"))),
    _fault("rotation-ends-access", "R7", "A refresh ends the access token that came before it.", "auth.access-outlives-rotation",
           "", at(Authenticator.require_live, _newest_only)),
    _fault("logout-refuses-body", "F4", "A logout with a body is 400.", "auth.logout-body-ignored", "logout",
           at(SessionHandlers.end_session, _body_refused)),
    _fault("login-shares-session", "openapi", "Logins of an account at the same time get one session between them.",
           "races.login-storm", "login", at(SessionStore.open, _shared)),
    _fault("logout-ends-all", "R13", "A logout ends every session of the account.", "auth.logout-ends-session", "logout",
           at(SessionHandlers.end_session, _all_ended)),
    _fault("throttle-missing", "R32", "Logins may fail without end.", "auth.login-throttled", "login",
           at(SessionStore.throttled_for, returns(0))),
    _fault("throttle-spares-correct", "R32", "The right password passes a throttled account.", "auth.login-throttled", "login",
           at(SessionHandlers.require_not_throttled, _spares_correct)),
    _fault("password-unchecked", "S:785", "Any password logs in.", "auth.login-refused-alike", "login",
           at(SessionHandlers.is_password, returns(True))),
    _fault("account-told", "openapi", "A login tells unknown accounts from wrong passwords.", "auth.login-refused-alike",
           "login", at(SessionHandlers.refusal_of, _unknown_told)),
    _fault("email-case-sensitive", "openapi", "The case of the e-mail address matters.", "auth.login-email-case", "login",
           at(SessionHandlers.lowercased, lambda step, email: email)),
    _fault("device-keeps-session", "openapi", "A login on a device leaves its old session open.", "auth.one-session-a-device",
           "login", at(SessionStore.end_on_device, skipped)),
    _fault("verify-expiry-early", "openapi", "verify's expiresAt is a minute early.", "auth.verify", "verifyToken",
           at(SessionHandlers.verified, members(expiresAt=_minute_early))),
    _fault("verify-other-user", "openapi", "Verify answers another user's id.", "auth.verify", "verifyToken",
           at(SessionHandlers.verified, members(userId=lambda *_: "u-editor"))),
)  # fmt: skip
