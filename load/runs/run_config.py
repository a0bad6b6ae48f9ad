"""The configuration of a run, which the coordinator sends to its workers. It holds no secret: each process reads its own credentials."""

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
"""The seconds of a run that lasts until somebody stops it."""


class OptionError(ValueError):
    """The caller's mistake in an option: one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """The configuration of a run. `rate` and `seconds` None mean the scenario's own. `climb` is the length of a ramp at the beginning,
    in seconds."""

    scenario: str
    seed: int
    host: str
    rate: float | None = None
    seconds: float | None = None
    climb: float = 0
    index: int = 0
    of: int = 1
    users: int = 0
    """The number of virtual users, all processes together."""
    clients: int = 0
    """The number of sockets in the scenario `sockets`, all processes together."""
    ramp: float = 0
    """Seconds in which they connect."""
    abort_share: float | None = None
    """The share of failed requests that ends the run; None for no such end."""
    keep_data: bool = False
    """Whether the items that the run has made stay on the target."""
    population: Population | None = None
    """The virtual users of a closed workload, which has no arrival plan; None in an open one."""
    flow: str = FLOWS[0]
    """The way of logins: by the password, or by the authorization code flow."""
    tokens: str | None = None
    """The path of a file of ready tokens, or data_files.VARIABLE. Each process reads it itself."""
    own: Mapping[str, Any] | None = None
    """The document of a scenario file, whose name is then `scenario`."""
    left_out: tuple[str, ...] = ()
    """Journeys that the target's document does not allow."""
    unmodelled: tuple[str, ...] = ()
    """Operations that only the target's document has."""

    @property
    def file(self) -> ScenarioFile | None:
        """The scenario file; None for a scenario of the table."""
        return None if self.own is None else ScenarioFile(self.own)

    @property
    def ready_tokens(self) -> tuple[ReadyToken, ...]:
        """This process's share of the ready tokens, or all of them if there are fewer than processes. PlanError if the file is wrong."""
        found = ready_tokens((self.file.tokens if self.file is not None else None) or self.tokens)
        return found[self.index :: self.of] or found

    def objectives(self, spec: Spec) -> Spec:
        """The document with the objectives of this run."""
        return spec if self.file is None else self.file.objectives(spec)

    def operations(self, plan: ArrivalPlan | ParallelPlan) -> frozenset[str]:
        """All operations that the plan may send."""
        if self.file is not None:
            return self.file.operations
        names = {*plan.mix, *(name for _, name, _ in plan.bursts)}
        found = frozenset(name.partition(":")[0] for name in names)
        return found - {"login"} | {*BY_CODE} if self.flow == "pkce" and "login" in found else found

    def plan(self) -> ArrivalPlan | ParallelPlan:
        """The arrival plan. PlanError if it is impossible, or so large that it must be a typing error."""
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
        """The random numbers of this process for one purpose."""
        return Random(f"{self.seed} {what} {self.index}")

    def message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> RunConfig:
        """The configuration in a message, in which tuples have become lists."""
        return msgspec.convert(message, cls)


def number(text: Any, name: str) -> float | None:
    """The number of an option of the command line or the web form; None if it is empty. OptionError if it is not above 0."""
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
