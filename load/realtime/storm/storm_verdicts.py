"""Verdicts of a storm on the target; what it says about the guide's client is in `storm_findings`.

The guide's clients fail by themselves, whatever the server does, so for them only the server's duties are
judged. `guide-fixed` is the client for which a good server is good enough: with it everybody comes back, on
one socket, with nothing missed. A generator that was too busy to keep its own schedule turns every FAIL that
is about time into UNKNOWN.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gevent.pool import Pool as Greenlets

from contracts.verdict import Grade, Verdict
from load.realtime.simulation.prediction import quantiles
from load.realtime.storm.measurement import HEARTBEAT_LIMIT, Measurement
from load.realtime.storm.storm_api import StormApi
from load.realtime.storm.storm_record import StormRecord

JUDGED = "guide-fixed"
HANDSHAKE_P99 = 1.0
"""Seconds; a fifth of what the client waits. Beyond it reconnects make each other late."""
LATENESS_P99 = 0.1
"""Seconds by which timers may fire late before the generator is not believed any more."""
LAG = 0.5
"""Seconds for which it may have stood still once: half of what an answer may take."""


@dataclass(frozen=True, slots=True)
class StormVerdicts:
    """Where the verdicts of one storm are written."""

    subject: str
    lateness: float
    """p99 of the generator's own timers, seconds."""
    lag: float
    """The longest moment for which it stood still."""

    def verdict(
        self, check: str, bad: float, reason: str, evidence: Mapping[str, Any], *, timed: bool = False,
        beyond: float = LAG,
    ) -> Verdict:  # fmt: skip
        """One verdict of the storm: PASS where `bad` is 0. `timed`: a busy generator alone could have caused it, of lateness by so much `beyond` the
        limit."""
        if not bad:
            return Verdict(check=check, grade=Grade.PASS, subject=self.subject, evidence=evidence)
        grade = Grade.FAIL
        if timed and (self.lateness > LATENESS_P99 or self.lag > min(LAG, beyond)):
            grade = Grade.UNKNOWN
            late = f"{self.lateness * 1000:.0f} ms late at p99 and once {self.lag * 1000:.0f} ms"
            reason = f"{reason}; but the generator's own timers were {late}, so nothing is proved"
        return Verdict(check=check, grade=grade, subject=self.subject, reason=reason, evidence=evidence)


def judge(experiment: StormRecord, m: Measurement) -> list[Verdict]:
    subject = f"{experiment.policy} / {experiment.fault.name}"
    bench = StormVerdicts(subject, m.lateness.get(0.99, 0.0), experiment.lag)
    found = [*_of_the_server(m, bench)]
    stale = experiment.fault.expires and experiment.policy != JUDGED
    found.append(_refused_the_dead(m, bench) if stale else _took_the_good(m, bench))
    if experiment.policy == JUDGED:
        found += _of_the_good_client(experiment, m, bench)
        if experiment.fault.expires:
            found.append(_refreshed_once(m, bench))
    return found


def _of_the_server(m: Measurement, bench: StormVerdicts) -> Iterator[Verdict]:
    h = m.heartbeats
    wrong = h.unanswered + h.duplicated + h.reordered
    yield bench.verdict(
        "realtime.heartbeat",
        wrong + h.late,
        f"of {h.sent} heartbeats {h.unanswered} were never answered, {h.late} after more than 1 s, "
        f"{h.duplicated} twice, {h.reordered} out of order (W6)",
        asdict(h),
        timed=not wrong,
        beyond=h.slowest - HEARTBEAT_LIMIT,
    )
    yield bench.verdict(
        "realtime.delivery",
        m.undelivered,
        f"{m.undelivered} live sockets never got the event of an acknowledged write (W3){unversioned(m.unversioned)}",
        {"undelivered": m.undelivered, "copiesPerClient": round(m.deliveries_per_client, 2)},
    )
    yield bench.verdict(
        "realtime.order",
        m.disordered,
        f"on {m.disordered} sockets the versions of one item did not strictly increase (W2)",
        {"disordered": m.disordered},
    )


def unversioned(events: int) -> str:
    """What to add where events came that nobody can tell the version of."""
    told = "which do not say which version of which item, so that nobody knows whose they are"
    return f"; {events} events of content_updated came, {told}" if events else ""


def _took_the_good(m: Measurement, bench: StormVerdicts) -> Verdict:
    return bench.verdict(
        "reconnect.accepted",
        sum(m.refused_after_return.values()),
        f"after its return the target refused reconnects with a good token: {_counts(m.refused_after_return)}",
        {"refused": m.refused_after_return},
    )


def _refused_the_dead(m: Measurement, bench: StormVerdicts) -> Verdict:
    """These clients never refresh: each of their connects after the return carries a token that has ended."""
    others = {status: n for status, n in m.refused_after_return.items() if status != "401"}
    told = [f"{m.counted.recovered} clients were let in"] if m.counted.recovered else []
    told += [f"refusals were {_counts(others)} and not 401"] if others else []
    return bench.verdict(
        "reconnect.expired",
        m.counted.recovered + sum(others.values()),
        f"with access tokens that had ended, {' and '.join(told)}",
        {"refused": m.refused_after_return},
    )


def _refreshed_once(m: Measurement, bench: StormVerdicts) -> Verdict:
    """The socket, the catching up and the screens all needed a fresh token at one moment."""
    refreshes = {str(count): clients for count, clients in m.refreshes.items()}
    return bench.verdict(
        "reconnect.refresh",
        sum(clients for count, clients in m.refreshes.items() if count != 1),
        f"refreshes per client for one expiry: {_counts(refreshes)}",
        {"refreshes": refreshes},
    )


def _of_the_good_client(e: StormRecord, m: Measurement, bench: StormVerdicts) -> Iterator[Verdict]:
    c = m.counted
    predicted = {q: value * e.time_scale for q, value in e.prediction.recovery.items()}
    yield bench.verdict(
        "reconnect.recovers",
        c.clients - c.recovered,
        f"{c.recovered} of {c.clients} clients came back (given up {c.given_up}, never tried {c.never_tried}, "
        f"still trying {c.still_trying})",
        {
            "fromReturnSeconds": named(quantiles(m.recovery)),
            "simulatedFromReturnSeconds": named(predicted),
            "fromDropSeconds": named(m.recovery_from_drop),
            "detectionSeconds": named(m.detection),
            "timerLatenessSeconds": named(m.lateness),
        },
        timed=True,
    )
    yield bench.verdict(
        "reconnect.sync",
        m.events_missed - m.events_recovered + len(m.sync_failures),
        f"{m.events_missed} events were missed during the outage and sync brought {m.events_recovered} of them"
        + (f"; {m.sync_failures[0]}" if m.sync_failures else ""),
        {"missed": m.events_missed, "recovered": m.events_recovered, "syncs": m.syncs},
    )
    sockets = {str(count): clients for count, clients in c.sockets.items()}
    yield bench.verdict(
        "reconnect.sockets",
        sum(clients for count, clients in c.sockets.items() if count > 1),
        f"sockets per client after recovery: {_counts(sockets)}",
        {"sockets": sockets},
    )
    p99 = m.handshakes.get(0.99, 0.0)
    yield bench.verdict(
        "reconnect.handshake",
        p99 > HANDSHAKE_P99,
        f"p99 of the handshakes after the return was {p99:.2f} s (limit {HANDSHAKE_P99:.0f} s)",
        {"seconds": named(m.handshakes)},
        timed=True,
    )


def judge_tokens(api: StormApi) -> Verdict:
    """A bad or missing token is refused with 401 before the upgrade, a good one is let in."""
    channel = api.channel
    cases = {
        "no token": "",
        "token=undefined": channel.query("undefined"),
        "a made-up token": channel.query("eyJhbGciOiJub25lIn0.e30."),
    }
    channel.path(channel.query(api.token))
    # Together, because a target that answers none of them takes its time with each.
    statuses = Greenlets(len(cases)).map(channel.status, cases.values())
    got = dict(zip(cases, statuses, strict=True))
    wrong = {name: str(status or "no answer") for name, status in got.items() if status != 401}
    told = ", ".join(f"{name} was answered {status}" for name, status in wrong.items())
    return Verdict(
        check="realtime.invalid-token",
        grade=Grade.FAIL if wrong else Grade.PASS,
        subject="realtime",
        reason=f"{told}; 401 before the upgrade is due" if wrong else "",
        evidence=got,
    )


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items()) or "none"


def named(values: Mapping[float, float]) -> dict[str, float]:
    """Quantiles by the names that reports use, to a tenth of a millisecond."""
    names = {0.5: "p50", 0.9: "p90", 0.99: "p99", 1.0: "max"}
    return {names[q]: round(value, 4) for q, value in values.items()}
