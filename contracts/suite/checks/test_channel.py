"""Checks of the realtime channel: the delay of events, the permission for them, and the close codes of a restarting server."""

import time

from contracts.suite.api.api import Api
from contracts.suite.api.opened_sockets import WRITES, sockets
from contracts.suite.api.session_probes import control
from contracts.suite.contract_violation import equal, expect
from contracts.suite.plugin.registry import family
from contracts.suite.realtime.recording_socket import SETTLE

check = family("realtime")


@check("realtime.delivery", "asyncapi", needs=WRITES)
def delivery(api: Api) -> None:
    """An event reaches a live socket within 1 s of the answer to its write."""
    with sockets(api) as (socket,):
        for _ in range(3):
            answer = api.call("createContentItem", body={"title": api.word()}).must(201)
            event = socket.await_("content_updated", 5, contentId=answer.data["id"])
            took = event.at - answer.exchange.done
            if api.promises("realtime channel"):
                expect(took < 1_000_000_000, "the event within 1 s", f"{took / 1e9:.2f} s")


@check("realtime.event-permission", "R36", needs=(*WRITES, "ingest"), requires=["realtime channel"])
def permission(api: Api) -> None:
    """A socket whose token lacks content:read stays open and gets no content_updated."""
    with sockets(api, api.as_("ingest")) as (reader, other):
        item = api.create()
        reader.await_("content_updated", contentId=item["id"])
        time.sleep(SETTLE)
        equal([message.data for message in other.of("content_updated")], [], "events without content:read")
        expect(other.ping() and other.code is None, "an open socket", f"close {other.code}")


@check(
    "realtime.restart-closes",
    "R15, asyncapi",
    needs=("realtime", "control", "alone"),
    requires=["realtime channel"],
)
def restart_closes(api: Api) -> None:
    """A server that restarts closes its sockets with 1012, or with 1001 if it is configured so."""
    with sockets(api) as (socket,):
        mine = max(found["number"] for found in control(api).list_sockets())
        control(api).sockets("restart", str(mine))
        socket.await_close(1012, 1001)
