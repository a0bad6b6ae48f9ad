"""Many sockets of one process that are held open: heartbeats, how long each event of a write of this process took, and what is
judged of them.

A socket that is lost is not opened again: here it is asked whether the target holds them, and not what a client makes of a loss.
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
"""Seconds between the heartbeats of a socket, as the guide's client has it (S:1318)."""
TICK = 0.1
OVERDUE = 5.0
"""Five times what the server is given (W6): an answer that has not come by then does not come."""
NEVER = "never opened"
"""Lost by our own clock: a generator that was saturated may not have read the answer."""


class HeldSockets:
    """A listener of its sockets. `lost` are those that were refused or closed, by how."""

    def __init__(self, counts: ChannelCounts, dial: Dial, mine: Collection[str]) -> None:
        """`mine` are the items that this process writes to."""
        self.open: dict[int, WebSocket] = {}
        self.lost: Counter[str] = Counter()
        self.received_of: Counter[tuple[str, int]] = Counter()
        """(item, version) of our writes -> sockets that were told."""
        self._counts, self._dial, self._mine = counts, dial, mine
        self._settled = False
        """Whether all have been told to connect: an event that comes while others connect is owed to nobody knows how many."""
        self._connecting: dict[int, tuple[int, WebSocket]] = {}
        self._beats: dict[int, int] = {}
        self._why: dict[int, str] = {}
        self._acknowledged: dict[tuple[str, int], int] = {}
        self._due: dict[tuple[str, int], int] = {}

    # What the process does

    def connect(self, count: int, seconds: float, stopped: Callable[[], bool]) -> None:
        """Open so many, evenly over these seconds. Blocks."""
        began = time.monotonic()
        for number in range(count):
            gevent.sleep(max(0.0, began + seconds * number / count - time.monotonic()))
            if stopped():
                return
            self._connecting[number] = perf_counter_ns(), WebSocket(number, self._dial, self)
        self._settled = True

    def beat(self) -> None:
        """Each socket's heartbeat every BEAT seconds, one after the other, for ever."""
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
        """A write of this process was answered: from now on its event is due on each open socket."""
        self._acknowledged[item, version] = at
        self._due[item, version] = len(self.open) if self._settled and not self._connecting else 0

    def give_up(self, before: int) -> None:
        """Heartbeats and connects from before this moment will not be answered."""
        for number in [number for number, sent in self._beats.items() if sent < before]:
            self._counts.failed(HEARTBEAT, self._beats.pop(number), "timeout")
        for number in [number for number, (began, _) in self._connecting.items() if began < before]:
            began, socket = self._connecting.pop(number)
            socket.abort()
            self.lost[NEVER] += 1
            self._counts.failed(CONNECT, began, "timeout")

    def undelivered(self) -> tuple[int, int]:
        """(events that never came, events due): of acknowledged writes, on as many sockets as were open then."""
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
        self.lost[self._why.pop(socket, f"closed with {code}")] += 1
        sent = self._beats.pop(socket, None)
        if sent is not None:
            self._counts.failed(HEARTBEAT, sent, "cut")

    def flawed(self, socket: int, reason: str) -> None:
        self._why[socket] = f"closed by us: it {reason}"

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


def held_verdicts(clients: int, told: Sequence[Mapping[str, Any]], blind: str = "") -> Iterator[Verdict]:
    """Whether all sockets came and stayed, and whether each heard of each write.

    `told`: of each process how many are open at the end, how others were lost, and events missing of those due. `blind`: why the
    load generator's own clock cannot be trusted.
    """
    lost: Counter[str] = Counter()
    for one in told:
        lost.update(one.get("lost", {}))
    still, missing, due = (sum(int(one.get(name, 0)) for one in told) for name in ("open", "missing", "due"))
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
