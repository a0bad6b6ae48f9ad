"""The realtime channel: who gets in, what comes out (W1 to W7), and how it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from contracts.suite.api import Api, Item
from contracts.suite.breach import Breach, equal, expect
from contracts.suite.realtime import SETTLE, Raw, Socket, upgrade
from contracts.suite.registry import family
from contracts.suite.test_auth import control, refresh

check = family("realtime")

OPEN = ("realtime",)
WRITES = ("realtime", "write")


@contextmanager
def sockets(*apis: Api) -> Iterator[list[Socket]]:
    """One open socket for each, closed at the end whatever happens."""
    opened: list[Socket] = []
    try:
        # One by one: those that opened are closed even where the next one is refused.
        opened.extend(Socket(api.world, api.session) for api in apis)
        yield opened
    finally:
        for one in opened:
            one.close()


@contextmanager
def raw(api: Api, headers: Mapping[str, str] | None = None, query: str = "", **more: Any) -> Iterator[Raw]:
    made = Raw(api.world, headers, query, **more)
    try:
        yield made
    finally:
        made.close()


def bearer(api: Api, **more: str) -> dict[str, str]:
    return upgrade(Authorization=f"Bearer {api.session.access}", **more)


@check(
    "realtime.handshake",
    "A good token opens the channel, in the query or in Authorization, under every mount, without subprotocol.",
    "R11, R40",
    needs=OPEN,
)
def handshake(api: Api) -> None:
    for prefix in api.world.recorder.judge.bases:
        for header in (True, False):
            made = Socket(api.world, api.session, prefix=prefix, header=header)
            expect(made.ping(), "a pong", "none")
            made.close()
    with raw(api, bearer(api, Sec_WebSocket_Protocol="chat, v2")) as one:
        equal(one.status, 101, "status of the handshake")
        equal(
            one.headers.get("sec-websocket-accept"),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "Sec-WebSocket-Accept (RFC 6455, 1.3)",
        )
        equal(one.headers.get("sec-websocket-protocol"), None, "Sec-WebSocket-Protocol")


# case -> (headers beyond a right upgrade, query, status, code, headers that must come); {token} stands for a good one.
REFUSALS: Mapping[str, tuple[dict[str, str], str, int, str, dict[str, str]]] = {
    "no-token": ({}, "", 401, "TOKEN_MISSING", {"www-authenticate": 'Bearer realm="tchat"'}),
    "empty-token": ({}, "?token=", 401, "", {"www-authenticate": "Bearer"}),
    "undefined-token": (
        {},
        "?token=undefined",
        401,
        "TOKEN_INVALID",
        {"www-authenticate": 'error="invalid_token"'},
    ),
    "bad-bearer": (
        {"Authorization": "Bearer a.b.c"},
        "",
        401,
        "TOKEN_INVALID",
        {"www-authenticate": 'error="invalid_token"'},
    ),
    "refresh-token": (
        {"Authorization": "Bearer {refresh}"},
        "",
        401,
        "TOKEN_INVALID",
        {"www-authenticate": 'error="invalid_token"'},
    ),
    "cut-token": ({}, "?token={cut}", 401, "TOKEN_INVALID", {"www-authenticate": 'error="invalid_token"'}),
    "both-places": ({"Authorization": "Bearer {token}"}, "?token={token}", 400, "VALIDATION_FAILED", {}),
    "token-twice": ({}, "?token={token}&token={token}", 400, "VALIDATION_FAILED", {}),
    "no-key": (
        {"Authorization": "Bearer {token}", "Sec-WebSocket-Key": ""},
        "",
        400,
        "VALIDATION_FAILED",
        {},
    ),
    "no-upgrade": (
        {"Authorization": "Bearer {token}", "Upgrade": "", "Connection": ""},
        "",
        426,
        "UPGRADE_REQUIRED",
        {"upgrade": "websocket", "sec-websocket-version": "13"},
    ),
    "old-version": (
        {"Authorization": "Bearer {token}", "Sec-WebSocket-Version": "8"},
        "",
        426,
        "UPGRADE_REQUIRED",
        {"sec-websocket-version": "13"},
    ),
    "no-version": (
        {"Authorization": "Bearer {token}", "Sec-WebSocket-Version": ""},
        "",
        426,
        "UPGRADE_REQUIRED",
        {"sec-websocket-version": "13"},
    ),
    "no-upgrade-before-token": ({"Upgrade": "", "Connection": ""}, "", 426, "UPGRADE_REQUIRED", {}),
    "foreign-origin": (
        {"Authorization": "Bearer {token}", "Origin": "https://evil.example"},
        "",
        403,
        "FORBIDDEN",
        {},
    ),
    "token-before-origin": ({"Origin": "https://evil.example"}, "", 401, "TOKEN_MISSING", {}),
}


def _refusals() -> list[str]:
    return list(REFUSALS)


@check(
    "realtime.refused",
    "A bad handshake is refused before the upgrade, with its status, code and headers.",
    "R12, RFC 6455 4.2.2",
    over=_refusals,
    needs=OPEN,
)
def refused(api: Api, value: str) -> None:
    headers, query, status, code, wanted = REFUSALS[value]
    words = {"token": api.session.access, "refresh": api.session.refresh, "cut": api.session.access[:-3]}
    sent = {name: text.format(**words) for name, text in {**upgrade(), **headers}.items() if text}
    with raw(api, sent, query.format(**{k: quote(v) for k, v in words.items()})) as one:
        equal(one.status, status, f"status of a handshake with {value}")
        if code:
            equal(one.code, code, "code of the refusal")
        equal(
            one.headers.get("content-type", "").partition(";")[0],
            "application/problem+json",
            "Content-Type of the refusal",
        )
        for name, text in wanted.items():
            expect(
                text.lower() in one.headers.get(name, "").lower(),
                f"{name}: {text}",
                one.headers.get(name, "no such header"),
            )


@check(
    "realtime.methods",
    "The channel's path has GET, HEAD and OPTIONS; another method is 405 with Allow.",
    "asyncapi",
    needs=OPEN,
)
def methods(api: Api) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        with raw(api, {"Content-Length": "0"}, method=method) as one:
            equal(
                (one.status, one.headers.get("allow")),
                (405, "GET, HEAD, OPTIONS"),
                f"status and Allow of {method}",
            )


@check("realtime.ended-session-refused", "A token of an ended session opens no socket.", "R12", needs=OPEN)
def ended_refused(api: Api) -> None:
    own = api.fresh()
    own.call("logout").must(200)
    with raw(api, bearer(own)) as one:
        equal((one.status, one.code), (401, "TOKEN_INVALID"), "the answer to a token of an ended session")


@check(
    "realtime.expired-refused",
    "An expired token opens no socket.",
    "R8",
    needs=("realtime", "control", "alone"),
)
def expired_refused(api: Api) -> None:
    own = api.fresh()
    control(api).advance(901)
    with raw(api, bearer(own)) as one:
        equal((one.status, one.code), (401, "TOKEN_EXPIRED"), "the answer to an expired token")


def _event(item: Item, action: str, *, notify: bool = False) -> dict[str, Any]:
    return {
        "contentId": item["id"],
        "title": item["title"],
        "showNotification": notify,
        "version": item["version"],
        "action": action,
        "updatedAt": item["updatedAt"],
        "updatedBy": item["updatedBy"],
    }


@check(
    "realtime.event-per-change",
    "Every effective change is one content_updated that tells exactly that change, to its author too.",
    "W3, R36",
    needs=(*WRITES, "publish"),
)
def event_per_change(api: Api) -> None:
    with sockets(api) as (one,):
        item = api.create()
        expected = [_event(item, "created")]
        item = api.update(item, title=api.word())
        expected.append(_event(item, "updated"))
        item = api.publish(item["id"], notify=True)
        expected.append(_event(item, "published", notify=True))
        api.archive(item["id"])
        item = api.get(item["id"])
        expected.append(_event(item, "archived"))
        item = api.revert(item["id"], api.versions(item["id"])[-1]["id"])
        expected.append(_event(item, "reverted"))
        one.wait(lambda: len(one.of("content_updated", contentId=item["id"])) >= len(expected))
        time.sleep(SETTLE)
        got = [message.data for message in one.of("content_updated", contentId=item["id"])]
        for number, wanted in enumerate(expected):
            equal(got[number] if number < len(got) else None, wanted, f"event {number + 1}")
        equal(len(got), len(expected), "number of events")


@check(
    "realtime.no-event-without-change",
    "A repeat without effect and a refused write send nothing.",
    "R36",
    needs=(*WRITES, "publish"),
)
def no_event(api: Api) -> None:
    item = api.publish(api.create()["id"])
    with sockets(api) as (one,):
        api.publish(item["id"], notify=True)
        api.call("updateContentItem", path={"id": item["id"]}, body={"version": 9, "title": "x"}).must(409)
        api.call("updateContentItem", path={"id": item["id"]}, body={"version": 2}).must(400)
        api.get(item["id"])
        marker = api.create()
        one.await_("content_updated", contentId=marker["id"])
        equal(one.of("content_updated", contentId=item["id"]), [], "events of writes without effect")


@check(
    "realtime.read-after-event",
    "Whoever has received an event reads that version or a later one.",
    "W1",
    needs=WRITES,
)
def read_after_event(api: Api) -> None:
    item = api.create()
    with sockets(api) as (one,):
        for number in range(2, 12):
            item = api.update(item, body=str(number))
            one.await_("content_updated", contentId=item["id"], version=number)
            found = api.get(item["id"])["version"]
            expect(found >= number, f"a version of at least {number}", found)


@check(
    "realtime.versions-increase",
    "The versions of one item on one socket strictly increase, and none is left out.",
    "W2, W3",
    needs=WRITES,
)
def versions_increase(api: Api) -> None:
    items = [api.create() for _ in range(3)]
    with sockets(api, api) as opened:
        for number in range(2, 22):
            items = [api.update(item, body=str(number)) for item in items]
        for one in opened:
            for item in items:
                id = item["id"]
                one.wait(lambda one=one, id=id: one.of("content_updated", contentId=id, version=21))  # type: ignore[misc]
                got = [message.data["version"] for message in one.of("content_updated", contentId=id)]
                equal(got, list(range(2, 22)), "versions in the events of one item")


@check(
    "realtime.commit-order",
    "Events come in the order of the commits, across items.",
    "asyncapi",
    needs=WRITES,
)
def commit_order(api: Api) -> None:
    with sockets(api) as (one,):
        items = [api.create() for _ in range(5)]
        for _ in range(4):
            items = [api.update(item, body="x") for item in items]
        last = items[-1]
        one.await_("content_updated", contentId=last["id"], version=last["version"])
        stamps = [message.data["updatedAt"] for message in one.of("content_updated")]
        equal(stamps, sorted(stamps), "stamps of the events")


@check(
    "realtime.bulk-events",
    "A bulk request sends one event for each operation with an effect, and none for the others.",
    "R36",
    needs=(*WRITES, "publish"),
)
def bulk_events(api: Api) -> None:
    item = api.create()
    id = item["id"]
    with sockets(api) as (one,):
        api.bulk(
            {"type": "update", "id": id, "version": 1, "data": {"body": "x"}},
            {"type": "update", "id": id, "version": 1, "data": {"body": "stale"}},
            {"type": "publish", "id": id, "data": {"notify": True}},
            {"type": "publish", "id": id},
            {"type": "archive", "id": id},
        )
        one.wait(lambda: one.of("content_updated", contentId=id, version=4))
        got = [
            (m.data["version"], m.data["action"], m.data["showNotification"])
            for m in one.of("content_updated", contentId=id)
        ]
        equal(
            got,
            [(2, "updated", False), (3, "published", True), (4, "archived", False)],
            "events of a bulk request",
        )


@check(
    "realtime.every-socket",
    "Every live socket of the workspace gets the event, whoever wrote, a reader's too.",
    "W3, R36",
    needs=(*WRITES, "viewer", "editor"),
)
def every_socket(api: Api) -> None:
    with sockets(api, api, api.as_("viewer"), api.as_("editor")) as opened:
        item = api.as_("editor").create()
        for one in opened:
            message = one.await_("content_updated", contentId=item["id"])
            equal(message.data, _event(item, "created"), "the event")


@check(
    "realtime.no-crossing",
    "No event crosses from one workspace to another.",
    "W5",
    needs=(*WRITES, "stranger"),
)
def no_crossing(api: Api) -> None:
    stranger = api.as_("stranger")
    with sockets(api, stranger) as (mine, theirs):
        ours, others = api.create(), stranger.create()
        mine.await_("content_updated", contentId=ours["id"])
        theirs.await_("content_updated", contentId=others["id"])
        time.sleep(SETTLE)
        equal(mine.of("content_updated", contentId=others["id"]), [], "their events on our socket")
        equal(theirs.of("content_updated", contentId=ours["id"]), [], "our events on their socket")
        users = {message.data.get("userId") for message in theirs.of("user_status_changed")}
        expect(api.session.user not in users, "no status of our users on their socket", users)


@check(
    "realtime.heartbeat-answered",
    "A client's heartbeat is answered within 1 s by one heartbeat_response that echoes its stamp.",
    "W6, R14",
    needs=OPEN,
)
def heartbeat_answered(api: Api) -> None:
    with sockets(api) as (one,):
        for stamp in (0, 1795336199958, 9007199254740991):
            began = time.monotonic_ns()
            one.send({"type": "heartbeat", "data": {"timestamp": stamp}})
            one.wait(lambda stamp=stamp: one.of("heartbeat_response", echo=stamp), 1.0)  # type: ignore[misc]
            found = one.of("heartbeat_response", echo=stamp)
            expect(
                len(found) == 1,
                f"one heartbeat_response with echo {stamp} within 1 s",
                [m.data for m in one.messages],
            )
            expect(
                found[0].at - began < 1_000_000_000,
                "an answer within 1 s",
                f"{(found[0].at - began) / 1e9:.2f} s",
            )


@check("realtime.no-ping-pong", "A heartbeat_response is never answered.", "R14", needs=OPEN)
def no_ping_pong(api: Api) -> None:
    with sockets(api) as (one,):
        for _ in range(3):
            one.send({"type": "heartbeat_response", "data": {"timestamp": 1}})
        one.send({"type": "heartbeat", "data": {"timestamp": 7}})
        one.await_("heartbeat_response", echo=7)
        time.sleep(SETTLE)
        others = [
            m.type
            for m in one.messages
            if m.type not in ("content_updated", "user_status_changed", "heartbeat")
        ]
        equal(others, ["heartbeat_response"], "answers to three responses and one heartbeat")


@check(
    "realtime.frames-in-order",
    "Frames that wait in a client's queue are answered in order, each once; an unknown type never closes.",
    "R16",
    needs=OPEN,
)
def in_order(api: Api) -> None:
    with sockets(api) as (one,):
        for number in range(30):
            one.send({"type": "typing_started", "data": {"n": number}})
            one.send({"type": "heartbeat", "data": {"timestamp": number}})
        one.wait(lambda: len(one.of("heartbeat_response")) >= 30)
        equal([m.data.get("echo") for m in one.of("heartbeat_response")], list(range(30)), "echoes")
        equal(len(one.of("error", code="UNKNOWN_TYPE")), 30, "errors of unknown types")
        equal(one.code, None, "close code")


@check(
    "realtime.logout-closes",
    "A logout closes every socket of its session with 4401 within 1 s, and no other.",
    "W7, R13",
    needs=OPEN,
)
def logout_closes(api: Api) -> None:
    own, other = api.fresh(), api.fresh()
    with sockets(own, own, other) as (first, second, third):
        own.call("logout").must(200)
        for one in (first, second):
            one.await_close(4401, 1.0)
        expect(third.ping() and third.code is None, "another session's socket to live", f"close {third.code}")


@check(
    "realtime.reuse-closes",
    "When reuse of a refresh token revokes the session, its sockets close with 4401.",
    "R6, R13",
    needs=("realtime", "control", "alone"),
)
def reuse_closes(api: Api) -> None:
    own = api.fresh()
    with sockets(own) as (one,):
        refresh(own, own.session.refresh).must(200)
        control(api).advance(11)
        refresh(own, own.session.refresh).must(401, "REFRESH_REUSED")
        one.await_close(4401)


@check(
    "realtime.device-login-closes",
    "A new login on the same device closes the old session's socket with 4401.",
    "R13",
    needs=OPEN,
)
def device_closes(api: Api) -> None:
    device = f"d-{api.word()}"
    own = api.fresh(deviceId=device, platform="android")
    with sockets(own) as (one,):
        api.fresh(deviceId=device, platform="android")
        one.await_close(4401)


@check(
    "realtime.outlives-token",
    "A socket lives on when its access token expires: it belongs to the session.",
    "R13",
    needs=("realtime", "control", "alone", "write"),
)
def outlives_token(api: Api) -> None:
    own = api.fresh()
    clock = control(api)
    with sockets(own) as (one,):
        for step in range(16):
            clock.advance(60)
            one.send({"type": "heartbeat", "data": {"timestamp": step}})
            one.await_("heartbeat_response", echo=step)
        own.call("verifyToken").must(401, "TOKEN_EXPIRED")
        item = api.create()
        one.await_("content_updated", contentId=item["id"])


@check(
    "realtime.server-heartbeat",
    "The server sends a heartbeat every 30 s from the opening on, and none before.",
    "R14, F10",
    needs=("realtime", "control", "alone"),
)
def server_heartbeat(api: Api) -> None:
    clock = control(api)
    with sockets(api) as (one,):
        time.sleep(SETTLE)
        equal(len(one.of("heartbeat")), 0, "heartbeats before 30 s")
        for number in (1, 2):
            clock.advance(31)
            one.wait(lambda number=number: len(one.of("heartbeat")) >= number)  # type: ignore[misc]
            expect(
                len(one.of("heartbeat")) >= number,
                f"{number} heartbeats after {31 * number} s",
                len(one.of("heartbeat")),
            )
            one.send({"type": "heartbeat_response", "data": {"timestamp": 1}})


@check(
    "realtime.silence-aborts",
    "75 s without a text frame from the client cut TCP without a close frame; pings do not count.",
    "R14",
    needs=("realtime", "control", "alone"),
)
def silence(api: Api) -> None:
    clock = control(api)
    with sockets(api, api) as (silent, talking):
        for _ in range(4):
            clock.advance(20)
            silent.ping()
            talking.send({"type": "heartbeat_response", "data": {"timestamp": 1}})
            time.sleep(0.05)
        silent.await_close(1006)
        expect(
            talking.ping() and talking.code is None, "a socket that talks to live", f"close {talking.code}"
        )


@check(
    "realtime.user-status",
    "A user's first socket tells the others online, the last one's end offline; not in between, not the user.",
    "F10, asyncapi",
    needs=("realtime", "editor"),
)
def user_status(api: Api) -> None:
    user = api.as_("editor").session.user
    with sockets(api) as (watch,):
        time.sleep(SETTLE)
        before = len(watch.of("user_status_changed", userId=user))
        with sockets(api.as_("editor"), api.as_("editor")) as (first, second):
            watch.wait(lambda: len(watch.of("user_status_changed", userId=user)) > before)
            second.close()
            time.sleep(SETTLE)
            got = [m.data["status"] for m in watch.of("user_status_changed", userId=user)[before:]]
            equal(got, ["online"], "states while the user has a socket")
            equal(
                first.of("user_status_changed", userId=user), [], "states of a user on the user's own socket"
            )
        watch.wait(lambda: len(watch.of("user_status_changed", userId=user)) > before + 1)
        got = [m.data["status"] for m in watch.of("user_status_changed", userId=user)[before:]]
        equal(got, ["online", "offline"], "states after the user's last socket")


@check(
    "realtime.pushed-events",
    "Chat messages and sync requests reach the sockets of their workspace only, as documented.",
    "F10",
    needs=("realtime", "control", "stranger", "alone"),
)
def pushed(api: Api) -> None:
    clock = control(api)
    with sockets(api, api.as_("stranger")) as (mine, theirs):
        spaces = {s["userId"]: s["workspace"] for s in clock.listed()}
        workspace = spaces[api.session.user]
        clock.push(
            {
                "type": "message_received",
                "workspace": workspace,
                "chatId": "c1",
                "senderId": "u1",
                "text": "Zoë",
            }
        )
        clock.push({"type": "sync_required", "workspace": workspace})
        message = mine.await_("message_received")
        equal((message.data["chatId"], message.data["text"]), ("c1", "Zoë"), "the message")
        mine.await_("sync_required", reason="requested")
        time.sleep(SETTLE)
        got = theirs.of("message_received") + theirs.of("sync_required")
        equal(got, [], "events of another workspace")


@check(
    "realtime.overflow-syncs",
    "A socket that reads too slowly loses events and is told sync_required; sync from its stamp has them all.",
    "R16, W4",
    needs=("realtime", "control", "write", "alone"),
    marks=("slow",),
)
def overflow(api: Api) -> None:
    clock = control(api)
    item = api.create()
    with sockets(api) as (one,):
        mine = max(s["number"] for s in clock.listed())
        clock.sockets("stall", str(mine))
        operations = [
            {"type": "update", "id": item["id"], "version": n, "data": {"body": str(n)}}
            for n in range(1, 1101)
        ]
        for start in range(0, 1100, 100):
            answer = api.bulk(*operations[start : start + 100])
            equal(answer.data["successfulOperations"], 100, "successfulOperations", answer)
        clock.sockets("release", str(mine))
        told = one.await_("sync_required", 5, reason="overflow")
        since = told.data["lastSyncTimestamp"]
        received = [m.data["version"] for m in one.of("content_updated", contentId=item["id"])]
        expect(received == sorted(set(received)), "strictly increasing versions", received[:10])
        synced = {i["id"]: i["version"] for window in api.sync_all(since) for i in window.items}
        equal(synced.get(item["id"]), 1101, "version of the item in sync from the stamp told")


@check(
    "realtime.many-sockets",
    "Fifty sockets of one session all get the same event, and all close at logout.",
    "W3, W7",
    needs=WRITES,
)
def many(api: Api) -> None:
    own = api.fresh()
    with sockets(*[own] * 50) as opened:
        item = api.create()
        for one in opened:
            one.await_("content_updated", contentId=item["id"])
        own.call("logout").must(200)
        for one in opened:
            one.await_close(4401)


@check(
    "realtime.messages",
    "Every message that any check received is one of the document's, with nothing missing and nothing more.",
    "asyncapi",
    needs=WRITES,
)
def messages(api: Api) -> None:
    with sockets(api) as (one,):
        item = api.create()
        one.await_("content_updated", contentId=item["id"])
        one.send({"type": "heartbeat", "data": {"timestamp": 1}})
        one.await_("heartbeat_response")
        one.send("{")
        one.await_("error")
    faults = [
        fault for (name, _, _), fault in api.world.recorder.faults.items() if name == "realtime.messages"
    ]
    if faults:
        more = f" (and {len(faults) - 1} other ways)" if len(faults) > 1 else ""
        raise Breach(faults[0].finding.expected, f"{faults[0].finding.got}, {faults[0].count} times{more}")
