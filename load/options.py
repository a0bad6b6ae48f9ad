"""Our own command line options, one group of Locust's parser, and the order that they make.

Locust 2.47 prints --help before it reads the file given with -f; load.plugin makes --help-all of it, which is printed here.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from contracts.command import document_options
from contracts.spec import Spec
from load.realtime.policies.reconnect_policies import POLICIES
from load.realtime.storm.outage_faults import FAULTS
from load.realtime.storm.storm_scenario import GATE_OUTAGES, outage
from load.realtime.storm.storm_scenario import StormOptions as Storms
from load.runs.run_config import ENDLESS, OptionError, RunConfig, account, number
from load.runs.sockets.fanout_verdicts import FanOutPlan
from load.scenarios.scenario_reader import read
from load.scenarios.scenario_table import NAMES, listing
from load.virtual_users.guide.profile import PROFILES
from load.virtual_users.roles import ROLES, THINK, USERS, Population
from load.virtual_users.roles import SCENARIOS as PEOPLE

DEFAULT = "steady"
CLOSED = 64
IN_FORM = frozenset({"scenario", "rate", "duration", "seed"})
"""Options that Locust's web form shows too."""


class _List(argparse.Action):
    """--list-scenarios: print the table and leave, like --version."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **more)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        rows = [("scenario", "rate", "for", "what it is for"), *listing()]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True))
            print("  ".join((*cells, row[3])))
        parser.exit(0)


class _Help(argparse.Action):
    """--help-all: Locust's options and ours, the help that knows this file."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **more)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        parser.print_help()
        parser.exit(0)


def add(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "Tchat harness",
        "Arrivals are open-model: -u N without --rate means N arrivals a second, -r the\n"
        "rise a second, -t the duration. In a scenario of people, or with their classes\n"
        "named at the end of the line, -u N is N people. Credentials come from\n"
        "TCHAT_EMAIL and TCHAT_PASSWORD (default: the demo account).",
    )
    added = [
        group.add_argument(
            "--scenario", metavar="NAME", default=DEFAULT,
            help=f"one of {', '.join(NAMES)}, or replay:FILE with a saved history (default {DEFAULT})",
        ),
        group.add_argument(
            "--scenario-file", metavar="FILE", default=None,
            help="a scenario of your own (YAML, JSON or Python): load/README.md has an example, and the schema's place",
        ),
        group.add_argument("--rate", metavar="N", default=None, help="arrivals a second, all processes together"),
        group.add_argument("--duration", metavar="S", default=None, help="seconds from first to last arrival"),
        group.add_argument("--seed", metavar="N", default="1", help="of the arrival plan (default 1)"),
        group.add_argument("--run-out", metavar="FILE", default=None, help="write the result (JSON) there"),
        group.add_argument("--history-out", metavar="FILE", default=None, help="write every call (NDJSON) there"),
        group.add_argument(
            "--closed", action="store_true", default=False,
            help=f"for comparison: -u users of Locust's (default {CLOSED}) that share the rate and wait for their answers; "
            "not corrected for what a stalled user does not send, so it judges no objective",
        ),
        group.add_argument(
            "--prometheus-port", metavar="[HOST:]PORT", default=None,
            help="serve the counters at /metrics there (without a host: to this machine only)",
        ),
        group.add_argument("--list-scenarios", action=_List, help="print the scenarios and leave"),
        group.add_argument("--help-all", action=_Help, help="print all options, Locust's and these, and leave"),
        group.add_argument(
            "--i-own-this-target", action="store_true", default=False,
            help="allow a target that is not this machine",
        ),
        *_clients(group),
        *document_options.add_to(group),
    ]  # fmt: skip
    # Locust's own default is every address of the machine, and whoever reaches its page can start a load from there.
    parser.set_defaults(web_host="127.0.0.1")
    for action in added:
        action.include_in_web_ui = action.dest in IN_FORM  # type: ignore[attr-defined]
        for name in ("is_secret", "is_required", "is_multiple"):
            setattr(action, name, False)


def _clients(group: argparse._ArgumentGroup) -> list[argparse.Action]:
    """Of the scenarios that are played by clients: people and sockets."""
    return [
        group.add_argument(
            "--clients", metavar="N", default="200", help="reconnect, write-fanout: sockets (default 200)"
        ),
        group.add_argument(
            "--time-scale", metavar="F", default="0.1",
            help="reconnect: all waits of the clients times F (default 0.1)",
        ),
        group.add_argument(
            "--policies", metavar="NAME,…", default=",".join(POLICIES),
            help=f"reconnect, realtime: which of {', '.join(POLICIES)} (default all)",
        ),
        group.add_argument(
            "--client-profile", metavar="NAME,…", default=",".join(PROFILES),
            help=f"{', '.join(PEOPLE)}: the guide's clients as {' or '.join(PROFILES)} (default both, by turns)",
        ),
        group.add_argument(
            "--think", metavar="S", default=f"{THINK:g}",
            help=f"{', '.join(PEOPLE)}: mean seconds between two steps of one person (default {THINK:g})",
        ),
        group.add_argument(
            "--outages", metavar="FAULT=SECONDS,…", default=",".join(f"{k}={v:g}" for k, v in GATE_OUTAGES.items()),
            help=f"reconnect: which of {', '.join(FAULTS)}, in client seconds (default %(default)s)",
        ),
    ]  # fmt: skip


def order(
    options: argparse.Namespace, *, host: str | None, users: int | None, rise: float | None, run_time: Any
) -> RunConfig:
    """`users`, `rise` and `run_time` are Locust's -u, -r and -t; --rate and --duration win over them."""
    rate = number(options.rate, "--rate")
    seconds = limit(options, run_time)
    climb = 0.0
    closed = closed_users(options, users)
    if rate is None and users is not None and users > 1 and not closed:
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
    )


def own_scenario(
    options: argparse.Namespace, spec: Spec, *, host: str | None, users: int | None, run_time: Any
) -> RunConfig:
    """Of a scenario file, which says all by itself, so that an option that would say it again is a mistake."""
    said = {
        "--scenario": options.scenario not in (None, "", DEFAULT), "--rate": options.rate, "--duration": options.duration,
        "-t": run_time, "-u": users is not None and users > 1, "--closed": options.closed,
    }  # fmt: skip
    for name, given in said.items():
        if given:
            raise OptionError(f"--scenario-file has its own rates and times; leave {name} out")
    found = read(Path(options.scenario_file), spec)
    return RunConfig(
        scenario=found.name, seed=whole(options.seed, "--seed"), host=host or "", own=dict(found.document)
    )


def population_config(
    options: argparse.Namespace,
    roles: tuple[str, ...],
    *,
    host: str | None,
    users: int | None,
    run_time: Any,
    endless: bool,
) -> RunConfig:
    """Of people. `endless`: without a duration they stay until somebody stops them."""
    scenario = "+".join(ROLES[name].scenario for name in roles)
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
        population=Population(
            roles=roles,
            profiles=named(options.client_profile, PROFILES, "--client-profile"),
            policies=named(options.policies, POLICIES, "--policies"),
            think=number(options.think, "--think") or THINK,
        ),
    )


def named(text: str, known: Collection[str], option: str) -> tuple[str, ...]:
    """At least one of the names that there are."""
    found = tuple(listed(text))
    wrong = next((name for name in found if name not in known), None)
    if wrong is not None or not found:
        raise OptionError(f"{option} {wrong or text!r}: there are {', '.join(known)}")
    return found


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
            clients=whole(options.clients, "--clients"),
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
    clients = whole(options.clients, "--clients")
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
