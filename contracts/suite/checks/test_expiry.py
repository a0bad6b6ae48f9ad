"""Checks of token lifetimes, which move the clock of the control interface, or wait where tokens live shortly."""

import json
import re

from contracts.suite.api.api import Api
from contracts.suite.api.session_probes import (
    account,
    challenged,
    control,
    let_expire,
    movable_clock,
    payload,
    refresh,
    signed_tokens,
    works,
)
from contracts.suite.api.successful_requests import nowhere
from contracts.suite.contract_violation import equal, expect
from contracts.suite.plugin.registry import family

check = family("auth")


@check("auth.expiry", "R7, R8", operations=["verifyToken", "refreshTokens"], needs=("expiry",))
def expiry(api: Api) -> None:
    """An access token is refused from the second of its exp on; refresh then brings a working one."""
    own = api.fresh()
    clock = movable_clock(api)
    if clock is not None:
        expires = int(payload(own.session.access)["exp"])
        with clock.frozen() as now:
            clock.advance(expires - 0.5 - now)
            expect(works(own, own.session.access), "the token to work half a second before its exp", "401")
            clock.advance(0.6)
            expect(not works(own, own.session.access), "the token refused in the second of its exp", "200")
    else:
        expect(works(own, own.session.access), "the new token to work", "401")
    let_expire(own)
    own.call("verifyToken", token=own.session.access).must(401, "TOKEN_EXPIRED")
    answer = own.call("getContentItems", token=own.session.access).must(401, "TOKEN_EXPIRED")
    challenged(answer)
    own.call("logout", token=own.session.access).must(401, "TOKEN_EXPIRED")
    access = refresh(own, own.session.refresh).must(200).member("tokens", "accessToken")
    expect(works(own, access), "the refreshed token to work", "401")


@check("auth.expired-everywhere", "R8, openapi", needs=("expiry",))
def expired_everywhere(api: Api) -> None:
    """An expired token is 401 TOKEN_EXPIRED at every operation."""
    own = api.fresh()
    let_expire(own)
    for operation in api.spec.values():
        if not operation.security or operation.id == "refreshTokens":
            continue
        made = nowhere(api, operation)
        own.call(operation.id, token=own.session.access, **made).must(401, "TOKEN_EXPIRED", why=operation.id)


@check("auth.expires-in", "R4, R7", operations=["login", "refreshTokens"], needs=())
def expires_in(api: Api) -> None:
    """expiresIn is the access token's life in seconds from now, 900, on login and on refresh."""
    answer = api.call("login", body=account(api)).must(200)
    for made in (answer, refresh(api, answer.member("tokens", "refreshToken")).must(200)):
        tokens = made.member("tokens")
        claims = payload(tokens["accessToken"])
        life = int(claims["exp"]) - int(claims["iat"])
        expect(abs(tokens["expiresIn"] - life) <= 1, f"expiresIn = {life}", tokens["expiresIn"], made)


@check(
    "auth.refresh-expires",
    "R7",
    operations=["refreshTokens"],
    needs=("control", "alone"),
    requires=["token lives"],
)
def refresh_expires(api: Api) -> None:
    """A refresh token lives 24 hours; then it is 401 TOKEN_EXPIRED. Each rotation starts new ones."""
    clock = control(api)
    idle, busy = api.fresh(), api.fresh()
    life = api.lives.refresh
    clock.advance(life * 0.95)
    token = refresh(busy, busy.session.refresh).must(200).member("tokens", "refreshToken")
    clock.advance(life * 0.05 + 1)
    refresh(idle, idle.session.refresh).must(401, "TOKEN_EXPIRED")
    token = refresh(busy, token).must(200, why="rotated an hour ago").member("tokens", "refreshToken")


@check(
    "auth.absolute-life",
    "R7",
    operations=["refreshTokens"],
    needs=("control", "alone"),
    requires=["token lives"],
)
def absolute_life(api: Api) -> None:
    """However often it is rotated, a session lives 30 days at most."""
    clock = control(api)
    own = api.fresh()
    token = own.session.refresh
    lives, passed = api.lives, 0.0
    step = lives.refresh * 0.95
    while passed < lives.session - step:
        clock.advance(step)
        passed += step
        made = refresh(own, token).must(200, why=f"after {passed / 3600:.0f} hours")
        token = made.member("tokens", "refreshToken")
    clock.advance(step + 1)
    answer = refresh(own, token)
    equal(answer.status, 401, f"status of a refresh after {(passed + step) / 3600:.0f} hours", answer)


@check("auth.token-payload-ascii", "F6", operations=["login"], needs=())
def payload_ascii(api: Api) -> None:
    """Claims are ASCII and their base64 has letters and digits only, for the guide's decoders."""
    for role in ("owner", "editor", "viewer", "stranger"):
        if role != "owner" and not api.has(role):
            continue
        session = api.accounts.login(role)
        for token in signed_tokens(session):
            claims = payload(token)
            segment = token.split(".")[1]
            expect(
                segment.isalnum() and segment.isascii(),
                "a payload segment of letters and digits",
                "others in it",
            )
            missing = {"sub", "exp", "iat"} - set(claims)
            expect(not missing, "the claims sub, iat and exp", f"none of {sorted(missing)}")


SECRET = re.compile(r"(?i)password|secret|(?<!at_)(?<!c_)(?<!s_)hash")
"""What the name of a claim with a secret has; `at_hash` and its like are OpenID Connect's."""
HASHED = re.compile(r"(?i)hash[:=]|\$(2[aby]|argon2[a-z]*|scrypt|pbkdf2[a-z0-9-]*)\$")
"""What the value of a claim with the hash of a password has."""


@check("auth.no-secrets-in-tokens", "OWASP API3", operations=["login"], needs=())
def no_secrets(api: Api) -> None:
    """A token's payload holds neither the password of the account nor its hash."""
    for token in signed_tokens(api.session):
        claims = payload(token)
        # The address of the account is a claim of OpenID Connect (`email`), which many servers put into each token.
        told = ["the password"] if account(api)["password"] in json.dumps(claims) else []
        told += [name for name, value in claims.items() if SECRET.search(name) or HASHED.search(str(value))]
        expect(not told, "no secret in the payload", "one")
