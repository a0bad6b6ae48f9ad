"""From our options to what they ask for: the config of a run, storms, a fan-out. A mistake is an OptionError of one line."""

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import Any

from contracts.spec import Spec, oauth_clients
from load.options import CLOSED, DEFAULT
from load.realtime.policies.reconnect_policies import POLICIES
from load.realtime.storm.storm_scenario import StormOptions as Storms
from load.realtime.storm.storm_scenario import outage
from load.runs.run_config import ENDLESS, FLOWS, OptionError, RunConfig, account, number
from load.runs.sockets.fanout_verdicts import FanOutPlan
from load.scenarios.scenario_reader import read
from load.scenarios.scenario_table import SOCKETS, TABLE
from load.virtual_users.guide.profile import PROFILES
from load.virtual_users.roles import ROLES, THINK, USERS, Population
from load.virtual_users.roles import SCENARIOS as PEOPLE

CLIENTS, HELD = 200, 500
"""Sockets where nobody says how many: of a storm or a fan-out, and of those that are held (fewer prove no 99 %)."""


def order(
    options: argparse.Namespace, spec: Spec, *, host: str | None, users: int | None, rise: float | None, run_time: Any,
    headless: bool = False,
) -> RunConfig:  # fmt: skip
    """The config of a run from our options and Locust's. `users`, `rise` and `run_time` are Locust's -u, -r and -t; --rate and
    --duration win over them. The web form always sends a number of users, 1 where nobody changed it; without it (`headless`) a
    1 was asked for."""
    rate = number(options.rate, "--rate")
    seconds = limit(options, run_time)
    climb = 0.0
    closed = closed_users(options, users)
    if rate is None and users is not None and (users > 1 or headless) and not closed:
        rate = float(users)
        climb = users / rise if rise and users / rise > 1 else 0.0
    if climb and seconds is not None:
        climb = min(climb, seconds)
    return RunConfig(
        scenario=options.scenario or DEFAULT,
        seed=whole(options.seed, "--seed"),
        host=host or "",
        rate=rate,
        seconds=seconds,
        climb=climb,
        users=closed,
        flow=flow(options, spec, closed),
        **sockets(options, seconds),
        abort_share=abort_share(options),
        keep_data=options.keep_data,
    )


def sockets(options: argparse.Namespace, seconds: float | None) -> dict[str, Any]:
    """Of the scenario `sockets`: how many, and in which time they come."""
    if options.scenario != SOCKETS:
        return {}
    clients = whole(options.clients or HELD, "--clients")
    if clients < 1:
        raise OptionError("--clients must be at least 1")
    ramp = number(options.ramp, "--ramp") or (seconds or TABLE[SOCKETS].seconds) / 3
    return {"clients": clients, "ramp": ramp}


def own_scenario(
    options: argparse.Namespace, spec: Spec, *, host: str | None, users: int | None, run_time: Any
) -> RunConfig:
    """Of a scenario file, which says all by itself, so that an option that would say it again is a mistake."""
    said = {
        "--scenario": options.scenario not in (None, "", DEFAULT), "--rate": options.rate, "--duration": options.duration,
        "--flow": options.flow != FLOWS[0], "-t": run_time, "-u": users is not None and users > 1, "--closed": options.closed,
    }  # fmt: skip
    for name, given in said.items():
        if given:
            raise OptionError(f"--scenario-file has its own rates and times; leave {name} out")
    found = read(Path(options.scenario_file), spec)
    return RunConfig(
        scenario=found.name,
        seed=whole(options.seed, "--seed"),
        host=host or "",
        own=dict(found.document),
        abort_share=abort_share(options),
        keep_data=options.keep_data,
    )


def population_config(
    options: argparse.Namespace,
    roles: tuple[str, ...],
    *,
    host: str | None,
    users: int | None,
    run_time: Any,
    endless: bool,
    own: bool = False,
) -> RunConfig:
    """Of people, or of classes of the user's `own`. `endless`: without a duration they stay until somebody stops them."""
    scenario = "+".join(name if own else ROLES[name].scenario for name in roles)
    asked = options.scenario or DEFAULT
    if asked != DEFAULT and asked not in PEOPLE:
        raise OptionError(
            f"{', '.join(roles)} are people, and --scenario {asked} has none; leave one of the two out"
        )
    return RunConfig(
        scenario=scenario,
        seed=whole(options.seed, "--seed"),
        host=host or "",
        seconds=limit(options, run_time) or (ENDLESS if endless else None),
        users=users or USERS,
        abort_share=abort_share(options),
        keep_data=options.keep_data,
        population=Population(
            roles=roles,
            profiles=named(options.client_profile, PROFILES, "--client-profile"),
            policies=named(options.policies, POLICIES, "--policies"),
            think=number(options.think, "--think") or THINK,
            own=own,
        ),
    )


def flow(options: argparse.Namespace, spec: Spec, closed: int) -> str:
    """How logins are made, where the document and the workload allow it."""
    chosen = str(options.flow)
    if chosen == "pkce" and not ({"consent", "token"} <= spec.oauth.keys() and oauth_clients(spec)):
        raise OptionError(
            "--flow pkce: the document has no consent endpoint, token endpoint or client (x-oauth)"
        )
    if chosen == "pkce" and closed:
        raise OptionError(
            "--flow pkce is two requests one after the other, and a closed user has no such thing; leave --closed out"
        )
    return chosen


def named(text: str, known: Collection[str], option: str) -> tuple[str, ...]:
    """At least one of the names that there are."""
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


def closed_users(options: argparse.Namespace, users: int | None) -> int:
    """How many closed users are asked for; none in the open workload."""
    if not options.closed:
        return 0
    return users if users is not None and users > 1 else CLOSED


def storms(options: argparse.Namespace, *, run_time: Any) -> Storms:
    """Of the scenario `reconnect`. The run time is when the last storm may begin."""
    known = account()
    try:
        return Storms(
            email=known.email,
            password=known.password,
            clients=whole(options.clients or CLIENTS, "--clients"),
            policies=tuple(listed(options.policies)),
            outages=dict(outage(text) for text in listed(options.outages)),
            time_scale=number(options.time_scale, "--time-scale") or 0.1,
            seed=whole(options.seed, "--seed"),
            command="load reconnect",
            seconds=limit(options, run_time),
        )
    except OptionError:
        raise
    except ValueError as error:
        raise OptionError(str(error)) from None


def fan_out(options: argparse.Namespace, *, run_time: Any) -> FanOutPlan:
    """Of the scenario `write-fanout`. The rate is writes a second."""
    clients = whole(options.clients or CLIENTS, "--clients")
    if clients < 1:
        raise OptionError("--clients must be at least 1")
    return FanOutPlan(
        clients=clients,
        rate=number(options.rate, "--rate") or FanOutPlan.rate,
        seconds=limit(options, run_time) or FanOutPlan.seconds,
        seed=whole(options.seed, "--seed"),
    )


def limit(options: argparse.Namespace, run_time: Any) -> float | None:
    return number(options.duration, "--duration") or number(run_time, "-t")


def whole(text: Any, name: str) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        raise OptionError(f"{name} {text!r} is not a whole number") from None


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def path(text: str | None) -> Path | None:
    return Path(text) if text else None
