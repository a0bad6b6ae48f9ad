"""What one gate run shall do, as a value: target, time, seed, parts. The profiles' and the parts' tables live here.

>>> [GatePlan(out=Path()).expected(part) for part in PARTS]
[20.0, 29.0, 11.0]
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

# Seconds that the parts shall take together. A quick gate leaves the load so much that one slow answer in the 520 of
# an operation is not yet doubt.
PROFILES: Mapping[str, float] = MappingProxyType({"quick": 60.0, "release": 240.0, "nightly": 1200.0})
EFFORT: Mapping[str, int] = MappingProxyType({"quick": 1, "release": 3, "nightly": 10})
"""How many times as many random cases the contracts try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRequest:
    """The order to one part of the gate. `folder` is where its files go; credentials travel in its environment only."""

    target: str
    folder: Path
    name: str
    seed: int
    seconds: float
    effort: int
    owned: bool
    server_log: Path | None = None

    @property
    def consent(self) -> list[str]:
        """Every part refuses a target that is not this machine unless it is told."""
        return ["--i-own-this-target"] if self.owned else []

    @property
    def run_out(self) -> Path:
        return self.folder / f"{self.name}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePart:
    """One process of the gate. `holds` names the list of a Run that it must not leave empty."""

    name: str
    seconds: float
    """What it takes on two cores, whatever it is told; of an elastic part, the least with which it can judge."""
    deeper: float = 0.0
    """Seconds more for each further unit of effort."""
    argv: Callable[[PartRequest], list[str]]
    holds: str
    loads: bool
    """It sends more than a user would, so it needs the target owner's consent."""
    impossible: Callable[[Spec], str] = lambda spec: ""
    """Why it cannot be tried against a target with this document; empty where it can."""
    elastic: bool = False
    """It takes all the time that the others leave, because more of it makes it surer."""


def _contracts(order: PartRequest) -> list[str]:
    log = [] if order.server_log is None else ["--server-log", str(order.server_log)]
    return [
        sys.executable, "-m", "pytest", "contracts", "--target", order.target, "--run-out", str(order.run_out),
        "--seed", str(order.seed), "--effort", str(order.effort), "-q", f"--junitxml={order.folder / 'contracts.junit.xml'}", *log, *order.consent,
    ]  # fmt: skip


def _locust(scenario: str, patience: int = 1) -> Callable[[PartRequest], list[str]]:
    """`patience` times its seconds may pass before it leaves out what is still to come."""

    def argv(order: PartRequest) -> list[str]:
        return [
            sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--host", order.target, "--headless",
            "--scenario", scenario, "--run-out", str(order.run_out), "--seed", str(order.seed),
            "--run-time", f"{patience * order.seconds:.0f}s", *order.consent,
        ]  # fmt: skip

    return argv


PARTS: tuple[GatePart, ...] = (
    GatePart(
        name="contracts",
        seconds=20.0,
        deeper=10.0,
        argv=_contracts,
        holds="checks",
        loads=False,
    ),
    GatePart(
        name="load",
        seconds=20.0,  # 299 clean answers of each operation, which 99 % at 95 % needs, take 17
        argv=_locust("gate"),
        holds="loads",
        loads=True,
        elastic=True,
    ),
    GatePart(
        name="reconnect",
        seconds=11.0,
        argv=_locust("reconnect", patience=6),
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
    """What one gate run shall do. `target` empty: the embedded server. `only` empty: all parts."""

    out: Path
    target: str = ""
    profile: str = "quick"
    budget: float | None = None
    seed: int = 1
    policy: ReleasePolicy = field(default_factory=ReleasePolicy)
    email: str = DEMO_EMAIL
    password: str = field(default=DEMO_PASSWORD, repr=False)
    http: HttpBounds = field(default_factory=HttpBounds)
    """What one request of the gate itself may cost, and whom all parts trust over TLS."""
    owned: bool = False
    only: tuple[str, ...] = ()
    command: str = ""
    parts: tuple[GatePart, ...] = PARTS
    server: Callable[[int], list[str]] = _server
    judges: tuple[Judge, ...] = ()
    """Who else looks at the whole: the comparison with another openapi.yaml, or with a baseline."""
    grace: float = 10.0
    """Seconds between asking a process to end and killing it."""
    slack: float = 120.0
    """Seconds beyond twice the time after which a part, or all of them, have overrun. A part keeps to its time by itself;
    this only ends one that hangs, so it leaves room for a start, a drain, and the shrinking of many failures."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not stand in any log, report or line."""
        return (self.password,)

    @property
    def seconds(self) -> float:
        return PROFILES[self.profile] if self.budget is None else self.budget

    def chosen(self, part: GatePart) -> bool:
        return not self.only or part.name in self.only

    @property
    def least(self) -> float:
        """Seconds below which the chosen parts cannot do their work."""
        return sum(self.needs(part) for part in self.parts if self.chosen(part))

    @property
    def effort(self) -> int:
        return EFFORT[self.profile]

    def needs(self, part: GatePart) -> float:
        """Seconds without which the part cannot do its work."""
        return part.seconds + part.deeper * (self.effort - 1)

    def expected(self, part: GatePart) -> float:
        """The seconds that a part is told to take. What others leave, or left-out ones do not need, is the elastic part's."""
        return self.needs(part) + (max(0.0, self.seconds - self.least) if part.elastic else 0.0)

    def limit(self, part: GatePart, elapsed: float) -> float:
        """Seconds after which it is ended, and 0 if there is no time left for it; `elapsed` is since the first part began. The
        contracts of a large document take what the budget has."""
        left = self.seconds * 2 + self.slack - elapsed
        most = max(self.expected(part) * 2, self.seconds) + self.slack
        return min(most, left) if left >= self.expected(part) else 0.0
