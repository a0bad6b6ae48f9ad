"""Checks of sessions: login, devices, throttling, verify, logout."""

import re
import time
from typing import Any

from contracts.json_text import JsonError, loose_value_of
from contracts.network.http_fields import list_members
from contracts.suite.api.api import Api
from contracts.suite.api.session_probes import account, control, payload, refresh, spare, untold, works
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import equal, expect, if_promised
from contracts.suite.plugin.registry import family

check = family("auth", operations=["login"], needs=())

WRONG = "not-the-password"


@check("auth.login", "F1, F3, S:767-805")
def login(api: Api) -> None:
    """Login is exactly 200 with the user, a pair of tokens and the permissions, without an envelope."""
    answer = api.call("login", body=account(api)).must(200)
    equal(answer.member("user", "email").lower(), account(api)["email"].lower(), "user.email", answer)
    tokens = answer.member("tokens")
    expect(tokens["accessToken"] != tokens["refreshToken"], "two different tokens", "the same twice", answer)
    expect(works(api, tokens["accessToken"]), "a working access token", "401", answer)


@check("auth.login-mobile", "F5")
def login_mobile(api: Api) -> None:
    """The mobile form works for both platforms; deviceId and platform are sent both or neither."""
    for platform in ("ios", "android"):
        body = {**account(api), "deviceId": f"d-{api.word()}", "platform": platform}
        answer = api.call("login", body=body).must(200)
        expect(works(api, answer.member("tokens", "accessToken")), "a working token", "401", answer)
    for extra in (
        {"deviceId": "x"},
        {"platform": "ios"},
        {"deviceId": "x", "platform": "web"},
        {"deviceId": "", "platform": "ios"},
    ):
        with if_promised():
            api.call("login", body={**account(api), **extra}).must(400, why=str(extra))


@check("auth.login-email-case", "openapi", requires=["accounts"])
def email_case(api: Api) -> None:
    """The address is compared without regard to the case of A to Z."""
    known = account(api)
    api.call("login", body={**known, "email": known["email"].upper()}).must(200)
    api.call("login", body={**known, "email": known["email"].capitalize()}).must(200)


@check("auth.login-refused-alike", "OWASP API2, openapi", needs=("spare",))
def refused_alike(api: Api) -> None:
    """An unknown address and a wrong password get the same answer, which does not tell them apart."""
    wrong, again = (
        api.call("login", body={**spare(api), "password": WRONG}).must(401, "INVALID_CREDENTIALS")
        for _ in range(2)
    )
    # The known account's failures are cleared by the login after them.
    api.call("login", body=spare(api)).must(200)
    unknown = api.call("login", body={"email": f"{api.word()}@nobody.example", "password": WRONG})
    unknown.must(401, "INVALID_CREDENTIALS")
    # What differs between two answers to the same request (an id, a time) says nothing of the account.
    told, twice, other = map(_told, (wrong, again, unknown))
    drop = {k for k in {**told, **twice} if told.get(k) != twice.get(k)} | {"requestId", "instance"}
    left, right = ({k: v for k, v in one.items() if k not in drop} for one in (told, other))
    equal(left, right, "the answer to a wrong password, against that to an unknown address", wrong, unknown)
    equal(
        wrong.headers.get("www-authenticate"),
        unknown.headers.get("www-authenticate"),
        "WWW-Authenticate",
        wrong,
        unknown,
    )


def _told(answer: HttpAnswer) -> dict[str, Any]:
    """The members of an error, or its text, where it is no JSON object (Go's `http.Error`)."""
    try:
        value = loose_value_of(answer.body)
    except JsonError:
        value = None
    return value if isinstance(value, dict) else {"": answer.body.decode(errors="replace")}


@check("auth.login-same-time", "OWASP API2, openapi", needs=("spare",))
def same_time(api: Api) -> None:
    """An unknown address takes as long as a wrong password: the hash is computed either way."""

    def median(known: bool) -> float:
        taken = []
        for _ in range(4):
            email = spare(api)["email"] if known else f"{api.word()}@nobody.example"
            exchange = api.call("login", body={"email": email, "password": "x"}).must(401).exchange
            taken.append((exchange.done - exchange.sent) / 1e6)
        if known:
            api.call("login", body=spare(api)).must(200)
        return sorted(taken)[1]

    known, unknown = median(True), median(False)
    # A skipped key derivation shows as a factor of ten; noise does not.
    expect(
        known < 20 or unknown > known / 4,
        f"about {known:.0f} ms as for a wrong password",
        f"{unknown:.0f} ms",
    )


@check("auth.login-throttled", "R32, openapi", requires=["login throttle"])
def throttled(api: Api) -> None:
    """After 5 failures for an address every attempt is 429 with Retry-After, whatever its case."""
    email = f"{api.word()}@nobody.example"
    for number in range(5):
        spelling = email.upper() if number % 2 else email
        api.call("login", body={"email": spelling, "password": f"p{number}"}).must(
            401, "INVALID_CREDENTIALS", why=f"failure {number + 1}"
        )
    for spelling in (email, email.upper()):
        answer = api.call("login", body={"email": spelling, "password": "p"}).must(429, "LOGIN_THROTTLED")
        wait = answer.headers.get("retry-after", "")
        expect(wait.isdigit() and 1 <= int(wait) <= 900, "Retry-After of 1 to 900 s", wait, answer)
    other = api.call("login", body={"email": f"{api.word()}@nobody.example", "password": "p"})
    other.must(401, "INVALID_CREDENTIALS", why="another address is not throttled")
    if api.has("control") and api.has("alone"):
        # A right password helps no more; only the clock can then free the account for the checks to come.
        clock = control(api)
        try:
            for number in range(5):
                api.call("login", body={**account(api), "password": f"{WRONG}-{number}"}).must(401)
            refused = api.call("login", body=account(api))
        finally:
            clock.advance(15 * 60 + 1)
        refused.must(429, "LOGIN_THROTTLED", why="the right password after five wrong ones")
        api.call("login", body=account(api)).must(200)


@check("auth.login-throttle-ends", "R32, openapi", needs=("control", "alone"), requires=["login throttle"])
def throttle_ends(api: Api) -> None:
    """The throttle of an address ends 15 minutes after its oldest failure."""
    clock = control(api)
    email = f"{api.word()}@nobody.example"
    for _ in range(5):
        api.call("login", body={"email": email, "password": "p"}).must(401)
    api.call("login", body={"email": email, "password": "p"}).must(429)
    clock.advance(15 * 60 - 60)
    api.call("login", body={"email": email, "password": "p"}).must(429, why="14 minutes after the failures")
    clock.advance(61)
    api.call("login", body={"email": email, "password": "p"}).must(401, why="15 minutes after the failures")


@check("auth.login-success-clears", "openapi", needs=("spare",))
def success_clears(api: Api) -> None:
    """A successful login clears the count of failures."""
    for _ in range(2):
        for _ in range(4):
            api.call("login", body={**spare(api), "password": "wrong"}).must(401, "INVALID_CREDENTIALS")
        api.call("login", body=spare(api)).must(200)


@check(
    "auth.no-store",
    "openapi",
    operations=["login", "refreshTokens", "logout", "verifyToken"],
    requires=["no store"],
)
def no_store(api: Api) -> None:
    """Answers that carry tokens, and the refusals of auth, are never stored."""
    own = api.fresh()
    answers = [
        api.call("login", body=account(api)),
        refresh(own, own.session.refresh),
        own.call("verifyToken"),
        own.call("verifyToken", token="x"),
        refresh(own, "x"),
        own.call("logout"),
        own.call("logout"),
        api.call("login", body={"email": f"{api.word()}@nobody.example", "password": "x"}),
    ]
    for answer in answers:
        value = answer.headers.get("cache-control")
        what = f"no-store in Cache-Control of {answer.exchange.operation}"
        expect("no-store" in list_members((value or "").lower()), what, value, answer)


@check("auth.verify", "S:842-875", operations=["verifyToken"])
def verify(api: Api) -> None:
    """verify is 200 exactly for tokens that the content operations accept, and names their user."""
    own, other = api.fresh(), api.fresh()
    answers = [session.call("verifyToken").must(200) for session in (own, own, other)]
    with if_promised():
        equal(answers[0].json["userId"], own.session.user, "userId", answers[0])
    with if_promised():
        equal(
            answers[1].json["sessionId"], answers[0].json["sessionId"], "sessionId of one session", answers[1]
        )
        expect(
            answers[2].json["sessionId"] != answers[0].json["sessionId"],
            "another sessionId of another session",
            answers[2].json["sessionId"],
            *answers,
        )
    with if_promised():
        expires = answers[0].json["expiresAt"][:19]
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(int(payload(own.session.access)["exp"])))
        equal(expires, seconds, "expiresAt, against the token's exp", answers[0])
    for token in ("", "undefined", own.session.refresh, own.session.access[:-2]):
        expect(not works(api, token), "401 for a bad token", "200")


@check("auth.logout-ends-session", "S:807-840", operations=["logout"])
def logout(api: Api) -> None:
    """After logout the session's access and refresh tokens, of every rotation, are 401."""
    own, other = api.fresh(), api.fresh()
    tokens = refresh(own, own.session.refresh).must(200).member("tokens")
    lives_on = [own.session.access] if api.promises("earlier access tokens") else []
    for token in (*lives_on, tokens["accessToken"]):
        # Asked before as well: whoever remembers a token's answer must forget it.
        expect(works(own, token), "the access token to work before logout", "401")
    answer = own.call("logout", token=tokens["accessToken"]).must(200)
    equal(answer.json, {"success": True}, "the answer of logout", answer)
    for token in (own.session.access, tokens["accessToken"]):
        expect(not works(own, token), "the access token refused after logout", "200", answer)
    for token in (own.session.refresh, tokens["refreshToken"]):
        equal(refresh(own, token).status, 401, "status of refresh after logout")
    own.call("logout", token=own.session.access).must(401)
    expect(works(other, other.session.access), "another session of the account to live on", "401", answer)


@check("auth.logout-body-ignored", "F4", operations=["logout"])
def logout_body(api: Api) -> None:
    """Logout needs no body; one that is sent is ignored."""
    for body, kind in ((None, "application/json"), (b"{}", "application/json"), (b"x", "text/plain")):
        own = api.fresh()
        headers = {**own.bearer(), "Content-Type": kind}
        own.raw("POST", "/auth/logout", headers=headers, body=body).must(200)


@check("auth.one-session-a-device", "openapi", requires=["devices"])
def one_a_device(api: Api) -> None:
    """A new login on the same device ends the session there, and no other."""
    device = f"d-{api.word()}"
    first = api.fresh(deviceId=device, platform="ios")
    elsewhere = api.fresh(deviceId=f"{device}-2", platform="ios")
    web = api.fresh()
    second = api.fresh(deviceId=device, platform="ios")
    expect(not works(first, first.session.access), "the earlier session on the device ended", "it lives")
    equal(refresh(first, first.session.refresh).status, 401, "status of its refresh token")
    for name, session in (("new", second), ("other device's", elsewhere), ("web", web)):
        expect(works(session, session.session.access), f"the {name} session to live", "401")


@check("auth.no-cookies", "R9", operations=["login", "refreshTokens", "logout", "verifyToken"])
def no_cookies(api: Api) -> None:
    """No answer of auth sets a cookie of its own: the bearer token is the only credential."""
    own = api.fresh()
    answers = [
        api.call("login", body=account(api)),
        own.call("verifyToken"),
        refresh(own, own.session.refresh),
    ]
    # A balancer in between may mark every answer, whatever was asked; such a mark says nothing of a session.
    marks = _cookies(api.raw("GET", "/nowhere"))
    for answer in (*answers, own.call("logout"), own.call("verifyToken")):
        equal(sorted(_cookies(answer) - marks), [], "cookies set", answer)
        cookie = answer.headers.get("set-cookie", "")
        secrets = [token.rpartition(".")[2] for token in (own.session.access, own.session.refresh)]
        expect(not any(secret in cookie for secret in secrets), "no token in a cookie", "one", answer)


def _cookies(answer: HttpAnswer) -> set[str]:
    """The names of the cookies in a Set-Cookie field. Repeated fields are joined by commas, and a date has one, too."""
    cookie = answer.headers.get("set-cookie", "")
    return set(re.findall(r"(?:^|,)\s*([^\s=;,]+)=", cookie))


@check("auth.log-secrets", "R11")
def log_secrets(api: Api) -> None:
    """No token and no password reaches the server's log, from a header, a body or the query of the channel."""
    own = api.fresh()
    word = f"{WRONG}-{api.word()}"
    api.call("login", body={"email": f"{api.word()}@nobody.example", "password": word}).must(401)
    own.raw("GET", f"{api.target.settings.channel.path}?token={own.session.access}")
    own.raw("GET", f"/auth/verify?token={own.session.access}", headers=own.bearer())
    refresh(own, own.session.refresh).must(200)
    untold(api, word, own.session.access, own.session.refresh)
