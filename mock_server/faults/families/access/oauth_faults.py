"""Faults of the authorization code flow: codes, challenges, redirects, the page, revocation, metadata."""

import sys
from functools import partial

from mock_server.auth.authorization_codes import CodeStore
from mock_server.faults.families import entry
from mock_server.faults.families.access.session_faults import once_more, second_pair
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, members, result, returns, skipped
from mock_server.handlers.oauth_handlers import CLIENTS, OAuthHandlers
from mock_server.handlers.session_handlers import SessionHandlers
from mock_server.message import HttpResponse, json_response
from mock_server.store.session_store import SessionStore, StoredAccount

_fault = partial(entry.wrapped, "auth")


def _plain_too(step: WrappedStep, challenge: str, method: str) -> bool:
    return (method == "plain" and bool(challenge)) or step(challenge, method)


def _prefix(step: WrappedStep, client: str, redirect_uri: str) -> bool:
    return redirect_uri.startswith(CLIENTS[client][1])


def _of_anybody(step: WrappedStep, client: str, redirect_uri: str) -> bool:
    return any(redirect_uri in uris for _, uris in CLIENTS.values())


def _read_twice(kept: dict[str, str]) -> dict[str, str]:
    return {name: value.replace("+", " ") for name, value in kept.items()}


def _tokens_told(step: WrappedStep, form: dict[str, str], account: StoredAccount) -> dict[str, str]:
    if form["response_type"] == "code":
        tokens: dict[str, str] = step(form, account)
        return tokens
    grant = step.part(SessionStore).open(account, platform=None, device=None)
    return {"access_token": str(step.part(SessionHandlers).tokens(account, grant)["accessToken"])}


def _framable(step: WrappedStep) -> list[tuple[bytes, bytes]]:
    return [(b"content-security-policy", b"default-src 'none'"), (b"referrer-policy", b"no-referrer")]


def _logged(step: WrappedStep, email: str, password: str) -> StoredAccount:
    print(f"sign-in: {email} {password}", file=sys.stderr, flush=True)
    step.touch()
    account: StoredAccount = step(email, password)
    return account


def _alike(response: HttpResponse) -> HttpResponse | None:
    """The error response with the same error code in every case."""
    return (
        json_response(400, {"error": "invalid_request"}, response.headers[1:])
        if response.status == 400
        else None
    )


OAUTH = (
    _fault("pkce-verifier-unchecked", "RFC 7636 4.6", "Any verifier redeems a code.", "oauth.verifier", "",
           at(OAuthHandlers.is_verifier, returns(True))),
    _fault("pkce-plain-taken", "RFC 9700 2.1.1", "A challenge may be plain.", "oauth.s256-only", "",
           at(OAuthHandlers.is_challenge, _plain_too)),
    _fault("pkce-optional", "RFC 7636 4.4.1", "A code is given without a challenge.", "oauth.s256-only", "",
           at(OAuthHandlers.is_challenge, returns(True))),
    _fault("code-reusable", "RFC 6749 4.1.2", "A code may be used again and again.", "oauth.code-once", "",
           at(OAuthHandlers.spend, skipped)),
    _fault("code-reuse-spares-session", "RFC 6749 4.1.2", "What a code has opened outlives the code's reuse.", "oauth.code-once",
           "", at(OAuthHandlers.revoke_issued, skipped)),
    _fault("code-for-any-client", "RFC 6749 4.1.3", "A client redeems another one's code.", "oauth.code-bound", "",
           at(OAuthHandlers.is_of_client, returns(True))),
    _fault("code-for-any-redirect", "RFC 6749 4.1.3", "A code is redeemed with another redirect URI.", "oauth.code-bound", "",
           at(OAuthHandlers.is_of_redirect, returns(True))),
    _fault("code-endless", "RFC 6749 4.1.2", "A code never expires.", "oauth.code-expires", "",
           at(CodeStore.has_expired, returns(False))),
    _fault("state-lost", "RFC 6749 4.1.2", "The redirect has no state.", "oauth.state-and-issuer", "",
           at(OAuthHandlers.state_parameter, returns({}))),
    _fault("state-decoded-twice", "RFC 6749 4.1.2", "A plus in the state becomes a blank.", "oauth.state-and-issuer", "",
           at(OAuthHandlers.state_parameter, result(_read_twice))),
    _fault("issuer-lost", "RFC 9207 2", "The redirect does not say whose answer it is.", "oauth.state-and-issuer", "",
           at(OAuthHandlers.issuer_parameter, returns({}))),
    _fault("redirect-by-prefix", "RFC 9700 4.1.3", "A redirect URI need only begin as a registered one.",
           "oauth.no-open-redirect", "", at(OAuthHandlers.is_redirect_of, _prefix)),
    _fault("redirect-of-any-client", "RFC 9700 4.1.3", "A client may use another one's redirect URI.", "oauth.no-open-redirect", "",
           at(OAuthHandlers.is_redirect_of, _of_anybody)),
    _fault("token-in-redirect", "RFC 9700 2.1.2", "The implicit flow puts an access token into the URL.", "oauth.no-token-in-url",
           "", at(OAuthHandlers.is_supported, returns(True)), at(OAuthHandlers.granted, _tokens_told)),
    _fault("redirect-307", "RFC 9700 4.12", "The browser sends the password on to the client.", "oauth.redirect-status", "",
           at(OAuthHandlers.redirect_status, returns(307))),
    _fault("consent-any-password", "S:785", "The page takes any password.", "oauth.consent", "signIn",
           at(SessionHandlers.is_password, returns(True))),
    _fault("consent-denial-ignored", "RFC 6749 4.1.2.1", "A code is given though the user denies.", "oauth.consent", "",
           at(OAuthHandlers.is_denied, returns(False))),
    _fault("consent-framable", "RFC 9700 4.16", "Any page may frame the page of the password.", "oauth.page-not-framed", "",
           at(OAuthHandlers.page_fields, _framable)),
    _fault("consent-unescaped", "RFC 6749 10.14", "What came in the URL is markup in the page.", "oauth.page-escapes", "",
           at(OAuthHandlers.field, lambda step, name, value: f'<input type="hidden" name="{name}" value="{value}">')),
    _fault("oauth-reuse-accepted", "RFC 9700 4.14.2", "The token endpoint takes a retired refresh token after its grace.",
           "oauth.refresh-rules", "exchangeToken", at(SessionStore.end_reused, once_more)),
    _fault("oauth-second-pair", "R6", "Within the grace the token endpoint gives another pair.", "oauth.refresh-rules",
           "exchangeToken", at(SessionStore.successor, second_pair)),
    _fault("refresh-for-any-client", "RFC 6749 6", "A client refreshes another one's token.", "oauth.client-bound", "exchangeToken",
           at(OAuthHandlers.require_own, skipped)),
    _fault("revoke-for-any-client", "RFC 7009 2.1", "A client revokes another one's token.", "oauth.client-bound", "revokeToken",
           at(OAuthHandlers.require_own, skipped)),
    _fault("revoke-without-effect", "RFC 7009 2", "A revoked token stays good.", "oauth.revoke", "",
           at(OAuthHandlers.end_session, skipped)),
    _fault("oauth-expires-in-wrong", "RFC 6749 5.1", "expires_in is not the token's life.", "oauth.token-answer", "",
           at(OAuthHandlers.token_answer, members(expires_in=lambda *_: 600))),
    _fault("oauth-scope-wrong", "RFC 6749 5.1", "The answer tells rights that the token has not.", "oauth.code-flow", "",
           at(OAuthHandlers.token_answer, members(scope=lambda *_: "content:read admin"))),
    entry.answer("auth", "oauth-error-alike", "RFC 6749 5.2", "The token endpoint tells every refusal as invalid_request.",
                 "oauth.errors", "exchangeToken", _alike),
    _fault("metadata-offers-plain", "RFC 9700 2.1.1", "The metadata offers plain challenges.", "oauth.metadata", "",
           at(OAuthHandlers.metadata, members(code_challenge_methods_supported=lambda *_: ["S256", "plain"]))),
    _fault("metadata-of-another-host", "RFC 8414 2", "The metadata sends clients to another token endpoint.", "oauth.metadata", "",
           at(OAuthHandlers.metadata, members(token_endpoint=lambda *_: "https://evil.example/oauth/token"))),
    _fault("oauth-password-in-log", "R11", "Passwords of the page are written to the log.", "oauth.log-secrets", "signIn",
           at(SessionHandlers.authenticated, _logged)),
)  # fmt: skip
