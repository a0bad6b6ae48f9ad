"""The table of load scenarios. A new row is also a new command, a line of --list-scenarios and a test.

>>> plan("gate", rate=None, seconds=None, seed=1).words
'poisson 306/s for 51 s, seed 1'
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from load.journeys import ALL
from load.scenarios.arrival_plan import (
    ArrivalPlan,
    PlanError,
    Shape,
    Spacing,
    constant,
    ramp,
    spike,
    steps,
)
from load.virtual_users.roles import SCENARIOS as PEOPLE
from load.virtual_users.roles import SECONDS, USERS

Claim = Literal["objective", "answers", "limit"]

OPERATIONS = tuple(name for name in ALL if ":" not in name)
"""All operations, in the order of their journeys, which determines the arrivals of a seed."""

# Weights of the variants of an operation. Variants share the weight, so that each operation keeps its number of samples.
VARIANTS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "getContentItem": {"getContentItem": 6, "getContentItem:first": 2, "getContentItem:unchanged": 2},
        "updateContentItem": {"updateContentItem": 9, "updateContentItem:conflict": 1},
    }
)


def _spread(weights: Mapping[str, int]) -> dict[str, int]:
    """The mix with ten times each weight, divided among the variants."""
    cards: dict[str, int] = {}
    for operation, weight in weights.items():
        for name, count in VARIANTS.get(operation, {operation: 10}).items():
            cards[name] = count * weight
    return cards


EVENLY = _spread(dict.fromkeys(OPERATIONS, 1))
# Every operation often enough to be judged in 12,000 requests; the guide's most frequent reads most often.
DAILY = _spread(
    dict.fromkeys(OPERATIONS, 4)
    | {"getContentItems": 14, "getContentItem": 18, "getContentByCategory": 8, "syncContent": 8}
)
LOGIN = _spread({"login": 1, "getContentItems": 2, "getContentCategories": 1})
EXPIRY = _spread({"refreshTokens": 1, "verifyToken": 1, "getContentItems": 2, "getContentItem": 4})
BULK = {"bulkUpdateContent": 10, "bulkUpdateContent:large": 10, "getContentItem": 10, "createContentItem": 5}
CATCH_UP = _spread({"syncContent": 4, "createContentItem": 1, "updateContentItem": 3, "archiveContent": 1})


def _flat(rate: float, seconds: float) -> Shape:
    return constant(rate, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One load scenario. `shape` takes (rate, seconds). `claim` is what a run must show: that the objective holds, that all
    requests are answered, or that requests above the rate limit are refused."""

    name: str
    title: str
    rate: float
    seconds: float
    mix: Mapping[str, int]
    shape: Callable[[float, float], Shape] = _flat
    bursts: Callable[[float, float], tuple[tuple[float, str, int], ...]] = lambda rate, seconds: ()
    spacing: Spacing = "poisson"
    claim: Claim = "objective"


def _climb(rate: float, seconds: float) -> Shape:
    return ramp(rate / 20, rate, seconds=seconds)


def _peak(rate: float, seconds: float) -> Shape:
    return spike(rate, rate * 8, seconds=seconds, width=seconds / 12)


def _stairs(rate: float, seconds: float) -> Shape:
    return steps([rate * share for share in (0.25, 0.5, 0.75, 1.0)], seconds=seconds)


def _crowds(name: str, count: int) -> Callable[[float, float], tuple[tuple[float, str, int], ...]]:
    """Bursts of `count` simultaneous requests, four times in the run."""
    return lambda rate, seconds: tuple((seconds * (n + 0.5) / 4, name, count) for n in range(4))


SOCKETS = "sockets"
GATE = "gate"
_ROWS = (
    Scenario(
        name="smoke", rate=34, seconds=5, mix=EVENLY, spacing="even", claim="answers",
        title="Every operation a few times: does it answer at all? Claims nothing about speed.",
    ),
    Scenario(
        name=GATE, rate=306, seconds=51, mix=EVENLY,
        title="Every operation equally often, enough for 99 % under 200 ms at 95 % confidence.",
    ),
    Scenario(name="steady", rate=100, seconds=130, mix=DAILY, title="The daily mix at a constant rate."),
    Scenario(
        name="ramp", rate=250, seconds=110, mix=DAILY, shape=_climb,
        title="The daily mix, from a twentieth of the rate up to it.",
    ),
    Scenario(
        name="steps", rate=200, seconds=110, mix=DAILY, shape=_stairs,
        title="The daily mix at a quarter, a half, three quarters and all of the rate.",
    ),
    Scenario(
        name="spike", rate=80, seconds=110, mix=DAILY, shape=_peak,
        title="The daily mix, eight times the rate for a twelfth of the time in the middle.",
    ),
    Scenario(
        name="soak", rate=50, seconds=1800, mix=DAILY,
        title="The daily mix for half an hour: leaks, growing queues, slow decay.",
    ),
    Scenario(
        name="login-burst", rate=60, seconds=40, mix=LOGIN, bursts=_crowds("login", 50),
        title="Four crowds log in at one instant each, over the guide's cache warming (1 login, 3 reads).",
    ),
    Scenario(
        name="token-expiry", rate=100, seconds=40, mix=EXPIRY, bursts=_crowds("refreshTokens", 50),
        title="Four crowds refresh their tokens at one instant each, over reads.",
    ),
    Scenario(
        name="rate-limit", rate=100, seconds=20, mix=_spread({"getContentItems": 1, "verifyToken": 1}), shape=_climb, claim="limit",
        title="Reads of one user from a twentieth of the rate up to it: how much a rate limit takes, and that it refuses by 429 alone.",
    ),
    Scenario(
        name="bulk", rate=50, seconds=60, mix=BULK,
        title="Bulk updates of 3 and of 40 items, over reads and creates.",
    ),
    Scenario(
        name="sync-catchup", rate=80, seconds=60, mix=CATCH_UP,
        title="Clients that catch up with a stream of writes by chained synchronisation.",
    ),
    Scenario(
        name=SOCKETS, rate=1, seconds=30, mix={"updateContentItem": 1}, claim="answers",
        title="Sockets that come over a third of the time and are held: connects, heartbeats, and how long events take.",
    ),
)  # fmt: skip
TABLE: Mapping[str, Scenario] = MappingProxyType({scenario.name: scenario for scenario in _ROWS})
CAPACITY = Scenario(
    name="capacity", rate=50, seconds=8, mix=DAILY, claim="answers",
    title="The highest rate of the daily mix that keeps the objective: double, bisect to a tenth, confirm.",
)  # fmt: skip
"""One trial of the capacity search; its rate is the first one."""
OTHERS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "reconnect": ("-", "15 s",
                      "Outages of the realtime channel: every reconnect policy, 200 sockets, what comes back and what it costs."),
        "write-fanout": ("1 write/s", "12 s",
                         "One write, 200 open sockets, 400 requests for what has changed: all the reads that one event sets off."),
        "capacity": (f"from {CAPACITY.rate:g}/s", f"{CAPACITY.seconds:g} s each", CAPACITY.title),
        **{name: (f"{USERS} users", f"{SECONDS:g} s", role.title) for name, role in PEOPLE.items()},
    }
)  # fmt: skip
"""Scenarios without an arrival plan (made by load.scenario_factory) -> (rate, duration, purpose)."""
NAMES = (*TABLE, *OTHERS)


def plan(name: str, *, rate: float | None, seconds: float | None, seed: int, climb: float = 0) -> ArrivalPlan:
    """The plan of a scenario. `climb` are seconds of a linear ramp from 0 at its beginning (Locust's spawn rate)."""
    scenario = CAPACITY if name == CAPACITY.name else TABLE.get(name)
    if scenario is None:
        raise PlanError(f"there is no scenario {name!r}; there are {', '.join(NAMES)}")
    rate = scenario.rate if rate is None else rate
    seconds = scenario.seconds if seconds is None else seconds
    if rate <= 0 or seconds <= 0:
        raise PlanError("rate and duration must be above 0")
    rest = seconds - climb
    shape = scenario.shape(rate, rest) if rest > 0 else ()
    if climb > 0:
        shape = (*ramp(0, rate, seconds=climb), *shape)
    return ArrivalPlan(
        shape=shape,
        mix=scenario.mix,
        seed=seed,
        spacing=scenario.spacing,
        bursts=tuple((at + climb, name, count) for at, name, count in scenario.bursts(rate, max(rest, 0))),
    )


def fitting(found: ArrivalPlan, left_out: Collection[str], unmodelled: Collection[str]) -> ArrivalPlan:
    """The plan for a target with a document of its own. The weight of a missing variant goes to its operation, missing journeys
    are left out, and a mix of all operations also gets the document's own operations, as often as the rarest one."""
    mix: Counter[str] = Counter()
    for name, cards in found.mix.items():
        operation = name.partition(":")[0]
        if name not in left_out:
            mix[name] += cards
        elif operation in found.mix and operation not in left_out:
            mix[operation] += cards
    if frozenset(OPERATIONS) <= found.mix.keys():
        mix |= dict.fromkeys(unmodelled, found.mix[OPERATIONS[-1]])
    if not mix:
        raise PlanError("the document has none of the operations that this scenario asks for")
    bursts = tuple(burst for burst in found.bursts if burst[1] not in left_out)
    return replace(found, mix=mix, bursts=bursts)


def listing() -> Iterator[tuple[str, str, str, str]]:
    """The rows of --list-scenarios: name, rate, duration, purpose."""
    for scenario in TABLE.values():
        yield scenario.name, f"{scenario.rate:g}/s", f"{scenario.seconds:g} s", scenario.title
    for name, row in OTHERS.items():
        yield name, *row
