"""Faults of tokens: invalid ones are accepted, valid ones refused, or their claims have secrets."""

import sys
from functools import partial
from typing import Any

import msgspec

from mock_server.application import Application
from mock_server.auth.authentication import Authenticator, refused
from mock_server.auth.tokens import KINDS, Claims, Refusal, TokenSigner, bytes_of, segment
from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, exclusive, result, returns, skipped
from mock_server.handlers.content_writing import ContentWriteHandlers
from mock_server.handlers.session_handlers import SessionHandlers
from mock_server.http.validation import RequestValidator
from mock_server.problem import Problem, challenge
from mock_server.store.session_store import SessionStore, StoredAccount

_fault = partial(entry.wrapped, "auth")


def guest(sessions: SessionStore) -> Claims:
    """The claims of a call without a token."""
    known = sessions.account("demo@tchat.com")
    assert known is not None
    account = known[0]
    return Claims("", "", account.id, "guest", account.workspace, "", 0, 0, " ".join(account.permissions))


def _unsigned(step: WrappedStep, kind: str, token: bytes) -> Any:
    """The claims of an unsigned token, as if it were signed."""
    parts = token.split(b".")
    try:
        if len(parts) == 3 and msgspec.json.decode(bytes_of(parts[0])) == {
            "alg": "none",
            "typ": KINDS[kind][0],
        }:
            header = segment(msgspec.json.encode({"alg": "HS256", "typ": KINDS[kind][0]}))
            signed = header + b"." + parts[1]
            token = signed + b"." + segment(step.part(TokenSigner).mac(signed))
    except (ValueError, msgspec.DecodeError):
        pass
    return step(kind, token)


def _leeway(seconds: int) -> Any:
    @exclusive
    def by(step: WrappedStep, claims: Claims, now: int) -> Any:
        return step(claims, now - seconds)

    return by


@exclusive
def _some_leeway(step: WrappedStep, claims: Claims, now: int, *, seconds: int = 30) -> Any:
    return step(claims, now - seconds)


def _other_kind(taken: str, passes_for: str) -> Any:
    """A wrapper that accepts a token of one kind instead of the other."""

    def by(step: WrappedStep, kind: str, token: bytes, now: int) -> Any:
        try:
            return step(kind, token, now)
        except Refusal:
            if kind != passes_for:
                raise
        claims: Claims = step(taken, token, now)
        return msgspec.structs.replace(claims, jti=claims.jti.replace(".a", ".r"))

    return by


def _anonymous(step: WrappedStep, kind: str) -> Claims:
    return guest(step.part(SessionStore)) if kind == "access" else step(kind)


def _undefined(step: WrappedStep, authorization: bytes | None, kind: str) -> Any:
    scheme, _, token = (authorization or b"").partition(b" ")
    if kind == "access" and scheme.lower() == b"bearer" and token == b"undefined":
        return guest(step.part(SessionStore))
    return step(authorization, kind)


def _bearer_only(step: WrappedStep, authorization: bytes) -> Any:
    if not authorization.startswith(b"Bearer "):
        raise refused("the scheme is not Bearer")
    return step(authorization)


def _called_invalid(step: WrappedStep, kind: str) -> Any:
    try:
        return step(kind)
    except Problem as problem:
        named = [challenge("invalid_token", "there is none")]
        raise Problem(problem.code, problem.detail, headers=named) from None


def _repeated(step: WrappedStep, refusal: Refusal, token: bytes) -> Problem:
    problem: Problem = step(refusal, token)
    detail = f"{problem.detail}: {token.decode('latin-1')}"
    return Problem(problem.code, detail, headers=problem.headers)


def _logged(step: WrappedStep, authorization: bytes | None, kind: str) -> Any:
    if authorization:
        print(f"authorization: {authorization.decode('latin-1')}", file=sys.stderr, flush=True)
        step.touch()
    return step(authorization, kind)


def _with_hash(step: WrappedStep, account: StoredAccount) -> str:
    known = step.part(SessionStore).account(account.email)
    return f"{step(account)} hash:{known[1].hex() if known else ''}"


def _password_told(step: WrappedStep, value: Any) -> list[dict[str, str]]:
    first, *rest = step(value)
    if isinstance(value, dict) and "password" in value:
        first = {**first, "message": f"{first['message']} in {value}"}
    return [first, *rest]


TOKENS = (
    _fault("signature-unchecked", "RFC 8725 3.1", "A token with a wrong signature passes.", "tokens.forged", "",
           at(TokenSigner.is_signed, returns(True))),
    _fault("alg-none", "RFC 8725 3.1", "A token with `alg: none` passes.", "tokens.forged", "", at(TokenSigner.read, _unsigned)),
    _fault("expiry-unchecked", "RFC 7519 4.1.4", "Expired tokens pass.", "auth.expiry", "",
           at(TokenSigner.has_expired, returns(False))),
    _fault("expiry-leeway", "R8", "Tokens pass for some seconds after `exp`.", "auth.expiry", "",
           at(TokenSigner.has_expired, _some_leeway)),
    _fault("expiry-at-exp", "F6", "A token passes in the second of its `exp`.", "auth.expiry", "",
           at(TokenSigner.has_expired, _leeway(1))),
    _fault("refresh-as-access", "R5", "A refresh token opens the API.", "auth.types-not-interchangeable", "",
           at(Authenticator.verified, _other_kind("refresh", "access"))),
    _fault("access-as-refresh", "R5", "An access token refreshes.", "auth.types-not-interchangeable", "refreshTokens",
           at(Authenticator.verified, _other_kind("access", "refresh"))),
    _fault("token-base64url", "F6", "The payload has `-` or `_`, which the guide's clients cannot decode.",
           "auth.token-payload-ascii", "tokens", at(SessionHandlers.scope, result(lambda scope: f"{scope} ???????"))),
    _fault("access-lives-shorter", "R7", "An access token ends before `expiresIn` says so.", "auth.expires-in", "tokens",
           at(SessionHandlers.access_life, result(lambda seconds: seconds // 2))),
    _fault("expires-in-millis", "R4", "`expiresIn` is in milliseconds.", "auth.expires-in", "tokens",
           at(SessionHandlers.expires_in, result(lambda seconds: seconds * 1000))),
    _fault("anonymous-allowed", "S:29", "A call without a token passes.", "tokens.required-everywhere", "",
           at(Authenticator.without_token, _anonymous)),
    _fault("undefined-allowed", "S:1810", "`Bearer undefined` passes.", "tokens.forged", "",
           at(Authenticator.claims, _undefined)),
    _fault("scheme-unchecked", "RFC 6750 2.1", "A token passes under the scheme Basic.", "tokens.header-forms", "",
           at(Authenticator.token, lambda step, authorization: authorization.partition(b" ")[2].strip())),
    _fault("scheme-case-sensitive", "RFC 9110 11.1", "`bearer` is refused.", "tokens.header-forms", "",
           at(Authenticator.token, _bearer_only)),
    _fault("challenge-error-always", "R24", "A missing token is called an invalid one.", "shape.problems tokens.header-forms", "",
           at(Authenticator.without_token, _called_invalid)),
    _fault("expired-not-told", "R24", "An expired token is TOKEN_INVALID.", "auth.expired-everywhere", "",
           at(Authenticator.refusal, lambda step, refusal, token: step(Refusal(refusal.reason), token))),
    _fault("permission-unchecked", "OWASP API5", "Nobody's permissions are checked.", "permissions.matrix", "",
           at(Application.authorize, skipped)),
    _fault("bulk-permission-unchecked", "R23", "Bulk publishes and archives without the permission.", "bulk.permissions",
           "bulkUpdateContent", at(ContentWriteHandlers.require_bulk_permission, skipped)),
    _fault("token-in-error", "EvoMaster F309", "A refused token is repeated in the answer.", "shape.secrets", "",
           at(Authenticator.refusal, _repeated)),
    _fault("token-in-log", "R11", "Tokens are written to the log.", "auth.log-secrets", "", at(Authenticator.claims, _logged)),
    _fault("token-tells-hash", "OWASP API3", "A token's payload holds the hash of the password.", "auth.no-secrets-in-tokens",
           "tokens", at(SessionHandlers.scope, _with_hash)),
    _fault("password-in-error", "OWASP API8", "An invalid login repeats the password.", "shape.secrets", "login",
           at(RequestValidator.body_errors, _password_told)),
)  # fmt: skip
