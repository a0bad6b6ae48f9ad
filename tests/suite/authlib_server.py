"""A small server whose authorization server is Authlib's: what the suite's oauth checks are held against beside our own.

The sign-in page, the sessions and the three operations that the checks use beside the flow are written here; codes, challenges,
grants, revocation and the issuer are Authlib's. `weakened` takes one of its protections away.
"""

import html
import itertools
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import OctKey
from werkzeug.serving import make_server

from contracts.spec import load, oauth_clients
from tests.waiting import HANG

KEY = OctKey.import_key("0123456789abcdef0123456789abcdef")
SCOPE = "content:read content:write content:publish content:archive metrics:write"
LIFE = 900
NO_STORE = {"Cache-Control": "no-store"}


@dataclass
class Client:
    id: str
    uris: tuple[str, ...]
    anywhere: bool = False

    def get_client_id(self) -> str:
        return self.id

    def get_default_redirect_uri(self) -> str | None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str:
        return SCOPE

    def check_redirect_uri(self, uri: str) -> bool:
        return self.anywhere or uri in self.uris

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "none"

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind in ("authorization_code", "refresh_token")


@dataclass
class Session:
    """Of a login or of a code; as Authlib's token and code in one."""

    number: int
    client_id: str = ""
    redirect_uri: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    used: bool = False
    live: bool = True
    refresh: str = ""

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return SCOPE

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.id


class StrictChallenge(CodeChallenge):  # type: ignore[misc]
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        if not grant.request.payload.data.get("code_challenge_method"):
            raise InvalidRequestError("S256 is needed")
        super().validate_code_challenge(grant, redirect_uri)


@dataclass
class World:
    clients: dict[str, Client]
    codes: dict[str, Session] = field(default_factory=dict)
    tokens: dict[str, Session] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def token(self, kind: str, session: Session) -> str:
        now = int(time.time())
        claims = {
            "sub": "u-demo",
            "sid": f"s{session.number}",
            "jti": f"{kind}{next(self.numbers)}",
            "iat": now,
            "exp": now + LIFE,
        }
        made: str = jwt.encode({"alg": "HS256", "typ": kind}, claims, KEY)
        self.tokens[made] = session
        if kind == "rt":
            session.refresh = made
        return made

    def live(self) -> Session | None:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        session = self.tokens.get(sent)
        return (
            session if session and session.live and "rt" not in jwt.decode(sent, KEY).header["typ"] else None
        )


def application(weakened: str = "") -> Flask:
    """`weakened`: verifier, once, redirect, client or iss."""
    app = Flask(__name__)
    spec = load()
    uris: dict[str, list[str]] = {}
    for client, uri in oauth_clients(spec):
        uris.setdefault(client, []).append(uri)
    world = World({name: Client(name, tuple(own), weakened == "redirect") for name, own in uris.items()})
    _authorize(app, world, _authlib(app, world, weakened))
    _operations(app, world)
    return app


def _grants(world: World, weakened: str) -> tuple[type, type]:
    """Codes and refresh tokens of this world, one use each."""

    class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

        def save_authorization_code(self, code: str, request: Any) -> None:
            payload = request.payload
            world.codes[code] = Session(
                next(world.numbers),
                request.client.id,
                payload.redirect_uri,
                payload.data.get("code_challenge", ""),
                "S256",
            )

        def query_authorization_code(self, code: str, client: Client) -> Session | None:
            found = world.codes.get(code)
            if found is None or (not found.check_client(client) and weakened != "client"):
                return None
            if found.used and weakened != "once":
                found.live = False
                return None
            return found

        def delete_authorization_code(self, code: Session) -> None:
            code.used = True

        def authenticate_user(self, code: Session) -> Session:
            return code

    class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("none",)
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, token: str) -> Session | None:
            session = world.tokens.get(token)
            return session if session and session.live and session.refresh == token else None

        def authenticate_user(self, session: Session) -> Session:
            return session

        def revoke_old_credential(self, session: Session) -> None:
            """The session knows its newest refresh token alone."""

    return CodeGrant, RefreshGrant


def _authlib(app: Flask, world: World, weakened: str) -> AuthorizationServer:
    class Revocation(RevocationEndpoint):  # type: ignore[misc]
        CLIENT_AUTH_METHODS = ("none",)

        def query_token(self, token: str, hint: str | None) -> Session | None:
            return world.tokens.get(token)

        def revoke_token(self, session: Session, request: Any) -> None:
            session.live = False

    class Issuer(IssuerParameter):  # type: ignore[misc]
        def get_issuer(self) -> str | None:
            return None if weakened == "iss" else request.host_url.rstrip("/")

    for name, kind in (("ACCESS", "at"), ("REFRESH", "rt")):
        app.config[f"OAUTH2_{name}_TOKEN_GENERATOR"] = lambda client, grant_type, user, scope, kind=kind: (
            world.token(kind, user)
        )
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = dict.fromkeys(("authorization_code", "refresh_token"), LIFE)
    server = AuthorizationServer(app, query_client=world.clients.get, save_token=lambda token, request: None)
    code_grant, refresh_grant = _grants(world, weakened)
    server.register_grant(code_grant, [] if weakened == "verifier" else [StrictChallenge()])
    server.register_grant(refresh_grant)
    server.register_endpoint(Revocation)
    server.register_extension(Issuer())
    return server


def _authorize(app: Flask, world: World, server: AuthorizationServer) -> None:
    def page() -> Response:
        refused = _refused(world)
        if refused is not None:
            return refused
        hidden = "".join(
            f'<input type=hidden name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in request.args.items()
        )
        form = f"<form method=post action=authorize>{hidden}<input name=user><input type=password name=word><button name=no value=deny>No</button>"
        policy = {"Content-Security-Policy": "frame-ancestors 'none'"}
        return Response(f"{form}<button>Yes</button></form>", mimetype="text/html", headers=NO_STORE | policy)

    def consent() -> Response:
        refused = _refused(world)
        if refused is not None:
            return refused
        if (request.form["user"], request.form["word"]) != ("demo@tchat.com", "demo-password"):
            return _problem(
                401, "INVALID_CREDENTIALS", {"WWW-Authenticate": 'Bearer realm="tchat"'} | NO_STORE
            )
        try:
            grant = server.get_consent_grant(end_user=world)
        except OAuth2Error as error:
            response = server.handle_error_response(server.create_oauth2_request(None), error)
            server.execute_hook("after_create_authorization_response", response)
        else:
            user = None if "no" in request.form else world
            response = server.create_authorization_response(grant_user=user, grant=grant)
        response.headers["Cache-Control"] = "no-store"
        response.status_code = 303 if response.status_code == 302 else response.status_code
        response.data = b""
        return response

    def metadata() -> Response:
        root = request.host_url.rstrip("/")
        return jsonify(
            issuer=root, authorization_endpoint=f"{root}/oauth/authorize", token_endpoint=f"{root}/oauth/token",
            revocation_endpoint=f"{root}/oauth/revoke", response_types_supported=["code"],
            grant_types_supported=["authorization_code", "refresh_token"], code_challenge_methods_supported=["S256"],
            token_endpoint_auth_methods_supported=["none"], revocation_endpoint_auth_methods_supported=["none"],
            authorization_response_iss_parameter_supported=True,
        )  # fmt: skip

    def revoke() -> Response:
        response = server.create_endpoint_response("revocation")
        response.headers["Cache-Control"] = "no-store"
        if response.status_code == 200:
            response.data, response.content_type = b"", None
        return response

    for path, method, handler in (
        ("/oauth/authorize", "GET", page), ("/oauth/authorize", "POST", consent), ("/oauth/token", "POST", server.create_token_response),
        ("/oauth/revoke", "POST", revoke), ("/.well-known/oauth-authorization-server", "GET", metadata),
    ):  # fmt: skip
        for prefix in ("", "/api"):
            app.add_url_rule(f"{prefix}{path}", f"{prefix}{method}{path}", handler, methods=[method])


def _refused(world: World) -> Response | None:
    """Where the user is, and without a redirect: a client or a redirect URI that is not registered."""
    client = world.clients.get(request.values.get("client_id", ""))
    if client is None:
        return _problem(
            400,
            "VALIDATION_FAILED",
            errors=[{"in": "query", "pointer": "/client_id", "rule": "enum", "message": "unknown"}],
        )
    known = client.check_redirect_uri(request.values.get("redirect_uri", ""))
    return None if known else _problem(403, "REDIRECT_REFUSED")


def _problem(status: int, code: str, headers: dict[str, str] | None = None, **details: Any) -> Response:
    told = {
        "type": f"tag:tchat.com,2026:{code.lower().replace('_', '-')}", "title": code, "status": status, "detail": code, "code": code,
        "message": code, "requestId": "r-1",
    }  # fmt: skip
    response = jsonify(told | ({"details": details} if details else {}))
    response.status_code, response.mimetype = status, "application/problem+json"
    response.headers.update(headers or {})
    return response


def _operations(app: Flask, world: World) -> None:
    """Login, verify and a list, as far as the checks look."""

    def login() -> Response:
        session = Session(next(world.numbers))
        pair = {"accessToken": world.token("at", session), "refreshToken": world.token("rt", session)}
        tokens = pair | {"expiresIn": LIFE, "tokenType": "Bearer"}
        user = {"id": "u-demo", "email": "demo@tchat.com", "name": "Demo"}
        response = jsonify(user=user, tokens=tokens, permissions=SCOPE.split())
        response.headers.update(NO_STORE)
        return response

    def guarded(value: Any, stored: str) -> Any:
        def answer() -> Response:
            session = world.live()
            if session is None:
                told = 'Bearer realm="tchat", error="invalid_token"'
                return _problem(401, "TOKEN_INVALID", {"WWW-Authenticate": told} | NO_STORE)
            response = jsonify(value(session))
            response.headers["Cache-Control"] = stored
            return response

        return answer

    def listed(session: Session) -> dict[str, Any]:
        pagination = {"page": 1, "limit": 1, "total": 0, "totalPages": 0, "hasNext": False, "hasPrev": False}
        return {"data": {"data": [], "pagination": pagination}}

    def verified(session: Session) -> dict[str, Any]:
        return {
            "valid": True,
            "userId": "u-demo",
            "sessionId": f"s{session.number}",
            "expiresAt": "2099-01-01T00:00:00.000000Z",
        }

    for path, method, handler in (
        ("/auth/login", "POST", login), ("/auth/verify", "GET", guarded(verified, "no-store")), ("/content/items", "GET", guarded(listed, "private, no-cache")),
    ):  # fmt: skip
        for prefix in ("", "/api"):
            app.add_url_rule(f"{prefix}{path}", f"{prefix}{path}", handler, methods=[method])


@contextmanager
def authlib_server(weakened: str = "") -> Iterator[str]:
    """Its URL, for as long as a block lasts."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, application(weakened), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(HANG)
