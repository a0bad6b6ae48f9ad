"""The reconnect scenario: a storm for each policy and outage, two at a time, as one Run.

    run = run_reconnect(spec, parse(url, prefix="/api"), StormOptions(email=..., password=...), progress=print)

It needs gevent's patched standard library (`locust` and `load.realtime.__main__` patch it), because the proxy's control
interface is called with the standard library's client.
"""

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import MappingProxyType

import gevent

from contracts.command.exit_code import ExitCode
from contracts.run import PackedHistogram, ReconnectResult, Run, VerdictRecord
from contracts.run.histogram import Histogram
from contracts.run.run_origin import environment, stamp
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.http.target import Target
from load.proxy.process import ProxyError, ProxyProcess
from load.realtime.policies.reconnect_policies import POLICIES, REPAIRED
from load.realtime.storm.measurement import Measurement, measure
from load.realtime.storm.outage_faults import FAULTS
from load.realtime.storm.storm import Storm, StormPlan
from load.realtime.storm.storm_api import ApiError, StormApi
from load.realtime.storm.storm_clients import StormError
from load.realtime.storm.storm_findings import StormEvidence, findings
from load.realtime.storm.storm_record import StormRecord
from load.realtime.storm.storm_verdicts import judge, judge_tokens
from load.virtual_users.drivers.server_adapter import TargetClock

GATE_OUTAGES: Mapping[str, float] = MappingProxyType({"kill": 13.0, "graceful": 3.0})
"""The gate's outages in client seconds. At 13 s the client as written ends with five sockets and the documented one with one, and
neither tries within 2 s of the return, so that a busy machine does not change the result."""
OUTAGE = 12.0
"""The client seconds of other faults by default."""
LANES, SMALL = 2, 500
"""The number of storms at a time, and the most clients for which they run side by side: small storms wait for three quarters of
their time, larger ones would delay each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StormOptions:
    """The options of a reconnect scenario."""

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
    """Real seconds after which no further storm begins; None for no limit."""

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
    """Raised in the greenlet of `run_reconnect` to stop it; it then returns the results so far."""


def outage(text: str) -> tuple[str, float]:
    """(fault, client seconds) of an outage on the command line, `kill=13` or `kill`. ValueError has one line.

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


def run_reconnect(
    spec: Spec, target: Target, options: StormOptions, *, progress: Callable[[str], None] = lambda line: None
) -> Run:
    """Run all storms. The Run has a ReconnectResult for each fault and policy; ApiError if the target cannot be reached.

    A storm that could not be run is an UNKNOWN or FAIL verdict and does not stop the others; storms without time left are one
    UNKNOWN verdict.
    """
    # At the start, because it waits for a process, and an interrupt in a greenlet would be raised again at the next wait.
    started, machine = stamp(), environment()
    lanes = _Lanes(spec, target, options, progress)
    why = ""
    try:
        lanes.run()
    except (StopStorms, KeyboardInterrupt):
        why = "stopped"
    if lanes.left and not why:
        why = f"the {options.seconds:g} s were over"
    shown, verdicts = lanes.found()
    if why:
        verdicts.append(_cut_short(why, len(lanes.done), len(lanes.plans)))
    return Run(
        started=started,
        finished=stamp(),
        target=target.url,
        seed=options.seed,
        command=options.command,
        environment=machine,
        reconnects=[_result(one.experiment, one.measured, options) for one in shown],
        findings=findings(shown),
        verdicts=[VerdictRecord.of(verdict) for verdict in verdicts],
    )


class _Lanes:
    """The storms of a run in parallel lanes. Each lane has its own proxy and takes the next storm when one ends; with a storm
    that moves the target's clock there is one lane only."""

    def __init__(
        self, spec: Spec, target: Target, options: StormOptions, progress: Callable[[str], None]
    ) -> None:
        self.options, self.target, self._progress = options, target, progress
        self.plans = _plans(options)
        self.done: dict[int, StormRecord | Verdict] = {}
        self.left = False
        """Whether storms were left out because the time was over."""
        self._tokens: list[Verdict] = []
        # The policy that is judged comes last, when the other clients have reconnected.
        self._waiting = iter(sorted(enumerate(self.plans), key=lambda waiting: waiting[1].policy == REPAIRED))
        self._api, self._clock = StormApi(spec, target), TargetClock(target)
        self._until = None if options.seconds is None else time.monotonic() + options.seconds

    def run(self) -> None:
        """Run all storms that the time allows. ApiError if the target cannot be reached, or ProxyError."""
        alone = self.options.clients > SMALL or any(plan.fault.expires for plan in self.plans)
        upstream = (self.target.host, self.target.port)
        try:
            self._api.login(self.options.email, self.options.password)
            self._tokens = [judge_tokens(self._api)]
            with ExitStack() as proxies:
                started = [
                    proxies.enter_context(ProxyProcess.start(upstream=upstream, seed=self.options.seed))
                    for _ in range(1 if alone else LANES)
                ]
                greenlets = [gevent.spawn(self._lane, proxy) for proxy in started]
                try:
                    failures = [lane.get() for lane in greenlets]
                finally:
                    gevent.killall(greenlets)
            for failure in filter(None, failures):
                raise failure
        finally:
            gc.unfreeze()
            self._api.close()
            self._clock.close()

    def _lane(self, proxy: ProxyProcess) -> ApiError | ProxyError | None:
        for number, plan in self._next():
            try:
                self.done[number] = self._storm(plan, proxy, number)
            except (ApiError, ProxyError) as error:
                return error
        return None

    def _next(self) -> Iterator[tuple[int, StormPlan]]:
        for number, plan in self._waiting:
            if self._until is not None and time.monotonic() >= self._until:
                self.left = True
                return
            yield number, plan

    def _storm(self, plan: StormPlan, proxy: ProxyProcess, number: int) -> StormRecord | Verdict:
        subject, api = f"{plan.policy} / {plan.fault.name}", self._api
        size = f"{plan.clients} sockets, {plan.outage * plan.time_scale:.1f} s outage"
        self._progress(f"{number + 1}/{len(self.plans)} reconnect: {subject}, {size}")
        try:
            item = api.create(f"Reconnect storm {plan.policy}")
            try:
                return Storm(plan, api, proxy, self._clock.advance).run(item)
            finally:
                api.archive(item.item)
        except ApiError as error:
            if error.code is not ExitCode.FAIL:
                raise
            grade, why = Grade.FAIL, str(error)
        except StormError as error:
            grade, why = Grade.UNKNOWN if error.ours else Grade.FAIL, str(error)
        return Verdict(check="reconnect.storm", grade=grade, subject=subject, reason=why)

    def found(self) -> tuple[list[StormEvidence], list[Verdict]]:
        """(evidence, verdicts) of the storms in the order of their plans, computed at the end so that no client is delayed."""
        ended = [self.done[number] for number in sorted(self.done)]
        shown = [
            StormEvidence(experiment=one, measured=measure(one))
            for one in ended
            if isinstance(one, StormRecord)
        ]
        return shown, [*self._tokens, *(one for one in ended if isinstance(one, Verdict))]  # fmt: skip


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
