"""The realtime session of one user: a reconnect policy with its sockets, counted and written to the history.

A connect is counted when it opens or fails; a heartbeat when it is answered, cut off or given up; an event when it arrives and
its write was made in this process. The history holds all of them, so that the checkers can find wrong order and gaps.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from time import perf_counter_ns
from typing import Any

from contracts.history import Call, Outcome
from load.engine.in_flight import RequestTracker
from load.realtime.channel import CONNECT, EVENT, HEARTBEAT
from load.realtime.channel_counts import ChannelCounts
from load.realtime.policies.protocol import (
    Abort,
    Connect,
    Message,
    Notify,
    ReconnectPolicy,
    Schedule,
    Send,
    Stopped,
)
from load.realtime.realtime_client import RealtimeClient, empty_record
from load.realtime.websocket import Dial

Subscriptions = Mapping[str, Callable[[Mapping[str, Any]], None]]
"""The guide's `subscribe(type, handler)` (S:1368-1382)."""
OVERDUE = 5_000_000_000
"""Nanoseconds after which the answer to a heartbeat or a connect is given up: five times the limit of rule W6, and what the guide's
client waits for its socket (S:1338)."""


class RealtimeSession(RealtimeClient):
    """The sockets of one user on the realtime channel. `acknowledged(item, version, now)` is the time from which the latency of
    an event counts, or None; `tally` is shared by the users of one policy."""

    def __init__(
        self, policy: ReconnectPolicy, dial: Dial, wants_sync: Callable[[RealtimeClient, str | None], None], *,
        name: str, tracker: RequestTracker, tally: Counter[str], subscriptions: Subscriptions,
        acknowledged: Callable[[str, int, int], int | None],
    ) -> None:  # fmt: skip
        super().__init__(policy, dial, wants_sync, ledger=empty_record())
        self.name, self.tracker, self.tally = name, tracker, tally
        self.subscriptions = subscriptions
        self._counts = ChannelCounts(tracker)
        self.acknowledged = acknowledged
        self.quiet = False
        self.left = False
        """Whether the user has left; what ends after that is no failure."""
        self._connecting: dict[int, int] = {}
        self._beating: dict[int, list[tuple[int, int]]] = {}

    def leave(self) -> None:
        """The application calls `disconnect()`, and the page closes with the sockets that are still open."""
        for socket, is_open in self.sockets.items():
            if is_open:
                self._remember("socket.close", socket, {})
        self.left = True
        self.feed(Stopped())
        self.hush()
        for connection in tuple(self.connections.values()):
            connection.close(1000)

    def hush(self) -> None:
        """Send and schedule nothing more; what is under way may still end."""
        self.quiet = True
        for alarm in self.alarms.values():
            alarm.kill(block=False)
        self.alarms.clear()
        self.timers.clear()

    @property
    def waiting(self) -> bool:
        """Whether a heartbeat or a connect is still unanswered."""
        return bool(self._connecting) or any(self._beating.values())

    def overdue(self, now: int) -> None:
        """Count connects and heartbeats that have been unanswered for too long as failed."""
        for socket in [one for one, began in self._connecting.items() if now - began > OVERDUE]:
            self._counts.failed(CONNECT, self._connecting.pop(socket), "timeout")
        for socket, beats in self._beating.items():
            late = [beat for beat in beats if now - beat[1] > OVERDUE]
            self._beating[socket] = [beat for beat in beats if now - beat[1] <= OVERDUE]
            for _, sent in late:
                self._counts.failed(HEARTBEAT, sent, "timeout")

    # Events of the sockets

    def opened(self, socket: int) -> None:
        began = self._connecting.pop(socket, None)
        if began is not None:
            self._counts.answered(CONNECT, began, 101)
            self._remember("socket.open", socket, {}, sent=began)
        self.tally["opened"] += 1
        super().opened(socket)
        self.tally["most sockets"] = max(self.tally["most sockets"], self.open_sockets)

    def refused(self, socket: int, status: int | None) -> None:
        began = self._connecting.pop(socket, None)
        if began is not None and not self.left:
            self._counts.failed(CONNECT, began, str(status or "no answer"))
        super().refused(socket, status)

    def closed(self, socket: int, clean: bool, code: int) -> None:
        if not self.left:
            self._ended(socket)
            self.tally[f"closed {code}"] += 1
        super().closed(socket, clean, code)

    def flawed(self, socket: int, reason: str) -> None:
        self.tally[f"a socket {reason}"] += 1

    def received(self, socket: int, message: Message) -> None:
        super().received(socket, message)
        handle = self.subscriptions.get(str(message.get("type")))
        data = message.get("data")
        if handle is not None and isinstance(data, dict):
            handle(data)

    def _note(self, socket: int, kind: Any, data: dict[str, Any]) -> None:
        if kind == "content_updated":
            self._event(socket, data)
        elif kind == "sync_required":
            self._remember(
                "socket.event", socket, {"event": kind, "stamp": data.get("lastSyncTimestamp", "")}
            )
        elif kind == "heartbeat_response":
            self._pong(socket, data.get("echo"))

    def _event(self, socket: int, data: dict[str, Any]) -> None:
        now = perf_counter_ns()
        item, version = str(data.get("contentId", "")), data.get("version")
        if not isinstance(version, int):
            return
        # The guide's event has neither action nor stamp, and a fact that is not there is none.
        told = {"action": data.get("action"), "at": data.get("updatedAt")}
        facts = {name: value for name, value in told.items() if isinstance(value, str)}
        known = {"event": "content_updated", "item": item, "version": version}
        self._remember("socket.event", socket, known | facts)
        self.tally["events"] += 1
        due = self.acknowledged(item, version, now)
        if due is not None:
            self._counts.answered(EVENT, due, 200)

    def _pong(self, socket: int, echo: Any) -> None:
        """Match an answer to its heartbeat: by the echo if the server sends one, else the oldest."""
        beats = self._beating.get(socket, [])
        found = next((beat for beat in beats if echo in (beat[0], None)), None)
        if found is not None:
            beats.remove(found)
            self._counts.answered(HEARTBEAT, found[1], 200)

    # Actions of the policy

    def _do_connect(self, action: Connect) -> None:
        self._connecting[action.socket] = perf_counter_ns()
        self.tally["connects"] += 1
        super()._do_connect(action)

    def _do_abort(self, action: Abort) -> None:
        began = self._connecting.pop(action.socket, None)
        if began is not None:
            self._counts.failed(CONNECT, began, "timeout")
        elif self.sockets.get(action.socket):
            self._ended(action.socket)
        super()._do_abort(action)

    def _do_send(self, action: Send) -> None:
        if action.message["type"] == "heartbeat":
            stamp = action.message["data"]["timestamp"]
            self._beating.setdefault(action.socket, []).append((stamp, perf_counter_ns()))
        super()._do_send(action)

    def _do_schedule(self, action: Schedule) -> None:
        if not self.quiet:
            super()._do_schedule(action)

    def _do_notify(self, action: Notify) -> None:
        self.tally[f"told {action.notice}"] += 1
        super()._do_notify(action)

    def _ended(self, socket: int) -> None:
        self._remember("socket.close", socket, {})
        for _, sent in self._beating.pop(socket, ()):
            self._counts.failed(HEARTBEAT, sent, "cut")

    def _remember(self, operation: str, socket: int, facts: dict[str, Any], *, sent: int = 0) -> None:
        now = perf_counter_ns()
        self.tracker.write(
            Call(
                client=self.name, operation=operation, due=sent or now, sent=sent or now, done=now,
                outcome=Outcome.OK, facts={"socket": f"{self.name}.{socket}", **facts},
            )
        )  # fmt: skip
