"""The handlers of the control interface, one for each operation of its OpenAPI document."""

from collections.abc import Callable, Sequence

from mock_server import stamps
from mock_server.application import Locator
from mock_server.clock import Clock
from mock_server.control.journal import Journal
from mock_server.control.world_state import WorldState
from mock_server.message import HttpResponse, json_response
from mock_server.problem import Problem
from mock_server.realtime import frames
from mock_server.realtime.hub import Hub
from mock_server.realtime.socket import LiveSocket
from mock_server.request_context import RequestContext
from mock_server.store.session_store import SessionStore


class ControlHandlers:
    def __init__(
        self,
        world: WorldState,
        clock: Clock,
        hub: Hub,
        sessions: SessionStore,
        journal: Journal,
        *,
        fault_names: Callable[[], Sequence[str]],
        set_faults: Callable[[Sequence[str]], None],
    ) -> None:
        """`set_faults` raises ValueError for an unknown fault."""
        self._world = world
        self._clock = clock
        self._fault_names = fault_names
        self._set_faults = set_faults
        self._hub = hub
        self._sessions = sessions
        self._journal = journal
        self._pushed = 0

    def locators(self) -> dict[str, Locator]:
        return {
            "snapshot": lambda context: self._world.snapshot(context.path["snapshot"]),
            "session": lambda context: self._sessions.account_of(context.path["session"]),
            "socket": lambda context: self._named(context.path["socket"]),
            "action": lambda context: context.found,
        }

    # World

    def read_control(self, context: RequestContext) -> HttpResponse:
        return self._state()

    def _state(self, status: int = 200) -> HttpResponse:
        state = {
            "seed": self._world.seed,
            "now": stamps.text(self._clock.now()),
            "frozen": self._clock.state[1] is not None,
            "sockets": len(self._hub.sockets),
            "faults": list(self._fault_names()),
        }
        return json_response(status, state)

    def reset(self, context: RequestContext) -> HttpResponse:
        self._world.reset(context.body.get("seed"), context.body.get("items"))
        return self._state()

    def take_snapshot(self, context: RequestContext) -> HttpResponse:
        return json_response(201, {"snapshot": self._world.take_snapshot()})

    def restore_snapshot(self, context: RequestContext) -> HttpResponse:
        self._world.restore(context.found)
        return self._state()

    # Clock

    def move_clock(self, context: RequestContext) -> HttpResponse:
        clock, body = self._clock, context.body
        if "frozen" in body:
            (clock.freeze if body["frozen"] else clock.thaw)()
        clock.advance(int(body.get("advanceMs", 0)) * 1000)
        return self._state()

    # Faults

    def set_faults(self, context: RequestContext) -> HttpResponse:
        try:
            self._set_faults(context.body["faults"])
        except ValueError as error:
            raise Problem("VALIDATION_FAILED", str(error), details={"errors": []}) from None
        return self._state()

    # Realtime

    def _named(self, name: str) -> list[LiveSocket] | None:
        sockets = self._hub.sockets
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
            for socket in self._hub.sockets
        ]
        return json_response(200, {"sockets": sockets})

    def handle_socket(self, context: RequestContext) -> HttpResponse:
        sockets: list[LiveSocket] = context.found
        action = context.path["action"]
        if action == "restart":
            self._hub.restart(sockets)
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
        now = self._clock.now()
        self._pushed += 1
        if body["type"] == "message_received":
            data = {
                "messageId": f"m-{self._pushed}",
                "chatId": body["chatId"],
                "senderId": body["senderId"],
                "text": body["text"],
                "createdAt": stamps.text(now),
            }
            frame = frames.frame("message_received", data)
        else:
            since = stamps.parse(body["lastSyncTimestamp"]) if "lastSyncTimestamp" in body else now
            frame = self._hub.frames.sync_required(since, "requested")
        sockets = list(self._hub.of_workspace(body["workspace"]))
        for socket in sockets:
            socket.offer(frame)
        return json_response(200, {"sockets": len(sockets)})

    # Sessions

    def revoke_session(self, context: RequestContext) -> HttpResponse:
        self._sessions.revoke(context.path["session"])
        return self._state()

    # Journal

    def read_journal(self, context: RequestContext) -> HttpResponse:
        journal = self._journal
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
                "events": self._hub.events_sent,
                "refreshes": journal.served["refreshTokens", 200],
                "requests": [{**line._asdict(), "at": stamps.text(line.at)} for line in lines],
            },
        )
