"""Sessions on the server's clock: rotation, grace, reuse, expiry, logout, devices, throttling, lost answers."""

from typing import Any

import pytest

from tests.contracts.model.session_model import Grant, Moment, Reply, Result, Sessions, at

DAY = 86_400
OK = Reply(200)


def grant(number: int, time: float, session: str = "s1", **more: Any) -> Grant:
    """Access token `a<number>` and refresh token `r<number>`, issued at that time."""
    claims = {"access_expires": time + 900, "refresh_expires": time + DAY, "expires_in": 900} | more
    return Grant(session=session, access=f"a{number}", refresh=f"r{number}", **claims)


def no(code: str) -> Reply:
    return Reply(401, code)


def play(*steps: tuple[Any, ...]) -> list[str]:
    """Run steps on a session s1 opened at time 0 with a1 and r1; all but the last must agree."""
    sessions, wrong = Sessions().login(at(0), "ada", None, Reply(200, grant=grant(1, 0)), right=True)
    for what, time, *rest in steps:
        assert not wrong, [str(w) for w in wrong]
        sessions, wrong = step(sessions, what, time if isinstance(time, Moment) else at(time), rest)
    return [str(w) for w in wrong]


def step(sessions: Sessions, what: str, now: Moment, rest: list[Any]) -> Result:
    if what == "login":
        device, reply, right = rest
        return sessions.login(now, "ada", device, reply, right=right)
    calls = {"refresh": sessions.refresh, "logout": sessions.logout, "use": sessions.use}
    return calls[what](now, *rest)


def rotated(number: int, time: float, **more: Any) -> Reply:
    return Reply(200, grant=grant(number, time, **more))


LAWFUL = [
    pytest.param([("use", 899.9, "a1", OK), ("use", 900, "a1", no("TOKEN_EXPIRED"))], id="exp-is-the-first-refused-second"),
    pytest.param([("use", Moment(899, 901), "a1", OK)], id="a-border-crossed"),
    pytest.param([("use", Moment(899, 901), "a1", no("TOKEN_EXPIRED"))], id="a-border-crossed-the-other-way"),
    pytest.param([("use", 0, None, no("TOKEN_MISSING"))], id="missing"),
    pytest.param([("use", 0, "x", no("TOKEN_INVALID"))], id="unknown"),
    pytest.param([("use", 0, "r1", no("TOKEN_INVALID"))], id="refresh-token-as-access"),
    pytest.param([("refresh", 0, "a1", no("TOKEN_INVALID"))], id="access-token-as-refresh"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5)), ("use", 6, "a1", OK), ("use", 6, "a2", OK)], id="rotation-keeps-the-old-access-token"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5)), ("refresh", 14, "r1", rotated(2, 5, expires_in=891))], id="grace-repeats-the-pair"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5)), ("refresh", 16, "r1", no("REFRESH_REUSED")), ("use", 17, "a2", no("TOKEN_INVALID")), ("refresh", 17, "r2", no("TOKEN_INVALID"))], id="reuse-ends-the-family"),
    pytest.param([("refresh", DAY, "r1", no("TOKEN_EXPIRED"))], id="idle-for-a-day"),
    pytest.param([("logout", 1, "a1", OK), ("use", 2, "a1", no("TOKEN_INVALID")), ("refresh", 2, "r1", no("TOKEN_INVALID")), ("logout", 2, "a1", no("TOKEN_INVALID"))], id="logout"),
    pytest.param([("logout", 901, "a1", no("TOKEN_EXPIRED")), ("refresh", 902, "r1", rotated(2, 902))], id="logout-with-an-expired-token-does-nothing"),
    pytest.param([("use", 1, "a1", Reply(403, "FORBIDDEN"))], id="forbidden-is-authenticated"),
    pytest.param([("login", 1, "phone", rotated(2, 1, session="s2"), True), ("login", 2, "phone", rotated(3, 2, session="s3"), True), ("use", 3, "a2", no("TOKEN_INVALID"))], id="one-session-a-device"),
    pytest.param([("login", 1, None, rotated(2, 1, session="s2"), True), ("use", 3, "a1", OK)], id="no-device-no-end"),
    pytest.param([("refresh", 5, "r1", None), ("refresh", 6, "r1", rotated(2, 6))], id="retry-after-a-lost-answer"),
    pytest.param([("refresh", 5, "r1", None), ("refresh", 60, "r1", no("REFRESH_REUSED"))], id="retry-too-late"),
    pytest.param([("logout", 5, "a1", None), ("use", 6, "a1", OK)], id="lost-logout-did-not"),
    pytest.param([("logout", 5, "a1", None), ("use", 6, "a1", no("TOKEN_INVALID")), ("refresh", 7, "r1", no("TOKEN_INVALID"))], id="lost-logout-did"),
]  # fmt: skip

BROKEN = [
    pytest.param([("use", 900, "a1", OK)], "TOKEN_EXPIRED", id="expired-accepted"),
    pytest.param([("use", 1, "a1", no("TOKEN_EXPIRED"))], "success", id="valid-refused"),
    pytest.param([("use", 1, "r1", OK)], "TOKEN_INVALID", id="refresh-token-accepted"),
    pytest.param([("refresh", 1, "a1", rotated(2, 1))], "TOKEN_INVALID", id="access-token-refreshed"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5)), ("refresh", 16, "r1", rotated(2, 5))], "REFRESH_REUSED", id="reuse-accepted"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5)), ("refresh", 14, "r1", rotated(3, 14))], "one successor", id="two-successors"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5)), ("refresh", 14, "r1", no("REFRESH_REUSED"))], "expected success", id="no-grace"),
    pytest.param([("refresh", 5, "r1", rotated(1, 5))], "tokens are fresh", id="no-rotation"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5, session="s2"))], "keeps its session", id="another-session"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5, access_expires=5 + 3600))], "life of access", id="access-too-long"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5, refresh_expires=5 + 2 * DAY))], "life of refresh", id="refresh-too-long"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5, expires_in=3600))], "expiresIn", id="expires-in-lies"),
    pytest.param([("refresh", 5, "r1", Reply(201))], "200 with tokens", id="no-tokens"),
    pytest.param([("refresh", 5, "r1", rotated(2, 5)), ("refresh", 20, "r1", no("REFRESH_REUSED")), ("use", 21, "a2", OK)], "TOKEN_INVALID", id="family-lives-on"),
    pytest.param([("logout", 1, "a1", OK), ("use", 2, "a1", OK)], "TOKEN_INVALID", id="logged-out-accepted"),
    pytest.param([("login", 1, "phone", rotated(2, 1, session="s2"), True), ("login", 2, "phone", rotated(3, 2, session="s3"), True), ("use", 3, "a2", OK)], "TOKEN_INVALID", id="two-sessions-a-device"),
    pytest.param([("login", 1, None, rotated(2, 1, session="s2"), False)], "INVALID_CREDENTIALS", id="wrong-password-accepted"),
    pytest.param([("login", 1, None, rotated(2, 1), True)], "sessions are fresh", id="session-again"),
]  # fmt: skip


@pytest.mark.parametrize("steps", LAWFUL)
def test_lawful(steps: list[tuple[Any, ...]]) -> None:
    assert play(*steps) == []


@pytest.mark.parametrize(("steps", "told"), BROKEN)
def test_broken(steps: list[tuple[Any, ...]], told: str) -> None:
    wrong = play(*steps)
    assert wrong and any(told in w for w in wrong), wrong


def test_a_session_lives_at_most_30_days() -> None:
    steps: list[tuple[Any, ...]] = []
    number, time = 1, 0
    for _ in range(31):
        time += DAY - 3600
        number += 1
        end = min(time + DAY, 30 * DAY)
        steps.append(("refresh", time, f"r{number - 1}", rotated(number, time, refresh_expires=end)))
    assert play(*steps) == []
    last = steps[-1]
    late = (*last[:3], rotated(number, time, refresh_expires=time + DAY))
    assert "life of refresh" in play(*steps[:-1], late)[0]


def test_throttling() -> None:
    fail = [("login", t, None, no("INVALID_CREDENTIALS"), False) for t in range(5)]
    throttled = Reply(429, "LOGIN_THROTTLED")
    right = ("login", 901, None, rotated(2, 901, session="s2"), True)
    assert play(*fail, ("login", 10, None, throttled, True), right) == []
    assert play(*fail, ("login", 10, None, rotated(2, 10, session="s2"), True)), "even a right one"
    assert play(*fail[:4], ("login", 10, None, throttled, True)), "not after four"
    cleared = ("login", 5, None, rotated(2, 5, session="s2"), True)
    again = [("login", 6 + t, None, no("INVALID_CREDENTIALS"), False) for t in range(5)]
    assert play(*fail[:4], cleared, *again) == [], "a success clears the count"
