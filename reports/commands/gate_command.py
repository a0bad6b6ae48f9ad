"""The command `python -m reports gate`: runs all parts, reports, and decides."""

import argparse
import os
import re
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from contracts import spec
from contracts.command import document_options
from contracts.command.argument_parser import seconds_of
from contracts.command.exit_code import ExitCode, Stop
from contracts.command.redaction import given
from contracts.network import tls
from reports.bounded_http import BODY_MEBIBYTES, HttpBounds
from reports.commands import baseline_command
from reports.commands.given_files import add_level, policy_of
from reports.commands.report_output import OUT, report_of, say
from reports.compat import diff_command
from reports.decision.run_judges import Judge, judged
from reports.formats import archive
from reports.gate import gate_run, run_folder, target_probe
from reports.gate.plan import PARTS, PROFILES, RATE, GatePlan
from reports.gate.processes.interrupt import GateInterrupt
from reports.gate.progress import ProgressDisplay, progress_on
from reports.page import history_page
from reports.text import times


def options(made: argparse.ArgumentParser) -> None:
    add = made.add_argument
    add("--target", metavar="URL", default="", help="server under test (default: the embedded one)")
    profiles = ", ".join(f"{name} {times.duration(seconds)}" for name, seconds in PROFILES.items())
    add("--profile", choices=list(PROFILES), default="quick", help=f"how thorough: {profiles}")
    add("--budget", type=seconds_of, metavar="TIME", help="time for all parts: 150s, 10m, 1h")
    add(
        "--rate",
        type=rate,
        metavar="N",
        help=f"requests a second of the load (default: {RATE:g}); fewer take longer",
    )
    add("--policy", type=Path, metavar="FILE", help="release policy (default: built in)")
    add_level(made)
    add("--against", metavar="REF", help="also compare openapi.yaml with this commit, tag or branch")
    add(
        "--baseline",
        type=Path,
        metavar="FILE|DIR",
        help="also compare latencies with a kept run (of a folder: the newest)",
    )
    add("--seed", type=int, default=1, metavar="N", help="of data, cases and arrivals (default: 1)")
    document_options.add_to(made)
    add("--out", type=Path, default=OUT, metavar="DIR", help=f"where runs are kept (default: {OUT})")
    add("--email", help="account to log in with (default: TCHAT_EMAIL, or the demo account)")
    add("--password", help="its password (default: TCHAT_PASSWORD; better there than here)")
    add("--only", type=names, default=(), metavar="PART,…", help="leave out the other parts")
    add(
        "--i-own-this-target",
        dest="owned",
        action="store_true",
        help="you may put load on a target that is not this machine",
    )
    add(
        "--max-body",
        type=mebibytes,
        default=BODY_MEBIBYTES,
        metavar="MIB",
        help=f"the largest answer that a target may send (default: {BODY_MEBIBYTES} MiB)",
    )
    tls.add_to(made)


def rate(text: str) -> float:
    if not re.fullmatch(r"\d{1,5}(\.\d{1,3})?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of requests a second from 0.001 to 99999")
    return float(text)


def mebibytes(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,4}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of MiB from 1 to 99999")
    return int(text)


def names(text: str) -> tuple[str, ...]:
    known = [part.name for part in PARTS]
    chosen = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no part; the parts are {', '.join(known)}")
    return chosen


def run(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    try:
        document_options.check_login(document_options.adopted(chosen, "reports"))
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    trust = tls.adopted(chosen, "reports")
    plan = GatePlan(
        out=chosen.out,
        target=target_probe.checked(chosen.target) if chosen.target else "",
        profile=chosen.profile,
        budget=chosen.budget,
        rate=chosen.rate,
        seed=chosen.seed,
        policy=policy_of(chosen.policy, chosen.level),
        email=chosen.email or os.environ.get("TCHAT_EMAIL", "") or target_probe.DEMO_EMAIL,
        password=chosen.password or os.environ.get("TCHAT_PASSWORD", "") or target_probe.DEMO_PASSWORD,
        others=given(os.environ),
        http=HttpBounds(trust=trust, mebibytes=chosen.max_body),
        owned=chosen.owned,
        only=chosen.only,
        command=shown(arguments),
        judges=_judges(chosen),
    )
    return decide(plan)


def _judges(chosen: argparse.Namespace) -> tuple[Judge, ...]:
    """The judges of the whole run, made before any part runs, so that a wrong REF or file is reported at once."""
    made = [diff_command.judge(chosen.against)] if chosen.against is not None else []
    return (*made, *([baseline_command.judge(chosen.baseline)] if chosen.baseline else []))


def shown(arguments: Sequence[str]) -> str:
    """The command line for a report, without passwords.

    >>> shown(["gate", "--seed", "1", "--password", "x", "--password=y"])
    'python -m reports gate --seed 1'
    """
    kept: list[str] = []
    secret = False
    for argument in arguments:
        # argparse accepts any unambiguous prefix of an option.
        option = argument.partition("=")[0]
        named = len(option) > 3 and "--password".startswith(option)
        if not secret and not named:
            kept.append(argument)
        secret = named and "=" not in argument
    return shlex.join(["python", "-m", "reports", *kept])


def decide(plan: GatePlan, progress: ProgressDisplay | None = None) -> ExitCode:
    """Run a plan and write its report; the result is the exit code."""
    allowed(plan)
    # The parts have another working directory, so a relative path is made absolute first.
    out = plan.out.absolute()
    folder = run_folder.create(out, datetime.now(UTC))
    progress = progress or progress_on(Console(stderr=True))
    with GateInterrupt() as interrupt:
        try:
            whole = gate_run.run(plan, folder, interrupt, progress, lambda: datetime.now(UTC))
        except Stop:
            run_folder.remove_if_empty(folder)
            raise
        finally:
            progress.close()
        report = report_of(judged(whole, plan.judges), plan.policy)
        failures = archive.write(report, folder)
        if not failures:
            failures = history_page.write(out)
        return say(report, folder, failures)


def allowed(plan: GatePlan) -> None:
    """Stop(USAGE) if the time is too short, or if load would go to another machine without the user's consent."""
    if plan.seconds < plan.least:
        parts = ", ".join(
            f"{part.name} {times.duration(plan.needs(part))}" for part in plan.parts if plan.chosen(part)
        )
        raise Stop(
            ExitCode.USAGE,
            f"--budget {times.duration(plan.seconds)} is too short: {parts}, together {times.duration(plan.least)}; "
            "give more, or leave parts out with --only",
        )
    heavy = [part.name for part in plan.parts if part.loads and plan.chosen(part)]
    if heavy and plan.target and not plan.owned and not target_probe.is_loopback(plan.target):
        raise Stop(
            ExitCode.USAGE,
            f"{plan.target} is not this machine, and {' and '.join(heavy)} would put load on it; "
            "add --i-own-this-target if you may, or --only contracts",
        )
