"""Checks of events (W1 to W5): one for each change, sent to all sockets of its workspace and to no others."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any

from contracts.suite.api.answered_lists import Item
from contracts.suite.api.api import Api
from contracts.suite.api.opened_sockets import WRITES, sockets
from contracts.suite.api.session_probes import control
from contracts.suite.contract_violation import Unchecked, equal, expect, if_promised
from contracts.suite.plugin.registry import family
from contracts.suite.realtime.recording_socket import SETTLE, WAIT, RecordingSocket

check = family("realtime")


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


def _has_come(socket: RecordingSocket, item: Item, count: int) -> bool:
    """Whether an event of this version of an item has come; where events name no version, whether so many of the item have."""
    came = [message.data for message in socket.of("content_updated", contentId=item["id"])]
    if any("version" in data for data in came):
        return any(data.get("version") == item["version"] for data in came)
    return len(came) >= count


@check("realtime.event-per-change", "W3, R36", needs=(*WRITES, "publish"))
def event_per_change(api: Api) -> None:
    """Every effective change is one content_updated with exactly that change, sent to its author, too."""
    with sockets(api) as (socket,):
        expected: list[dict[str, Any]] = []

        def told(item: Item, action: str, *, notify: bool = False) -> Item:
            expected.append(_event(item, action, notify=notify))
            expect(
                socket.wait(lambda: _has_come(socket, item, len(expected))),
                f"a content_updated of the item that was {action} within {WAIT:g} s",
                "none",
            )
            return item

        item = told(api.create(), "created")
        item = told(api.update(item, title=api.word()), "updated")
        item = told(api.publish(item["id"], notify=True), "published", notify=True)
        api.archive(item["id"])
        item = told(api.get(item["id"]), "archived")
        item = told(api.revert(item["id"], api.versions(item["id"])[-1]["id"]), "reverted")
        if not api.promises("realtime channel"):
            return  # what else is in an event, and that it comes once, is said by the document of our channel alone
        time.sleep(SETTLE)
        got = [message.data for message in socket.of("content_updated", contentId=item["id"])]
        for number, wanted in enumerate(expected):
            equal(got[number] if number < len(got) else None, wanted, f"event {number + 1}")
        equal(len(got), len(expected), "number of events")
        equal(len(socket.of("sync_required")), 0, "number of sync_required without a cause")
        expect(
            socket.code is None and socket.ping(), "an open socket after the events", f"close {socket.code}"
        )


@check("realtime.no-event-without-change", "R36", needs=(*WRITES, "publish"))
def no_event(api: Api) -> None:
    """A repeat without effect and a refused write send nothing."""
    item = api.publish(api.create()["id"])
    with sockets(api) as (socket,):
        api.publish(item["id"], notify=True)
        api.call("updateContentItem", path={"id": item["id"]}, body={"version": 9, "title": "x"}).must(409)
        with if_promised():
            api.call("updateContentItem", path={"id": item["id"]}, body={"version": 2}).must(400)
        api.get(item["id"])
        marker = api.create()
        socket.await_("content_updated", contentId=marker["id"])
        equal(socket.of("content_updated", contentId=item["id"]), [], "events of writes without effect")


def _has_more(socket: RecordingSocket, item: Item, count: int) -> bool:
    """Whether so many events of an item come, which has had fewer changes on the socket."""
    return socket.wait(lambda: len(socket.of("content_updated", contentId=item["id"])) >= count)


@check("realtime.read-after-event", "W1", needs=WRITES)
def read_after_event(api: Api) -> None:
    """A client that has received an event reads that version or a later one."""
    item = api.create()
    with sockets(api) as (socket,), closing(api.on_own_connection()) as writer, ThreadPoolExecutor(1) as pool:
        for number in range(2, 12):
            # The event alone decides when the read is sent; the answer to the write may come later.
            writing = pool.submit(writer.update, item, body=str(number))
            came = [message.data for message in socket.of("content_updated", contentId=item["id"])]
            if api.promises("realtime channel") or any("version" in data for data in came):
                socket.await_("content_updated", contentId=item["id"], version=number)
            else:
                socket.await_count(number - 1, "content_updated", contentId=item["id"])
            found = api.get(item["id"])["version"]
            item = writing.result()
            if found < number and not api.promises("realtime channel") and _has_more(socket, item, number):
                raise Unchecked("the channel tells a change twice, and not which version it is of")
            expect(found >= number, f"a version of at least {number}", found)


@check("realtime.versions-increase", "W2, W3", needs=WRITES, requires=["realtime channel"])
def versions_increase(api: Api) -> None:
    """The versions of one item on one socket strictly increase, and none is left out."""
    items = [api.create() for _ in range(3)]
    with sockets(api, api) as opened:
        for number in range(2, 22):
            items = [api.update(item, body=str(number)) for item in items]
        for socket in opened:
            for item in items:
                id = item["id"]
                socket.wait(partial(socket.of, "content_updated", contentId=id, version=21))
                got = [message.data["version"] for message in socket.of("content_updated", contentId=id)]
                equal(got, list(range(2, 22)), "versions in the events of one item")


@check("realtime.commit-order", "asyncapi", needs=WRITES, requires=["realtime channel"])
def commit_order(api: Api) -> None:
    """Events come in the order of the commits, across items."""
    with sockets(api) as (socket,):
        items = [api.create() for _ in range(5)]
        for _ in range(4):
            items = [api.update(item, body="x") for item in items]
        last = items[-1]
        socket.await_("content_updated", contentId=last["id"], version=last["version"])
        stamps = [message.data["updatedAt"] for message in socket.of("content_updated")]
        equal(stamps, sorted(stamps), "stamps of the events")


@check(
    "realtime.bulk-events",
    "R36",
    needs=(*WRITES, "publish"),
    requires=["realtime channel", "versions in bulk"],
)
def bulk_events(api: Api) -> None:
    """A bulk request sends one event for each operation with an effect, and none for the others."""
    item = api.create()
    id = item["id"]
    with sockets(api) as (socket,):
        api.bulk(
            {"type": "update", "id": id, "version": 1, "data": {"body": "x"}},
            {"type": "update", "id": id, "version": 1, "data": {"body": "stale"}},
            {"type": "publish", "id": id, "data": {"notify": True}},
            {"type": "publish", "id": id},
            {"type": "archive", "id": id},
        )
        socket.wait(lambda: socket.of("content_updated", contentId=id, version=4))
        got = [
            (m.data["version"], m.data["action"], m.data["showNotification"])
            for m in socket.of("content_updated", contentId=id)
        ]
        equal(
            got,
            [(2, "updated", False), (3, "published", True), (4, "archived", False)],
            "events of a bulk request",
        )


@check("realtime.every-socket", "W3, R36", needs=(*WRITES, "viewer", "editor"))
def every_socket(api: Api) -> None:
    """Every live socket of the workspace gets the event, whoever wrote, a reader's too."""
    with sockets(api, api, api.as_("viewer"), api.as_("editor")) as opened:
        item = api.as_("editor").create()
        for socket in opened:
            message = socket.await_("content_updated", contentId=item["id"])
            if api.promises("realtime channel"):
                equal(message.data, _event(item, "created"), "the event")


@check("realtime.no-crossing", "W5", needs=(*WRITES, "stranger"))
def no_crossing(api: Api) -> None:
    """No event crosses from one workspace to another."""
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


@check("realtime.user-status", "F10, asyncapi", needs=("realtime", "editor"), requires=["realtime channel"])
def user_status(api: Api) -> None:
    """The others hear that a user is online with the first socket and offline with the end of the last; nothing in between, nothing to the user."""
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
    "F10",
    needs=("realtime", "control", "stranger", "alone"),
    requires=["realtime channel"],
)
def pushed(api: Api) -> None:
    """Chat messages and sync requests reach the sockets of their workspace only, as documented."""
    clock = control(api)
    with sockets(api, api.as_("stranger")) as (mine, theirs):
        # By their order of opening: how the interface names users is its own affair.
        workspace = sorted(clock.list_sockets(), key=lambda listed: int(listed["number"]))[-2]["workspace"]
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
    "R16, W4",
    needs=("realtime", "control", "write", "alone"),
    marks=("slow",),
    requires=["realtime channel"],
)
def overflow(api: Api) -> None:
    """A socket that reads too slowly loses events and gets sync_required; sync from its stamp has all of them."""
    clock = control(api)
    item = api.create()
    with sockets(api) as (socket,):
        mine = max(s["number"] for s in clock.list_sockets())
        clock.sockets("stall", str(mine))
        operations = [
            {"type": "update", "id": item["id"], "version": n, "data": {"body": str(n)}}
            for n in range(1, 1101)
        ]
        for start in range(0, 1100, 100):
            answer = api.bulk(*operations[start : start + 100])
            equal(answer.data["successfulOperations"], 100, "successfulOperations", answer)
        clock.sockets("release", str(mine))
        required = socket.await_("sync_required", 5, reason="overflow")
        since = required.data["lastSyncTimestamp"]
        received = [m.data["version"] for m in socket.of("content_updated", contentId=item["id"])]
        expect(received == sorted(set(received)), "strictly increasing versions", received[:10])
        synced = {i["id"]: i["version"] for window in api.sync_all(since) for i in window.items}
        equal(synced.get(item["id"]), 1101, "version of the item in sync from the stamp told")


@check("realtime.many-sockets", "W3, W7", needs=WRITES)
def many(api: Api) -> None:
    """Fifty sockets of one session all get the same event, and all close at logout."""
    own = api.fresh()
    with sockets(*[own] * 50) as opened:
        item = api.create()
        for socket in opened:
            socket.await_("content_updated", contentId=item["id"])
        if api.promises("realtime channel"):
            own.call("logout").must(200)
            for socket in opened:
                socket.await_close(4401)
