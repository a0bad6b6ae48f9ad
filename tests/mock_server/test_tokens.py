"""Tokens and sessions: what is signed, what is refused and why, rotation, and how long anything lives."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import joserfc.jwt
import jwt
import pytest
from joserfc.jwk import OctKey

from mock_server.auth.tokens import KINDS, Refusal, TokenSigner
from mock_server.build import secret

from .client_programs import PROGRAMS, run
from .inside import PASSWORD, START, USERS, Inside, inside

KEY = secret(1)
NOW = START // 1_000_000


@pytest.fixture
def api() -> Inside:
    return inside()


def claims_of(api: Inside, kind: str = "access") -> dict[str, Any]:
    api.access("demo")
    token = api.pairs["demo"][f"{kind}Token"]
    decoded: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return decoded


def signed(claims: dict[str, Any], *, key: bytes = KEY, alg: str = "HS256", **header: Any) -> str:
    """By PyJWT, so that our own signer has no part in it."""
    return jwt.encode(claims, key, algorithm=alg, headers={"typ": "at+jwt", **header})


@pytest.mark.parametrize("kind", KINDS)
def test_two_other_libraries_read_our_tokens(api: Inside, kind: str) -> None:
    typ, audience = KINDS[kind]
    api.access("demo")
    token = api.pairs["demo"][f"{kind}Token"]
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": typ}
    ours = jwt.decode(
        token, KEY, algorithms=["HS256"], audience=audience, issuer="tchat-reference",
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip
    theirs = joserfc.jwt.decode(token, OctKey.import_key(KEY), algorithms=["HS256"]).claims
    assert ours == theirs == claims_of(api, kind)
    assert (ours["sub"], ours["wsp"], ours["iat"]) == ("u-demo", "tchat", NOW)
    assert ours["exp"] - NOW == {"access": 900, "refresh": 24 * 3600}[kind]


def test_a_token_of_another_library_is_ours_when_all_is_right(api: Inside) -> None:
    claims = claims_of(api)
    by_pyjwt = signed(claims)
    header = {"alg": "HS256", "typ": "at+jwt"}
    by_joserfc = joserfc.jwt.encode(header, claims, OctKey.import_key(KEY))
    for token in (by_pyjwt, by_joserfc):
        assert api.get("/auth/verify", token=token).status == 200


@pytest.mark.parametrize("user", USERS)
def test_a_payload_can_be_read_by_the_guide_s_decoders(api: Inside, user: str) -> None:
    api.access(user)
    for token in (api.pairs[user]["accessToken"], api.pairs[user]["refreshToken"]):
        assert re.fullmatch(r"[A-Za-z0-9]+", token.split(".")[1])


Forge = Callable[[dict[str, Any]], str]
NEGATIVES: dict[str, Forge] = {
    "empty": lambda c: "",
    "undefined": lambda c: "undefined",
    "null": lambda c: "null",
    "one segment": lambda c: "abc",
    "two segments": lambda c: signed(c).rpartition(".")[0],
    "an extra segment": lambda c: signed(c) + ".AAAA",
    "truncated": lambda c: signed(c)[:-1],
    "padding": lambda c: signed(c) + "=",
    "a space within": lambda c: signed(c).replace(".", ". ", 1),
    "not base64": lambda c: "$$$.$$$.$$$",
    "100 kB": lambda c: signed({**c, "scope": "x" * 100_000}),
    "another key": lambda c: signed(c, key=hashlib.sha256(b"another").digest()),
    "the seed's neighbour": lambda c: signed(c, key=secret(2)),
    "alg none": lambda c: jwt.encode(c, "", algorithm="none", headers={"typ": "at+jwt"}),
    "alg None": lambda c: signed(c).replace(signed(c).split(".")[0], "eyJhbGciOiJOb25lIiwidHlwIjoiYXQrand0In0"),
    "HS512": lambda c: signed(c, key=KEY * 2, alg="HS512"),
    "HS384": lambda c: signed(c, key=KEY * 2, alg="HS384"),
    "crit": lambda c: signed(c, crit=["exp"]),
    "kid": lambda c: signed(c, kid="../../dev/null"),
    "typ of refresh": lambda c: signed(c, typ="rt+jwt"),
    "typ JWT": lambda c: signed(c, typ="JWT"),
    "audience of refresh": lambda c: signed({**c, "aud": "tchat-refresh"}),
    "audience as a list": lambda c: signed({**c, "aud": ["tchat-api"]}),
    "issuer": lambda c: signed({**c, "iss": "somebody"}),
    "exp as text": lambda c: signed({**c, "exp": str(c["exp"])}),
    "exp as a float": lambda c: signed({**c, "exp": c["exp"] + 0.5}),
    "exp 9e99": lambda c: signed({**c, "exp": 9e99}),
    "exp missing": lambda c: signed({k: v for k, v in c.items() if k != "exp"}),
    "iat in the future": lambda c: signed({**c, "iat": NOW + 60}),
    "nbf": lambda c: signed({**c, "nbf": NOW + 60}),
    "sid missing": lambda c: signed({k: v for k, v in c.items() if k != "sid"}),
    "a session that never was": lambda c: signed({**c, "sid": "s99999999"}),
    "claims as a list": lambda c: joserfc.jws.serialize_compact(
        {"alg": "HS256", "typ": "at+jwt"}, b"[]", OctKey.import_key(KEY)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NEGATIVES)
def test_a_token_that_is_not_ours_is_refused(api: Inside, name: str) -> None:
    claims = claims_of(api)
    answer = api.get("/content/items/welcome", token=NEGATIVES[name](claims))
    assert answer.status == 401 and answer.code == "TOKEN_INVALID"
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert api.call("POST", "/auth/refresh", token=NEGATIVES[name](claims)).status == 401


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        (None, 401, "TOKEN_MISSING"),
        ("", 401, "TOKEN_MISSING"),
        ("Bearer", 401, "TOKEN_INVALID"),
        ("Basic {token}", 401, "TOKEN_INVALID"),
        ("{token}", 401, "TOKEN_INVALID"),
        ("bearer {token}", 200, None),
        ("BEARER {token}", 200, None),
        ("Bearer  {token}", 200, None),
        ("Bearer {token}, Bearer {token}", 401, "TOKEN_INVALID"),
    ],
)
def test_forms_of_the_field(api: Inside, authorization: str | None, status: int, code: str | None) -> None:
    headers = {}
    if authorization is not None:
        headers["authorization"] = authorization.format(token=api.access("demo"))
    answer = api.raw("GET", "/auth/verify", headers=headers)
    assert (answer.status, answer.json.get("code")) == (status, code)
    if code == "TOKEN_MISSING":
        assert answer.headers["www-authenticate"] == 'Bearer realm="tchat"'


def test_the_kinds_are_not_interchangeable(api: Inside) -> None:
    api.access("demo")
    pair = api.pairs["demo"]
    assert api.get("/content/items", token=pair["refreshToken"]).code == "TOKEN_INVALID"
    assert api.refresh(pair["accessToken"]).code == "TOKEN_INVALID"


@pytest.mark.parametrize(
    ("kind", "seconds", "code"),
    [
        ("access", 899, None),
        ("access", 900, "TOKEN_EXPIRED"),
        ("access", 10**6, "TOKEN_EXPIRED"),
        ("refresh", 86_399, None),
        ("refresh", 86_400, "TOKEN_EXPIRED"),
    ],
)
def test_a_token_ends_in_the_second_of_its_exp(
    api: Inside, kind: str, seconds: int, code: str | None
) -> None:
    api.access("demo")
    pair = api.pairs["demo"]
    api.wait(seconds)
    answer = (
        api.get("/auth/verify", token=pair["accessToken"])
        if kind == "access"
        else api.refresh(pair["refreshToken"])
    )
    assert answer.json.get("code") == code


def test_a_session_ends_after_thirty_days_however_often_it_is_refreshed(api: Inside) -> None:
    token = api.login().json["tokens"]["refreshToken"]
    lives = []
    for _ in range(40):
        api.wait(20 * 3600)
        answer = api.refresh(token)
        if answer.status != 200:
            break
        token = answer.json["tokens"]["refreshToken"]
        lives.append(answer.json["tokens"]["expiresIn"])
    assert len(lives) == 35, "30 days are 36 times 20 hours, and at the 36th it is over"
    assert answer.status == 401
    assert set(lives) == {900}


# Rotation


def test_rotation_grace_and_reuse(api: Inside) -> None:
    first = api.login().json["tokens"]
    api.wait(1)
    second = api.refresh(first["refreshToken"]).json["tokens"]
    assert len({*first.values(), *second.values()}) == 6, "all new but type and life"
    api.wait(10)
    assert api.refresh(first["refreshToken"]).json["tokens"] == second, "within the grace: the very same pair"
    assert api.get("/auth/verify", token=first["accessToken"]).status == 200
    api.wait(0.000001)
    assert api.refresh(first["refreshToken"]).code == "REFRESH_REUSED"
    for token in (first["accessToken"], second["accessToken"]):
        assert api.get("/auth/verify", token=token).code == "TOKEN_INVALID"
    assert api.refresh(second["refreshToken"]).code == "TOKEN_INVALID"


def test_a_hundred_tabs_refresh_at_once_and_get_one_pair(api: Inside) -> None:
    token = api.login().json["tokens"]["refreshToken"]
    answers = [api.refresh(token) for _ in range(100)]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1


def test_without_grace_a_second_use_is_reuse() -> None:
    from mock_server.store.session_store import Lifetimes

    api = inside(lifetimes=Lifetimes(grace=0))
    token = api.login().json["tokens"]["refreshToken"]
    api.refresh(token)
    api.wait(0.000001)
    assert api.refresh(token).code == "REFRESH_REUSED"


@pytest.mark.parametrize("spelt", ["json", "none"])
def test_refresh_takes_no_body(api: Inside, spelt: str) -> None:
    headers = {"authorization": f"Bearer {api.login().json['tokens']['refreshToken']}"}
    if spelt == "json":
        headers["content-type"] = "application/json"
    assert api.raw("POST", "/auth/refresh", headers=headers).status == 200


# Sessions


def test_a_logout_ends_its_own_session_only(api: Inside) -> None:
    one, two = (api.login().json["tokens"] for _ in range(2))
    assert api.call("POST", "/auth/logout", token=one["accessToken"]).json == {"success": True}
    assert api.get("/content/items", token=one["accessToken"]).code == "TOKEN_INVALID"
    assert api.refresh(one["refreshToken"]).code == "TOKEN_INVALID"
    assert api.call("POST", "/auth/logout", token=one["accessToken"]).status == 401
    assert api.get("/content/items", token=two["accessToken"]).status == 200


def test_a_device_has_one_session(api: Inside) -> None:
    phone, tablet = {"deviceId": "p", "platform": "ios"}, {"deviceId": "t", "platform": "ios"}
    kept = api.login(**tablet).json["tokens"]["accessToken"]
    other = api.login("editor", **phone).json["tokens"]["accessToken"]
    old = api.login(**phone).json["tokens"]["accessToken"]
    new = api.login(**phone).json["tokens"]["accessToken"]
    alive = [api.get("/auth/verify", token=token).status for token in (kept, other, old, new)]
    assert alive == [200, 200, 401, 200]


def test_unknown_addresses_and_wrong_passwords_look_alike(api: Inside) -> None:
    wrong, unknown = (
        api.post("/auth/login", {"email": email, "password": "no"}, user=None)
        for email in ("demo@tchat.com", "nobody@tchat.com")
    )
    assert wrong.told == unknown.told
    assert (wrong.status, wrong.code) == (401, "INVALID_CREDENTIALS")
    assert "www-authenticate" in wrong.headers


@pytest.mark.parametrize("email", ["demo@tchat.com", "nobody@tchat.com"])
def test_failed_logins_are_throttled(api: Inside, email: str) -> None:
    def attempt(password: str = "no") -> Any:
        return api.post("/auth/login", {"email": email.upper(), "password": password}, user=None)

    for _ in range(5):
        assert attempt().status == 401
        api.wait(60)
    refused = attempt(PASSWORD)
    assert (refused.status, refused.code) == (429, "LOGIN_THROTTLED")
    assert int(refused.headers["retry-after"]) == 10 * 60
    assert api.login("editor").status == 200, "other addresses are free"
    api.wait(10 * 60 - 1)
    assert attempt(PASSWORD).status == 429
    api.wait(1)
    assert attempt(PASSWORD).status == (200 if email.startswith("demo") else 401)


def test_a_right_login_clears_the_count(api: Inside) -> None:
    for _ in range(3):
        for _ in range(4):
            api.post("/auth/login", {"email": "demo@tchat.com", "password": "no"}, user=None)
        assert api.login().status == 200


@pytest.mark.parametrize(
    ("user", "refused"),
    [
        ("demo", set()),
        ("editor", {"publish", "archive"}),
        ("viewer", {"publish", "archive", "create", "bulk"}),
    ],
)
def test_permissions(api: Inside, user: str, refused: set[str]) -> None:
    item = api.create()["id"]
    steps: dict[str, tuple[Any, ...]] = {
        "list": ("GET", "/content/items"),
        "create": ("POST", "/content/items", {"title": "A"}),
        "publish": ("POST", f"/content/items/{item}/publish", {}),
        "archive": ("POST", f"/content/items/{item}/archive", {}),
        "bulk": ("POST", "/content/items/bulk", {"operations": [{"type": "archive", "id": item}]}),
    }
    answers = {name: api.call(*step, user=user) for name, step in steps.items()}
    assert {name for name, answer in answers.items() if answer.status == 403} == refused
    for name in refused:
        needed = {"create": "write", "bulk": "write"}.get(name, name)
        assert f'scope="content:{needed}"' in answers[name].headers["www-authenticate"]
    if user == "editor":
        assert answers["bulk"].data["failedOperations"][0]["code"] == "FORBIDDEN"


def test_either_token_of_a_session_can_be_revoked_by_its_client() -> None:
    told = run(PROGRAMS["oauth_tokens"], inside())
    assert (told["revoke-of-ios"][0], told["verify"][0]) == (400, 200)
    assert (told["revoke"][0], told["after-revoke"][0]) == (200, 401)


def test_another_key_ends_also_the_tokens_that_were_verified_before() -> None:
    signer = TokenSigner(b"one")
    token = signer.sign("access", sub="u", sid="s", wsp="w", jti="j", iat=1, exp=9, scope="").encode()
    assert signer.verify("access", token, 2).sub == "u"
    signer.reseed(b"another")
    with pytest.raises(Refusal):
        signer.verify("access", token, 2)
