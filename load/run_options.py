"""The configurations that the options ask for: of a run, of storms, of a fan-out. A mistake is an OptionError of one line."""

import argparse
import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.network.descriptors import allow_descriptors
from contracts.spec import Spec, oauth_clients
from load.engine.in_flight import Report
from load.http.target import Target, parse, refuse_strangers
from load.options import DEFAULT
from load.realtime.policies.reconnect_policies import POLICIES
from load.realtime.storm.storm_scenario import StormOptions, outage
from load.runs.run_config import ENDLESS, FLOWS, OptionError, RunConfig, account, number
from load.runs.scenario_run import Tell
from load.runs.sockets.fanout_verdicts import FanOutPlan
from load.scenarios.data_files import VARIABLE
from load.scenarios.scenario_reader import read
from load.scenarios.scenario_table import SOCKETS, TABLE
from load.virtual_users.guide.profile import PROFILES
from load.virtual_users.roles import MOST_PEOPLE, ROLES, THINK, USERS, Population, chosen
from load.virtual_users.roles import SCENARIOS as PEOPLE

CLIENTS, HELD = 200, 500
"""Sockets where nobody says how many: of a storm or a fan-out, and of those that are held (fewer prove no 99 %)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What somebody asks Locust for. `users`, `rise` and `run_time` are Locust's -u, -r and -t; `endless`: somebody will stop it."""

    given: argparse.Namespace
    spec: Spec
    host: str | None
    users: int | None
    rise: float | None
    run_time: Any
    endless: bool
    tell: Tell
    gone: Callable[[str], bool]
    report: Report
    own: tuple[str, ...] = ()
    """User classes of the user's own that use our client."""

    @property
    def target(self) -> Target:
        found = parse(self.host, prefix=self.spec.prefixes[0])
        refuse_strangers(found, owned=self.given.i_own_this_target)
        return found

    @property
    def roles(self) -> tuple[str, ...]:
        return self.own or chosen(self.given.scenario, getattr(self.given, "user_classes", None) or ())

    @property
    def seconds(self) -> float | None:
        """--duration, or else -t."""
        return number(self.given.duration, "--duration") or number(self.run_time, "-t")

    @property
    def tokens(self) -> str | None:
        """The source of ready tokens: a file, or the name of the environment variable; None if there is none."""
        if self.given.tokens:
            return str(Path(self.given.tokens).resolve())
        return VARIABLE if os.environ.get(VARIABLE) else None

    def config(self, scenario: str, **more: Any) -> RunConfig:
        """The configuration of a run; `more` are the values that not every run has."""
        made = RunConfig(
            scenario=scenario,
            seed=whole(self.given.seed, "--seed"),
            host=self.host or "",
            abort_share=abort_share(self.given),
            keep_data=self.given.keep_data,
            tokens=self.tokens,
            **more,
        )
        _refuse_ended(made)
        return made


def _refuse_ended(config: RunConfig) -> None:
    """OptionError for a token whose own `exp` lies before the end of the run."""
    tokens = config.ready_tokens
    if not any(token.ends for token in tokens):
        return
    seconds = 0.0 if config.seconds == ENDLESS else config.plan().seconds
    for token in tokens:
        left = seconds if token.ends is None else token.ends - time.time()
        if left < max(seconds, 1):
            when = f"{left:.0f} s from now" if left > 0 else f"{-left:.0f} s ago"
            raise OptionError(
                f"{token.place}: the token ends {when} (its exp), and the run takes {seconds:.0f} s"
            )


def plan_config(asked: RunRequest) -> RunConfig:
    """The configuration of an arrival plan. --rate and --duration win over -u and -t. The web form always sends a number of users,
    and 1 means that nobody changed it; on the command line 1 was asked for."""
    options, users, seconds = asked.given, asked.users, asked.seconds
    rate = number(options.rate, "--rate")
    climb = 0.0
    if rate is None and users is not None and (users > 1 or not asked.endless):
        rate = float(users)
        climb = users / asked.rise if asked.rise and users / asked.rise > 1 else 0.0
    if climb and seconds is not None:
        climb = min(climb, seconds)
    return asked.config(
        options.scenario or DEFAULT, rate=rate, seconds=seconds, climb=climb, flow=login_flow(options, asked.spec),
        **_held_sockets(options, seconds),
    )  # fmt: skip


def _held_sockets(options: argparse.Namespace, seconds: float | None) -> dict[str, Any]:
    """The number of sockets of the scenario `sockets`, and the seconds in which they connect; empty for other scenarios."""
    if options.scenario != SOCKETS:
        return {}
    ramp = number(options.ramp, "--ramp") or (seconds or TABLE[SOCKETS].seconds) / 3
    return {"clients": _socket_count(options, HELD), "ramp": ramp}


def _socket_count(options: argparse.Namespace, default: int) -> int:
    clients = whole(options.clients or default, "--clients")
    if clients < 1:
        raise OptionError("--clients must be at least 1")
    return clients


def file_config(asked: RunRequest) -> RunConfig:
    """The configuration of a scenario file. It has its own rates and times, so an option that would set them is a mistake."""
    options, users = asked.given, asked.users
    given_values = {
        "--scenario": options.scenario not in (None, "", DEFAULT), "--rate": options.rate, "--duration": options.duration,
        "--flow": options.flow != FLOWS[0], "-t": asked.run_time, "-u": users is not None and users > 1,
    }  # fmt: skip
    for name, given in given_values.items():
        if given:
            raise OptionError(f"--scenario-file has its own rates and times; leave {name} out")
    found = read(Path(options.scenario_file), asked.spec)
    if found.tokens and options.tokens:
        raise OptionError("--scenario-file has its own tokens; leave --tokens out")
    return asked.config(found.name, own=dict(found.document))


def population_config(asked: RunRequest) -> RunConfig:
    """The configuration of virtual users, or of the user's own classes. Without a duration, an endless run lasts until it is stopped."""
    options, roles, own = asked.given, asked.roles, bool(asked.own)
    plan = options.scenario or DEFAULT
    if plan != DEFAULT and plan not in PEOPLE:
        raise OptionError(
            f"{', '.join(roles)} are people, and --scenario {plan} has none; leave one of the two out"
        )
    population = Population(
        roles=roles,
        profiles=named(options.client_profile, PROFILES, "--client-profile"),
        policies=named(options.policies, POLICIES, "--policies"),
        think=number(options.think, "--think") or THINK,
        own=own,
    )
    _refuse_crowd(asked)
    return asked.config(
        "+".join(name if own else ROLES[name].scenario for name in roles),
        seconds=asked.seconds or (ENDLESS if asked.endless else None),
        users=asked.users or USERS,
        population=population,
    )


def _refuse_crowd(asked: RunRequest) -> None:
    of = max(
        1, getattr(asked.given, "processes", None) or 0, getattr(asked.given, "expect_workers", None) or 0
    )
    if (asked.users or 0) > MOST_PEOPLE * of:
        reason = (
            f"{asked.users:,} people are too many: at most {MOST_PEOPLE:,} are taken for each load process"
        )
        raise OptionError(f"{reason}; lower -u, or raise --processes")


def login_flow(options: argparse.Namespace, spec: Spec) -> str:
    """The way of logins (--flow). OptionError if the document does not have it."""
    chosen = str(options.flow)
    needed = (
        (
            "consent" in spec.oauth,
            "operation that takes the sign-in form (x-oauth: consent): load sends what the document describes, and reads no pages",
        ),
        ("token" in spec.oauth, "token endpoint (x-oauth: token)"),
        (oauth_clients(spec), "example of client_id and redirect_uri at the authorization endpoint"),
    )
    first = next((what for there, what in needed if not there), "")
    if chosen == "pkce" and first:
        raise OptionError(f"--flow pkce: the document has no {first}")
    return chosen


def named(text: str, known: Collection[str], option: str) -> tuple[str, ...]:
    """The names of a list, at least one. OptionError if one is unknown."""
    found = tuple(listed(text))
    wrong = next((name for name in found if name not in known), None)
    if wrong is not None or not found:
        raise OptionError(f"{option} {wrong or text!r}: there are {', '.join(known)}")
    return found


def abort_share(options: argparse.Namespace) -> float | None:
    share = number(options.abort_on_fail, "--abort-on-fail")
    if share is not None and share > 1:
        raise OptionError(f"--abort-on-fail {options.abort_on_fail!r} is not a share between 0 and 1")
    return share


def storm_options(asked: RunRequest) -> StormOptions:
    """The options of the scenario `reconnect`. No storm begins after the run time."""
    options, known = asked.given, account()
    try:
        made = StormOptions(
            email=known.email,
            password=known.password,
            clients=whole(options.clients or CLIENTS, "--clients"),
            policies=tuple(listed(options.policies)),
            outages=dict(outage(text) for text in listed(options.outages)),
            time_scale=number(options.time_scale, "--time-scale") or 0.1,
            seed=whole(options.seed, "--seed"),
            command="load reconnect",
            seconds=asked.seconds,
        )
        allow_descriptors(2 * made.clients)  # the proxy has two for each client
        return made
    except ValueError as error:
        raise OptionError(str(error)) from None


def fan_out_plan(asked: RunRequest) -> FanOutPlan:
    """The plan of the scenario `write-fanout`. The rate is in writes a second."""
    options, clients = asked.given, _socket_count(asked.given, CLIENTS)
    try:
        allow_descriptors(3 * clients)  # each reads twice at once when it receives an event
    except ValueError as error:
        raise OptionError(str(error)) from None
    return FanOutPlan(
        clients=clients,
        rate=number(options.rate, "--rate") or FanOutPlan.rate,
        seconds=asked.seconds or FanOutPlan.seconds,
        seed=whole(options.seed, "--seed"),
        keep_data=options.keep_data,
    )


def whole(text: Any, name: str) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        raise OptionError(f"{name} {text!r} is not a whole number") from None


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def path(text: str | None) -> Path | None:
    return Path(text) if text else None
