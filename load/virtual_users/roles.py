"""The user roles: each is a Locust user class, and a scenario in which all users have it.

>>> [role.scenario for role in ROLES.values()]
['web', 'ios', 'android', 'realtime']
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from load.realtime.policies.reconnect_policies import POLICIES
from load.virtual_users.guide.behaviour.token_expiry import Platform
from load.virtual_users.guide.profile import PROFILES

USERS, SECONDS, THINK = 20, 60.0, 3.0
"""The defaults: number of users, seconds of a run, mean seconds between two steps of a user."""
MOST_PEOPLE = 20_000
"""The most users of one load process; with more it would take a minute to stop."""


@dataclass(frozen=True, slots=True)
class UserRole:
    """One role. `name` is the Locust user class, `scenario` the scenario that consists of it."""

    name: str
    scenario: str
    platform: Platform
    title: str
    connected: bool = False
    """Whether the user also connects to the realtime channel."""


_ROWS = (
    UserRole(
        "WebUser", "web", "web",
        "People with the guide's web client: tag cache, shared requests, retries, circuit breaker, one refresh, metrics.",
    ),
    UserRole("IosUser", "ios", "ios", "People with the guide's iOS client: token checked before each call, answers revalidated by ETag."),
    UserRole("AndroidUser", "android", "android", "People with the guide's Android client: token checked before each call, nothing cached."),
    UserRole(
        "RealtimeUser", "realtime", "web",
        "Web people with a socket each: heartbeats, queue, subscriptions that fetch again, every reconnect policy.",
        True,
    ),
)  # fmt: skip
ROLES: Mapping[str, UserRole] = MappingProxyType({role.name: role for role in _ROWS})
SCENARIOS: Mapping[str, UserRole] = MappingProxyType({role.scenario: role for role in _ROWS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The users of a run. Those of one role take the profiles, and the reconnect policies, in turn."""

    roles: tuple[str, ...]
    profiles: tuple[str, ...] = tuple(PROFILES)
    policies: tuple[str, ...] = field(default=tuple(POLICIES))
    think: float = THINK
    """Mean seconds between two steps of one user."""
    own: bool = False
    """Whether the roles are user classes of another locustfile, with tasks of their own."""

    @property
    def words(self) -> str:
        if self.own:
            return ", ".join(self.roles)
        connected = any(ROLES[name].connected for name in self.roles)
        parts = [", ".join(self.roles), " and ".join(self.profiles)]
        if connected:
            parts.append(" and ".join(self.policies))
        return f"{'; '.join(parts)}; a step every {self.think:g} s"


ARRIVALS = "Arrivals"
"""The Locust user class that stands for an arrival plan and not for users."""


def chosen(scenario: str, picked: Collection[str]) -> tuple[str, ...]:
    """The roles of a run: those picked by name unless `Arrivals` is picked too, else the scenario's; none for an arrival plan.

    >>> chosen("web", ()), chosen("steady", ()), chosen("steady", ["IosUser"])
    (('WebUser',), (), ('IosUser',))
    """
    if picked and ARRIVALS not in picked:
        return tuple(name for name in ROLES if name in picked)
    role = SCENARIOS.get(scenario)
    return () if role is None else (role.name,)
