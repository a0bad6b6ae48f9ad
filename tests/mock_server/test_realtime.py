"""The WebSocket channel: handshakes, frames, heartbeats, events and endings, in virtual time."""

import asyncio
from typing import Any

import pytest

from contracts.spec import channel
from tests.mock_server.wire import Peer, Wire

HEARTBEAT = {"type": "heartbeat", "data": {"timestamp": 1_700_000_000_000}}


async def opened(wire: Wire, email: str = "demo@tchat.com") -> tuple[Peer, dict[str, str]]:
    tokens = await wire.login(email)
    peer = await wire.connect(f"token={tokens['accessToken']}")
    assert peer.status is None
    return peer, tokens


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        pytest.param("", {}, 401, id="no token"),
        pytest.param("token=undefined", {}, 401, id="the guide's client without a token"),
        pytest.param("token=", {}, 401, id="empty token"),
        pytest.param("token={refresh}", {}, 401, id="a refresh token"),
        pytest.param("token={access}&token={access}", {}, 400, id="two tokens in the query"),
        pytest.param(
            "token={access}", {"Authorization": "Bearer {access}"}, 400, id="two places (RFC 6750, 2)"
        ),
        pytest.param(
            "token={access}", {"Origin": "https://evil.example"}, 403, id="a page that is not listed"
        ),
        pytest.param("token={access}", {"Origin": "https://app.example"}, None, id="a listed page"),
        pytest.param("token={access}", {}, None, id="an app without Origin"),
        pytest.param("", {"Authorization": "bearer {access}"}, None, id="the header, scheme in lower case"),
    ],
)
@pytest.mark.server(cors_origins=("https://app.example",))
async def test_handshake(wire: Wire, query: str, headers: dict[str, str], status: int | None) -> None:
    tokens = await wire.login()
    names = {"access": tokens["accessToken"], "refresh": tokens["refreshToken"]}
    filled = {name: value.format(**names) for name, value in headers.items()}
    peer = await wire.connect(query.format(**names), headers=filled)
    assert peer.status == status
    if status is None:
        assert peer.sent[0]["type"] == "websocket.accept"
    if status == 401:
        told = dict(peer.sent[0]["headers"])
        assert told[b"www-authenticate"].startswith(b'Bearer realm="tchat"')


async def test_an_expired_token_opens_nothing_but_closes_nothing_either(wire: Wire) -> None:
    peer, tokens = await opened(wire)
    wire.server.clock.advance(900 * 1_000_000)
    refused = await wire.connect(f"token={tokens['accessToken']}")
    assert refused.status == 401
    assert peer.close_code is None  # a socket belongs to its session (R13)


@pytest.mark.parametrize(
    ("method", "status"), [("GET", 426), ("HEAD", 426), ("POST", 405), ("DELETE", 405), ("OPTIONS", 204)]
)
@pytest.mark.parametrize("path", ["/ws", "/api/ws"])
async def test_plain_http_on_the_channel(wire: Wire, method: str, path: str, status: int) -> None:
    answer = await wire.call(method, path)
    assert answer.status == status
    if status == 426:
        assert answer.headers["upgrade"] == "websocket"
    else:
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        pytest.param("{", "BAD_JSON", id="no JSON"),
        pytest.param('{"type":"heartbeat","data":{"timestamp":NaN}}', "BAD_JSON", id="NaN is not JSON"),
        pytest.param("[]", "BAD_MESSAGE", id="no object"),
        pytest.param({"type": 1}, "BAD_MESSAGE", id="type is no string"),
        pytest.param({"type": "heartbeat", "data": {}}, "BAD_MESSAGE", id="heartbeat without timestamp"),
        pytest.param({"type": "chat", "data": 1}, "UNKNOWN_TYPE", id="unknown type, before its data"),
    ],
)
async def test_frames_that_get_an_error(wire: Wire, frame: Any, answer: str) -> None:
    peer, _ = await opened(wire)
    await wire.say(peer, frame)
    assert [f["data"]["code"] for f in peer.frames] == [answer]
    assert peer.close_code is None


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param(b"\x00", 1003, id="binary"),
        pytest.param("x" * 65_537, 1009, id="one byte too long"),
        pytest.param("é" * 32_769, 1009, id="bytes count, not characters"),
    ],
)
async def test_frames_that_close(wire: Wire, frame: Any, code: int) -> None:
    peer, _ = await opened(wire)
    await wire.say(peer, frame)
    assert peer.close_code == code


async def test_64_kib_pass(wire: Wire) -> None:
    peer, _ = await opened(wire)
    text = '{"type":"heartbeat","data":{"timestamp":5},"pad":"' + "x" * 70_000
    await wire.say(peer, text[: 65_536 - 2] + '"}')
    assert peer.types() == ["heartbeat_response"]


async def test_the_third_bad_frame_within_a_minute_closes(wire: Wire) -> None:
    peer, _ = await opened(wire)
    for wait in (0, 30, 31):  # the first one is 61 s old when the third comes
        await wire.tick(wait)
        await wire.say(peer, "nope")
    assert peer.close_code is None
    await wire.say(peer, "nope")
    assert peer.close_code == 1008


async def test_unknown_types_never_count_as_bad(wire: Wire) -> None:
    peer, _ = await opened(wire)
    for _ in range(50):
        await wire.say(peer, {"type": "queued_while_offline", "data": {}})
    assert peer.close_code is None
    assert len(peer.frames) == 50


async def test_a_heartbeat_is_answered_and_an_answer_is_not(wire: Wire) -> None:
    peer, _ = await opened(wire)
    await wire.say(peer, HEARTBEAT)
    assert peer.types() == ["heartbeat_response"]
    assert peer.frames[0]["data"]["echo"] == HEARTBEAT["data"]["timestamp"]  # type: ignore[index]
    await wire.say(peer, {"type": "heartbeat_response", "data": {"timestamp": 1}})
    assert len(peer.frames) == 1


async def test_the_server_beats_every_30_seconds_of_its_clock(wire: Wire) -> None:
    peer, _ = await opened(wire)
    for seconds, beats in ((29.9, 0), (0.1, 1), (29.9, 1), (0.1, 2), (30, 3)):
        await wire.tick(seconds)
        await wire.say(peer, HEARTBEAT)
        assert peer.types().count("heartbeat") == beats


async def test_75_seconds_of_silence_abort_the_connection(wire: Wire) -> None:
    peer, _ = await opened(wire)
    await wire.tick(75)
    assert not peer.aborted
    await wire.tick(0.1)
    assert peer.aborted
    assert peer.close_code is None
    assert wire.server.hub.sockets == []


async def test_every_change_is_one_event_in_order_and_valid_by_the_document(wire: Wire) -> None:
    peer, tokens = await opened(wire)
    token = tokens["accessToken"]
    made = await wire.call("POST", "/content/items", {"title": "A"}, token=token)
    item = made.json()["data"]["id"]
    await wire.call("PUT", f"/content/items/{item}", {"version": 1, "title": "B"}, token=token)
    await wire.call("PUT", f"/content/items/{item}", {"version": 1, "title": "lost"}, token=token)
    await wire.call("POST", f"/content/items/{item}/publish", {"notify": True}, token=token)
    await wire.call("POST", f"/content/items/{item}/publish", {}, token=token)
    operations = [{"type": "archive", "id": item}, {"type": "publish", "id": item}]
    await wire.call("POST", "/content/items/bulk", {"operations": operations}, token=token)
    await wire.call("POST", f"/content/items/{item}/revert", {"versionId": f"{item}-v1"}, token=token)
    events = [frame["data"] for frame in peer.frames]
    assert [(e["version"], e["action"], e["title"], e["showNotification"]) for e in events] == [
        (1, "created", "A", False),
        (2, "updated", "B", False),
        (3, "published", "B", True),
        (4, "archived", "B", False),
        (5, "reverted", "A", False),
    ]
    messages = channel.load().from_server
    assert all(messages[frame["type"]].is_valid(frame) for frame in peer.frames)


async def test_no_event_leaves_its_workspace_and_presence_is_told_to_others_only(wire: Wire) -> None:
    demo, tokens = await opened(wire)
    viewer, _ = await opened(wire, "viewer@tchat.com")
    other, _ = await opened(wire, "demo@other.example")
    await wire.call("POST", "/content/items", {"title": "A"}, token=tokens["accessToken"])
    assert demo.types() == ["user_status_changed", "content_updated"]
    assert viewer.types() == ["content_updated"]
    assert other.types() == []
    viewer.incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await wire.settle()
    assert demo.frames[-1]["data"]["status"] == "offline"


async def test_logout_closes_the_sockets_of_its_session_only(wire: Wire) -> None:
    peer, tokens = await opened(wire)
    same_user, _ = await opened(wire)
    await wire.call("POST", "/auth/logout", token=tokens["accessToken"])
    await wire.tick(1)
    assert peer.close_code == 4401
    assert same_user.close_code is None


async def test_reuse_of_a_refresh_token_closes_the_family(wire: Wire) -> None:
    peer, tokens = await opened(wire)
    await wire.call("POST", "/auth/refresh", token=tokens["refreshToken"])
    await wire.tick(11)
    reused = await wire.call("POST", "/auth/refresh", token=tokens["refreshToken"])
    assert reused.json()["code"] == "REFRESH_REUSED"
    await wire.tick(1)
    assert peer.close_code == 4401


async def test_a_slow_client_gets_one_sync_required_from_before_what_it_missed(wire: Wire) -> None:
    peer, tokens = await opened(wire)
    socket = wire.server.hub.sockets[0]
    socket.stalled = True
    token = tokens["accessToken"]
    for number in range(1005):
        await wire.call("POST", "/content/items", {"title": f"n{number}"}, token=token)
    assert socket.waiting < 1000
    socket.release()
    await wire.settle()
    for _ in range(100):
        await wire.settle()
    assert peer.types()[0] == "sync_required"
    since = peer.frames[0]["data"]["lastSyncTimestamp"]
    assert peer.frames[0]["data"]["reason"] == "overflow"
    window = await wire.call("GET", f"/content/sync?lastSyncTimestamp={since}", token=token)
    titles = {item["title"] for item in window.json()["data"]["items"]}
    told = {frame["data"]["title"] for frame in peer.frames[1:]}
    assert titles | told >= {f"n{number}" for number in range(1000)}
    assert "n0" in titles


async def test_a_write_that_blocks_for_10_seconds_aborts(wire: Wire) -> None:
    peer, _ = await opened(wire)
    peer.blocked = asyncio.Event()
    await wire.say(peer, HEARTBEAT)
    await wire.tick(10)
    assert not peer.aborted
    await wire.tick(0.1)
    assert peer.aborted


async def test_a_day_is_the_longest_life_of_a_socket(wire: Wire) -> None:
    peer, _ = await opened(wire)
    for _ in range(24 * 60):
        await wire.say(peer, HEARTBEAT)
        await wire.tick(60)
    assert peer.close_code == 4401
