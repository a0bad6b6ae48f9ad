"""The roles that can be picked: each role is a class of Locust's users, and a scenario in which all users are of it.

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
MOST_PEOPLE = 20_000
"""For each load process: with more it takes a minute to stop."""
"""Of a population where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class UserRole:
    """One role that users can take. `name` is the class of Locust's users."""

    name: str
    scenario: str
    platform: Platform
    title: str
    connected: bool = False
    """Holds a line to the realtime channel too."""


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
    """The users of a run: roles, profiles and policies. People of one role take the profiles, and the policies, by turns."""

    roles: tuple[str, ...]
    profiles: tuple[str, ...] = tuple(PROFILES)
    policies: tuple[str, ...] = field(default=tuple(POLICIES))
    think: float = THINK
    """Mean seconds between two steps of one person."""
    own: bool = False
    """The roles are user classes of the user's own locustfile, which do what they do."""

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
"""The class of Locust's users who are nobody: they stand for an arrival plan."""


def chosen(scenario: str, picked: Collection[str]) -> tuple[str, ...]:
    """The roles to play: those picked by name, unless arrivals were picked with them, else the scenario's; none in a plan.

    >>> chosen("web", ()), chosen("steady", ()), chosen("steady", ["IosUser"])
    (('WebUser',), (), ('IosUser',))
    """
    if picked and ARRIVALS not in picked:
        return tuple(name for name in ROLES if name in picked)
    role = SCENARIOS.get(scenario)
    return () if role is None else (role.name,)
