"""The reconnect policy of the guide's `EnterpriseWebSocketService`, statement by statement (S:1288-1524), defects included.

These are the defects of the code:

- a failed connect schedules twice: `error` rejects the promise, whose `.catch` schedules (S:1464-1471),
  and `close` with `wasClean === false` schedules as well (S:1325-1327);
- no timer is ever cancelled: those still pending when a socket opens connect again, and `this.ws` is
  overwritten while the old socket lives on with a heartbeat interval that nothing can clear;
- the timeout of 5 s (S:1336-1342) closes `this.ws`, which may be a newer socket, and leaves its own alone;
- `flushMessageQueue` never ends when the socket that opened is not `this.ws` any more (S:1490-1495);
- after a clean close it never reconnects.

Microtasks (`.catch`) run between two event handlers of one task, so they are inline here.
"""

from enum import Enum, auto

from load.realtime.policies.client_timing import Timing
from load.realtime.policies.protocol import (
    Action,
    Cancel,
    Close,
    Closed,
    Connect,
    Event,
    Failed,
    Fired,
    Message,
    Notice,
    Notify,
    Online,
    Opened,
    Purpose,
    Received,
    Schedule,
    Send,
    Start,
    Stopped,
    Submitted,
    Sync,
    heartbeat,
    heartbeat_response,
)

MAX_ATTEMPTS = 10


class ReadyState(Enum):
    """`WebSocket.readyState`."""

    CONNECTING = auto()
    OPEN = auto()
    CLOSING = auto()
    CLOSED = auto()


class AsWritten:
    """One page with the guide's service. `frozen`: the page is in an endless loop and handles no event any more."""

    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self.ws: int | None = None
        self.ready: dict[int, ReadyState] = {}
        self.attempts = 0
        self.heartbeat_interval: int | None = None
        self.queue: list[Message] = []
        self.frozen = False
        self.reconnects: set[int] = set()
        self.intervals: set[int] = set()
        self.timeouts: dict[int, int] = {}
        self.settled: set[int] = set()
        self.schedules_on_reject: set[int] = set()
        self.issued = 0

    def handle(self, event: Event, now: float) -> list[Action]:
        if self.frozen:
            return []
        match event:
            case Start():
                return self._connect(scheduled=False)
            case Online():
                return self._connect(scheduled=False) if not self._is_open() else []
            case Opened(socket):
                return self._onopen(socket)
            case Failed(socket):
                return self._reject(socket)
            case Closed(socket, clean, _):
                return self._onclose(socket, clean=clean)
            case Received(_, message):
                return self._onmessage(message, now)
            case Fired(timer):
                return self._fired(timer, now)
            case Submitted(message):
                return self._send(message)
            case Stopped():
                return self._disconnect()

    def _next(self) -> int:
        self.issued += 1
        return self.issued

    def _is_open(self) -> bool:
        return self.ws is not None and self.ready.get(self.ws) is ReadyState.OPEN

    def _connect(self, *, scheduled: bool) -> list[Action]:
        """`connect` (S:1301-1349). `scheduled`: the promise's `.catch` is that of `scheduleReconnect`."""
        socket = self._next()
        self.ws = socket
        self.ready[socket] = ReadyState.CONNECTING
        if scheduled:
            self.schedules_on_reject.add(socket)
        timer = self._next()
        self.timeouts[timer] = socket
        return [Connect(socket), Schedule(timer, self.timing.connect_timeout, Purpose.TIMEOUT)]

    def _onopen(self, socket: int) -> list[Action]:
        """`onopen` (S:1308-1315)."""
        if self.ready.get(socket) is not ReadyState.CONNECTING:
            return []
        self.ready[socket] = ReadyState.OPEN
        self.attempts = 0
        self.heartbeat_interval = self._next()
        self.intervals.add(self.heartbeat_interval)
        actions: list[Action] = [Schedule(self.heartbeat_interval, self.timing.heartbeat, Purpose.HEARTBEAT)]
        if self.queue and not self._is_open():
            # `while (length > 0) this.send(shift())` never ends, because send() pushes the message back.
            self.frozen = True
            return [*actions, Notify(Notice.FROZEN)]
        for message in self.queue:
            actions += self._send(message)
        self.queue = []
        self.settled.add(socket)
        return actions

    def _onclose(self, socket: int, *, clean: bool) -> list[Action]:
        """`onclose` (S:1321-1328). It clears the newest interval, which may belong to another socket."""
        self._forget(socket)
        actions: list[Action] = self._stop_heartbeat()
        if not clean and self.attempts < MAX_ATTEMPTS:
            actions += self._schedule_reconnect()
        return actions

    def _forget(self, socket: int) -> None:
        self.ready[socket] = ReadyState.CLOSED
        if socket != self.ws:
            del self.ready[socket]

    def _reject(self, socket: int) -> list[Action]:
        """`onerror` (S:1330-1333) and the `.catch` of S:1464-1471, or `console.error` for the other two callers."""
        if socket in self.settled:
            return []
        self.settled.add(socket)
        if socket not in self.schedules_on_reject:
            return []
        self.schedules_on_reject.discard(socket)
        if self.attempts < MAX_ATTEMPTS:
            return self._schedule_reconnect()
        return [Notify(Notice.CONNECTION_LOST)]

    def _schedule_reconnect(self) -> list[Action]:
        """`scheduleReconnect` (S:1456-1472)."""
        self.attempts += 1
        timer = self._next()
        self.reconnects.add(timer)
        return [Schedule(timer, self.timing.backoff(self.attempts), Purpose.RECONNECT)]

    def _fired(self, timer: int, now: float) -> list[Action]:
        if timer in self.reconnects:
            self.reconnects.discard(timer)
            return self._connect(scheduled=True)
        if timer in self.timeouts:
            return self._timed_out(self.timeouts.pop(timer))
        if timer in self.intervals:
            beat = self._send(heartbeat(now))
            return [*beat, Schedule(timer, self.timing.heartbeat, Purpose.HEARTBEAT)]
        return []

    def _timed_out(self, socket: int) -> list[Action]:
        """The connect timeout (S:1336-1342). It checks `this.ws` and not the socket that the timer was set for."""
        if self._is_open():
            return []
        actions: list[Action] = []
        if self.ws is not None and self.ready.get(self.ws) is ReadyState.CONNECTING:
            self.ready[self.ws] = ReadyState.CLOSING
            actions.append(Close(self.ws, 1005))
        return [*actions, *self._reject(socket)]

    def _onmessage(self, message: Message, now: float) -> list[Action]:
        """`onmessage` (S:1384-1418), without the application's handling of events."""
        if message.get("type") == "heartbeat":
            return self._send(heartbeat_response(now))
        if message.get("type") == "sync_required":
            return [Sync(message["data"]["lastSyncTimestamp"])]
        return []

    def _send(self, message: Message) -> list[Action]:
        """`send` (S:1359-1366), always on `this.ws`."""
        if self.ws is not None and self._is_open():
            return [Send(self.ws, message)]
        self.queue.append(message)
        return []

    def _stop_heartbeat(self) -> list[Action]:
        if self.heartbeat_interval is None:
            return []
        timer, self.heartbeat_interval = self.heartbeat_interval, None
        self.intervals.discard(timer)
        return [Cancel(timer)]

    def _disconnect(self) -> list[Action]:
        """`disconnect` (S:1351-1357). Pending reconnect timers stay armed."""
        actions = self._stop_heartbeat()
        if self.ws is not None and self.ready.get(self.ws) in (ReadyState.CONNECTING, ReadyState.OPEN):
            self.ready[self.ws] = ReadyState.CLOSING
            actions.append(Close(self.ws, 1000))
        self.ws = None
        self.queue = []
        return actions
