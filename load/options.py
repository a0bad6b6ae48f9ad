"""Our own command line options, as one group of Locust's parser.

Locust 2.47 prints --help before it reads the file given with -f, so --help-all is the one that has our options; `python -m load
--help` prints it. Each option has an environment variable, as Locust's own have: LOCUST_ and its name.
"""

import argparse
from collections.abc import Callable, Collection, Sequence
from types import MappingProxyType, MethodType
from typing import Any

from contracts.command import document_options, outermost
from contracts.command.argument_parser import ArgumentParser
from contracts.network import tls
from load.realtime.policies.reconnect_policies import POLICIES
from load.realtime.storm.outage_faults import FAULTS
from load.realtime.storm.storm_scenario import GATE_OUTAGES
from load.runs.run_config import FLOWS, OptionError
from load.scenarios.scenario_table import NAMES, SOCKETS, listing
from load.virtual_users.guide.profile import PROFILES
from load.virtual_users.roles import SCENARIOS as PEOPLE
from load.virtual_users.roles import THINK

DEFAULT = "steady"
ABORT_SHARE = "0.1"
NO_VARIABLE = frozenset({"list_scenarios", "help_all", argparse.SUPPRESS})
TAKEN_BY = MappingProxyType(
    {
        "clients": ("reconnect", "write-fanout", SOCKETS), "ramp": (SOCKETS,), "time_scale": ("reconnect",),
        "policies": ("reconnect", "realtime"), "client_profile": tuple(PEOPLE), "think": tuple(PEOPLE),
        "outages": ("reconnect",),
    }
)  # fmt: skip
"""Option of clients -> the scenarios that do something with it."""
IN_FORM = frozenset({"scenario", "rate", "duration", "seed"})
"""Options that Locust's web form shows too."""


class _PrintAndLeave(argparse.Action):
    """An option that prints something and leaves, like --version."""

    def __init__(
        self, option_strings: Sequence[str], dest: str, *, show: Callable[[argparse.ArgumentParser], None], **more: Any
    ) -> None:  # fmt: skip
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **more)
        self.show = show

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        self.show(parser)
        parser.exit(0)


def _list_scenarios(parser: argparse.ArgumentParser) -> None:
    rows = [("scenario", "rate", "for", "what it is for"), *listing()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    padded = ((cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)) for row in rows)
    outermost.say("\n".join("  ".join((*cells, row[3])) for cells, row in zip(padded, rows, strict=True)))


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
        *_outputs(group),
        group.add_argument(
            "--flow", choices=FLOWS, default=FLOWS[0],
            help="logins of a plan by the password, or by the authorization code flow of OAuth (sign in, then exchange the code)",
        ),
        group.add_argument(
            "--tokens", metavar="FILE", default=None,
            help="CSV or NDJSON with the column accessToken: speak for these in turn, without logins (or TCHAT_TOKENS: the tokens themselves)",
        ),
        group.add_argument(
            "--abort-on-fail", metavar="SHARE", nargs="?", const=ABORT_SHARE, default=None,
            help=f"end the run, FAIL, once more than this share of the requests failed (without a number {ABORT_SHARE})",
        ),
        group.add_argument(
            "--keep-data", action="store_true", default=False,
            help="leave the items that the run made on the target; else they are archived at its end",
        ),
        group.add_argument("--list-scenarios", action=_PrintAndLeave, show=_list_scenarios, help="print the scenarios and leave"),
        group.add_argument("--help-all", action=_PrintAndLeave, show=argparse.ArgumentParser.print_help, help="print all options, Locust's and these, and leave"),
        group.add_argument(
            "--i-own-this-target", action="store_true", default=False,
            help="allow a target that is not this machine",
        ),
        *_clients(group),
        *tls.add_to(group),
        *document_options.add_to(group),
    ]  # fmt: skip
    # Locust's own default is every address of the machine, and whoever reaches its page can start a load from there.
    parser.set_defaults(web_host="127.0.0.1")
    for action in parser._actions:
        if action.dest == "web_host":
            action.help = "Host to bind the web interface to. Defaults to 127.0.0.1 (this machine only)"
    for action in added:
        action.include_in_web_ui = action.dest in IN_FORM  # type: ignore[attr-defined]
        for name in ("is_secret", "is_required", "is_multiple"):
            setattr(action, name, False)
        if action.dest not in NO_VARIABLE and getattr(action, "env_var", None) is None:
            action.env_var = f"LOCUST_{action.dest.upper()}"  # type: ignore[attr-defined]


def _outputs(group: argparse._ArgumentGroup) -> list[argparse.Action]:
    """The options for the files of a run, and for what is shown while it runs."""
    return [
        group.add_argument("--run-out", metavar="FILE", default=None, help="write the result (JSON) there"),
        group.add_argument("--history-out", metavar="FILE", default=None, help="write every call (NDJSON) there"),
        group.add_argument(
            "--samples", metavar="FILE", default=None,
            help="write every call as a row: FILE.csv.gz, or FILE.parquet with the extra `parquet`",
        ),
        group.add_argument(
            "--report", metavar="DIR", default=None, help="write the HTML report of the run, and all other formats, there"
        ),
        group.add_argument(
            "--prometheus-port", metavar="[HOST:]PORT", default=None,
            help="serve the counters at /metrics there (without a host: to this machine only)",
        ),
    ]  # fmt: skip


def strict(parser: argparse.ArgumentParser, user_classes: Callable[[], Collection[str]]) -> None:
    """Exit code 64 for a wrong command line: Locust itself ends with 2 and, for a user class that is not there, with 1, which
    here say UNKNOWN and FAIL."""

    def known(name: str) -> str:
        if name not in user_classes():
            raise argparse.ArgumentTypeError(f"there is no user class {name}; --list shows what there is")
        return name

    setattr(parser, "error", MethodType(ArgumentParser.error, parser))  # noqa: B010 - a method, as mypy sees it
    for action in parser._actions:
        if action.dest == "user_classes":
            action.type = known


def refuse_options_of_other_scenarios(given: argparse.Namespace, playing: Collection[str]) -> None:
    """OptionError for an option of clients that none of these scenarios takes: it would be ignored."""
    for action in _clients(argparse.ArgumentParser().add_argument_group()):
        value, takers = getattr(given, action.dest), TAKEN_BY[action.dest]
        if value not in (None, action.default) and not {*takers} & {*playing}:
            raise OptionError(
                f"{action.option_strings[0]} {value}: an option of {', '.join(takers)}, which {' and '.join(playing)} does nothing with; "
                "leave it out"
            )


def _clients(group: argparse._ArgumentGroup) -> list[argparse.Action]:
    """The options of the scenarios with clients: people and sockets."""
    made = [
        group.add_argument(
            "--clients", metavar="N", default=None, help="sockets (default 200, in the scenario sockets 500)"
        ),
        group.add_argument(
            "--ramp", metavar="S", default=None, help="seconds in which all connect (default a third of the time)"
        ),
        group.add_argument(
            "--time-scale", metavar="F", default="0.1",
            help="all waits of the clients times F (default 0.1)",
        ),
        group.add_argument(
            "--policies", metavar="NAME,…", default=",".join(POLICIES),
            help=f"which of {', '.join(POLICIES)} (default all)",
        ),
        group.add_argument(
            "--client-profile", metavar="NAME,…", default=",".join(PROFILES),
            help=f"the guide's clients as {' or '.join(PROFILES)} (default both, by turns)",
        ),
        group.add_argument(
            "--think", metavar="S", default=f"{THINK:g}",
            help=f"mean seconds between two steps of one person (default {THINK:g})",
        ),
        group.add_argument(
            "--outages", metavar="FAULT=SECONDS,…", default=",".join(f"{k}={v:g}" for k, v in GATE_OUTAGES.items()),
            help=f"which of {', '.join(FAULTS)}, in client seconds (default %(default)s)",
        ),
    ]  # fmt: skip
    for action in made:
        action.help = f"{', '.join(TAKEN_BY[action.dest])}: {action.help}"
    return made
