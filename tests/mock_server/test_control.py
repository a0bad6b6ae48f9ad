"""The control interface: what it moves, and who may."""

import pytest

from mock_server.control import world_state
from tests.mock_server.wire import Wire

pytestmark = pytest.mark.server(control=True)


async def titles(wire: Wire) -> list[str]:
    tokens = await wire.login()
    answer = await wire.call("GET", "/content/items?limit=100&sortBy=title", token=tokens["accessToken"])
    return [item["title"] for item in answer.json()["data"]["data"]]


@pytest.mark.server(control=False)
async def test_it_is_not_there_unless_switched_on(wire: Wire) -> None:
    assert (await wire.call("GET", "/_control/state")).status == 404


@pytest.mark.parametrize(
    ("client", "status"),
    [(("127.0.0.1", 1), 200), (("127.8.8.8", 1), 200), (("::1", 1), 200), (("10.0.0.9", 1), 404), (("203.0.113.5", 1), 404)],
)  # fmt: skip
async def test_only_this_machine_finds_it(wire: Wire, client: tuple[str, int], status: int) -> None:
    assert (await wire.call("GET", "/_control/state", client=client)).status == status


async def test_reset_returns_to_the_seed_byte_for_byte(wire: Wire) -> None:
    before = await titles(wire)
    token = (await wire.login())["accessToken"]
    await wire.call("POST", "/content/items", {"title": "mine"}, token=token)
    await wire.call("POST", "/_control/clock", {"advanceMs": 5000})
    assert "mine" in await titles(wire)
    state = await wire.call("POST", "/_control/reset", {})
    assert state.json()["now"].startswith("2026-09-21T14:13:20.000000")
    assert await titles(wire) == before
    assert (await wire.call("POST", "/_control/reset", {"seed": 2, "items": 20})).status == 200
    assert await titles(wire) != before


async def test_a_reset_makes_old_tokens_strangers(wire: Wire) -> None:
    token = (await wire.login())["accessToken"]
    await wire.call("POST", "/_control/reset", {"seed": 9})
    assert (await wire.call("GET", "/auth/verify", token=token)).status == 401


async def test_snapshot_and_restore(wire: Wire) -> None:
    token = (await wire.login())["accessToken"]
    name = (await wire.call("POST", "/_control/snapshots")).json()["snapshot"]
    await wire.call("POST", "/content/items", {"title": "after"}, token=token)
    await wire.call("POST", "/auth/logout", token=token)
    assert (await wire.call("GET", "/auth/verify", token=token)).status == 401
    assert (await wire.call("POST", f"/_control/snapshots/{name}/restore")).status == 200
    assert (await wire.call("GET", "/auth/verify", token=token)).status == 200
    assert "after" not in await titles(wire)


async def test_the_clock_rules_tokens_grace_and_throttling(wire: Wire) -> None:
    tokens = await wire.login()
    await wire.call("POST", "/_control/clock", {"frozen": True, "advanceMs": 899_999})
    assert (await wire.call("GET", "/auth/verify", token=tokens["accessToken"])).status == 200
    await wire.call("POST", "/_control/clock", {"advanceMs": 1})
    answer = await wire.call("GET", "/auth/verify", token=tokens["accessToken"])
    assert (answer.status, answer.json()["code"]) == (401, "TOKEN_EXPIRED")
    wrong = {"email": "viewer@tchat.com", "password": "wrong"}
    right = {"email": "viewer@tchat.com", "password": "demo-password"}
    statuses = [(await wire.call("POST", "/auth/login", wrong)).status for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert (await wire.call("POST", "/auth/login", right)).status == 429
    await wire.call("POST", "/_control/clock", {"advanceMs": 15 * 60 * 1000})
    assert (await wire.call("POST", "/auth/login", right)).status == 200


async def test_sockets_can_be_dropped_stalled_and_released(wire: Wire) -> None:
    token = (await wire.login())["accessToken"]
    peer = await wire.connect(f"token={token}")
    listed = (await wire.call("GET", "/_control/sockets")).json()["sockets"]
    assert [s["userId"] for s in listed] == ["u-demo"]
    number = listed[0]["number"]
    await wire.call("POST", f"/_control/sockets/{number}/stall")
    await wire.call("POST", "/content/items", {"title": "held"}, token=token)
    assert peer.frames == []
    await wire.call("POST", f"/_control/sockets/{number}/release")
    assert peer.types() == ["content_updated"]
    await wire.call("POST", "/_control/sockets/all/drop")
    assert peer.aborted
    assert (await wire.call("POST", f"/_control/sockets/{number}/drop")).status == 404


async def test_events_that_only_a_test_can_cause(wire: Wire) -> None:
    token = (await wire.login())["accessToken"]
    peer = await wire.connect(f"token={token}")
    message = {
        "type": "message_received",
        "workspace": "tchat",
        "chatId": "c",
        "senderId": "s",
        "text": "hi",
    }
    assert (await wire.call("POST", "/_control/events", message)).json() == {"sockets": 1}
    sync = {"type": "sync_required", "workspace": "tchat"}
    assert (await wire.call("POST", "/_control/events", sync)).json() == {"sockets": 1}
    assert (await wire.call("POST", "/_control/events", {**sync, "workspace": "other"})).json() == {
        "sockets": 0
    }
    assert peer.types() == ["message_received", "sync_required"]
    from contracts.spec import channel

    messages = channel.load().from_server
    assert all(messages[frame["type"]].violations(frame) == () for frame in peer.frames)


async def test_a_session_can_be_revoked(wire: Wire) -> None:
    token = (await wire.login())["accessToken"]
    session = (await wire.call("GET", "/auth/verify", token=token)).json()["sessionId"]
    assert (await wire.call("POST", f"/_control/sessions/{session}/revoke")).status == 200
    assert (await wire.call("GET", "/auth/verify", token=token)).status == 401
    assert (await wire.call("POST", "/_control/sessions/nobody/revoke")).status == 404


async def test_the_journal_counts_every_request_once_and_keeps_no_secret(wire: Wire) -> None:
    tokens = await wire.login()
    for _ in range(3):
        await wire.call("GET", "/content/items", token=tokens["accessToken"])
    await wire.call("GET", "/content/items")
    await wire.call("POST", "/auth/refresh", token=tokens["refreshToken"])
    answer = await wire.call("GET", "/_control/journal")
    journal = answer.json()
    assert journal["total"] == 6
    assert {"operation": "getContentItems", "status": 200, "count": 3} in journal["served"]
    assert {"operation": "getContentItems", "status": 401, "count": 1} in journal["served"]
    assert journal["refreshes"] == 1
    assert [line["number"] for line in journal["requests"]] == [1, 2, 3, 4, 5, 6]
    assert tokens["accessToken"].encode() not in answer.body
    later = (await wire.call("GET", "/_control/journal?after=4&limit=1")).json()["requests"]
    assert [line["number"] for line in later] == [5]


async def test_rubbish_is_a_problem_document(wire: Wire) -> None:
    for body in ({"advanceMs": -1}, {}, {"frozen": "yes"}, b"{"):
        answer = await wire.call("POST", "/_control/clock", body)
        assert (answer.status, answer.json()["code"]) == (400, "VALIDATION_FAILED")


# Pages of the web


PAGES = [
    pytest.param(
        {"host": "tchat.attacker.example:8000"}, 403, id="a name that resolves to loopback (DNS rebinding)"
    ),
    pytest.param({"host": "127.0.0.1.attacker.example"}, 403, id="a name that begins like loopback"),
    pytest.param({"host": ""}, 403, id="no host"),
    pytest.param({"origin": "https://attacker.example"}, 403, id="another origin"),
    pytest.param({"origin": "http://127.0.0.1:3000"}, 403, id="another port"),
    pytest.param({"origin": "null"}, 403, id="a sandboxed frame"),
    pytest.param({"sec-fetch-site": "cross-site"}, 403, id="a cross-site request"),
    pytest.param({"sec-fetch-site": "same-site"}, 403, id="a request of another name of the site"),
    pytest.param({"content-type": "text/plain"}, 415, id="a simple request"),
    pytest.param({"content-type": "application/x-www-form-urlencoded"}, 415, id="a form"),
    pytest.param({"content-type": ""}, 415, id="no media type"),
    pytest.param({"host": "localhost:8000", "origin": "http://localhost:8000"}, 200, id="a page of its own"),
    pytest.param({"host": "[::1]:8000", "sec-fetch-site": "none"}, 200, id="a person's own request"),
    pytest.param({"content-type": "Application/JSON; charset=utf-8"}, 200, id="JSON with a parameter"),
]


@pytest.mark.parametrize(("headers", "status"), PAGES)
async def test_no_page_of_the_web_moves_anything(wire: Wire, headers: dict[str, str], status: int) -> None:
    seed = wire.server.world.seed
    answer = await wire.call("POST", "/_control/reset", {"seed": 77}, headers=headers)
    assert answer.status == status
    assert answer.headers["content-type"] == (
        "application/json" if status == 200 else "application/problem+json"
    )
    assert wire.server.world.seed == (77 if status == 200 else seed)
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("target", ["/_control/snapshots", "/_control/sockets/all/drop", "/_control/state"])
async def test_operations_without_a_body_are_guarded_as_well(wire: Wire, target: str) -> None:
    method = "GET" if target.endswith("state") else "POST"
    page = {"origin": "https://attacker.example"}
    assert (await wire.call(method, target, headers=page)).status == 403
    simple = await wire.call("POST", "/_control/snapshots", b"x", headers={"content-type": "text/plain"})
    assert simple.status == 415
    assert wire.server.world.snapshot("snapshot-1") is None


@pytest.mark.parametrize(("name", "most", "kept"), [("MOST_SNAPSHOTS", 3, 3), ("MOST_BYTES", 1, 1)])
async def test_snapshots_are_bounded(
    wire: Wire, name: str, most: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_state, name, most)
    names = [(await wire.call("POST", "/_control/snapshots")).json()["snapshot"] for _ in range(5)]
    assert len(set(names)) == 5
    found = [(await wire.call("POST", f"/_control/snapshots/{one}/restore")).status for one in names]
    assert found == [404] * (5 - kept) + [200] * kept
