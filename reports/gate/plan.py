"""The plan of one gate run as a value (target, time, seed, parts), and the tables of profiles and parts.

>>> [GatePlan(out=Path()).expected(part) for part in PARTS]
[20.0, 27.0, 11.0]
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from contracts.dialect.channel_place import STORMS, impossible
from contracts.spec import Spec
from reports.bounded_http import HttpBounds
from reports.decision.policy import ReleasePolicy
from reports.decision.run_judges import Judge
from reports.gate.target_probe import DEMO_EMAIL, DEMO_PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent

# Seconds for all parts together; start and report take three more. A quick gate leaves the load about 486 requests of each
# operation, so that one slow answer is no reason for UNKNOWN yet (473 are needed for that).
PROFILES: Mapping[str, float] = MappingProxyType({"quick": 58.0, "release": 240.0, "nightly": 1200.0})
RATE = 306.0
"""Requests per second of the load part, without --rate."""
QUICK_LOAD = 27.0
"""Seconds that a quick gate leaves the load at that rate."""
NEAR = 0.001
"""Seconds of a round trip that are in the duration of each part."""
ENDING = 60.0
"""Seconds that the contract checks have, of those after which they are ended, to archive what they have made."""
EFFORT: Mapping[str, int] = MappingProxyType({"quick": 1, "release": 3, "nightly": 10})
"""Factor for the number of random cases that the contract checks try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRequest:
    """The values that a part's command line is made of. `folder` is for its files; credentials go by environment only."""

    target: str
    folder: Path
    name: str
    seed: int
    seconds: float
    effort: int
    owned: bool
    rate: float | None = None
    limit: float | None = None
    """The seconds after which the part is ended; None where it needs no plan of its own for that."""
    server_log: Path | None = None

    @property
    def consent(self) -> list[str]:
        """The option without which every part refuses a target on another machine."""
        return ["--i-own-this-target"] if self.owned else []

    @property
    def run_out(self) -> Path:
        return self.folder / f"{self.name}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePart:
    """One process of the gate. `holds` names the list of its Run that must not stay empty."""

    name: str
    seconds: float
    """Its duration on two cores; for an elastic part, the least time with which it can judge."""
    seconds_per_effort: float = 0.0
    """Additional seconds for each unit of effort above 1."""
    argv: Callable[[PartRequest], list[str]]
    holds: str
    loads: bool
    """Whether it sends more than a user would, so that it needs the consent of the target's owner."""
    trips: int = 0
    """Round trips to the target that it makes one after another: a far target takes so much longer."""
    impossible: Callable[[Spec], str] = lambda spec: ""
    """Why it cannot run against a target with this document; empty if it can."""
    rate: float = 0.0
    """The requests that it sends a second, unless the plan has another rate; 0 if the plan's does not concern it."""
    elastic: bool = False
    """Whether it takes the time that the other parts leave, because more time makes its judgement surer."""


def _contracts(request: PartRequest) -> list[str]:
    log = [] if request.server_log is None else ["--server-log", str(request.server_log)]
    # A run that ends by itself has held the target to what matters most; one that is ended, to what happened to come first.
    budget = [] if request.limit is None else ["--budget", f"{max(request.limit - ENDING, 1.0):.0f}s"]
    return [
        sys.executable, "-m", "pytest", "contracts", "--target", request.target, "--run-out", str(request.run_out),
        "--seed", str(request.seed), "--effort", str(request.effort), "-q",
        *budget, *log, *request.consent,
    ]  # fmt: skip


def _locust(scenario: str, run_time_factor: int = 1) -> Callable[[PartRequest], list[str]]:
    """The command line of a Locust scenario; its run time is a multiple of the seconds that the plan gives it."""

    def argv(request: PartRequest) -> list[str]:
        return [
            sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--host", request.target, "--headless",
            "--scenario", scenario, "--run-out", str(request.run_out), "--seed", str(request.seed),
            "--run-time", f"{run_time_factor * request.seconds:.0f}s", *request.consent,
        ]  # fmt: skip

    return argv


def _load(request: PartRequest) -> list[str]:
    return _locust("gate")(request) + ([] if request.rate is None else ["--rate", f"{request.rate:g}"])


PARTS: tuple[GatePart, ...] = (
    GatePart(
        name="contracts",
        seconds=20.0,
        seconds_per_effort=10.0,
        trips=3_000,
        argv=_contracts,
        holds="checks",
        loads=False,
    ),
    GatePart(
        name="load",
        seconds=20.0,  # 299 clean answers of each operation, which 99 % at 95 % needs, take 17
        rate=RATE,
        argv=_load,
        holds="loads",
        loads=True,
        elastic=True,
    ),
    GatePart(
        name="reconnect",
        seconds=11.0,
        argv=_locust("reconnect", run_time_factor=6),
        holds="reconnects",
        loads=True,
        impossible=lambda spec: impossible(spec, STORMS),
    ),
)


def _server(seed: int) -> list[str]:
    return [
        sys.executable, "-m", "mock_server", "--port", "0", "--seed", str(seed), "--items", "2000", "--control",
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePlan:
    """The plan of one gate run. An empty `target` means the embedded server, an empty `only` all parts."""

    out: Path
    target: str = ""
    profile: str = "quick"
    budget: float | None = None
    rate: float | None = None
    trip: float = 0.0
    """The seconds of a round trip to the target, as the gate has measured them before the first part."""
    seed: int = 1
    policy: ReleasePolicy = field(default_factory=ReleasePolicy)
    email: str = DEMO_EMAIL
    password: str = field(default=DEMO_PASSWORD, repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)
    """The passwords of further accounts, which the suite reads from the environment."""
    http: HttpBounds = field(default_factory=HttpBounds)
    """The bounds of the gate's own requests, and the TLS trust of all parts."""
    owned: bool = False
    only: tuple[str, ...] = ()
    command: str = ""
    parts: tuple[GatePart, ...] = PARTS
    server: Callable[[int], list[str]] = _server
    judges: tuple[Judge, ...] = ()
    """Further judges of the whole run: the comparison with another openapi.yaml, or with a baseline."""
    grace: float = 10.0
    """Seconds between asking a process to end and killing it."""
    slack: float = 120.0
    """Seconds beyond twice the planned time after which a part, or the whole run, has overrun. It only ends a part that
    hangs, so it leaves room for a slow start, a drain, and the shrinking of many failures."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that must not appear in any log, report or message."""
        return (self.password, *self.others)

    @property
    def seconds(self) -> float:
        """The seconds for all parts. A low rate extends a profile's, so that as many requests are sent as in a quick gate, and so
        does a far target."""
        if self.budget is not None:
            return self.budget
        quick = sum(map(self._in_quick_gate, filter(self.chosen, self.parts)))
        return max(PROFILES[self.profile], quick if self.rate or self.trip > NEAR else 0.0)

    def _in_quick_gate(self, part: GatePart) -> float:
        """The seconds of a part in which it sends as much as in a quick gate."""
        return QUICK_LOAD * part.rate / (self.rate or part.rate) if part.elastic else self.needs(part)

    def _longer(self, part: GatePart) -> float:
        """The seconds that a part takes longer because the plan's rate is below its own."""
        return part.seconds * max(0.0, part.rate / self.rate - 1) if self.rate else 0.0

    def chosen(self, part: GatePart) -> bool:
        return not self.only or part.name in self.only

    @property
    def least(self) -> float:
        """The least seconds in which the chosen parts can do their work."""
        return sum(self.needs(part) for part in self.parts if self.chosen(part))

    @property
    def effort(self) -> int:
        return EFFORT[self.profile]

    def needs(self, part: GatePart) -> float:
        """The least seconds in which a part can do its work."""
        far = part.trips * max(0.0, self.trip - NEAR) if self.budget is None else 0.0
        return part.seconds + self._longer(part) + part.seconds_per_effort * (self.effort - 1) + far

    def expected(self, part: GatePart, elapsed: float = 0.0) -> float:
        """The planned seconds of a part. An elastic part gets all the time that the other chosen parts do not need and that the
        parts before it have not used (`elapsed`, seconds since the first part began)."""
        if not part.elastic:
            return self.needs(part)
        place = self.parts.index(part)
        before, after = (
            sum(self.needs(one) for one in parts if self.chosen(one))
            for parts in (self.parts[:place], self.parts[place + 1 :])
        )
        return max(self.needs(part), self.seconds - max(before, elapsed) - after)

    def limit(self, part: GatePart, elapsed: float) -> float:
        """The seconds after which a part is ended; 0 if no time is left for it. `elapsed` are the seconds since the first part
        began. Every part may use the whole budget, because the checks of a large document take long."""
        left = self.seconds * 2 + self.slack - elapsed
        most = max(self.expected(part, elapsed) * 2, self.seconds) + self.slack
        return min(most, left) if left >= self.expected(part, elapsed) else 0.0
