"""The handlers of the authorization server: consent, code, tokens, revocation, metadata (RFC 6749, 7636, 7009, 8414, 9207, 9700).

A code opens a session of `SessionStore`, whose tokens are issued and rotated like those of a login.
"""

import hashlib
import hmac
import re
from html import escape
from urllib.parse import quote, urlencode

from mock_server.auth.authentication import Authenticator
from mock_server.auth.authorization_codes import AuthorizationCode, CodeStore
from mock_server.auth.tokens import Claims, TokenSigner, segment
from mock_server.handlers.session_handlers import SessionHandlers
from mock_server.http.forms import OAuthError
from mock_server.message import HttpResponse, json_response
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.store.session_store import SessionGrant, SessionStore, StoredAccount
from mock_server.store.sqlite.database import Database

CLIENTS = {
    "tchat-web": ("web", ("https://app.tchat.com/oauth/callback", "http://localhost:3000/oauth/callback")),
    "tchat-ios": ("ios", ("com.tchat.ios:/oauth/callback",)),
    "tchat-android": ("android", ("com.tchat.android:/oauth/callback",)),
}
"""Client -> (platform, redirect URIs). All are public clients."""
CARRIED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "state",
    "scope",
)
"""The parameters of the authorization request that the login page submits."""
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in to Tchat</title></head>
<body><h1>Sign in to Tchat</h1><p>{client} asks to act for you.</p>
<form method="post" action="authorize">
{hidden}
<p><label>E-mail <input name="email" type="email" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></p>
</form></body></html>
"""


class OAuthHandlers:
    def __init__(
        self,
        database: Database,
        codes: CodeStore,
        store: SessionStore,
        sessions: SessionHandlers,
        signer: TokenSigner,
        authenticator: Authenticator,
    ) -> None:
        self._db = database
        self._codes = codes
        self._store = store
        self._sessions = sessions
        self._signer = signer
        self._authenticator = authenticator

    # The authorization endpoint

    def authorize(self, context: RequestContext) -> HttpResponse:
        """The login page. It is never a redirect before the user has signed in (RFC 9700, 4.11.2)."""
        asked = context.query
        self.require_registered(asked["client_id"], asked["redirect_uri"])
        hidden = "\n".join(self.field(name, asked[name]) for name in CARRIED if asked.get(name))
        page = _PAGE.format(client=escape(asked["client_id"]), hidden=hidden)
        return HttpResponse(
            200, [(b"content-type", b"text/html; charset=utf-8"), *self.page_fields()], page.encode()
        )

    def field(self, name: str, value: str) -> str:
        """A hidden field of the form, with its value escaped."""
        return f'<input type="hidden" name="{name}" value="{escape(value)}">'

    def page_fields(self) -> list[tuple[bytes, bytes]]:
        """The header fields that forbid framing and hide the page's URL (RFC 9700, 4.2.4 and 4.16)."""
        policy = b"default-src 'none'; frame-ancestors 'none'"
        return [
            (b"content-security-policy", policy),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
        ]

    def require_registered(self, client: str, redirect_uri: str) -> None:
        if not self.is_redirect_of(client, redirect_uri):
            raise Problem("REDIRECT_REFUSED", "This client has another redirect URI.")

    def is_redirect_of(self, client: str, redirect_uri: str) -> bool:
        """Whether a redirect URI is registered for the client, compared character by character (RFC 9700, 4.1.3)."""
        return redirect_uri in CLIENTS[client][1]

    def sign_in(self, context: RequestContext) -> HttpResponse:
        form = context.body
        self.require_registered(form["client_id"], form["redirect_uri"])
        account = self._sessions.authenticated(form["email"], form["password"])
        wrong = self.authorization_error(form)
        answer = {"error": wrong} if wrong else self.granted(form, account)
        query = urlencode(
            answer | self.state_parameter(form) | self.issuer_parameter(context), quote_via=quote
        )
        # 303, because with 307 the browser would send the password to the client (RFC 9700, 4.12).
        location = f"{form['redirect_uri']}?{query}"
        return HttpResponse(self.redirect_status(), [(b"location", location.encode())], b"")

    def redirect_status(self) -> int:
        return 303

    def authorization_error(self, form: dict[str, str]) -> str:
        """The error of an authorization request (RFC 6749, 4.1.2.1), or empty."""
        if "response_type" not in form:
            return "invalid_request"
        if not self.is_supported(form["response_type"]):
            return "unsupported_response_type"
        if not self.is_challenge(form.get("code_challenge", ""), form.get("code_challenge_method", "plain")):
            return "invalid_request"
        return "access_denied" if self.is_denied(form) else ""

    def is_supported(self, response_type: str) -> bool:
        """Whether a response type is supported: only `code`, because URLs must not have tokens (RFC 9700, 2.1.2)."""
        return response_type == "code"

    def is_denied(self, form: dict[str, str]) -> bool:
        return form.get("decision") == "deny"

    def is_challenge(self, challenge: str, method: str) -> bool:
        """Whether a code challenge is acceptable: `plain` is not, because it does not protect against a reader (RFC 9700, 2.1.1)."""
        return method == "S256" and _CHALLENGE.fullmatch(challenge) is not None

    def granted(self, form: dict[str, str], account: StoredAccount) -> dict[str, str]:
        code = self._codes.issue(
            lambda number: segment(self._signer.mac(b"code/%d" % number)).decode(),
            client=form["client_id"],
            redirect_uri=form["redirect_uri"],
            challenge=form.get("code_challenge", ""),
            email=account.email,
        )
        return {"code": code}

    def state_parameter(self, form: dict[str, str]) -> dict[str, str]:
        return {"state": form["state"]} if "state" in form else {}

    def issuer_parameter(self, context: RequestContext) -> dict[str, str]:
        """The `iss` parameter, so that a client of several servers cannot confuse them (RFC 9207)."""
        return {"iss": self.issuer(context)}

    def issuer(self, context: RequestContext) -> str:
        return f"http://{context.request.headers.get(b'host', b'localhost').decode('latin-1')}"

    # The token endpoint

    def exchange_token(self, context: RequestContext) -> HttpResponse:
        form = context.body
        if form["client_id"] not in CLIENTS:
            raise OAuthError("invalid_client", "There is no such client.")
        needed = (
            ("refresh_token",)
            if form["grant_type"] == "refresh_token"
            else ("code", "redirect_uri", "code_verifier")
        )
        for name in needed:
            if name not in form:
                raise OAuthError("invalid_request", f"{name} is missing.")
        account, grant = self._renewed(form) if "refresh_token" in needed else self._redeemed(form)
        return json_response(200, self.token_answer(account, grant))

    def token_answer(self, account: StoredAccount, grant: SessionGrant) -> dict[str, object]:
        tokens = self._sessions.tokens(account, grant)
        return {
            "access_token": tokens["accessToken"],
            "token_type": tokens["tokenType"],
            "expires_in": tokens["expiresIn"],
            "refresh_token": tokens["refreshToken"],
            "scope": " ".join(account.permissions),
        }

    def _redeemed(self, form: dict[str, str]) -> tuple[StoredAccount, SessionGrant]:
        with self._db.write():
            code = self._codes.find(form["code"])
            if code is None or self._codes.has_expired(code):
                raise OAuthError("invalid_grant", "The code is not good.")
            if not self.is_of_client(code, form["client_id"]) or not self.is_of_redirect(
                code, form["redirect_uri"]
            ):
                raise OAuthError(
                    "invalid_grant", "The code was given to another client or for another redirect URI."
                )
            if not self.is_verifier(form["code_verifier"], code.challenge):
                raise OAuthError("invalid_grant", "The verifier is not that of the code.")
            if code.session is None:
                known = self._store.account(code.email)
                assert known is not None
                grant = self._store.open(known[0], platform=CLIENTS[code.client][0], device=None)
                self.spend(code, grant)
                return known[0], grant
            self.revoke_issued(code.session)
        raise OAuthError("invalid_grant", "The code was used before. Its session is revoked.")

    def is_of_client(self, code: AuthorizationCode, client: str) -> bool:
        return code.client == client

    def is_of_redirect(self, code: AuthorizationCode, redirect_uri: str) -> bool:
        return code.redirect_uri == redirect_uri

    def is_verifier(self, verifier: str, challenge: str) -> bool:
        """Whether a verifier matches the challenge (RFC 7636, 4.6)."""
        return hmac.compare_digest(segment(hashlib.sha256(verifier.encode()).digest()).decode(), challenge)

    def spend(self, code: AuthorizationCode, grant: SessionGrant) -> None:
        self._codes.spend(code, grant.session)

    def revoke_issued(self, session: str) -> None:
        """Revoke the session of a code that is used again (RFC 6749, 4.1.2)."""
        self._store.revoke(session)

    def _renewed(self, form: dict[str, str]) -> tuple[StoredAccount, SessionGrant]:
        try:
            claims = self._authenticator.of_token(form["refresh_token"].encode(), "refresh")
            self.require_own(claims, form["client_id"])
            return self._sessions.rotated(claims)
        except OAuthError:
            raise
        except Problem as problem:
            raise OAuthError("invalid_grant", problem.detail) from None

    def require_own(self, claims: Claims, client: str) -> None:
        """Raise OAuthError unless the token belongs to this client (RFC 6749, 6)."""
        if self._codes.client_of(claims.sid) != client:
            raise OAuthError("invalid_grant", "The token was given to another client.")

    # Revocation and metadata

    def revoke_token(self, context: RequestContext) -> HttpResponse:
        token = context.body["token"].encode()
        for kind in ("refresh", "access"):
            try:
                claims = self._authenticator.of_token(token, kind)
            except Problem:
                continue
            self.require_own(claims, context.body["client_id"])
            self.end_session(claims)
        return HttpResponse(200, [], b"")

    def end_session(self, claims: Claims) -> None:
        self._store.revoke(claims.sid)

    def authorization_server(self, context: RequestContext) -> HttpResponse:
        return json_response(200, self.metadata(self.issuer(context)))

    def metadata(self, issuer: str) -> dict[str, object]:
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth/authorize",
            "token_endpoint": f"{issuer}/oauth/token",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
        }
