"""The verdicts of a storm on the target; `storm_findings` has the findings about the guide's client.

The guide's clients fail even with a perfect server, so with them only the server's own duties are judged. With `guide-fixed`,
all clients of a good server must come back, on one socket, without missed events. If the generator was late itself, a FAIL
about time becomes UNKNOWN.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gevent.pool import Pool as Greenlets

from contracts.dialect.document_needs import promises
from contracts.verdict import Grade, Verdict
from load.realtime.channel_endpoint import SWITCHING
from load.realtime.policies.reconnect_policies import REPAIRED
from load.realtime.simulation.prediction import quantiles
from load.realtime.storm.measurement import ENDLESS, HEARTBEAT_LIMIT, Measurement
from load.realtime.storm.storm_api import StormApi
from load.realtime.storm.storm_record import StormRecord

HANDSHAKE_P99 = 1.0
"""The limit in seconds: a fifth of the client's connect timeout. Beyond it, reconnects delay each other."""
LATENESS_P99 = 0.1
"""The most seconds by which the generator's timers may fire late at p99."""
LAG = 0.5
"""The longest stall of the generator in seconds: half of the limit for an answer."""


@dataclass(frozen=True, slots=True)
class StormVerdicts:
    """The maker of one storm's verdicts, which considers the generator's lateness."""

    subject: str
    lateness: float
    """The lateness of the generator's timers at p99, in seconds."""
    lag: float
    """The generator's longest stall, in seconds."""

    def verdict(
        self, check: str, bad: float, reason: str, evidence: Mapping[str, Any], *, timed: bool = False,
        beyond: float = LAG,
    ) -> Verdict:  # fmt: skip
        """PASS if `bad` is 0, else FAIL. `timed`: a late generator could have caused it, so a lateness of more than `beyond`
        seconds makes it UNKNOWN."""
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
    stale = experiment.fault.expires and experiment.policy != REPAIRED
    found.append(_refused_the_dead(m, bench) if stale else _took_the_good(m, bench))
    if experiment.policy == REPAIRED:
        found += _of_the_good_client(experiment, m, bench)
        if experiment.fault.expires:
            found.append(_refreshed_once(m, bench))
    return found


def _of_the_server(m: Measurement, bench: StormVerdicts) -> Iterator[Verdict]:
    h = m.heartbeats
    wrong = h.duplicated + h.reordered
    # On a socket that was closed a little after its second, an answer that never came may have been a late one.
    yield bench.verdict(
        "realtime.heartbeat",
        wrong + h.unanswered + h.late,
        f"of {h.sent} heartbeats {h.unanswered} were never answered, {h.late} after more than 1 s, "
        f"{h.duplicated} twice, {h.reordered} out of order (W6)",
        asdict(h),
        timed=not wrong and h.slowest < ENDLESS,
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
    """The addition to a reason if events came without item or version."""
    effect = "without item or version, so they cannot be matched to writes"
    return f"; {events} events of content_updated came {effect}" if events else ""


def _took_the_good(m: Measurement, bench: StormVerdicts) -> Verdict:
    return bench.verdict(
        "reconnect.accepted",
        sum(m.refused_after_return.values()),
        f"after its return the target refused reconnects with a good token: {_counts(m.refused_after_return)}",
        {"refused": m.refused_after_return},
    )


def _refused_the_dead(m: Measurement, bench: StormVerdicts) -> Verdict:
    """The verdict on expired tokens. These clients never refresh, so all their connects after the return must get 401."""
    others = {status: n for status, n in m.refused_after_return.items() if status != "401"}
    wrong = [f"{m.counted.recovered} clients were let in"] if m.counted.recovered else []
    wrong += [f"refusals were {_counts(others)} and not 401"] if others else []
    return bench.verdict(
        "reconnect.expired",
        m.counted.recovered + sum(others.values()),
        f"with expired access tokens, {' and '.join(wrong)}",
        {"refused": m.refused_after_return},
    )


def _refreshed_once(m: Measurement, bench: StormVerdicts) -> Verdict:
    """The verdict on refreshes: socket, sync and screens need a new token at the same moment, and must share one refresh."""
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
        m.events_lost + len(m.sync_failures),
        f"{m.events_missed} events were missed during the outage, and {m.events_lost} of them no sync brought to a client that came back"
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


UPGRADE_LOST = frozenset({400, 404, 426, 501, 502, 503, 504})
"""Answers to the handshake itself: those of a gateway that does not pass on the upgrade, or has nobody behind it."""


def judge_tokens(api: StormApi) -> Verdict:
    """The verdict on bad tokens: a wrong or missing token must be refused with 401 before the upgrade. A document that does not describe
    the channel leaves open how it is refused."""
    channel = api.channel
    cases = {
        "no token": None,
        "token=undefined": "undefined",
        "a made-up token": "eyJhbGciOiJub25lIn0.e30.",
    }
    channel.path(api.token)
    # In parallel, because a target that does not answer costs the timeout of each.
    statuses = Greenlets(len(cases)).map(channel.status, cases.values())
    got = dict(zip(cases, statuses, strict=True))
    silent = [name for name, status in got.items() if not status]
    # Once more, as the silence may be the machine's: of one that stood still for five seconds.
    got |= zip(
        silent, Greenlets(len(cases)).map(channel.status, [cases[name] for name in silent]), strict=True
    )
    described = promises(api.spec, "realtime channel")
    wrong = {
        name: str(status or "no answer")
        for name, status in got.items()
        if (status != 401 if described else not 400 <= status < 500 and status != SWITCHING)
    }
    if (
        wrong
        and UPGRADE_LOST.issuperset(got.values())
        and (good := channel.status(api.token)) in UPGRADE_LOST
    ):
        reason = f"a good token is answered {good} as well, so that no handshake comes as far as a token"
        return Verdict(check="realtime.invalid-token", grade=Grade.UNKNOWN, subject="realtime", reason=reason)
    answers = ", ".join(f"{name} was answered {status}" for name, status in wrong.items())
    return Verdict(
        check="realtime.invalid-token",
        grade=Grade.FAIL if wrong else Grade.PASS,
        subject="realtime",
        reason=f"{answers}; expected {'401 before the upgrade' if described else 'a refusal'}"
        if wrong
        else "",
        evidence=got,
    )


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items()) or "none"


def named(values: Mapping[float, float]) -> dict[str, float]:
    """The quantiles by the names that reports use, in seconds with four decimals."""
    names = {0.5: "p50", 0.9: "p90", 0.99: "p99", 1.0: "max"}
    return {names[q]: round(value, 4) for q, value in values.items()}
