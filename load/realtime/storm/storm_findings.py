"""The findings of a storm about the guide's client, each with a number. They are no verdicts, because the server is not at fault.

CF-1 and CF-2 are described in section 5 of `behaviour`; CF-8 to CF-11 concern the same code. Each finding needs evidence from
this run.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from contracts.run import ClientFinding
from load.realtime.storm.measurement import Measurement
from load.realtime.storm.storm_record import StormRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class StormEvidence:
    """One storm and its numbers."""

    experiment: StormRecord
    measured: Measurement

    @property
    def scale(self) -> str:
        factor = self.experiment.time_scale
        return "" if factor == 1 else f" (all waits times {factor:g}; seconds are the client's)"


def findings(storms: Iterable[StormEvidence]) -> list[ClientFinding]:
    """The findings for which these storms have evidence, once each, ordered by id."""
    found: dict[str, ClientFinding] = {}
    for shown in storms:
        for look in _LOOKS:
            for finding in look(shown):
                found.setdefault(finding.id, finding)
    return [found[key] for key in sorted(found, key=lambda key: int(key.removeprefix("CF-")))]


def _clean_close(shown: StormEvidence) -> Iterator[ClientFinding]:
    c, e = shown.measured.counted, shown.experiment
    if e.fault.clean and e.policy == "guide-as-written" and c.never_tried:
        yield ClientFinding(
            id="CF-1",
            title="A clean close never reconnects",
            detail=f"After a close with 1012, as at every deploy, {c.never_tried} of {c.clients} clients of the guide "
            f"made no attempt at all and told nobody. Reconnect after 1001, 1011, 1012 and 1013 too.",
            source="S:1325",
            number=f"{c.never_tried}/{c.clients} never tried",
        )


def _double_schedule(shown: StormEvidence) -> Iterator[ClientFinding]:
    c, e = shown.measured.counted, shown.experiment
    if e.policy != "guide-as-written" or e.fault.clean or e.fault.expires or not c.connects:
        return
    predicted = e.prediction
    extra = sum(clients for sockets, clients in c.sockets.items() if sockets > 1)
    if extra or c.given_up:
        yield ClientFinding(
            id="CF-2",
            title="A failed reconnect schedules two, and no timer is ever cancelled",
            detail=f"After {predicted.outage.seconds:g} s of `{e.fault.name}`{shown.scale} a client held "
            f"{c.sockets_per_client:.1f} sockets (simulated: {predicted.sockets_per_client:.1f}) after "
            f"{c.connects_per_client:.1f} connects (simulated: {predicted.connects_per_client:.1f}), each event came "
            f"{shown.measured.deliveries_per_client:.1f} times, and {c.given_up} of {c.clients} gave up. The ten "
            "attempts are spent within 49 s and not 181 s. Keep one timer and one socket.",
            source="S:1325-1327, S:1336-1342, S:1456-1472",
            number=f"{c.sockets_per_client:.1f} sockets per client",
        )


def _no_jitter(shown: StormEvidence) -> Iterator[ClientFinding]:
    m, e = shown.measured, shown.experiment
    share = m.peak_first_attempts_100ms / m.counted.clients
    if e.policy == "guide-documented" and not e.fault.clean and m.counted.connects and share >= 0.9:
        yield ClientFinding(
            id="CF-8",
            title="No jitter: all clients come at once",
            detail=f"{m.peak_first_attempts_100ms} of {m.counted.clients} clients made their first attempt within the same 100 ms"
            f"{shown.scale}. Draw the delay from the upper half of its range.",
            source="S:1458",
            number=f"{share:.0%} in 100 ms",
        )


def _no_sync(shown: StormEvidence) -> Iterator[ClientFinding]:
    m, e = shown.measured, shown.experiment
    if e.policy == "guide-documented" and m.counted.recovered and m.events_missed and not m.syncs:
        yield ClientFinding(
            id="CF-9",
            title="Nothing is caught up after a reconnect",
            detail=f"{m.counted.recovered} clients came back and never asked for what they had missed: "
            f"{m.events_missed} events of {len(e.during)} writes stayed unknown to them. Call GET /content/sync "
            "when a socket opens again.",
            source="S:1308-1315",
            number=f"{m.events_missed} events missed, 0 recovered",
        )


def _half_open(shown: StormEvidence) -> Iterator[ClientFinding]:
    c, e = shown.measured.counted, shown.experiment
    if e.fault.silent and e.policy == "guide-as-written" and c.never_tried:
        yield ClientFinding(
            id="CF-10",
            title="A dead connection is never noticed",
            detail=f"{c.never_tried} of {c.clients} clients kept a silent socket through a heartbeat and its answer's "
            f"time{shown.scale}: no answer to a heartbeat is waited for. Reconnect when one stays out for 10 s.",
            source="S:1478-1482",
            number=f"{c.never_tried}/{c.clients} never noticed",
        )


def _freeze(shown: StormEvidence) -> Iterator[ClientFinding]:
    c, e = shown.measured.counted, shown.experiment
    if c.frozen:
        yield ClientFinding(
            id="CF-11",
            title="A queued message can freeze the page",
            detail=f"After {e.prediction.outage.seconds:g} s of `{e.fault.name}`{shown.scale} {c.frozen} of {c.clients} "
            "clients with one message in their queue looped for ever in flushMessageQueue: the socket that opened was "
            "not `this.ws` any more, so send() put the message back. Flush only on the socket that opened.",
            source="S:1490-1495",
            number=f"{c.frozen}/{c.clients} frozen",
        )


def _dead_token(shown: StormEvidence) -> Iterator[ClientFinding]:
    m, e = shown.measured, shown.experiment
    c = m.counted
    refused = m.refused_after_return.get("401", 0)
    if e.fault.expires and e.policy == "guide-as-written" and refused and not c.recovered:
        yield ClientFinding(
            id="CF-15",
            title="An expired token is tried until the client gives up",
            detail=f"The access token ended during {e.prediction.outage.seconds:g} s of outage{shown.scale}: {refused} connects of "
            f"{c.clients} clients carried it to a target that was back, each was refused with 401, {c.given_up} of them "
            f"gave up, {c.clients - c.given_up} were still trying. A refused upgrade looks like a lost network, so refresh "
            "before connecting when the token is over (guide-fixed does: one refresh a client).",
            source="S:1303-1304, S:1456-1472",
            number=f"0/{c.clients} back, {refused / c.clients:.1f} refusals per client",
        )


_LOOKS: tuple[Callable[[StormEvidence], Iterator[ClientFinding]], ...] = (
    _clean_close,
    _double_schedule,
    _no_jitter,
    _no_sync,
    _half_open,
    _freeze,
    _dead_token,
)
