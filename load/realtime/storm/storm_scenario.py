"""`run_reconnect`: every policy through every outage, one after another, as one part of a Run.

    run = run_reconnect(parse(url, prefix="/api"), Options(email=..., password=...), progress=print)

Needs gevent's cooperative standard library (`locust` patches it, `load.realtime.__main__` too): the proxy's
control interface is spoken to with the standard library's client.
"""

import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contracts.command.exit_code import ExitCode
from contracts.run import PackedHistogram, ReconnectResult, Run, VerdictRecord
from contracts.run.histogram import Histogram
from contracts.run.run_origin import environment, stamp
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.http.target import Target
from load.proxy.process import ProxyProcess
from load.realtime.policies.reconnect_policies import POLICIES
from load.realtime.storm.measurement import Measurement, measure
from load.realtime.storm.outage_faults import FAULTS
from load.realtime.storm.storm import Storm, StormPlan
from load.realtime.storm.storm_api import ApiError, StormApi
from load.realtime.storm.storm_clients import Advance, StormError
from load.realtime.storm.storm_findings import StormEvidence, findings
from load.realtime.storm.storm_record import StormRecord
from load.realtime.storm.storm_verdicts import judge, judge_tokens
from load.virtual_users.drivers.server_adapter import TargetClock

GATE_OUTAGES: Mapping[str, float] = MappingProxyType({"kill": 13.0, "graceful": 3.0})
"""Client seconds. At 13 s the client as written ends with five sockets and the documented one with one, and
no attempt of either is within 2 s of the return, so that a busy machine does not move anybody's fate."""
OUTAGE = 12.0
"""Of the faults that the gate does not use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StormOptions:
    email: str
    password: str = field(repr=False)
    clients: int = 200
    policies: tuple[str, ...] = tuple(POLICIES)
    outages: Mapping[str, float] = field(default_factory=lambda: GATE_OUTAGES)
    """Fault -> client seconds."""
    time_scale: float = 0.1
    seed: int = 1
    command: str = ""
    seconds: float | None = None
    """By the clock on the wall: no storm begins after that. None: all of them do."""

    def __post_init__(self) -> None:
        for name in self.policies:
            if name not in POLICIES:
                raise ValueError(f"there is no policy {name!r}; there are {', '.join(POLICIES)}")
        for name in self.outages:
            if name not in FAULTS:
                raise ValueError(f"there is no fault {name!r}; there are {', '.join(FAULTS)}")
        if self.clients < 1 or not 0 < self.time_scale <= 10:
            raise ValueError("clients must be at least 1, the time scale over 0 and at most 10")


class StopStorms(BaseException):
    """Thrown into the greenlet of `run_reconnect` by whoever stops it; it then returns what is known."""


def silence(line: str) -> None:
    """Show no progress."""


def outage(text: str) -> tuple[str, float]:
    """An outage as the command line names it. `kill=13` or `kill`: a fault and its client seconds. ValueError is one line.

    >>> outage("kill=4")
    ('kill', 4.0)
    """
    name, _, seconds = text.partition("=")
    if name not in FAULTS:
        raise ValueError(f"{name!r} is none of {', '.join(FAULTS)}")
    try:
        return name, float(seconds or GATE_OUTAGES.get(name, OUTAGE))
    except ValueError:
        raise ValueError(f"{seconds!r} is not a number of seconds") from None


def allow_sockets() -> None:
    """A descriptor for each socket: as many as this process may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run_reconnect(
    spec: Spec, target: Target, options: StormOptions, *, progress: Callable[[str], None] = silence
) -> Run:
    """One Run with a ReconnectResult for each fault and policy; ApiError where the target cannot be reached at all.

    A storm that could not be made is an UNKNOWN or FAIL verdict of the Run and does not end the others; storms
    that there was no time for are UNKNOWN together.
    """
    started = stamp()
    until = None if options.seconds is None else time.monotonic() + options.seconds
    plans = _plans(options)
    found = _Found()
    why = ""
    api, control = StormApi(spec, target), TargetClock(target)
    try:
        api.login(options.email, options.password)
        found.verdicts.append(judge_tokens(api))
        with ProxyProcess.start(upstream=(target.host, target.port), seed=options.seed) as proxy:
            for number, plan in enumerate(plans, 1):
                if until is not None and time.monotonic() >= until:
                    why = f"the {options.seconds:g} s were over"
                    break
                told = _numbered(progress, number, len(plans))
                found.add(_storm(plan, api, proxy, control.advance, told))
    except StopStorms:
        why = "stopped"
    finally:
        api.close()
        control.close()
    if why:
        found.verdicts.append(_cut_short(why, len(found.done), len(plans)))
    return Run(
        started=started,
        finished=stamp(),
        target=target.url,
        seed=options.seed,
        command=options.command,
        environment=environment(),
        reconnects=[_result(shown.experiment, shown.measured, options) for shown in found.shown],
        findings=findings(found.shown),
        verdicts=[VerdictRecord.of(verdict) for verdict in found.verdicts],
    )


@dataclass(slots=True)
class _Found:
    """What the storms so far have brought."""

    done: list[StormRecord | Verdict] = field(default_factory=list)
    shown: list[StormEvidence] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    def add(self, one: StormRecord | Verdict) -> None:
        self.done.append(one)
        if isinstance(one, Verdict):
            self.verdicts.append(one)
        else:
            self.shown.append(StormEvidence(experiment=one, measured=measure(one)))


def _numbered(progress: Callable[[str], None], number: int, of: int) -> Callable[[str], None]:
    return lambda line: progress(f"{number}/{of} {line}")


def _plans(options: StormOptions) -> list[StormPlan]:
    return [
        StormPlan(
            policy=policy,
            fault=FAULTS[fault],
            clients=options.clients,
            outage=seconds,
            time_scale=options.time_scale,
            seed=options.seed,
        )
        for fault, seconds in options.outages.items()
        for policy in options.policies
    ]


def _cut_short(why: str, done: int, planned: int) -> Verdict:
    return Verdict(
        check="reconnect.run",
        grade=Grade.UNKNOWN,
        reason=f"{why} after {done} of {planned} storms; nothing is known of the others",
        evidence={"done": done, "planned": planned},
    )


def _storm(
    plan: StormPlan, api: StormApi, proxy: ProxyProcess, advance: Advance, progress: Callable[[str], None]
) -> StormRecord | Verdict:
    subject = f"{plan.policy} / {plan.fault.name}"
    progress(f"reconnect: {subject}, {plan.clients} sockets, {plan.outage * plan.time_scale:.1f} s outage")
    try:
        item = api.create(f"Reconnect storm {plan.policy}")
        try:
            return Storm(plan, api, proxy, advance).run(item)
        finally:
            api.archive(item.item)
    except ApiError as error:
        if error.code is not ExitCode.FAIL:
            raise
        return Verdict(check="reconnect.storm", grade=Grade.FAIL, subject=subject, reason=str(error))
    except StormError as error:
        grade = Grade.UNKNOWN if error.ours else Grade.FAIL
        return Verdict(check="reconnect.storm", grade=grade, subject=subject, reason=str(error))


def _result(e: StormRecord, m: Measurement, options: StormOptions) -> ReconnectResult:
    c = m.counted
    return ReconnectResult(
        policy=e.policy,
        fault=e.fault.name,
        meaning=e.fault.meaning,
        time_scale=options.time_scale,
        outage_seconds=round(e.back_at - e.dropped_at, 3),
        clients=c.clients,
        recovered=c.recovered,
        given_up=c.given_up + c.frozen,
        never_tried=c.never_tried,
        recovery=PackedHistogram.of(Histogram.of(round(seconds * 1e9) for seconds in m.recovery)),
        attempts={str(attempts): clients for attempts, clients in c.attempts.items()},
        peak_connects_100ms=m.peak_connects_100ms,
        sockets_per_client={str(sockets): clients for sockets, clients in c.sockets.items()},
        refreshes_per_client={str(refreshes): clients for refreshes, clients in m.refreshes.items()},
        events_missed=m.events_missed,
        events_recovered_by_sync=m.events_recovered,
        timeline=m.timeline,
        verdicts=[VerdictRecord.of(verdict) for verdict in judge(e, m)],
    )
