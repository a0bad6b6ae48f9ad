"""The numbers of one storm, computed from its record.

Durations are real seconds unless a description says `client seconds`, which are real seconds divided by the time scale. The
final states of the clients are counted by the same code as in the simulation.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from itertools import pairwise

from load.realtime.realtime_client import Beat, SeenEvent
from load.realtime.simulation.prediction import ClientHistory, Prediction, peak, predict, quantiles
from load.realtime.storm.storm_api import WrittenVersion
from load.realtime.storm.storm_record import ObservedClient, StormRecord

HEARTBEAT_LIMIT = 1.0
"""W6: a heartbeat is answered within 1 s."""
ENDLESS = 3600.0
"""Seconds that stand for a wait without an end: of a socket that lives on."""
SLOT = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeats:
    """The counts of the clients' heartbeats, the only message that the server acknowledges."""

    sent: int
    acknowledged: int
    late: int
    """Acknowledged after more than 1 s."""
    unanswered: int
    """Sent on a socket that stayed alive for at least 1 s, and never acknowledged."""
    cut: int
    """Sent, and lost with their socket; the guide's client promises at-most-once delivery."""
    duplicated: int
    """Acknowledged more often than sent, by echo."""
    reordered: int
    """Acknowledged out of order on one socket, by echo."""
    slowest: float = 0.0
    """The seconds of the slowest answer, or those for which a socket lived that never got one; at most ENDLESS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The numbers of one storm."""

    counted: Prediction
    """The results in the simulator's terms, in client seconds."""
    recovery: tuple[float, ...]
    """Seconds from the target's return, of recovered clients, ascending."""
    recovery_from_drop: dict[float, float]
    detection: dict[float, float]
    """Seconds from the drop until a client noticed it, by quantile; after a reset, all of it is our own delay."""
    peak_connects_100ms: int
    peak_first_attempts_100ms: int
    """The most clients whose first attempts after the drop were within the same 100 ms."""
    handshakes: dict[float, float]
    """Seconds from connect to 101 after the return, by quantile."""
    refused_after_return: dict[str, int]
    """HTTP status -> connects that the target refused after its return."""
    lateness: dict[float, float]
    """Seconds by which reconnect timers fired late, by quantile: the generator's own error."""
    events_missed: int
    """(client, write) pairs: writes during the outage whose event the client never received."""
    events_recovered: int
    """The number of missed events that a sync brought."""
    events_lost: int
    """The missed events that no sync brought to a client that has come back."""
    sync_failures: tuple[str, ...]
    syncs: int
    undelivered: int
    """(socket, write) pairs: live sockets that never got the event of a write."""
    deliveries_per_client: float
    """Copies of one event that one recovered client received."""
    disordered: int
    """(socket, item) pairs: items whose versions did not strictly increase on a socket."""
    heartbeats: Heartbeats
    unversioned: int = 0
    """Events without item or version."""
    refreshes: dict[int, int] = field(default_factory=dict)
    """Token refreshes -> number of clients."""
    timeline: list[list[float]] = field(default_factory=list)


def measure(experiment: StormRecord) -> Measurement:
    e = experiment
    shifted = [_shift(client, e) for client in e.clients]
    counted = predict(e.policy, e.prediction.outage, shifted, wasted=0, syn_drops=0)
    missed, brought = _gaps(e, e.clients)
    returned = e.dropped_at if e.fault.silent else e.back_at
    recovered = [c for c in e.clients if any(is_open and s not in c.dead for s, is_open in c.sockets.items())]
    owed, paid = _gaps(e, recovered)
    firsts = [min((at for at in c.ledger.opened if at >= returned), default=None) for c in recovered]
    first = [at for at in firsts if at is not None]
    attempts = [[at - e.dropped_at for at in c.ledger.connects if at >= e.dropped_at] for c in e.clients]
    first_attempts = [each[0] for each in attempts if each]
    connects = [at for each in attempts for at in each]
    return Measurement(
        counted=counted,
        recovery=tuple(sorted(at - returned for at in first)),
        recovery_from_drop=quantiles(at - e.dropped_at for at in first),
        detection=quantiles(
            min(at for at, _, _, _ in c.ledger.ends if at >= e.dropped_at) - e.dropped_at
            for c in e.clients
            if any(at >= e.dropped_at for at, _, _, _ in c.ledger.ends)
        ),
        peak_connects_100ms=peak(connects, SLOT),
        peak_first_attempts_100ms=peak(first_attempts, SLOT),
        handshakes=quantiles(took for c in e.clients for at, took in c.ledger.handshakes if at >= returned),
        refused_after_return=dict(
            Counter(
                str(status)
                for c in e.clients
                for at, status in c.ledger.refusals
                if at >= e.back_at and status is not None
            )
        ),
        lateness=quantiles(late for c in e.clients for late in c.ledger.lateness),
        events_missed=missed,
        events_recovered=brought,
        events_lost=owed - paid,
        sync_failures=tuple(text for client in e.clients for text in client.sync_failures),
        syncs=sum(len(client.ledger.syncs) for client in e.clients),
        undelivered=_undelivered(e),
        deliveries_per_client=_deliveries(e),
        unversioned=sum(len(client.ledger.unversioned) for client in e.clients),
        disordered=sum(_disordered(client.ledger.seen) for client in e.clients),
        heartbeats=heartbeats(e.clients, e.dropped_at),
        refreshes=dict(sorted(Counter(client.refreshes for client in e.clients).items())),
        timeline=timeline(e),
    )


def _shift(client: ObservedClient, e: StormRecord) -> ClientHistory:
    """The client's events in client seconds from the drop."""

    def at(when: float) -> float:
        return (when - e.dropped_at) / e.time_scale

    return ClientHistory(
        connects=[at(when) for when in client.ledger.connects],
        opened=[at(when) for when in client.ledger.opened],
        notices=[(at(when), notice) for when, notice in client.notices],
        timers=dict(client.timers),
        dead=set(client.dead),
        sockets=dict(client.sockets),
    )


def _gaps(e: StormRecord, clients: Iterable[ObservedClient]) -> tuple[int, int]:
    """(events missed during the outage, missed events that a sync brought), over these clients."""
    missed = recovered = 0
    for client in clients:
        got = {(seen.item, seen.version) for seen in client.ledger.seen}
        gaps = [w for _, w in e.during if (w.item, w.version) not in got]
        missed += len(gaps)
        recovered += sum(client.synced.get(w.item, 0) >= w.version for w in gaps)
    return missed, recovered


def _deliveries(e: StormRecord) -> float:
    """The mean number of copies of one event that a client with a live socket received."""
    alive = [client for client, live in zip(e.clients, e.live_after, strict=True) if live]
    copies = [_copies(client, written) for client in alive for _, written in e.after]
    return sum(copies) / len(copies) if copies else 0.0


def _copies(client: ObservedClient, written: WrittenVersion) -> int:
    return sum(s.item == written.item and s.version == written.version for s in client.ledger.seen)


def _undelivered(e: StormRecord) -> int:
    """The violations of W3 on sockets that were alive from before a write until after its event was due."""
    gaps = 0
    for client, live in zip(e.clients, e.live_after, strict=True):
        excused = {socket for _, socket in client.ledger.resyncs}
        gaps += 0 if excused else sum(not _copies(client, written) for _, written in e.before)
        for _, written in e.after:
            got = {
                s.socket for s in client.ledger.seen if (s.item, s.version) == (written.item, written.version)
            }
            # W3 lets a server send `sync_required` in place of events that it cannot deliver.
            gaps += len(live - got - excused)
    return gaps


def _disordered(seen: Iterable[SeenEvent]) -> int:
    """The violations of W2: per socket and item, versions must strictly increase."""
    last: dict[tuple[int, str], int] = {}
    wrong: set[tuple[int, str]] = set()
    for event in seen:
        key = (event.socket, event.item)
        if event.version <= last.get(key, 0):
            wrong.add(key)
        last[key] = event.version
    return len(wrong)


def heartbeats(clients: Iterable[ObservedClient], dropped_at: float) -> Heartbeats:
    """The counts of heartbeats. Answers are matched by echo if the server sends one, else in order."""
    total = Counter[str]()
    slowest = 0.0
    for client in clients:
        ends = {socket: at for at, socket, _, _ in client.ledger.ends}
        for socket in {beat.socket for beat in client.ledger.beats}:
            beats = [beat for beat in client.ledger.beats if beat.socket == socket]
            answers = [beat for beat in client.ledger.answers if beat.socket == socket]
            over = min(
                ends.get(socket, float("inf")),
                dropped_at if socket in client.ledger.silenced else float("inf"),
            )
            total += _match(beats, answers, over)
            slowest = max(slowest, _slowest(beats, answers, over))
    counts = {each.name: total[each.name] for each in fields(Heartbeats) if each.name != "slowest"}
    return Heartbeats(**counts, slowest=slowest)


def _slowest(beats: list[Beat], answers: list[Beat], over: float) -> float:
    sent = {beat.stamp: beat.at for beat in reversed(beats)}
    took = [a.at - sent[a.stamp] for a in answers if a.stamp is not None and a.stamp in sent]
    echoes = {a.stamp for a in answers}
    waited = [over - at for stamp, at in sent.items() if None not in echoes and stamp not in echoes]
    owed = [wait for wait in waited if wait >= HEARTBEAT_LIMIT]
    return min(max([*took, *owed], default=0.0), ENDLESS)


def _match(beats: list[Beat], answers: list[Beat], over: float) -> Counter[str]:
    echoes = [answer.stamp for answer in answers if answer.stamp is not None]
    count = Counter[str](sent=len(beats))
    count["duplicated"] = max(0, len(answers) - len(beats))
    order = [echo for at, echo in enumerate(echoes) if echo not in echoes[:at]]
    count["reordered"] = sum(later < earlier for earlier, later in pairwise(order))
    unused = list(answers)
    for beat in beats:
        answer = next((a for a in unused if a.stamp in (beat.stamp, None)), None)
        if answer is not None:
            unused.remove(answer)
            count["acknowledged"] += 1
            count["late"] += answer.at - beat.at > HEARTBEAT_LIMIT
        elif over - beat.at >= HEARTBEAT_LIMIT:
            count["unanswered"] += 1
        else:
            count["cut"] += 1
    return count


def timeline(e: StormRecord) -> list[list[float]]:
    """[seconds since the drop, open sockets, connects in this slot], every 100 ms until the storm had settled."""
    changes: list[tuple[float, int]] = []
    for client in e.clients:
        ends = {socket: at for at, socket, _, _ in client.ledger.ends}
        changes += [(at, 1) for at in client.ledger.opened]
        changes += [(at, -1) for at in ends.values()]
    changes.sort()
    connects = Counter(
        int((at - e.dropped_at) / SLOT) for c in e.clients for at in c.ledger.connects if at >= e.dropped_at
    )
    rows: list[list[float]] = []
    is_open, at = 0, 0
    for slot in range(int((e.settled_at - e.dropped_at) / SLOT) + 1):
        until = e.dropped_at + (slot + 1) * SLOT
        while at < len(changes) and changes[at][0] < until:
            is_open += changes[at][1]
            at += 1
        rows.append([round(slot * SLOT, 3), is_open, connects[slot]])
    return rows
