"""The held sockets of one process: their heartbeats, the latency of events of this process's writes, and their verdicts.

A lost socket is not opened again, because the scenario tests whether the target holds sockets, not how clients reconnect.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from time import perf_counter_ns
from typing import Any

import gevent

from contracts.verdict import Grade, Verdict
from load.realtime.channel import CONNECT, EVENT, HEARTBEAT
from load.realtime.channel_counts import ChannelCounts
from load.realtime.policies.protocol import Message, heartbeat
from load.realtime.websocket import Dial, WebSocket

BEAT = 30.0
"""Seconds between the heartbeats of a socket, as in the guide's client (S:1318)."""
TICK = 0.1
OVERDUE = 5.0
"""Seconds after which an answer is given up: five times the limit of W6."""
NEVER = "never opened"
"""The reason of a socket without an answer, which a saturated generator may not have read."""


class HeldSockets:
    """The sockets of one process, and their listener. `lost` maps reasons to sockets that were refused or closed."""

    def __init__(self, counts: ChannelCounts, dial: Dial, mine: Collection[str]) -> None:
        """`mine` are the items that this process writes to."""
        self.open: dict[int, WebSocket] = {}
        self.lost: Counter[str] = Counter()
        self.received_of: Counter[tuple[str, int]] = Counter()
        """(item, version) of our writes -> events received."""
        self._counts, self._dial, self._mine = counts, dial, mine
        self._settled = False
        """Whether all sockets have begun to connect; before that, the number of expected events is unknown."""
        self._connecting: dict[int, tuple[int, WebSocket]] = {}
        self._beats: dict[int, int] = {}
        self._flaws: dict[int, str] = {}
        """What a server did on an open socket that no server may do. We close some of those sockets, not all."""
        self._acknowledged: dict[tuple[str, int], int] = {}
        self._due: dict[tuple[str, int], int] = {}

    # Actions of the process

    def connect(self, count: int, seconds: float, stopped: Callable[[], bool]) -> None:
        """Open `count` sockets, evenly over some seconds. It blocks."""
        began = time.monotonic()
        for number in range(count):
            gevent.sleep(max(0.0, began + seconds * number / count - time.monotonic()))
            if stopped():
                return
            self._connecting[number] = perf_counter_ns(), WebSocket(number, self._dial, self)
        self._settled = True

    def beat(self) -> None:
        """Send the heartbeats of all sockets in turn, each every BEAT seconds, for ever."""
        turn = 0.0
        while True:
            gevent.sleep(TICK)
            self.give_up(perf_counter_ns() - round(OVERDUE * 1e9))
            numbers = list(self.open)
            before, turn = turn, turn + len(numbers) * TICK / BEAT
            for place in range(int(before), int(turn)):
                number = numbers[place % len(numbers)]
                self._beats.setdefault(number, perf_counter_ns())
                self.open[number].send(heartbeat(time.time()))

    def wrote(self, item: str, version: int, at: int) -> None:
        """Note an acknowledged write of this process, whose event is due on each open socket."""
        self._acknowledged[item, version] = at
        self._due[item, version] = len(self.open) if self._settled and not self._connecting else 0

    def give_up(self, before: int) -> None:
        """Count unanswered heartbeats and connects from before a moment as failed."""
        for number in [number for number, sent in self._beats.items() if sent < before]:
            self._counts.failed(HEARTBEAT, self._beats.pop(number), "timeout")
        for number in [number for number, (began, _) in self._connecting.items() if began < before]:
            began, socket = self._connecting.pop(number)
            socket.abort()
            self.lost[NEVER] += 1
            self._counts.failed(CONNECT, began, "timeout")

    def undelivered(self) -> tuple[int, int]:
        """(missing events, due events) of acknowledged writes, on the sockets that were open at the time."""
        missing = sum(max(0, due - self.received_of[key]) for key, due in self._due.items())
        return missing, sum(self._due.values())

    def close(self) -> None:
        for _, socket in self._connecting.values():
            socket.abort()
        for socket in self.open.values():
            socket.abort()

    # The listener

    def opened(self, socket: int) -> None:
        began, connection = self._connecting.pop(socket)
        self.open[socket] = connection
        self._counts.answered(CONNECT, began, 101)

    def refused(self, socket: int, status: int | None) -> None:
        self.lost[f"refused with {status or 'no answer'}"] += 1
        began, _ = self._connecting.pop(socket)
        self._counts.failed(CONNECT, began, str(status or "no answer"))

    def closed(self, socket: int, clean: bool, code: int) -> None:
        self.open.pop(socket, None)
        flaw = self._flaws.pop(socket, "")
        self.lost[f"closed with {code}{f'; the server {flaw}' if flaw else ''}"] += 1
        sent = self._beats.pop(socket, None)
        if sent is not None:
            self._counts.failed(HEARTBEAT, sent, "cut")

    def flawed(self, socket: int, reason: str) -> None:
        self._flaws[socket] = reason

    def received(self, socket: int, message: Message) -> None:
        data: Any = message.get("data")
        if not isinstance(data, dict):
            return
        if message.get("type") == "heartbeat_response":
            sent = self._beats.pop(socket, None)
            if sent is not None:
                self._counts.answered(HEARTBEAT, sent, 200)
        elif message.get("type") == "content_updated" and str(data.get("contentId")) in self._mine:
            version = data.get("version")
            key = (str(data["contentId"]), version if isinstance(version, int) else 0)
            self.received_of[key] += 1
            self._counts.answered(EVENT, self._acknowledged.get(key, perf_counter_ns()), 200)


def held_verdicts(clients: int, reports: Sequence[Mapping[str, Any]], blind: str = "") -> Iterator[Verdict]:
    """The verdicts that all sockets opened and stayed open, and that each got the event of each write.

    `reports` are those of the processes: open sockets, lost ones by reason, missing and due events. `blind`: why the generator
    counts as saturated.
    """
    lost: Counter[str] = Counter()
    for one in reports:
        lost.update(one.get("lost", {}))
    still, missing, due = (
        sum(int(one.get(name, 0)) for one in reports) for name in ("open", "missing", "due")
    )
    ends = ", ".join(f"{count} {how}" for how, count in sorted(lost.items()))
    grade = Grade.FAIL if lost else Grade.PASS if still == clients else Grade.UNKNOWN
    reason = f"{still} of {clients} sockets were open at the end" + (f"; {ends}" if ends else "")
    if grade is Grade.FAIL and blind and lost.keys() == {NEVER}:
        grade, reason = Grade.UNKNOWN, f"{blind} ({reason})"
    evidence = {"clients": clients, "open": still, "lost": dict(lost)}
    yield Verdict(
        check="sockets.held", grade=grade, reason="" if grade is Grade.PASS else reason, evidence=evidence
    )
    reason = f"{missing} of {due} events of acknowledged writes never came (W3)" if missing else ""
    if not due:
        reason = "no write was acknowledged while all sockets were open"
    grade = Grade.FAIL if missing else Grade.PASS if due else Grade.UNKNOWN
    yield Verdict(
        check="sockets.delivered", grade=grade, reason=reason, evidence={"missing": missing, "due": due}
    )
