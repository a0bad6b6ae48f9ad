"""Checks of refresh token rotation: the grace, the detection of reuse, the kinds of tokens."""

from contracts.suite.api.api import Api
from contracts.suite.api.session_probes import challenged, control, pass_grace, refresh, works
from contracts.suite.api.successful_requests import nowhere
from contracts.suite.contract_violation import equal, expect, if_promised
from contracts.suite.plugin.registry import family

check = family("auth", operations=["refreshTokens"], needs=())


@check("auth.refresh-rotates", "R3, S:740-762")
def rotates(api: Api) -> None:
    """Refresh answers a new working pair of the same session, unwrapped but for `tokens`."""
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


@check("auth.refresh-forms", "F4")
def refresh_forms(api: Api) -> None:
    """Refresh works with JSON declared and no body (web) and without any Content-Type (iOS)."""
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


@check("auth.refresh-keeps-permissions", "openapi", needs=("write", "viewer"))
def keeps_permissions(api: Api) -> None:
    """Rotation changes neither the user nor the permissions."""
    own = api.fresh("viewer")
    access = refresh(own, own.session.refresh).must(200).member("tokens", "accessToken")
    api.call("createContentItem", token=access, body={"title": "x"}).must(403)
    with if_promised():
        equal(
            api.call("verifyToken", token=access).must(200).json["userId"],
            own.session.user,
            "userId after a refresh",
        )


@check("auth.access-outlives-rotation", "R7, R13", requires=["earlier access tokens"])
def outlives(api: Api) -> None:
    """The access token issued before a rotation works until it expires."""
    own = api.fresh()
    refresh(own, own.session.refresh).must(200)
    expect(works(own, own.session.access), "the earlier access token to work", "401")


@check("auth.refresh-grace-same-pair", "R6", requires=["refresh rules", "refresh grace"])
def grace(api: Api) -> None:
    """Within 10 s a retired refresh token gets the very same successor pair."""
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


@check(
    "auth.refresh-reuse-revokes-family", "R6, openapi", marks=("slow",), requires=["single use", "rotation"]
)
def reuse(api: Api) -> None:
    """A retired refresh token after its grace is 401 REFRESH_REUSED and ends the session."""
    own, bystander = api.fresh(), api.fresh()
    tokens = refresh(own, own.session.refresh).must(200).member("tokens")
    later = refresh(own, tokens["refreshToken"]).must(200).member("tokens")
    rules = api.promises("refresh rules")
    if rules:
        pass_grace(api)
    expect(works(own, later["accessToken"]), "the session to live before the reuse", "401")
    answer = refresh(own, own.session.refresh).must(401, "REFRESH_REUSED")
    if not rules:
        return
    challenged(answer)
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
    "auth.refresh-grace-ends", "R6", needs=("control", "alone"), requires=["refresh rules", "refresh grace"]
)
def grace_ends(api: Api) -> None:
    """The grace is 10 s: a retry at 9 s gets the pair, one at 11 s is reuse."""
    seconds = api.lives.grace
    clock = control(api)
    own = api.fresh()
    first = refresh(own, own.session.refresh).must(200)
    clock.advance(seconds - 1.5 if seconds > 3 else seconds / 2)
    again = refresh(own, own.session.refresh).must(200)
    equal(
        again.json["tokens"]["refreshToken"] == first.json["tokens"]["refreshToken"],
        True,
        f"the same successor within {seconds} s",
        again,
    )
    clock.advance(max(2, seconds))
    refresh(own, own.session.refresh).must(401, "REFRESH_REUSED")


@check("auth.types-not-interchangeable", "R5", operations=["refreshTokens", "verifyToken"])
def types(api: Api) -> None:
    """An access token refreshes nothing; a refresh token opens nothing but refresh."""
    own = api.fresh()
    refresh(own, own.session.access).must(401, "TOKEN_INVALID")
    for operation in api.spec.values():
        if operation.security and operation.id != "refreshTokens":
            answer = own.call(operation.id, token=own.session.refresh, **nowhere(api, operation))
            answer.must(401, "TOKEN_INVALID", why=operation.id)
    expect(works(own, own.session.access), "the session to live on", "401")
