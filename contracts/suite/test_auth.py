"""Sessions: login, rotation, grace, reuse, logout, devices, throttling, expiry."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from contracts.suite.api import Api
from contracts.suite.breach import Breach, Unchecked, equal, expect
from contracts.suite.control import GRACE, Control, find
from contracts.suite.exchange import Answer
from contracts.suite.registry import family

check = family("auth")


def refresh(api: Api, token: str) -> Answer:
    return api.call("refreshTokens", token=token)


def works(api: Api, token: str) -> bool:
    """Whether verify and the content operations take the token; they must agree."""
    verify = api.call("verifyToken", token=token)
    content = api.call("getContentItems", token=token, query={"limit": 1})
    if (verify.status == 200) != (content.status == 200):
        raise Breach(
            "verify and content to agree on the token",
            f"verify {verify.told()}, content {content.told()}",
            [verify.exchange, content.exchange],
        )
    return verify.status == 200


def control(api: Api) -> Control:
    found = find(api.world)
    if found is None:
        raise Unchecked("the target has no control interface (/_control)")
    return found


def payload(token: str) -> dict[str, Any]:
    segment = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return found


def _account(api: Api) -> dict[str, str]:
    account = api.world.settings.accounts["owner"]
    return {"email": account.email, "password": account.password}


@check(
    "auth.login",
    "Login is exactly 200 and tells the user, a pair of tokens and the permissions, unwrapped.",
    "F1, F3, S:767-805",
    operations=["login"],
    needs=(),
)
def login(api: Api) -> None:
    answer = api.call("login", body=_account(api)).must(200)
    equal(answer.member("user", "email").lower(), _account(api)["email"].lower(), "user.email", answer)
    tokens = answer.member("tokens")
    expect(tokens["accessToken"] != tokens["refreshToken"], "two different tokens", "the same twice", answer)
    expect(works(api, tokens["accessToken"]), "a working access token", "401", answer)


@check(
    "auth.login-mobile",
    "The mobile form works for both platforms; deviceId and platform come both or not at all.",
    "F5",
    operations=["login"],
    needs=(),
)
def login_mobile(api: Api) -> None:
    for platform in ("ios", "android"):
        body = {**_account(api), "deviceId": f"d-{api.word()}", "platform": platform}
        answer = api.call("login", body=body).must(200)
        expect(works(api, answer.member("tokens", "accessToken")), "a working token", "401", answer)
    for extra in (
        {"deviceId": "x"},
        {"platform": "ios"},
        {"deviceId": "x", "platform": "web"},
        {"deviceId": "", "platform": "ios"},
    ):
        api.call("login", body={**_account(api), **extra}).must(400, why=str(extra))


@check(
    "auth.login-email-case",
    "The address is compared without regard to the case of A to Z.",
    "openapi",
    operations=["login"],
    needs=(),
)
def email_case(api: Api) -> None:
    account = _account(api)
    api.call("login", body={**account, "email": account["email"].upper()}).must(200)
    api.call("login", body={**account, "email": account["email"].capitalize()}).must(200)


@check(
    "auth.login-refused-alike",
    "An unknown address and a wrong password get the same answer, telling nothing.",
    "OWASP API2, openapi",
    operations=["login"],
    needs=(),
)
def refused_alike(api: Api) -> None:
    # Both are unknown addresses here but one; the known account's single failure is cleared by the login after it.
    wrong = api.call("login", body={**_account(api), "password": "x"}).must(401, "INVALID_CREDENTIALS")
    api.call("login", body=_account(api)).must(200)
    unknown = api.call("login", body={"email": f"{api.word()}@nobody.example", "password": "x"})
    unknown.must(401, "INVALID_CREDENTIALS")
    drop = ("requestId", "instance")
    left, right = ({k: v for k, v in a.json.items() if k not in drop} for a in (wrong, unknown))
    equal(left, right, "the answer to a wrong password, against that to an unknown address", wrong, unknown)
    equal(
        wrong.headers.get("www-authenticate"),
        unknown.headers.get("www-authenticate"),
        "WWW-Authenticate",
        wrong,
        unknown,
    )


@check(
    "auth.login-same-time",
    "An unknown address takes as long as a wrong password: the hash is computed either way.",
    "OWASP API2, openapi",
    operations=["login"],
    needs=(),
)
def same_time(api: Api) -> None:
    def median(known: bool) -> float:
        taken = []
        for _ in range(4):
            email = _account(api)["email"] if known else f"{api.word()}@nobody.example"
            exchange = api.call("login", body={"email": email, "password": "x"}).must(401).exchange
            taken.append((exchange.done - exchange.sent) / 1e6)
        if known:
            api.call("login", body=_account(api)).must(200)
        return sorted(taken)[1]

    known, unknown = median(True), median(False)
    # A skipped key derivation shows as a factor of ten; noise does not.
    expect(
        known < 20 or unknown > known / 4,
        f"about {known:.0f} ms as for a wrong password",
        f"{unknown:.0f} ms",
    )


@check(
    "auth.login-throttled",
    "After 5 failures for an address every attempt is 429 with Retry-After, whatever its case.",
    "R32, openapi",
    operations=["login"],
    needs=(),
)
def throttled(api: Api) -> None:
    email = f"{api.word()}@nobody.example"
    for number in range(5):
        told = email.upper() if number % 2 else email
        api.call("login", body={"email": told, "password": f"p{number}"}).must(
            401, "INVALID_CREDENTIALS", why=f"failure {number + 1}"
        )
    for told in (email, email.upper()):
        answer = api.call("login", body={"email": told, "password": "p"}).must(429, "LOGIN_THROTTLED")
        wait = answer.headers.get("retry-after", "")
        expect(wait.isdigit() and 1 <= int(wait) <= 900, "Retry-After of 1 to 900 s", wait, answer)
    other = api.call("login", body={"email": f"{api.word()}@nobody.example", "password": "p"})
    other.must(401, "INVALID_CREDENTIALS", why="another address is not throttled")


@check(
    "auth.login-throttle-ends",
    "The throttle of an address ends 15 minutes after its oldest failure.",
    "R32, openapi",
    operations=["login"],
    needs=("control", "alone"),
)
def throttle_ends(api: Api) -> None:
    clock = control(api)
    email = f"{api.word()}@nobody.example"
    for _ in range(5):
        api.call("login", body={"email": email, "password": "p"}).must(401)
    api.call("login", body={"email": email, "password": "p"}).must(429)
    clock.advance(15 * 60 - 60)
    api.call("login", body={"email": email, "password": "p"}).must(429, why="14 minutes after the failures")
    clock.advance(61)
    api.call("login", body={"email": email, "password": "p"}).must(401, why="15 minutes after the failures")


@check(
    "auth.login-success-clears",
    "A right login clears the count of failures.",
    "openapi",
    operations=["login"],
    needs=(),
)
def success_clears(api: Api) -> None:
    for _ in range(2):
        for _ in range(4):
            api.call("login", body={**_account(api), "password": "wrong"}).must(401, "INVALID_CREDENTIALS")
        api.call("login", body=_account(api)).must(200)


@check(
    "auth.no-store",
    "Answers that carry tokens, and the refusals of auth, are never stored.",
    "openapi",
    operations=["login", "refreshTokens", "logout", "verifyToken"],
    needs=(),
)
def no_store(api: Api) -> None:
    own = api.fresh()
    answers = [
        api.call("login", body=_account(api)),
        refresh(own, own.session.refresh),
        own.call("verifyToken"),
        own.call("verifyToken", token="x"),
        refresh(own, "x"),
        own.call("logout"),
        own.call("logout"),
        api.call("login", body={"email": f"{api.word()}@nobody.example", "password": "x"}),
    ]
    for answer in answers:
        equal(
            answer.headers.get("cache-control"),
            "no-store",
            f"Cache-Control of {answer.exchange.operation}",
            answer,
        )


@check(
    "auth.verify",
    "verify is 200 exactly for tokens that the content operations take, and tells whose they are.",
    "S:842-875",
    operations=["verifyToken"],
    needs=(),
)
def verify(api: Api) -> None:
    own, other = api.fresh(), api.fresh()
    answers = [session.call("verifyToken").must(200) for session in (own, own, other)]
    equal(answers[0].json["userId"], own.session.user, "userId", answers[0])
    equal(answers[1].json["sessionId"], answers[0].json["sessionId"], "sessionId of one session", answers[1])
    expect(
        answers[2].json["sessionId"] != answers[0].json["sessionId"],
        "another sessionId of another session",
        answers[2].json["sessionId"],
        *answers,
    )
    claims = payload(own.session.access)
    told = answers[0].json["expiresAt"]
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(int(claims["exp"])))
    equal(told[:19], seconds, "expiresAt, against the token's exp", answers[0])
    for token in ("", "undefined", own.session.refresh, own.session.access[:-2]):
        expect(not works(api, token), "401 for a bad token", "200")


@check(
    "auth.refresh-rotates",
    "Refresh answers a new working pair of the same session, unwrapped but for `tokens`.",
    "R3, S:740-762",
    operations=["refreshTokens"],
    needs=(),
)
def rotates(api: Api) -> None:
    own = api.fresh()
    session = own.call("verifyToken").must(200).json["sessionId"]
    token = own.session.refresh
    seen = {own.session.access, token}
    for _ in range(3):
        answer = refresh(own, token).must(200)
        tokens = answer.member("tokens")
        for name in ("accessToken", "refreshToken"):
            expect(tokens[name] not in seen, f"a new {name}", "one seen before", answer)
            seen.add(tokens[name])
        checked = own.call("verifyToken", token=tokens["accessToken"]).must(200)
        equal(checked.json["sessionId"], session, "sessionId after a refresh", checked)
        token = tokens["refreshToken"]


@check(
    "auth.refresh-forms",
    "Refresh works with JSON declared and no body (web) and without any Content-Type (iOS).",
    "F4",
    operations=["refreshTokens"],
    needs=(),
)
def refresh_forms(api: Api) -> None:
    token = api.fresh().session.refresh
    forms: tuple[tuple[dict[str, str], bytes | None], ...] = (
        ({"Content-Type": "application/json"}, None),
        ({}, None),
        ({"Content-Type": "application/json"}, b""),
        ({"Content-Type": "text/plain"}, b"ignored"),
        ({"Content-Type": "application/json"}, b"{nonsense"),
    )
    for headers, body in forms:
        sent = {"Authorization": f"Bearer {token}", **headers}
        token = (
            api.raw("POST", "/auth/refresh", headers=sent, body=body)
            .must(200)
            .member("tokens", "refreshToken")
        )


@check(
    "auth.refresh-keeps-permissions",
    "Rotation changes neither the user nor the permissions.",
    "openapi",
    operations=["refreshTokens"],
    needs=("write", "viewer"),
)
def keeps_permissions(api: Api) -> None:
    own = api.fresh("viewer")
    access = refresh(own, own.session.refresh).must(200).member("tokens", "accessToken")
    api.call("createContentItem", token=access, body={"title": "x"}).must(403)
    equal(
        api.call("verifyToken", token=access).must(200).json["userId"],
        own.session.user,
        "userId after a refresh",
    )


@check(
    "auth.access-outlives-rotation",
    "The access token issued before a rotation works until it expires.",
    "R7, R13",
    operations=["refreshTokens"],
    needs=(),
)
def outlives(api: Api) -> None:
    own = api.fresh()
    refresh(own, own.session.refresh).must(200)
    expect(works(own, own.session.access), "the earlier access token to work", "401")


@check(
    "auth.refresh-grace-same-pair",
    "Within 10 s a retired refresh token gets the very same successor pair.",
    "R6",
    operations=["refreshTokens"],
    needs=(),
)
def grace(api: Api) -> None:
    own = api.fresh()
    first = refresh(own, own.session.refresh).must(200)
    for _ in range(3):
        again = refresh(own, own.session.refresh).must(200)
        pairs = [
            {name: answer.member("tokens", name) for name in ("accessToken", "refreshToken")}
            for answer in (first, again)
        ]
        equal(pairs[1] == pairs[0], True, "the same pair again", first, again)
    expect(works(own, first.member("tokens", "accessToken")), "the successor to work after a retry", "401")


def _pass_grace(api: Api) -> None:
    """Ten seconds and a bit: by the control clock, or by waiting."""
    found = find(api.world) if api.world.has("alone") else None
    if found:
        found.advance(GRACE + 1)
    else:
        time.sleep(GRACE + 1)


@check(
    "auth.refresh-reuse-revokes-family",
    "A retired refresh token after its grace is 401 REFRESH_REUSED and ends the session.",
    "R6, openapi",
    operations=["refreshTokens"],
    needs=(),
    marks=("slow",),
)
def reuse(api: Api) -> None:
    own, bystander = api.fresh(), api.fresh()
    tokens = refresh(own, own.session.refresh).must(200).member("tokens")
    later = refresh(own, tokens["refreshToken"]).must(200).member("tokens")
    _pass_grace(api)
    expect(works(own, later["accessToken"]), "the session to live before the reuse", "401")
    answer = refresh(own, own.session.refresh).must(401, "REFRESH_REUSED")
    expect(
        'error="invalid_token"' in answer.headers.get("www-authenticate", ""),
        "a challenge with invalid_token",
        answer.headers.get("www-authenticate"),
        answer,
    )
    for name, token in (
        ("first", own.session.access),
        ("second", tokens["accessToken"]),
        ("third", later["accessToken"]),
    ):
        expect(not works(own, token), f"the {name} access token refused after the reuse", "200", answer)
    again = refresh(own, later["refreshToken"])
    equal(again.status, 401, "status of the newest refresh token after the reuse", answer, again)
    expect(works(bystander, bystander.session.access), "another session of the account untouched", "401")


@check(
    "auth.refresh-grace-ends",
    "The grace is 10 s: a retry at 9 s gets the pair, one at 11 s is reuse.",
    "R6",
    operations=["refreshTokens"],
    needs=("control", "alone"),
)
def grace_ends(api: Api) -> None:
    clock = control(api)
    own = api.fresh()
    first = refresh(own, own.session.refresh).must(200)
    clock.advance(8.5)
    again = refresh(own, own.session.refresh).must(200)
    equal(
        again.json["tokens"]["refreshToken"] == first.json["tokens"]["refreshToken"],
        True,
        "the same successor at 8.5 s",
        again,
    )
    clock.advance(2)
    refresh(own, own.session.refresh).must(401, "REFRESH_REUSED")


@check(
    "auth.types-not-interchangeable",
    "An access token refreshes nothing; a refresh token opens nothing but refresh.",
    "R5",
    operations=["refreshTokens", "verifyToken"],
    needs=(),
)
def types(api: Api) -> None:
    own = api.fresh()
    refresh(own, own.session.access).must(401, "TOKEN_INVALID")
    for operation in api.spec.values():
        if operation.id not in ("login", "refreshTokens"):
            made: dict[str, Any] = {"path": {"id": "x", "category": "x"}}
            if operation.body:
                made["body"] = {}
            own.call(operation.id, token=own.session.refresh, **made).must(
                401, "TOKEN_INVALID", why=operation.id
            )
    expect(works(own, own.session.access), "the session to live on", "401")


@check(
    "auth.logout-ends-session",
    "After logout the session's access and refresh tokens, of every rotation, are 401.",
    "S:807-840",
    operations=["logout"],
    needs=(),
)
def logout(api: Api) -> None:
    own, other = api.fresh(), api.fresh()
    tokens = refresh(own, own.session.refresh).must(200).member("tokens")
    answer = own.call("logout", token=tokens["accessToken"]).must(200)
    equal(answer.json, {"success": True}, "the answer of logout", answer)
    for token in (own.session.access, tokens["accessToken"]):
        expect(not works(own, token), "the access token refused after logout", "200", answer)
    for token in (own.session.refresh, tokens["refreshToken"]):
        equal(refresh(own, token).status, 401, "status of refresh after logout", answer)
    own.call("logout", token=own.session.access).must(401)
    expect(works(other, other.session.access), "another session of the account to live on", "401", answer)


@check(
    "auth.logout-body-ignored",
    "Logout needs no body; one that is sent is ignored.",
    "F4",
    operations=["logout"],
    needs=(),
)
def logout_body(api: Api) -> None:
    for body, kind in ((None, "application/json"), (b"{}", "application/json"), (b"x", "text/plain")):
        own = api.fresh()
        headers = {**own.bearer(), "Content-Type": kind}
        own.raw("POST", "/auth/logout", headers=headers, body=body).must(200)


@check(
    "auth.one-session-a-device",
    "A new login on the same device ends the session there, and no other.",
    "openapi",
    operations=["login"],
    needs=(),
)
def one_a_device(api: Api) -> None:
    device = f"d-{api.word()}"
    first = api.fresh(deviceId=device, platform="ios")
    elsewhere = api.fresh(deviceId=f"{device}-2", platform="ios")
    web = api.fresh()
    second = api.fresh(deviceId=device, platform="ios")
    expect(not works(first, first.session.access), "the earlier session on the device ended", "it lives")
    equal(refresh(first, first.session.refresh).status, 401, "status of its refresh token")
    for name, session in (("new", second), ("other device's", elsewhere), ("web", web)):
        expect(works(session, session.session.access), f"the {name} session to live", "401")


@check(
    "auth.expiry",
    "An access token is refused from the second of its exp on; refresh then brings a working one.",
    "R7, R8",
    operations=["verifyToken", "refreshTokens"],
    needs=("control", "alone"),
)
def expiry(api: Api) -> None:
    clock = control(api)
    own = api.fresh()
    claims = payload(own.session.access)
    life = int(claims["exp"]) - int(claims["iat"])
    clock.advance(life - 3)
    expect(works(own, own.session.access), "the token to work 3 s before its exp", "401")
    clock.advance(4)
    own.call("verifyToken", token=own.session.access).must(401, "TOKEN_EXPIRED")
    answer = own.call("getContentItems", token=own.session.access).must(401, "TOKEN_EXPIRED")
    expect(
        'error="invalid_token"' in answer.headers.get("www-authenticate", ""),
        "a challenge with invalid_token",
        answer.headers.get("www-authenticate"),
        answer,
    )
    own.call("logout", token=own.session.access).must(401, "TOKEN_EXPIRED")
    access = refresh(own, own.session.refresh).must(200).member("tokens", "accessToken")
    expect(works(own, access), "the refreshed token to work", "401")


@check(
    "auth.expired-everywhere",
    "An expired token is 401 TOKEN_EXPIRED at every operation.",
    "R8, openapi",
    needs=("control", "alone"),
)
def expired_everywhere(api: Api) -> None:
    own = api.fresh()
    control(api).advance(901)
    for operation in api.spec.values():
        if operation.id in ("login", "refreshTokens"):
            continue
        made: dict[str, Any] = {"path": {"id": "x", "category": "x"}}
        if operation.body:
            made["body"] = {}
        own.call(operation.id, token=own.session.access, **made).must(401, "TOKEN_EXPIRED", why=operation.id)


@check(
    "auth.expires-in",
    "expiresIn is the access token's life in seconds from now, 900, on login and on refresh.",
    "R4, R7",
    operations=["login", "refreshTokens"],
    needs=(),
)
def expires_in(api: Api) -> None:
    answer = api.call("login", body=_account(api)).must(200)
    for made in (answer, refresh(api, answer.member("tokens", "refreshToken")).must(200)):
        tokens = made.member("tokens")
        claims = payload(tokens["accessToken"])
        life = int(claims["exp"]) - int(claims["iat"])
        expect(abs(tokens["expiresIn"] - life) <= 1, f"expiresIn = {life}", tokens["expiresIn"], made)


@check(
    "auth.refresh-expires",
    "A refresh token lives 24 hours; then it is 401 TOKEN_EXPIRED. Each rotation starts new ones.",
    "R7",
    operations=["refreshTokens"],
    needs=("control", "alone"),
)
def refresh_expires(api: Api) -> None:
    clock = control(api)
    idle, busy = api.fresh(), api.fresh()
    clock.advance(23 * 3600)
    token = refresh(busy, busy.session.refresh).must(200).member("tokens", "refreshToken")
    clock.advance(3601)
    refresh(idle, idle.session.refresh).must(401, "TOKEN_EXPIRED")
    token = refresh(busy, token).must(200, why="rotated an hour ago").member("tokens", "refreshToken")


@check(
    "auth.absolute-life",
    "However often it is rotated, a session lives 30 days at most.",
    "R7",
    operations=["refreshTokens"],
    needs=("control", "alone"),
)
def absolute_life(api: Api) -> None:
    clock = control(api)
    own = api.fresh()
    token = own.session.refresh
    hours = 0
    while hours < 30 * 24 - 23:
        clock.advance(23 * 3600)
        hours += 23
        token = refresh(own, token).must(200, why=f"after {hours} hours").member("tokens", "refreshToken")
    clock.advance(23.9 * 3600)
    answer = refresh(own, token)
    equal(answer.status, 401, f"status of a refresh after {hours + 23.9:.0f} hours", answer)


@check(
    "auth.token-payload-ascii",
    "Claims are ASCII and their base64 has letters and digits only, for the guide's decoders.",
    "F6",
    operations=["login"],
    needs=(),
)
def payload_ascii(api: Api) -> None:
    for role in ("owner", "editor", "viewer", "stranger"):
        if role != "owner" and not api.world.has(role):
            continue
        session = api.world.login(role)
        for token in (session.access, session.refresh):
            segment = token.split(".")[1]
            expect(
                segment.isalnum() and segment.isascii(),
                "a payload segment of letters and digits",
                "others in it",
            )
            missing = {"sub", "exp", "iat"} - set(payload(token))
            expect(not missing, "the claims sub, iat and exp", f"none of {sorted(missing)}")


@check(
    "auth.no-secrets-in-tokens",
    "A token's payload holds no password, hash or address of the account.",
    "OWASP API3",
    operations=["login"],
    needs=(),
)
def no_secrets(api: Api) -> None:
    for token in (api.session.access, api.session.refresh):
        text = json.dumps(payload(token)).lower()
        for word in ("password", "hash", "secret", _account(api)["password"].lower()):
            expect(word not in text, "no secret in the payload", "one")
