"""What a client does to see a fault of access: logins, tokens, the authorization code flow, and another workspace's items."""

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from .inside import Inside

FORM = "application/x-www-form-urlencoded"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""


def logins(api: Inside) -> None:
    answer = api.login("demo", label="login")
    access = answer.json["tokens"]["accessToken"]
    api.login("DEMO@tchat.com", label="upper")
    api.post("/auth/login", {"email": "demo@tchat.com", "password": "wrong"}, user=None, label="wrong")
    api.post("/auth/login", {"email": "nobody@tchat.com", "password": "wrong"}, user=None, label="nobody")
    api.post("/auth/login", {"email": "demo@tchat.com", "password": ["secret"]}, user=None, label="invalid")
    api.get("/auth/verify", token=access, label="verify")
    segment = access.split(".")[1]
    assert (segment == segment.replace("-", "").replace("_", "")) == ("plain" in _kind(segment))
    first = api.login("viewer", deviceId="d-1", platform="ios").json["tokens"]["accessToken"]
    api.login("viewer", deviceId="d-1", platform="ios")
    api.get("/auth/verify", token=first, label="device")
    for _ in range(5):
        api.post("/auth/login", {"email": "editor@tchat.com", "password": "wrong"}, user=None)
    api.login("editor", label="throttled")
    api.post(
        "/auth/login", {"email": "editor@tchat.com", "password": "wrong"}, user=None, label="throttled-wrong"
    )


def _kind(segment: str) -> str:
    return "plain" if not set(segment) & set("-_") else "url"


def tokens(api: Inside) -> None:
    pair = api.login("demo").json["tokens"]
    access, refresh = pair["accessToken"], pair["refreshToken"]
    head, body, mac = access.split(".")
    api.get("/auth/verify", token=access, label="verify")
    for label, authorization in {
        "none": None,
        "undefined": "Bearer undefined",
        "basic": f"Basic {access}",
        "lower": f"bearer {access}",
        "forged": f"Bearer {head}.{_as_admin(body)}.{mac}",
        "alg-none": f"Bearer {_segment({'alg': 'none', 'typ': 'at+jwt'})}.{body}.",
        "refresh-as-access": f"Bearer {refresh}",
    }.items():
        headers = {} if authorization is None else {"authorization": authorization}
        api.call("GET", "/content/items/welcome", user=None, label=label, **headers)
    api.call("POST", "/auth/refresh", token=access, label="access-as-refresh")
    api.post("/content/items", {"title": "No"}, user="viewer", label="viewer-writes")
    api.post("/content/items/welcome/archive", {}, user="editor", label="editor-archives")
    api.get("/content/items?limit=1&sortBy=createdAt", label="list")
    api.item("welcome", label="welcome")
    api.wait(500)
    api.get("/auth/verify", token=access, label="at-500")
    api.wait(400)
    api.get("/auth/verify", token=access, label="at-exp")
    api.wait(10)
    api.get("/auth/verify", token=access, label="past-exp")
    api.wait(100_000)
    api.get("/auth/verify", token=access, label="long-past-exp")


def rotation(api: Inside) -> None:
    pair = api.login("demo").json["tokens"]
    first = pair["refreshToken"]
    api.wait(1)
    second = api.refresh(first, label="refresh").json["tokens"]["refreshToken"]
    api.get("/auth/verify", token=pair["accessToken"], label="earlier-access")
    api.wait(1)
    api.refresh(first, label="in-grace")
    api.wait(1)
    api.refresh(second, label="second")
    api.wait(60)
    api.refresh(first, label="reuse")
    api.refresh(second, label="after-reuse")


def logout(api: Inside) -> None:
    pair, other = (api.login("demo").json["tokens"] for _ in range(2))
    api.call("POST", "/auth/logout", token=pair["accessToken"], label="logout")
    api.get("/auth/verify", token=pair["accessToken"], label="access")
    api.refresh(pair["refreshToken"], label="refresh")
    api.get("/auth/verify", token=other["accessToken"], label="other-session")
    api.call("POST", "/auth/logout", {}, token=other["accessToken"], label="with-body")


class OAuthClient:
    """The web client of the authorization code flow, by forms. Each answer has a label."""

    id, uri = "tchat-web", "https://app.tchat.com/oauth/callback"

    def __init__(self, api: Inside) -> None:
        self.api = api
        self.asked = {
            "response_type": "code", "client_id": self.id, "redirect_uri": self.uri, "code_challenge": CHALLENGE,
            "code_challenge_method": "S256", "state": 'a+b"<i>',
        }  # fmt: skip
        self.user = {"email": "demo@tchat.com", "password": "demo-password", "decision": "allow"}

    def form(self, path: str, fields: dict[str, str], label: str) -> Any:
        headers = {"content-type": FORM, "host": "h"}
        answer = self.api.raw("POST", path, headers=headers, body=urlencode(fields).encode())
        self.api.note(label, answer)
        return answer

    def code(self, label: str, **changes: str) -> str:
        answer = self.form("/oauth/authorize", {**self.asked, **self.user, **changes}, label)
        return str(dict(parse_qsl(urlsplit(answer.headers["location"]).query)).get("code", ""))

    def redeem(self, code: str, label: str, **changes: str) -> Any:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.uri,
            "client_id": self.id,
        }
        return self.form("/oauth/token", {**fields, "code_verifier": VERIFIER, **changes}, label)

    def refresh(self, token: str, label: str, client: str = id) -> Any:
        fields = {"grant_type": "refresh_token", "client_id": client, "refresh_token": token}
        return self.form("/oauth/token", fields, label)

    def revoke(self, token: str, label: str, client: str = id) -> None:
        self.form("/oauth/revoke", {"token": token, "client_id": client}, label)


def consents(api: Inside) -> None:
    """The page and what it sends, right once and wrong in every way that a fault lets pass."""
    client = OAuthClient(api)
    for label, changes in {"page": {}, "prefix": {"redirect_uri": f"{client.uri}/x"}}.items():
        api.note(label, api.raw("GET", "/oauth/authorize", query=urlencode({**client.asked, **changes})))
    api.note("metadata", api.raw("GET", "/.well-known/oauth-authorization-server", headers={"host": "h"}))
    sent = {**client.asked, **client.user}
    client.form(
        "/oauth/authorize", {**sent, "redirect_uri": "com.tchat.ios:/oauth/callback"}, "redirect-of-ios"
    )
    client.form("/oauth/authorize", {**sent, "password": "x"}, "wrong-password")
    for label, changes in {
        "right": {}, "denied": {"decision": "deny"}, "implicit": {"response_type": "token"},
        "plain": {"code_challenge_method": "plain"}, "bare": {"code_challenge": "", "code_challenge_method": ""},
    }.items():  # fmt: skip
        client.code(label, **changes)


def oauth_tokens(api: Inside) -> None:
    """Codes and tokens, used right once and wrong in every way that a fault lets pass."""
    client = OAuthClient(api)
    wrong = (
        {"code_verifier": VERIFIER[::-1]}, {"client_id": "tchat-ios"}, {"redirect_uri": "http://localhost:3000/oauth/callback"},
    )  # fmt: skip
    for number, changes in enumerate(wrong):
        client.redeem(client.code(f"code-{number}"), f"wrong-{number}", **changes)
    late = client.code("code-late")
    api.wait(61)
    client.redeem(late, "late")
    used = client.code("code")
    pair = client.redeem(used, "tokens").json
    client.refresh(pair["refresh_token"], "refresh-of-ios", "tchat-ios")
    client.refresh(pair["refresh_token"], "refresh")
    api.wait(1)
    client.refresh(pair["refresh_token"], "in-grace")
    client.revoke(pair["access_token"], "revoke-of-ios", "tchat-ios")
    api.get("/auth/verify", token=pair["access_token"], label="verify")
    client.redeem(used, "reuse")
    api.get("/auth/verify", token=pair["access_token"], label="after-reuse")
    another = client.redeem(client.code("code-again"), "tokens-again").json
    api.wait(1)
    client.refresh(another["refresh_token"], "refresh-again")
    api.wait(60)
    client.refresh(another["refresh_token"], "reuse-of-refresh")
    third = client.redeem(client.code("code-third"), "tokens-third").json
    client.revoke(third["access_token"], "revoke")
    api.get("/auth/verify", token=third["access_token"], label="after-revoke")


def workspaces(api: Inside) -> None:
    item = api.create("Secret")["id"]
    path = f"/content/items/{item}"
    api.get(path, user="other", label="read")
    api.get(f"{path}/versions", user="other", label="versions")
    api.put(path, {"version": 1, "title": "Stolen"}, user="other", label="write")
    api.get(path, label="own")
    api.get("/content/items?limit=100", user="other", label="list")
    api.get("/content/sync?lastSyncTimestamp=2026-01-01T00:00:00Z", user="other", label="sync")


def _segment(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def _as_admin(body: str) -> str:
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return _segment({**claims, "sub": "u-editor"})
