"""How the delivery of events goes wrong when a fault says so: the hub hands every event over to this.

With no deviating rule an event takes the same way as in the hub; each rule of the group "events" in
`mock_server.rules.realtime` turns it off that way at one place. Counts are kept for each socket and begin anew
when the faults change. What is held back waits for the server's clock, as its timers do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from mock_server.clock import SECOND, Clock
from mock_server.realtime import event, frames
from mock_server.realtime.socket import LiveSocket
from mock_server.rules import Rules, Ruling
from mock_server.store.changes import Entry

SWAP_WAITS = SECOND
"""How long an event that is to be swapped waits for the next one."""


class Held(NamedTuple):
    """A frame that is sent when the clock shows `due`."""

    due: int
    socket: LiveSocket
    frame: str
    stamp: int | None


@dataclass(slots=True)
class Fate:
    """What has become of one socket's events: how many there were, and the one that is to be swapped."""

    socket: LiveSocket
    events: int = 0
    waiting: Held | None = None
    doomed: bool = False
    """The socket is aborted at the next tick: what it was sent before shall still arrive."""


class EventFaults:
    def __init__(self, clock: Clock, ruling: Ruling) -> None:
        self._clock = clock
        self._ruling = ruling
        self._fates: dict[int, Fate] = {}
        self._held: list[Held] = []
        self._silenced: set[tuple[str, int]] = set()

    def reset(self) -> None:
        """Other faults hold from now on: nothing waits for those before."""
        fates, held = self._fates, self._held
        self._fates, self._held = {}, []
        self._silenced.clear()
        for fate in fates.values():
            fate.socket.muted = False
        for one in [*held, *(fate.waiting for fate in fates.values() if fate.waiting)]:
            one.socket.offer(one.frame, one.stamp)

    def silence(self, entry: Entry) -> None:
        """This change is not told when its turn comes."""
        self._silenced.add((entry.item, entry.version))

    def hold(self, socket: LiveSocket, frame: str, milliseconds: int, stamp: int | None = None) -> None:
        self._held.append(Held(self._clock.now() + milliseconds * 1000, socket, frame, stamp))

    def tick(self, now: int) -> None:
        due = [one for one in self._held if one.due <= now]
        self._held = [one for one in self._held if one.due > now]
        for fate in list(self._fates.values()):
            if fate.waiting is not None and fate.waiting.due <= now:
                due.append(fate.waiting)
                fate.waiting = None
            if fate.doomed:
                fate.socket.abort()
            if fate.socket.closed:
                del self._fates[fate.socket.number]
        for one in due:
            one.socket.offer(one.frame, one.stamp)

    def broadcast(self, entry: Entry, sockets: Iterable[LiveSocket]) -> int:
        """How many sockets the event was meant for."""
        if (entry.item, entry.version) in self._silenced:
            self._silenced.discard((entry.item, entry.version))
            return 0
        rules = self._ruling.rules
        told = content_updated(entry, rules)
        entitled = [socket for socket in sockets if _is_entitled(socket, entry, rules)]
        for socket in entitled:
            fate = self._fates.setdefault(socket.number, Fate(socket))
            fate.events += 1
            self._deliver(fate, told, entry.stamp, rules)
        return len(entitled)

    def _deliver(self, fate: Fate, told: str, stamp: int, rules: Rules) -> None:
        socket, number = fate.socket, fate.events
        if _falls(number, rules.ws_event_lost_every):
            return
        if _falls(number, rules.ws_event_swapped_every) and fate.waiting is None:
            fate.waiting = Held(self._clock.now() + SWAP_WAITS, socket, told, stamp)
            return
        for _ in range(2 if _falls(number, rules.ws_event_doubled_every) else 1):
            self._send(socket, told, stamp, rules)
        if fate.waiting is not None:
            self._send(socket, fate.waiting.frame, fate.waiting.stamp, rules)
            fate.waiting = None
        if _falls(number, rules.ws_sync_required_every):
            self._send(socket, frames.sync_required(rules, self._clock.now(), "overflow"), None, rules)
        fate.doomed = 0 < rules.ws_abort_after <= number
        socket.muted = fate.doomed or 0 < rules.ws_mute_after <= number

    def _send(self, socket: LiveSocket, frame: str, stamp: int | None, rules: Rules) -> None:
        if rules.ws_event_delay_ms:
            self.hold(socket, frame, rules.ws_event_delay_ms, stamp)
        else:
            socket.offer(frame, stamp)


def content_updated(entry: Entry, rules: Rules) -> str:
    """The event as the rules have it."""
    data = event.data(entry)
    data["version"] += rules.ws_event_version_shift
    data["action"] = rules.ws_event_action or data["action"]
    if rules.ws_event_title_old:
        data["title"] = "stale"
    if rules.ws_event_notify is not None:
        data["showNotification"] = rules.ws_event_notify
    if rules.ws_event_extra:
        data["internalId"] = 1
    data.pop(rules.ws_event_without, None)
    if rules.ws_event_flat:
        return msgspec.json.encode({"type": rules.ws_event_type, **data}).decode()
    return frames.frame(rules.ws_event_type, data)


def _is_entitled(socket: LiveSocket, entry: Entry, rules: Rules) -> bool:
    claims = socket.claims
    return (
        (claims.wsp == entry.workspace or not rules.ws_event_own_workspace)
        and ("content:read" in claims.scope or not rules.ws_event_permission)
        and (claims.sub != entry.actor or rules.ws_event_to_author)
    )


def _falls(number: int, every: int) -> bool:
    return every > 0 and number % every == 0
