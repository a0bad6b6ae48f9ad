"""Our own command line options, one group of Locust's parser, and the order that they make.

Locust 2.47 prints --help before it reads the file given with -f, so no locustfile's options can be in it;
--list-scenarios therefore prints the group too.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from load.herd import FanOut
from load.order import Order, OrderError, account, number
from load.realtime.fault import FAULTS
from load.realtime.policy import POLICIES
from load.realtime.scenario import GATE_OUTAGES, outage
from load.realtime.scenario import Options as Storms
from load.scenarios import NAMES, listing

DEFAULT = "steady"
USERS = 64
IN_FORM = frozenset({"scenario", "rate", "duration", "seed"})
"""Options that Locust's web form shows too."""


class _List(argparse.Action):
    """--list-scenarios: print the table and the options, and leave, like --version."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **more)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        rows = [("scenario", "rate", "for", "what it is for"), *listing()]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True))
            print("  ".join((*cells, row[3])))
        alone = argparse.ArgumentParser(add_help=False, usage=argparse.SUPPRESS)
        add(alone)
        print()
        alone.print_help()
        parser.exit(0)


def add(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "Tchat harness",
        "Arrivals are open-model: -u N without --rate means N arrivals a second, -r the rise a second, -t the duration. "
        "Credentials come from TCHAT_EMAIL and TCHAT_PASSWORD (default: the demo account).",
    )
    added = [
        group.add_argument(
            "--scenario", metavar="NAME", default=DEFAULT,
            help=f"one of {', '.join(NAMES)}, or replay:FILE with a saved history (default {DEFAULT})",
        ),
        group.add_argument("--rate", metavar="N", default=None, help="arrivals a second, all processes together"),
        group.add_argument("--duration", metavar="S", default=None, help="seconds from first to last arrival"),
        group.add_argument("--seed", metavar="N", default="1", help="of the arrival plan (default 1)"),
        group.add_argument("--run-out", metavar="FILE", default=None, help="write the result (JSON) there"),
        group.add_argument("--history-out", metavar="FILE", default=None, help="write every call (NDJSON) there"),
        group.add_argument(
            "--closed", action="store_true", default=False,
            help=f"for comparison: -u users of Locust's (default {USERS}) that share the rate and wait for their answers; "
            "not corrected for what a stalled user does not send, so it judges no objective",
        ),
        group.add_argument(
            "--prometheus-port", metavar="[HOST:]PORT", default=None,
            help="serve the counters at /metrics there (without a host: to this machine only)",
        ),
        group.add_argument("--list-scenarios", action=_List, help="print the scenarios and leave"),
        group.add_argument(
            "--i-own-this-target", action="store_true", default=False,
            help="allow a target that is not this machine",
        ),
        group.add_argument(
            "--clients", metavar="N", default="200", help="reconnect, write-fanout: sockets (default 200)"
        ),
        group.add_argument(
            "--time-scale", metavar="F", default="0.1",
            help="reconnect: all waits of the clients times F (default 0.1)",
        ),
        group.add_argument(
            "--policies", metavar="NAME,…", default=",".join(POLICIES),
            help=f"reconnect: which of {', '.join(POLICIES)} (default all)",
        ),
        group.add_argument(
            "--outages", metavar="FAULT=SECONDS,…", default=",".join(f"{k}={v:g}" for k, v in GATE_OUTAGES.items()),
            help=f"reconnect: which of {', '.join(FAULTS)}, in client seconds (default %(default)s)",
        ),
    ]  # fmt: skip
    for action in added:
        action.include_in_web_ui = action.dest in IN_FORM  # type: ignore[attr-defined]
        for name in ("is_secret", "is_required", "is_multiple"):
            setattr(action, name, False)


def order(
    options: argparse.Namespace, *, host: str | None, users: int | None, rise: float | None, run_time: Any
) -> Order:
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
    return Order(
        scenario=options.scenario or DEFAULT,
        seed=whole(options.seed, "--seed"),
        host=host or "",
        rate=rate,
        seconds=seconds,
        climb=climb,
        users=closed,
    )


def closed_users(options: argparse.Namespace, users: int | None) -> int:
    """How many closed users are asked for; none in the open workload."""
    if not options.closed:
        return 0
    return users if users is not None and users > 1 else USERS


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
    except OrderError:
        raise
    except ValueError as error:
        raise OrderError(str(error)) from None


def fan_out(options: argparse.Namespace, *, run_time: Any) -> FanOut:
    """Of the scenario `write-fanout`. The rate is writes a second."""
    clients = whole(options.clients, "--clients")
    if clients < 1:
        raise OrderError("--clients must be at least 1")
    return FanOut(
        clients=clients,
        rate=number(options.rate, "--rate") or FanOut.rate,
        seconds=limit(options, run_time) or FanOut.seconds,
        seed=whole(options.seed, "--seed"),
    )


def limit(options: argparse.Namespace, run_time: Any) -> float | None:
    return number(options.duration, "--duration") or number(run_time, "-t")


def whole(text: Any, name: str) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        raise OrderError(f"{name} {text!r} is not a whole number") from None


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def path(text: str | None) -> Path | None:
    return Path(text) if text else None
