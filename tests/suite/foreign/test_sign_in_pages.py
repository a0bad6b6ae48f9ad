"""An authorization server as most libraries make one (oidc-provider, Spring, Devise before Doorkeeper): the authorization endpoint sends the
browser to a page elsewhere, knows it again by a cookie, asks for the consent on a second page, and needs a scope."""

import html
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import yaml

from contracts.run import Run, parse
from contracts.spec import OAuthClient, load, oauth_clients, oauth_scope
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite
from tests.suite.foreign.test_habits_of_frameworks import own
from tests.suite.serving import Received, Reply, forwarded, serving

ENDPOINT, PAGE, CONSENT = "/oauth/authorize", "/interaction", "/interaction/confirm"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
NUMBERS = itertools.count(1)
CHOSEN = "oauth and not refresh-rules and not code-expires and not log-secrets and not metadata and not state-and-issuer"
POLICY = ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'self'")
ALL = "content:read content:write content:publish content:archive metrics:write"
UNTICKED = '<input type="checkbox" name="scope" value="content:read">'


def document(prefix: str = "") -> dict[str, Any]:
    """Our document with the endpoint as such a library has it: a redirect without content, no form, and no word on sessions."""
    theirs = own()
    del theirs["info"]["description"]
    theirs["servers"] = [{"url": "/"}]
    del theirs["paths"][ENDPOINT]["post"], theirs["paths"]["/.well-known/oauth-authorization-server"]
    theirs["paths"][ENDPOINT]["get"]["responses"]["303"] = {"description": "to the page"}
    for path in ("/oauth/token", "/oauth/revoke"):
        del theirs["paths"][path]["post"]["description"]
    paths = theirs["paths"].items()
    theirs["paths"] = {
        path if path.startswith("/oauth/") else f"{prefix}{path}": item for path, item in paths
    }
    return theirs


def _page(action: str, fields: str) -> Reply:
    text = f'<form method="post" action="{action}">{fields}</form>'
    headers = [("Content-Type", "text/html"), ("Cache-Control", "no-store"), POLICY]
    return Reply(200, headers, text.encode())


@contextmanager
def interactive(url: str, weakened: str = "") -> Iterator[str]:
    """The URL of the server. `weakened` takes a protection away: `password`, `consent`, `revocation` or `challenge`."""
    asked: dict[str, dict[str, str]] = {}

    def begin(received: Received) -> Reply:
        query = dict(parse_qsl(urlsplit(received.path).query, keep_blank_values=True))
        told = forwarded(url, received)
        if told.status != 200:
            return told
        if not query.get("scope"):
            back = urlencode({"error": "invalid_scope", "state": query.get("state", "")})
            return Reply(303, [("Location", f"{query['redirect_uri']}?{back}")], b"Redirecting")
        if weakened == "challenge" and query.get("code_challenge_method") != "S256":
            query |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        key = f"i{next(NUMBERS)}"
        asked[key] = query
        expires = "Expires=Wed, 01 Jan 2098 00:00:00 GMT"
        headers = [
            ("Set-Cookie", f"interaction={key}; Path={PAGE}; {expires}; HttpOnly"), ("Set-Cookie", "other=1; Path=/elsewhere; Secure"),
            ("Location", f"{PAGE}?of={key}"), ("Cache-Control", "no-store"),
        ]  # fmt: skip
        return Reply(303, headers, b"Redirecting to the page")

    def respond(received: Received) -> Reply:
        path = urlsplit(received.path).path
        if path == ENDPOINT:
            return begin(received)
        if path == "/oauth/revoke" and weakened == "revocation":
            return Reply(200, [("Cache-Control", "no-store")])
        if not path.startswith(PAGE):
            return forwarded(url, received)
        given = {name.lower(): value for name, value in received.headers.items()}
        cookies = dict(part.strip().partition("=")[::2] for part in given.get("cookie", "").split(";"))
        request = asked.get(cookies.get("interaction", ""))
        if request is None or "other" in cookies:
            return Reply(400, [("Content-Type", "text/html")], b"Start again.")
        sent = dict(parse_qsl(received.body.decode(), keep_blank_values=True))
        if path == PAGE and received.method == "GET":
            fields = '<input name="user" type="email"><input name="word" type="password"><input type="submit" value="Go">'
            return _page("", f"{html.escape(request.get('state', ''))}{fields}")
        if path == PAGE:
            request |= {"email": sent["user"], "password": sent["word"]}
            if weakened == "password":
                request["password"] = "demo-password"
            judged = _decided(url, request)
            return judged if judged.status == 401 else Reply(302, [("Location", CONSENT)])
        if received.method == "GET":
            buttons = "<button>Allow</button>" if weakened == "consent" else "<button>Allow</button><button name=no value=1>Deny</button>"  # fmt: skip
            return _page(CONSENT, f"{UNTICKED}{buttons}")
        if "no" not in sent and "scope" not in sent:
            return Reply(400, [("Content-Type", "text/html")], b"Nothing was consented to.")
        return _decided(url, request | ({"decision": "deny"} if "no" in sent else {}))

    with serving(respond) as made:
        yield made


def _decided(url: str, request: dict[str, str]) -> Reply:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return forwarded(url, Received("POST", ENDPOINT, headers, urlencode(request).encode()))


def _run(suite: Suite, folder: Path, weakened: str, prefix: str = "") -> Run:
    spec, out = folder / "theirs.yaml", folder / "run.json"
    spec.write_text(yaml.safe_dump(document(prefix), sort_keys=False), "utf-8")
    with embedded_server() as server, interactive(server.url, weakened) as url:
        spare = ("--spare", "demo@tchat.com:demo-password", "--ws-path", "off")
        suite("--spec", str(spec), "--target", url, "-k", CHOSEN, *spare, "--run-out", str(out))
    return parse(out.read_bytes(), name=out.name)


@pytest.mark.parametrize(
    ("weakened", "prefix", "red"),
    [
        ("", "", []),
        ("", "/api", []),
        ("password", "", ["oauth.consent"]),
        ("revocation", "/api", ["oauth.revoke"]),
        ("challenge", "", ["oauth.s256-only"]),
    ],
)
def test_the_checks_walk_through_pages_elsewhere(
    suite: Suite, tmp_path: Path, weakened: str, prefix: str, red: list[str]
) -> None:
    """With a prefix the endpoints are beside the API."""
    run = _run(suite, tmp_path, weakened, prefix)
    told = {one.id: f"{one.grade} {one.reason}" for one in run.checks}
    assert [name for name, grade in told.items() if not grade.startswith("PASS")] == red, told
    assert len([name for name in told if name.startswith("oauth.")]) == 15, told


def test_a_page_without_a_button_that_denies_is_not_checked(suite: Suite, tmp_path: Path) -> None:
    told = {one.id: one.reason for one in _run(suite, tmp_path, "consent").checks if one.grade != "PASS"}
    assert list(told) == ["oauth.consent"] and "no button that denies" in told["oauth.consent"]


@pytest.mark.parametrize("example", ["", "profile email"])
def test_the_scope_is_the_example_or_all_that_the_flow_lists(tmp_path: Path, example: str) -> None:
    theirs = document()
    parameters = theirs["paths"][ENDPOINT]["get"]["parameters"]
    theirs["components"]["parameters"]["Scope"] = {"name": "scope", "in": "query", "schema": {"type": "string"}} | (
        {"example": example} if example else {}
    )  # fmt: skip
    kept = [each for each in parameters if each.get("name") != "scope"]
    theirs["paths"][ENDPOINT]["get"]["parameters"] = [*kept, {"$ref": "#/components/parameters/Scope"}]
    path = tmp_path / "theirs.yaml"
    path.write_text(yaml.safe_dump(theirs, sort_keys=False))
    spec = load(path)
    assert oauth_scope(spec) == (example or ALL)
    assert oauth_clients(spec)[0] == OAuthClient("tchat-web", "https://app.tchat.com/oauth/callback")
