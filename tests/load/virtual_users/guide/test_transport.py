"""One call from hook to end: retries, breaker, refresh and replay. Times are seconds from the start of the play."""

import pytest

from load.virtual_users.guide.behaviour.circuit_breaker import Breaker
from load.virtual_users.guide.behaviour.fallback import Fallback
from load.virtual_users.guide.exchange import Ask, ClientReply, ClientRequest
from load.virtual_users.guide.token_store import TokenPair, TokenStore
from tests.load.virtual_users.guide_stage import Stage
from tests.load.virtual_users.scripted_server import RequestFate

TREE = Ask("getContentCategories", {"includeEmpty": True})
SCREEN = (TREE, Ask("getContentItems", {"page": 2}), Ask("getContentItems", {"page": 3}))
TOOK = 0.02


@pytest.mark.parametrize(
    ("lost", "sends", "ok"),
    [
        pytest.param(0, [0.0], True, id="no loss"),
        pytest.param(1, [0.0, 1.0], True, id="one"),
        pytest.param(2, [0.0, 1.0, 3.0], True, id="two"),
        pytest.param(3, [0.0, 1.0, 3.0, 7.0], True, id="three"),
        pytest.param(4, [0.0, 1.0, 3.0, 7.0], False, id="four is the end S:499-517"),
    ],
)
def test_retries_wait_one_two_and_four_seconds(lost: int, sends: list[float], ok: bool) -> None:
    stage = Stage()
    handle = stage.enter()
    began = stage.clock.now - 1_800_000_000.0
    stage.lose("createContentItem", lost)
    settled = handle.write("createContentItem", title="x")
    seen = [round(at - began, 3) for at in stage.sent("createContentItem")]
    assert seen == [pytest.approx(at + TOOK * n) for n, at in enumerate(sends)]
    assert settled.outcome.ok is ok and settled.why == ("answered" if ok else "network")


@pytest.mark.parametrize("status", [400, 401, 409, 429, 500, 503])
def test_a_status_is_never_retried(status: int) -> None:
    stage = Stage()
    handle = stage.enter("android")
    stage.refuse("createContentItem", status)
    assert handle.write("createContentItem", title="x").status == status
    assert len(stage.sent("createContentItem")) == 1


@pytest.mark.parametrize(
    ("failures", "wait", "open_"),
    [
        pytest.param(4, 0.0, False, id="four do not open it"),
        pytest.param(5, 0.0, True, id="five do S:608"),
        pytest.param(5, 59.999, True, id="still open"),
        pytest.param(5, 60.0, False, id="all pass at 60 s S:635"),
    ],
)
def test_when_the_breaker_is_open(failures: int, wait: float, open_: bool) -> None:
    breaker = Breaker()
    for _ in range(failures):
        breaker.failed("GET /x", 0.0)
    assert breaker.open("GET /x", wait) is open_
    assert not breaker.open("GET /y", wait)


def test_the_breaker_has_no_half_open_limit_and_one_failure_reopens_it() -> None:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed("GET /x", 0.0)
    assert not any(breaker.open("GET /x", 60.0) for _ in range(100))
    breaker.failed("GET /x", 60.0)
    assert breaker.open("GET /x", 60.0) and breaker.open("GET /x", 119.0)
    breaker.succeeded("GET /x")
    breaker.failed("GET /x", 120.0)
    assert not breaker.open("GET /x", 120.0)


def test_five_server_errors_keep_the_sixth_call_at_home() -> None:
    stage = Stage()
    handle = stage.enter("android")
    stage.refuse("getContentCategories", 503)
    for _ in range(7):
        handle.show(TREE)
    warmed = 1
    assert len(stage.sent("getContentCategories")) == 5 + warmed
    assert handle.client.transport.traffic.short_circuited == 2
    handle.wait(60.0)
    stage.fate = lambda request, now: RequestFate()
    handle.show(TREE)
    assert handle.client.results[max(handle.client.results)].outcome.ok


def test_parallel_401s_are_one_refresh_and_as_many_replays() -> None:
    stage = Stage()
    handle = stage.enter(profile="guide-intended")
    stage.clock.now += 901
    handle.show(*SCREEN)
    assert len(stage.sent("refreshTokens")) == 1
    assert handle.client.transport.traffic.replays == len(SCREEN)
    assert all(handle.client.cache.entries[ask.key].data is not None for ask in SCREEN)


def test_a_call_is_replayed_once_and_no_more() -> None:
    stage = Stage()
    handle = stage.enter()
    stage.refuse("getContentCategories", 401)
    handle.show(TREE)
    assert len(stage.sent("refreshTokens")) == 1 and handle.client.account.auth.authenticated


def test_a_refused_refresh_ends_the_session() -> None:
    stage = Stage()
    handle = stage.enter()
    stage.clock.now += 901
    stage.refuse("refreshTokens", 401)
    handle.show(*SCREEN)
    auth = handle.client.account.auth
    assert (auth.authenticated, auth.tokens, handle.client.account.store.get()) == (False, None, None)
    assert stage.clock.notices[-1][1] == "logged-out"


def test_two_tabs_share_the_store_and_not_the_flight() -> None:
    stage = Stage()
    browser = TokenStore()
    first = stage.enter(store=browser)
    second = stage.enter(store=browser, login=False)
    second.client.account.auth = first.client.account.auth
    stage.clock.now += 901
    first.show(TREE)
    second.show(TREE)
    assert len(stage.sent("refreshTokens")) == 2
    assert (
        first.client.account.store.get()
        == second.client.account.auth.tokens
        != first.client.account.auth.tokens
    )


@pytest.mark.parametrize(
    ("platform", "keys", "content_type"),
    [
        pytest.param("web", {"email", "password"}, "application/json", id="web S:770-776, S:747-754"),
        pytest.param(
            "ios", {"email", "password", "deviceId", "platform"}, None, id="ios S:967-972, S:1086-1088"
        ),
        pytest.param(
            "android", {"email", "password", "deviceId", "platform"}, None, id="android S:1135-1140"
        ),
    ],
)
def test_what_login_and_refresh_send(platform: str, keys: set[str], content_type: str | None) -> None:
    stage = Stage()
    handle = stage.enter(platform)
    login = next(logged.request for logged in stage.server.log if logged.request.operation == "login")
    refresh = handle.client.account.refresh_request()
    assert set(login.body) == keys
    assert (
        refresh is not None and refresh.headers.get("content-type") == content_type and refresh.body is None
    )


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("platform", ["web", "ios"])
def test_ios_takes_nothing_but_200(platform: str, status: int) -> None:
    stage = Stage()
    handle = stage.enter(platform, login=False)
    tokens = {"accessToken": "a", "refreshToken": "r"}
    assert handle.client.account.logged_in(ClientReply(status=status, body={"tokens": tokens}), 0.0) is (
        platform == "web" or status == 200
    )


def test_login_is_one_post_and_three_parallel_gets() -> None:
    stage = Stage()
    stage.enter()
    sent = [(logged.request.operation, round(logged.at - 1_800_000_000.0, 3)) for logged in stage.server.log]
    assert sent == [
        ("login", 0.0),
        ("getContentItems", TOOK),
        ("getContentCategories", TOOK),
        ("getContentItems", TOOK),
    ]


def test_no_secret_is_in_a_repr() -> None:
    request = ClientRequest(
        operation="login", headers={"authorization": "Bearer hush"}, body={"password": "hush"}
    )
    assert "hush" not in repr(request) + repr(TokenPair("hush", "hush"))


@pytest.mark.parametrize(
    ("strategy", "filled", "served", "offline"),
    [
        pytest.param("cache", True, "x", False, id="cache S:539-566"),
        pytest.param("cache", False, None, False, id="cache, nothing kept"),
        pytest.param("offline", True, "x", True, id="offline S:568-587"),
        pytest.param("offline", False, None, True, id="offline, nothing kept"),
        pytest.param("degraded", False, {}, False, id="degraded S:589-601"),
        pytest.param("none", True, None, False, id="none S:534-535"),
    ],
)
def test_what_a_fallback_serves(strategy: str, filled: bool, served: object, offline: bool) -> None:
    fallback = Fallback(strategy=strategy, writes=filled)  # type: ignore[arg-type]
    fallback.succeeded("GET /x", "x")
    assert fallback.serve("GET /x") == served and fallback.offline is offline


def test_ios_revalidates_and_counts_what_304_saved() -> None:
    stage = Stage()
    handle = stage.enter("ios")
    ask = Ask("getContentItem", {"id": stage.items[0]["id"]})
    assert handle.read(ask) == handle.read(ask)
    assert handle.client.transport.http_cache.saved == 1


def test_a_success_or_a_4xx_between_failures_starts_the_count_anew() -> None:
    stage = Stage()
    handle = stage.enter("android")
    for status in (503, 503, 503, 503, 404, 503, 503, 503, 503, None, 503, 503, 503, 503):
        stage.fate = lambda request, now, status=status: RequestFate(status=status)  # type: ignore[misc]
        handle.show(TREE)
    assert handle.client.transport.traffic.short_circuited == 0
