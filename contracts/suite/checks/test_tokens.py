"""Checks of tokens that must be refused: the known ways to make a server accept a JWT that it did not sign."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from contracts.suite.api.api import Api
from contracts.suite.api.session_probes import payload, refresh, signed_tokens, works
from contracts.suite.api.successful_requests import nowhere
from contracts.suite.contract_violation import Unchecked, expect
from contracts.suite.plugin.registry import family

check = family("auth", needs=())

Forge = Callable[[str, dict[str, Any], dict[str, Any]], str]


def _segment(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _sign(header: Mapping[str, Any], claims: Any, key: bytes, method: str = "sha256") -> str:
    signed = f"{_segment(dict(header))}.{_segment(claims)}"
    return f"{signed}.{_segment(hmac.new(key, signed.encode(), method).digest())}"


def _unsigned(header: Mapping[str, Any], claims: Any, tail: str = "") -> str:
    return f"{_segment(dict(header))}.{_segment(claims)}.{tail}"


def _kept(token: str, claims: Any) -> str:
    """A token with changed claims and the old signature."""
    head, _, signature = token.split(".")
    return f"{head}.{_segment(claims)}.{signature}"


def _flip(token: str, place: int) -> str:
    parts = token.split(".")
    text = parts[place]
    middle = len(text) // 2
    parts[place] = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
    return ".".join(parts)


# name -> how to make it of (a good token, its header, its claims).
FORGED: Mapping[str, Forge] = {
    "alg-none": lambda t, h, c: _unsigned({**h, "alg": "none"}, c),
    "alg-None": lambda t, h, c: _unsigned({**h, "alg": "None"}, c),
    "alg-none-with-signature": lambda t, h, c: _unsigned({**h, "alg": "none"}, c, t.split(".")[2]),
    "alg-missing": lambda t, h, c: _unsigned({k: v for k, v in h.items() if k != "alg"}, c, t.split(".")[2]),
    "alg-another": lambda t, h, c: _unsigned(
        {**h, "alg": "HS256" if h.get("alg") == "RS256" else "RS256"}, c, t.split(".")[2]
    ),
    "alg-hs512": lambda t, h, c: _sign({**h, "alg": "HS512"}, c, b"secret", "sha512"),
    "no-signature": lambda t, h, c: ".".join(t.split(".")[:2]) + ".",
    "two-segments": lambda t, h, c: ".".join(t.split(".")[:2]),
    "four-segments": lambda t, h, c: f"{t}.{t.split('.')[2]}",
    "truncated": lambda t, h, c: t[:-3],
    "extended": lambda t, h, c: f"{t}AAAA",
    "flipped-header": lambda t, h, c: _flip(t, 0),
    "flipped-payload": lambda t, h, c: _flip(t, 1),
    "flipped-signature": lambda t, h, c: _flip(t, 2),
    "empty-key": lambda t, h, c: _sign(h, c, b""),
    "key-secret": lambda t, h, c: _sign(h, c, b"secret"),
    "key-changeme": lambda t, h, c: _sign(h, c, b"changeme"),
    "key-tchat": lambda t, h, c: _sign(h, c, b"tchat"),
    "key-of-its-own": lambda t, h, c: _sign(h, c, hashlib.sha256(t.encode()).digest()),
    "jwk-in-header": lambda t, h, c: _sign({**h, "jwk": {"kty": "oct", "k": _segment(b"k")}}, c, b"k"),
    "kid-path": lambda t, h, c: _sign({**h, "kid": "../../dev/null"}, c, b""),
    "crit": lambda t, h, c: _kept_header(t, {**h, "crit": ["x"], "x": True}),
    "later-exp": lambda t, h, c: _kept(t, {**c, "exp": int(c["exp"]) + 86400}),
    "huge-exp": lambda t, h, c: _kept(t, {**c, "exp": 9e99}),
    "no-exp": lambda t, h, c: _kept(t, {k: v for k, v in c.items() if k != "exp"}),
    "other-user": lambda t, h, c: _kept(t, {**c, "sub": "u-admin"}),
    "other-workspace": lambda t, h, c: _kept(t, {**c, "wsp": "other"}),
    "more-scope": lambda t, h, c: _kept(t, {**c, "scope": "content:read content:write admin"}),
    "payload-not-json": lambda t, h, c: _kept(t, b"not json"),
    "payload-array": lambda t, h, c: _kept(t, [c]),
    "not-base64": lambda t, h, c: "a.b!c.d",
    "words": lambda t, h, c: "undefined",
    "null": lambda t, h, c: "null",
    "dots": lambda t, h, c: "..",
    "spaces-inside": lambda t, h, c: f"{t[:20]} {t[20:]}",
    "long": lambda t, h, c: "a" * 6000,
}


def _kept_header(token: str, header: Mapping[str, Any]) -> str:
    _, claims, signature = token.split(".")
    return f"{_segment(dict(header))}.{claims}.{signature}"


def _forged(value: str, token: str) -> str:
    """A forged token, made from a real one. Raises Unchecked if the two are equal, because the server makes its tokens so itself."""
    claims = payload(token)
    made = FORGED[value](token, payload(token, 0), claims)
    if made == token:
        raise Unchecked(f"the server's own tokens are made as {value} makes one")
    return made


@check("tokens.forged", "OWASP API2, R5", over=FORGED)
def forged(api: Api, value: str) -> None:
    """A token that the server did not sign, or that is no longer valid, is 401 TOKEN_INVALID everywhere."""
    session = api.session
    for real in signed_tokens(session):
        token = _forged(value, real)
        if real == session.refresh:
            refresh(api, token).must(401, "TOKEN_INVALID", why=f"a refresh token made by {value}")
            continue
        for operation in ("verifyToken", "getContentItems", "logout"):
            api.call(operation, token=token).must(401, "TOKEN_INVALID", why=f"a token made by {value}")
    expect(works(api, api.session.access), "the real token to work still", "401")


@check("tokens.header-forms", "RFC 9110 11.1, R24", operations=["verifyToken"], requires=["token codes"])
def header_forms(api: Api) -> None:
    """The scheme is case-insensitive; no token is 401 without an error, another scheme or a bare token is 401."""
    token = api.session.access
    for scheme in ("Bearer", "bearer", "BEARER"):
        api.raw("GET", "/auth/verify", headers={"Authorization": f"{scheme} {token}"}).must(
            200, why=f"the scheme {scheme}"
        )
    for value in (None, "", "Basic dXNlcjpwYXNz", f"Token {token}", token, "Bearer"):
        headers = {} if value is None else {"Authorization": value}
        answer = api.raw("GET", "/auth/verify", headers=headers)
        expect(
            answer.status == 401 and answer.code in ("TOKEN_MISSING", "TOKEN_INVALID"),
            "401",
            answer.summary(),
            answer,
        )
        if not value:
            challenge = answer.headers.get("www-authenticate", "")
            expect("error=" not in challenge, "a challenge without error (RFC 6750, 3.1)", challenge, answer)
    api.raw("GET", "/auth/verify").must(401, "TOKEN_MISSING")


@check("tokens.only-in-authorization", "R9", operations=["verifyToken"])
def only_header(api: Api) -> None:
    """Tokens in the query, a cookie or the body authenticate nothing."""
    token = api.session.access
    for path in (f"/auth/verify?token={token}", f"/auth/verify?access_token={token}"):
        api.raw("GET", path).must(401, "TOKEN_MISSING", why="the token is in the query")
    for name in ("token", "accessToken", "access_token", "session"):
        api.raw("GET", "/auth/verify", headers={"Cookie": f"{name}={token}"}).must(
            401, "TOKEN_MISSING", why=f"the token is in the cookie {name}"
        )


@check("tokens.required-everywhere", "openapi", needs=("write",))
def required(api: Api) -> None:
    """Every operation that needs a token (all but login) refuses a request without one: 401 TOKEN_MISSING."""
    for operation in api.spec.values():
        if not operation.security:
            continue
        made = nowhere(api, operation)
        api.call(operation.id, token=None, **made).must(401, "TOKEN_MISSING", why=operation.id)
        wrong = {**made, "headers": {"Content-Type": "text/plain"}} if operation.body else made
        api.call(operation.id, token="undefined", **wrong).must(401, "TOKEN_INVALID", why=operation.id)


@check(
    "tokens.refused-writes-inert",
    "openapi",
    operations=["createContentItem", "updateContentItem", "archiveContent"],
    needs=("write",),
)
def refused_inert(api: Api) -> None:
    """A write with a bad token changes nothing."""
    item = api.create()
    word = api.word()
    for token in (None, "x.y.z", api.session.refresh):
        api.call("createContentItem", token=token, body={"title": word}).must(401)
        api.call(
            "updateContentItem", token=token, path={"id": item["id"]}, body={"version": 1, "title": word}
        ).must(401)
        api.call("archiveContent", token=token, path={"id": item["id"]}, body={}).must(401)
    expect(
        api.get(item["id"]) == item and not api.page(search=word).items,
        "nothing changed",
        api.get(item["id"]),
    )
