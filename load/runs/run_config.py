"""What a run is to do, as the coordinator tells its workers. Holds no secret: each process reads its own credentials."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from contracts.spec import Spec
from load.journeys import ALL
from load.journeys.data_pool import AccountCredentials
from load.scenarios.arrival_plan import ArrivalPlan, PlanError, constant, refuse_absurd, replay
from load.scenarios.data_files import ReadyToken, ready_tokens
from load.scenarios.parallel_plan import ParallelPlan
from load.scenarios.scenario_file import ScenarioFile
from load.scenarios.scenario_table import CAPACITY, SOCKETS, TABLE, Scenario, fitting, plan
from load.virtual_users.roles import SECONDS, Population

REPLAY = "replay:"
FLOWS = ("password", "pkce")
BY_CODE = ("signIn", "exchangeToken")
"""The steps of a login by the authorization code flow."""
ENDLESS = 30 * 86_400.0
"""Seconds of people whom somebody will stop."""


class OptionError(ValueError):
    """The caller's mistake in an option: one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """What a run is to do, as the coordinator tells its workers. `rate` and `seconds` None mean the scenario's own. `climb` is a
    ramp of so many seconds at the beginning."""

    scenario: str
    seed: int
    host: str
    rate: float | None = None
    seconds: float | None = None
    climb: float = 0
    index: int = 0
    of: int = 1
    users: int = 0
    """How many users a population has, all processes together."""
    clients: int = 0
    """Sockets, all processes together, in the scenario `sockets`."""
    ramp: float = 0
    """Seconds in which they connect."""
    abort_share: float | None = None
    """The share of failed requests that ends the run; None: it is told at the end only."""
    keep_data: bool = False
    """Leave what the run has made on the target."""
    population: Population | None = None
    """Of whom the users are, in a scenario of people; they do what they are wont to, and there is no plan of arrivals."""
    flow: str = FLOWS[0]
    """How a login is made: by the password, or by the authorization code flow."""
    tokens: str | None = None
    """The path of a file of ready tokens, or data_files.VARIABLE: each process reads its own."""
    own: Mapping[str, Any] | None = None
    """The document of a scenario file; `scenario` is its name then."""
    left_out: tuple[str, ...] = ()
    """Journeys that the target's document does not allow."""
    unmodelled: tuple[str, ...] = ()
    """Operations that only the target's document has."""

    @property
    def file(self) -> ScenarioFile | None:
        """The scenario of the user's own, where there is one."""
        return None if self.own is None else ScenarioFile(self.own)

    @property
    def ready_tokens(self) -> tuple[ReadyToken, ...]:
        """This process's share of the tokens that are ready, or all of them where they are fewer than the processes; PlanError."""
        found = ready_tokens((self.file.tokens if self.file is not None else None) or self.tokens)
        return found[self.index :: self.of] or found

    def objectives(self, spec: Spec) -> Spec:
        """The document with the objectives that hold in this run."""
        return spec if self.file is None else self.file.objectives(spec)

    def operations(self, plan: ArrivalPlan | ParallelPlan) -> frozenset[str]:
        """All operations that the plan may ask for."""
        if self.file is not None:
            return self.file.operations
        names = {*plan.mix, *(name for _, name, _ in plan.bursts)}
        found = frozenset(name.partition(":")[0] for name in names)
        return found - {"login"} | {*BY_CODE} if self.flow == "pkce" and "login" in found else found

    def plan(self) -> ArrivalPlan | ParallelPlan:
        """PlanError where it cannot be made, or is too large to be meant."""
        found = self._plan()
        refuse_absurd(found.peak, found.seconds, found.rate * found.seconds)
        return found

    def _plan(self) -> ArrivalPlan | ParallelPlan:
        if self.file is not None:
            return self.file.plan(self.seed)
        if self.population is not None:
            return ArrivalPlan(shape=constant(1, seconds=self.seconds or SECONDS), mix={}, seed=self.seed)
        if not self.scenario.startswith(REPLAY):
            found = plan(
                self.scenario, rate=self.rate, seconds=self.seconds, seed=self.seed, climb=self.climb
            )
            return (
                fitting(found, self.left_out, self.unmodelled) if self.left_out or self.unmodelled else found
            )
        path = Path(self.scenario.removeprefix(REPLAY))
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise PlanError(f"cannot read {path}: {error.strerror}") from None
        recorded = replay(lines, name=path.name, journeys=frozenset(ALL))
        names = dict.fromkeys((arrival.journey for arrival in recorded), 1)
        return ArrivalPlan(shape=constant(1, seconds=1), mix=names, seed=self.seed, recorded=recorded)

    @property
    def words(self) -> str:
        """The plan in words."""
        if self.population is not None:
            limit = (
                "until somebody stops them"
                if self.seconds == ENDLESS
                else f"for {self.seconds or SECONDS:g} s"
            )
            return f"{self.users} people ({self.population.words}) {limit}, seed {self.seed}"
        words = self.plan().words
        if self.clients:
            return f"{self.clients} sockets within {self.ramp:g} s, held; writes: {words}"
        return words

    @property
    def claim(self) -> str:
        if self.population is not None:
            return "clients"
        if self.scenario == SOCKETS:
            return SOCKETS
        scenario: Scenario | None = CAPACITY if self.scenario == CAPACITY.name else TABLE.get(self.scenario)
        return "objective" if scenario is None else scenario.claim

    def random(self, what: str) -> Random:
        """A source of chance for this process and this purpose alone."""
        return Random(f"{self.seed} {what} {self.index}")

    def message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> RunConfig:
        """What `message` made, with lists where a wire knows no tuples."""
        return msgspec.convert(message, cls)


def number(text: Any, name: str) -> float | None:
    """An option that may come from the command line or, as text, from the web form; nothing is None."""
    if text is None or text == "":
        return None
    try:
        value = float(text)
    except (TypeError, ValueError):
        raise OptionError(f"{name} {text!r} is not a number") from None
    if not 0 < value < float("inf"):
        raise OptionError(f"{name} must be above 0")
    return value


def account() -> AccountCredentials:
    return AccountCredentials(
        email=os.environ.get("TCHAT_EMAIL", "demo@tchat.com"),
        password=os.environ.get("TCHAT_PASSWORD", "demo-password"),
    )
