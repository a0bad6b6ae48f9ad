"""The handlers of the control interface, one a operation of its OpenAPI file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server import stamps
from mock_server.message import HttpResponse, json_response
from mock_server.realtime import frames
from mock_server.request_context import RequestContext

if TYPE_CHECKING:
    from mock_server.application import Handler, Locator
    from mock_server.build import Server
    from mock_server.realtime.socket import LiveSocket


class ControlHandlers:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._snapshots: dict[str, Any] = {}
        self._pushed = 0

    def handlers(self) -> dict[str, Handler]:
        return {
            "readControl": lambda context: self._state(),
            "reset": self.reset,
            "takeSnapshot": self.take_snapshot,
            "restoreSnapshot": self.restore_snapshot,
            "moveClock": self.move_clock,
            "setFaults": self.set_faults,
            "listSockets": self.list_sockets,
            "handleSocket": self.handle_socket,
            "pushEvent": self.push_event,
            "revokeSession": self.revoke_session,
            "readJournal": self.read_journal,
        }

    def locators(self) -> dict[str, Locator]:
        return {
            "snapshot": lambda context: self._snapshots.get(context.path["snapshot"]),
            "session": lambda context: self._server.sessions.account_of(context.path["session"]),
            "socket": lambda context: self._named(context.path["socket"]),
            "action": lambda context: context.found,
        }

    # World

    def _state(self, status: int = 200) -> HttpResponse:
        server = self._server
        state = {
            "seed": server.seed,
            "now": stamps.text(server.clock.now()),
            "frozen": server.clock.state[1] is not None,
            "sockets": len(server.hub.sockets),
            "faults": server.fault_names(),
        }
        return json_response(status, state)

    def reset(self, context: RequestContext) -> HttpResponse:
        body = context.body
        self._server.reset(
            int(body.get("seed", self._server.seed)), int(body.get("items", self._server.options.items))
        )
        return self._state()

    def take_snapshot(self, context: RequestContext) -> HttpResponse:
        name = f"snapshot-{len(self._snapshots) + 1}"
        self._snapshots[name] = (self._server.database.copy(), self._server.clock.state)
        return json_response(201, {"snapshot": name})

    def restore_snapshot(self, context: RequestContext) -> HttpResponse:
        copy, clock = context.found
        self._server.restart_sockets()
        self._server.database.load(copy)
        self._server.clock.restore(clock)
        self._server.hub.rewind()
        return self._state()

    # Clock

    def move_clock(self, context: RequestContext) -> HttpResponse:
        clock, body = self._server.clock, context.body
        if "frozen" in body:
            (clock.freeze if body["frozen"] else clock.thaw)()
        clock.advance(int(body.get("advanceMs", 0)) * 1000)
        return self._state()

    # Faults

    def set_faults(self, context: RequestContext) -> HttpResponse:
        self._server.set_faults(context.body["faults"])
        return self._state()

    # Realtime

    def _named(self, name: str) -> list[LiveSocket] | None:
        sockets = self._server.hub.sockets
        if name == "all":
            return sockets
        return [socket for socket in sockets if str(socket.number) == name] or None

    def list_sockets(self, context: RequestContext) -> HttpResponse:
        sockets = [
            {
                "number": socket.number,
                "userId": socket.claims.sub,
                "sessionId": socket.claims.sid,
                "workspace": socket.claims.wsp,
                "waiting": socket.waiting,
                "stalled": socket.stalled,
            }
            for socket in self._server.hub.sockets
        ]
        return json_response(200, {"sockets": sockets})

    def handle_socket(self, context: RequestContext) -> HttpResponse:
        sockets: list[LiveSocket] = context.found
        action = context.path["action"]
        if action == "restart":
            self._server.hub.restart(sockets)
            return json_response(200, {"sockets": len(sockets)})
        for socket in sockets:
            if action == "drop":
                socket.abort()
            elif action == "stall":
                socket.stalled = True
            else:
                socket.release()
        return json_response(200, {"sockets": len(sockets)})

    def push_event(self, context: RequestContext) -> HttpResponse:
        body = context.body
        now = self._server.clock.now()
        self._pushed += 1
        if body["type"] == "message_received":
            data = {
                "messageId": f"m-{self._pushed}",
                "chatId": body["chatId"],
                "senderId": body["senderId"],
                "text": body["text"],
                "createdAt": stamps.text(now),
            }
            told = frames.frame("message_received", data)
        else:
            since = stamps.parse(body["lastSyncTimestamp"]) if "lastSyncTimestamp" in body else now
            told = self._server.hub.frames.sync_required(since, "requested")
        sockets = list(self._server.hub.of_workspace(body["workspace"]))
        for socket in sockets:
            socket.offer(told)
        return json_response(200, {"sockets": len(sockets)})

    # Sessions

    def revoke_session(self, context: RequestContext) -> HttpResponse:
        self._server.sessions.revoke(context.path["session"])
        return self._state()

    # Journal

    def read_journal(self, context: RequestContext) -> HttpResponse:
        journal = self._server.application.journal
        served = [
            {"operation": operation, "status": status, "count": count}
            for (operation, status), count in sorted(journal.served.items())
        ]
        lines = journal.after(context.query["after"], context.query["limit"])
        return json_response(
            200,
            {
                "total": journal.total,
                "served": served,
                "events": self._server.hub.events_sent,
                "refreshes": journal.served["refreshTokens", 200],
                "requests": [{**line._asdict(), "at": stamps.text(line.at)} for line in lines],
            },
        )


def is_loopback(client: tuple[str, int] | None) -> bool:
    """Whoever is not on this machine finds no control interface at all. No address: an in-process transport."""
    return client is None or client[0].startswith("127.") or client[0] in ("::1", "::ffff:127.0.0.1")
