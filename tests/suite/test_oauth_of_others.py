"""Judges from outside: Authlib's client walks the flow on the reference server, and our oauth checks judge Authlib's server."""

from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

pytest.importorskip("authlib")

from authlib.integrations.httpx_client import OAuth2Client, OAuthError
from authlib.oauth2 import rfc8414, rfc9207

from contracts.run import parse
from contracts.spec import load, oauth_clients
from tests.suite.authlib_server import authlib_server
from tests.suite.conftest import Suite
from tests.suite.serving import Received, Reply, forwarded, serving

VERIFIER = "authlib-" * 6


class Hidden(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if given.get("type") == "hidden":
            self.fields[str(given["name"])] = str(given["value"])


@pytest.mark.parametrize("registered", oauth_clients(load()), ids=lambda one: one.id)
def test_a_client_of_others_completes_the_flow_on_the_reference_server(
    server: str, registered: tuple[str, str]
) -> None:
    told = httpx.get(f"{server}/.well-known/oauth-authorization-server").json()
    rfc8414.AuthorizationServerMetadata(told | {"issuer": "https://api.tchat.com"} | {
        name: value.replace(server, "https://api.tchat.com") for name, value in told.items() if name.endswith("_endpoint")
    }).validate(metadata_classes=[rfc9207.AuthorizationServerMetadata])  # fmt: skip
    with OAuth2Client(
        registered[0],
        redirect_uri=registered[1],
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
    ) as client:
        url, state = client.create_authorization_url(told["authorization_endpoint"], code_verifier=VERIFIER)
        form = Hidden(httpx.get(url).text).fields | {"email": "demo@tchat.com", "password": "demo-password"}
        sent = httpx.post(url.partition("?")[0], data=form)
        assert sent.status_code == 303
        location = sent.headers["location"]
        with pytest.raises(OAuthError, match="invalid_grant"):
            client.fetch_token(
                told["token_endpoint"],
                authorization_response=location,
                state=state,
                code_verifier=VERIFIER[::-1],
            )
        first = client.fetch_token(
            told["token_endpoint"], authorization_response=location, state=state, code_verifier=VERIFIER
        )
        assert client.get(f"{server}/content/items?limit=1").status_code == 200
        second = client.refresh_token(told["token_endpoint"], refresh_token=first["refresh_token"])
        assert second["refresh_token"] != first["refresh_token"]
        assert client.revoke_token(told["revocation_endpoint"], second["refresh_token"]).status_code == 200
        assert (
            httpx.get(
                f"{server}/auth/verify", headers={"Authorization": f"Bearer {second['access_token']}"}
            ).status_code
            == 401
        )


ELSEWHERE = "oauth and not code-expires and not refresh-rules and not log-secrets"
"""Not those that need our control interface, our grace or the server's log."""


@pytest.mark.parametrize(
    ("weakened", "red"),
    [
        pytest.param("", [], id="as it is"),
        pytest.param("verifier", ["oauth.s256-only", "oauth.verifier"], id="without PKCE"),
        pytest.param("once", ["oauth.code-once"], id="codes are reusable"),
        pytest.param("redirect", ["oauth.no-open-redirect"], id="any redirect URI"),
        pytest.param("client", ["oauth.code-bound"], id="any client's code"),
        pytest.param("iss", ["oauth.state-and-issuer"], id="without iss"),
    ],
)
def test_the_checks_judge_a_server_of_others(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, weakened: str, red: list[str]
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # plain HTTP, to this machine
    out = tmp_path / "run.json"
    with authlib_server(weakened) as url:
        done = suite(
            "--target",
            url,
            "-k",
            ELSEWHERE,
            "--ws-path",
            "off",
            "--spare",
            "demo@tchat.com:demo-password",
            "--run-out",
            str(out),
        )
    run = parse(out.read_bytes(), name="run.json")
    told = [(check.id, check.grade, check.reason) for check in run.checks]
    assert [id for id, grade, _ in told if grade != "PASS"] == red, told
    assert len(told) == 17 and done.returncode == (1 if red else 0), done.stdout[-3000:]


@pytest.mark.parametrize(
    ("missing", "judged"),
    [
        pytest.param(["/oauth/", "/.well-known/"], 0, id="without the flow"),
        pytest.param(["/oauth/token"], 20, id="without one endpoint"),
    ],
)
def test_a_server_may_leave_out_the_whole_flow_and_no_part(
    suite: Suite, server: str, tmp_path: Path, missing: list[str], judged: int
) -> None:
    def respond(received: Received) -> Reply:
        gone = any(place in received.path for place in missing)
        return Reply(404) if gone else forwarded(server, received)

    out = tmp_path / "run.json"
    with serving(respond) as url:
        suite("--target", url, "-k", "oauth", "--ws-path", "off", "--run-out", str(out))
    run = parse(out.read_bytes(), name="run.json")
    grades = [check.grade for check in run.checks if check.id.startswith("oauth.")]
    assert len(grades) == judged and ("FAIL" in grades) == bool(judged)
    assert len(run.not_applicable) == 20 - judged
