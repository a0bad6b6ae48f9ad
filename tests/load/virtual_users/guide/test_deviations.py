"""Each place where the guide's code does not do what the guide says: what the client does in both profiles.

One row for each entry of `profile.DEVIATIONS`; a deviation without a row, or one that changes nothing, is a failure here.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from load.virtual_users.guide.behaviour.performance_monitor import INTERVAL, Metric
from load.virtual_users.guide.exchange import Ask
from load.virtual_users.guide.profile import DEVIATIONS, Profile
from load.virtual_users.guide.token_store import TokenPair
from tests.load.virtual_users.guide_stage import START, Stage

TREE = Ask("getContentCategories", {"includeEmpty": True})


def own_lifetimes(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter(profile=profile, login=False)
    item = Ask("getContentItem", {"id": stage.items[0]["id"]})
    handle.hide(*handle.show(item))
    handle.wait(100.0)
    return item.key in handle.client.cache.entries


def releases_warmed(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter(profile=profile)
    handle.wait(601.0)
    return len(handle.client.cache.entries)


def releases_sync(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter(profile=profile)
    for second in range(3):
        handle.do(handle.client.sync_required(f"2026-01-01T00:00:0{second}Z", stage.clock.now))
        handle.wait(1.0)
    handle.do(handle.client.focus(stage.clock.now))
    return len(stage.sent("syncContent"))


def patches_shown_lists(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter(profile=profile)
    handle.show(Ask("getContentItems", {"page": 1, "limit": 20}))
    ticket, effects = handle.client.mutate(Ask("createContentItem", {"title": "new"}), stage.clock.now)
    seen = handle.client.patches[ticket].missed
    handle.do(effects)
    return seen


def resets_on_failed_logout(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter(profile=profile)
    handle.show(TREE)
    stage.lose("logout", 1)
    handle.do(handle.client.logout(stage.clock.now))
    return len(handle.client.cache.entries) > 0


def keeps_session_on_lost_refresh(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter(profile=profile)
    stage.clock.now += 901
    stage.lose("refreshTokens", 1, acts=False)
    handle.show(TREE)
    return handle.client.account.auth.authenticated


def waits_for_stored_tokens(profile: str) -> Any:
    """As the guide's code did it in Node 20.20: of five calls the first is answered 200, the others 401 and then 401."""
    stage = Stage()
    handle = stage.enter(profile=profile)
    stage.clock.now += 901
    before = len(stage.server.log)
    handle.show(*(Ask("getContentItems", {"page": page}) for page in range(1, 6)))
    answers = [
        logged.status for logged in stage.server.log[before:] if logged.request.operation == "getContentItems"
    ]
    return answers, len(stage.sent("refreshTokens"))


def shares_mobile_refresh(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter("android", profile)
    stage.clock.now += 901
    handle.show(TREE, TREE, TREE)
    return len(stage.sent("refreshTokens"))


def replays_mobile_401(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter("ios", profile)
    stage.clock.now = START + 900.0  # now == exp: valid to the client, and not to the server (R8)
    (ticket,) = handle.show(TREE)
    return handle.client.results[ticket].outcome.ok


def forgets_dead_tokens(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter("ios", profile)
    stage.clock.now += 901
    stage.refuse("refreshTokens", 401)
    for _ in range(4):
        handle.show(TREE)
    return len(stage.sent("refreshTokens")), handle.client.account.auth.authenticated


def spares_dead_logout(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter("android", profile)
    stage.clock.now += 901
    stage.refuse("refreshTokens", 401)
    handle.show(TREE)
    return [logged.status for logged in stage.server.log if logged.request.operation == "logout"]


def tells_ios_logout(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter("ios", profile)
    handle.do(handle.client.logout(stage.clock.now))
    return len(stage.sent("logout")), handle.client.account.store.get()


def decodes_base64url(profile: str) -> Any:
    stage = Stage(claims={"name": "ÿÿÿ"})
    handle = stage.enter("ios", profile)
    before = len(stage.sent("refreshTokens"))
    for _ in range(3):
        handle.show(TREE)
    return len(stage.sent("refreshTokens")) - before


def writes_fallback(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter("android", profile)
    handle.show(TREE)
    stage.refuse("getContentCategories", 503)
    (ticket,) = handle.show(TREE)
    return handle.client.results[ticket].why


def leaves_offline_mode(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter("android", profile)
    fallback = handle.client.transport.fallback
    fallback.strategy = "offline"
    fallback.serve("GET /x")
    handle.show(TREE)
    return fallback.offline


def ends_idle_session(profile: str) -> Any:
    stage = Stage(life=10 * 24 * 3600.0)
    handle = stage.enter(profile=profile)
    stage.clock.now += 24 * 3600.0
    handle.show(TREE)
    return handle.client.account.auth.authenticated


def requeues_refused_metrics(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter(profile=profile, login=False)
    stage.refuse("ingestMetrics", 503)
    handle.do(handle.client.record(Metric("user_interaction", 1, stage.clock.now), stage.clock.now))
    handle.wait(INTERVAL)
    return handle.client.monitor.lost


def leaves_flush_unmeasured(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter(profile=profile)
    handle.wait(INTERVAL * 10)
    return len(stage.sent("ingestMetrics"))


def keeps_metrics_session(profile: str) -> Any:
    stage = Stage()
    handle = stage.enter(profile=profile)
    for _ in range(3):
        handle.do(handle.client.record(Metric("user_interaction", 1, stage.clock.now), stage.clock.now))
        handle.wait(INTERVAL)
    bodies = [
        logged.request.body for logged in stage.server.log if logged.request.operation == "ingestMetrics"
    ]
    return len({body["session"]["sessionId"] for body in bodies})


ROWS: tuple[tuple[Callable[[str], Any], Any, Any], ...] = (
    (own_lifetimes, True, False),
    (releases_warmed, 0, 3),
    (releases_sync, 3, 6),
    (patches_shown_lists, False, True),
    (resets_on_failed_logout, False, True),
    (keeps_session_on_lost_refresh, True, False),
    (waits_for_stored_tokens, ([*[401] * 5, *[200] * 5], 1), ([*[401] * 5, 200, *[401] * 4], 1)),
    (shares_mobile_refresh, 1, 3),
    (replays_mobile_401, True, False),
    (forgets_dead_tokens, (1, False), (4, True)),
    (spares_dead_logout, [], [401]),
    (tells_ios_logout, (1, None), (0, None)),
    (decodes_base64url, 0, 3),
    (writes_fallback, "fallback", "answered"),
    (leaves_offline_mode, False, True),
    (ends_idle_session, False, True),
    (requeues_refused_metrics, 0, 1),
    (leaves_flush_unmeasured, 1, 10),
    (keeps_metrics_session, 1, 3),
)
"""What is observed, as meant, as the code does."""
SOURCE = {deviation.field: deviation.source for deviation in DEVIATIONS}


@pytest.mark.parametrize(
    ("observe", "meant", "does"),
    [pytest.param(*row, id=f"{row[0].__name__} {SOURCE[row[0].__name__]}") for row in ROWS],
)
def test_a_deviation(observe: Callable[[str], Any], meant: Any, does: Any) -> None:
    assert (observe("guide-intended"), observe("guide-exact")) == (meant, does)


def test_every_deviation_has_a_row_that_tells_the_profiles_apart() -> None:
    names = [field.name for field in fields(Profile) if field.name != "name"]
    assert [row[0].__name__ for row in ROWS] == names == [deviation.field for deviation in DEVIATIONS]
    assert all(meant != does for _, meant, does in ROWS)
    assert all(deviation.source.startswith("S:") for deviation in DEVIATIONS)


def test_idle_is_asked_of_a_day_and_not_of_less() -> None:
    stage = Stage()
    auth = stage.enter().client.account.auth.set_tokens(TokenPair("a", "r"), START)
    assert not auth.idle(START + 24 * 3600 - 1) and auth.idle(START + 24 * 3600)
