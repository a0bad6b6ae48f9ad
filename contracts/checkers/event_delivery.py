"""The checker of realtime events, against the writes that caused them and the reads that followed.

Per socket:
- `not-increasing` (W2): the versions of one item strictly increase;
- `skipped` (W2, W3): between two events of one item no version is left out, unless a `sync_required` came in between;
- `missing` (W3): a write answered while the socket was open reaches it, unless a `sync_required` covers its stamp; it
  counts as missing once an event of a later commit has come, or the socket stayed open `settle` longer;
- `crossed` (W5): no event is about an item of another workspace.
Across the history:
- `before-write`: no event came before the write that made its version was sent;
- `phantom`: no event has a version that no write can have made;
- `action`: the event names the kind of change that made the version;
- `read-behind` (W1): a read sent after an event came answers at least that version.

Pseudo-operations: `socket.open` (`done` = open), `socket.event` (`done` = received), `socket.close`. Facts of all three:
`socket`, `workspace`. Of an event: `event` (its type), and for `content_updated` `item`, `version`, `action`, `at`
(updatedAt); for `sync_required` `stamp` (lastSyncTimestamp). Of writes and reads: `item`, `version`, `at`, `workspace`.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from contracts.checkers.findings import Finding, verdict
from contracts.checkers.write_effects import NEVER, Effect, effects
from contracts.content_writes import WRITES
from contracts.history import OK, Call, History
from contracts.verdict import Verdict

CHECK = "events"
SETTLE = 5_000_000_000
"""The time in ns after which an event counts as missing."""


@dataclass(slots=True)
class Socket:
    """The opening, the events and the closing of one socket."""

    opened: Call | None = None
    closed: Call | None = None
    events: list[Call] = field(default_factory=list)
    syncs: list[Call] = field(default_factory=list)


@dataclass(slots=True)
class Written:
    """The versions of items that the history's writes have made, or may have made."""

    sure: dict[tuple[str, int], Effect] = field(default_factory=dict)
    maybe: set[tuple[str, int]] = field(default_factory=set)
    blind: set[str] = field(default_factory=set)
    born: set[str] = field(default_factory=set)
    home: dict[str, str] = field(default_factory=dict)
    stamped: dict[str, list[tuple[str, Effect]]] = field(default_factory=lambda: defaultdict(list))
    """By workspace, the writes that showed version and stamp, and so certainly caused an event, in the order of commits."""


def events(history: History, *, settle: int = SETTLE) -> Verdict:
    """The verdict on the events of all sockets. `settle` is in ns. The history has every write to the items created in it."""
    sockets, reads = _sort(history)
    seen = sum(len(socket.events) for socket in sockets.values())
    if not sockets:
        return verdict(CHECK, [], seen=0, lacking="no socket was open")
    written = _written(history)
    last = max((call.done or call.sent for call in history), default=0)
    findings: list[Finding] = []
    expected = 0
    for socket in sockets.values():
        findings += _order(socket)
        findings += _causes(socket, written)
        missing, owed = _missing(socket, written, last, settle)
        findings += missing
        expected += owed
    findings += _reads(sockets.values(), reads)
    lacking = "no event was received and none was owed"
    return verdict(CHECK, findings, seen=seen + expected, lacking=lacking, sockets=len(sockets), events=seen)


def _sort(history: History) -> tuple[dict[str, Socket], list[Call]]:
    sockets: dict[str, Socket] = defaultdict(Socket)
    reads: list[Call] = []
    for call in history:
        operation = call.operation
        if operation == "getContentItem":
            reads.append(call)
        elif operation == "socket.event":
            if call.facts.get("event") == "content_updated":
                sockets[call.facts["socket"]].events.append(call)
            elif call.facts.get("event") == "sync_required":
                sockets[call.facts["socket"]].syncs.append(call)
        elif operation == "socket.open":
            if call.outcome is OK:
                sockets[call.facts["socket"]].opened = call
        elif operation == "socket.close" and call.facts.get("socket") in sockets:
            sockets[call.facts["socket"]].closed = call
    for socket in sockets.values():
        # By arrival; the sort is stable, so two at one instant stay in the recorder's order.
        socket.events.sort(key=_arrived)
        socket.syncs.sort(key=_arrived)
    return sockets, reads


def _arrived(call: Call) -> int:
    return call.sent if call.done is None else call.done


def _written(history: History) -> Written:
    known = Written()
    for call in history:
        if call.operation not in WRITES:
            continue
        workspace = call.facts.get("workspace", "")
        for effect in effects(call):
            known.home.setdefault(effect.item, workspace)
            if effect.version is None:
                known.blind.add(effect.item)
                continue
            key = (effect.item, effect.version)
            if not effect.sure:
                known.maybe.add(key)
                continue
            known.sure.setdefault(key, effect)
            if effect.action == "created":
                known.born.add(effect.item)
            if "at" in call.facts:
                known.stamped[workspace].append((call.facts["at"], effect))
    for stamped in known.stamped.values():
        stamped.sort(key=lambda pair: pair[0])
    return known


def _order(socket: Socket) -> Iterable[Finding]:
    last: dict[str, Call] = {}
    syncs = [_arrived(call) for call in socket.syncs]
    for call in socket.events:
        item, version = call.facts["item"], call.facts["version"]
        before = last.get(item)
        if before is not None:
            previous = before.facts["version"]
            if version <= previous:
                reason = f"a socket got version {version} of {item} after version {previous}"
                yield Finding("not-increasing", reason, (before, call))
            elif version > previous + 1:
                place = bisect_left(syncs, _arrived(before))
                if place == len(syncs) or syncs[place] > _arrived(call):
                    reason = f"a socket got version {version} of {item} right after version {previous}"
                    yield Finding("skipped", reason, (before, call))
        last[item] = call


def _causes(socket: Socket, written: Written) -> Iterable[Finding]:
    workspace = "" if socket.opened is None else socket.opened.facts.get("workspace", "")
    for call in socket.events:
        item, version = call.facts["item"], call.facts["version"]
        home = written.home.get(item)
        if home is not None and socket.opened is not None and home != workspace:
            reason = f"a socket of workspace {workspace!r} got an event of {item} in {home!r}"
            yield Finding("crossed", reason, (socket.opened, call))
        effect = written.sure.get((item, version))
        if effect is not None:
            if _arrived(call) < effect.call.sent:
                reason = (
                    f"the event of version {version} of {item} came before the write of that version was sent"
                )
                yield Finding("before-write", reason, (call, effect.call))
            if call.facts.get("action", effect.action) != effect.action:
                reason = (
                    f"version {version} of {item} was {effect.action}, its event says {call.facts['action']}"
                )
                yield Finding("action", reason, (effect.call, call))
        elif item in written.born and item not in written.blind and (item, version) not in written.maybe:
            reason = f"an event tells version {version} of {item}, which nobody made"
            yield Finding("phantom", reason, (call,))


def _missing(socket: Socket, written: Written, last: int, settle: int) -> tuple[list[Finding], int]:
    """The findings of events that the socket should have got, and the number of such events."""
    opened = socket.opened
    if opened is None or opened.done is None:
        return [], 0
    until = last if socket.closed is None else socket.closed.sent
    received = {(call.facts["item"], call.facts["version"]) for call in socket.events}
    newest = max((call.facts.get("at", "") for call in socket.events), default="")
    missing = []
    owed = 0
    for at, effect in written.stamped.get(opened.facts.get("workspace", ""), ()):
        if effect.call.sent <= opened.done or not (at < newest or effect.end + settle < until):
            continue
        owed += 1
        if (effect.item, effect.version) not in received and not any(
            sync.facts.get("stamp", "") < at and _arrived(sync) >= effect.call.sent for sync in socket.syncs
        ):
            reason = f"version {effect.version} of {effect.item} never reached an open socket"
            missing.append(Finding("missing", reason, (opened, effect.call)))
    return missing, owed


def _reads(sockets: Iterable[Socket], reads: list[Call]) -> Iterable[Finding]:
    """The findings of reads behind an event. For each item, the highest version of its events over time is computed once."""
    delivered: dict[str, list[tuple[int, Call]]] = defaultdict(list)
    for socket in sockets:
        for call in socket.events:
            delivered[call.facts["item"]].append((_arrived(call), call))
    steps: dict[str, tuple[list[int], list[Call]]] = {}
    for item, arrivals in delivered.items():
        times: list[int] = []
        highest: list[Call] = []
        for time, call in sorted(arrivals, key=lambda pair: pair[0]):
            if not highest or call.facts["version"] > highest[-1].facts["version"]:
                times.append(time)
                highest.append(call)
        steps[item] = times, highest
    for read in reads:
        facts = read.facts
        if facts.get("item") not in steps or "version" not in facts or "asked" in facts:
            continue
        times, highest = steps[facts["item"]]
        place = bisect_left(times, read.sent if read.done is not None else NEVER)
        if place and facts["version"] < highest[place - 1].facts["version"]:
            event = highest[place - 1]
            reason = f"a read of {facts['item']} showed version {facts['version']} after an event of version {event.facts['version']}"
            yield Finding("read-behind", reason, (event, read))
