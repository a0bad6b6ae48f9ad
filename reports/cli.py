"""The command line: `gate` runs and decides, the other commands work on files.

python -m reports gate [--target URL] [--profile quick|release|nightly] [--budget 10m] [--policy FILE]
                       [--against REF] [--baseline FILE|DIR]
python -m reports render RUN.json [--out DIR] [--baseline FILE|DIR]
python -m reports merge PART.json... -o RUN.json
python -m reports diff OLD NEW | --against REF [NEW]
python -m reports baseline keep RUN.json [-o FILE]
python -m reports openslo [FILE] [-o FILE]
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from contracts import spec
from contracts.command import document_options
from contracts.run import Run, RunError, merge, parse
from reports import artifact, gate
from reports.baseline import baseline_command as baseline
from reports.compat import diff_command as diff
from reports.decision.policy import PolicyError, ReleasePolicy, read
from reports.decision.run_judges import Judge, judged
from reports.exitcode import MEANING, ExitCode, Stop
from reports.formats import archive, openslo, terminal
from reports.gate import gate_run as running
from reports.gate import target_probe
from reports.gate.interrupt import GateInterrupt
from reports.gate.plan import PARTS, PROFILES, GatePlan
from reports.gate.progress import ProgressDisplay, progress_on
from reports.page import history_page
from reports.summary import detection, document_lines, tables
from reports.text import times
from reports.text.output import Output, discard_output

OUT = Path("reports") / "out"


class ReportsParser(argparse.ArgumentParser):
    """argparse with our exit code for usage (64) in place of its own (2, which is UNKNOWN here)."""

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}; --help lists the options\n")


def main(argv: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else list(argv)
    chosen = parser().parse_args(arguments)
    try:
        return int(COMMANDS[chosen.command](chosen, arguments))
    except Stop as stop:
        print(f"reports: {stop.line}", file=sys.stderr)
        return stop.code
    except BrokenPipeError:
        discard_output()
        return ExitCode.INTERNAL


def parser() -> ReportsParser:
    codes = "exit codes: " + "; ".join(f"{code.value} {MEANING[code]}" for code in ExitCode)
    made = ReportsParser(prog="python -m reports", description=gate.__doc__, epilog=codes)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _gate_options(commands.add_parser("gate", help="run everything and decide", epilog=codes))
    formats = f"make all formats again from a run.json: {', '.join(archive.FORMATS)}"
    render = commands.add_parser("render", help=formats, description=formats, epilog=codes)
    render.add_argument("run", type=Path, metavar="RUN.json")
    render.add_argument("--out", type=Path, help="folder for the files (default: beside the run)")
    render.add_argument("--policy", type=Path, metavar="FILE", help="release policy (default: built in)")
    render.add_argument("--baseline", type=Path, metavar="FILE|DIR", help="compare with a kept run")
    joined = commands.add_parser("merge", help="one run.json of several parts", epilog=codes)
    joined.add_argument("parts", type=Path, nargs="+", metavar="PART.json")
    joined.add_argument(
        "-o", "--output", type=Path, required=True, metavar="RUN.json", help="the whole, as a file"
    )
    diff.options(
        commands.add_parser("diff", help="breaking and harmless changes of openapi.yaml", epilog=codes)
    )
    baseline.options(commands.add_parser("baseline", help="keep a run to compare with", epilog=codes))
    openslo.options(commands.add_parser("openslo", help="the objectives as OpenSLO v1", epilog=codes))
    return made


def _gate_options(made: argparse.ArgumentParser) -> None:
    add = made.add_argument
    add("--target", metavar="URL", default="", help="server under test (default: the embedded one)")
    profiles = ", ".join(f"{name} {times.duration(seconds)}" for name, seconds in PROFILES.items())
    add("--profile", choices=list(PROFILES), default="quick", help=f"how thorough: {profiles}")
    add("--budget", type=seconds_of, metavar="TIME", help="time for all parts: 150s, 10m, 1h")
    add("--policy", type=Path, metavar="FILE", help="release policy (default: built in)")
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


def seconds_of(text: str) -> float:
    """
    >>> seconds_of("90s"), seconds_of("10m"), seconds_of("1h"), seconds_of("45")
    (90.0, 600.0, 3600.0, 45.0)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|)", text)
    seconds = float(found[1]) * {"s": 1, "m": 60, "h": 3600, "": 1}[found[2]] if found else 0.0
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 90s, 10m or 1h")
    return seconds


def names(text: str) -> tuple[str, ...]:
    known = [part.name for part in PARTS]
    chosen = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no part; the parts are {', '.join(known)}")
    return chosen


def _gate(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    try:
        document_options.adopted(chosen, "reports")
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    plan = GatePlan(
        out=chosen.out,
        target=target_probe.checked(chosen.target) if chosen.target else "",
        profile=chosen.profile,
        budget=chosen.budget,
        seed=chosen.seed,
        policy=_policy(chosen.policy),
        email=chosen.email or os.environ.get("TCHAT_EMAIL", "") or target_probe.DEMO_EMAIL,
        password=chosen.password or os.environ.get("TCHAT_PASSWORD", "") or target_probe.DEMO_PASSWORD,
        owned=chosen.owned,
        only=chosen.only,
        command=shown(arguments),
        judges=_judges(chosen),
    )
    return decide(plan)


def _judges(chosen: argparse.Namespace) -> tuple[Judge, ...]:
    """Made before anything is run, so that a wrong REF or file is told at once."""
    made = [diff.judge(chosen.against)] if chosen.against is not None else []
    return (*made, *([baseline.judge(chosen.baseline)] if chosen.baseline else []))


def shown(arguments: Sequence[str]) -> str:
    """The command as it may stand in a report.

    >>> shown(["gate", "--seed", "1", "--password", "x", "--password=y"])
    'python -m reports gate --seed 1'
    """
    kept: list[str] = []
    secret = False
    for argument in arguments:
        # argparse takes any unambiguous beginning of an option for the option itself.
        option = argument.partition("=")[0]
        named = len(option) > 3 and "--password".startswith(option)
        if not secret and not named:
            kept.append(argument)
        secret = named and "=" not in argument
    return shlex.join(["python", "-m", "reports", *kept])


def decide(plan: GatePlan, told: ProgressDisplay | None = None) -> ExitCode:
    """Run a plan, report, and say with which code to exit."""
    allowed(plan)
    folder = running.folder_for(plan.out, datetime.now(UTC))
    told = told or progress_on(Console(stderr=True))
    with GateInterrupt() as interrupt:
        try:
            whole = running.run(plan, folder, interrupt, told, lambda: datetime.now(UTC))
        except Stop:
            running.remove_if_empty(folder)
            raise
        finally:
            told.close()
        report = _report(judged(whole, plan.judges), plan.policy, plan.out)
        failures = archive.write(report, folder)
        if not failures:
            failures = history_page.write(plan.out)
        return _say(report, folder, failures)


def allowed(plan: GatePlan) -> None:
    """Stop(USAGE) if the time is too short, or load would go to somebody else's machine without a word that it may."""
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


def _render(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    folder = chosen.out or chosen.run.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot write into {folder}: {error.strerror}") from None
    judges = [baseline.judge(chosen.baseline)] if chosen.baseline else []
    report = _report(judged(_read(chosen.run), judges), _policy(chosen.policy), folder.parent)
    return _say(report, folder, archive.write(report, folder))


def _merge(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    try:
        whole = merge([_read(path) for path in chosen.parts])
    except RunError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    try:
        artifact.write(chosen.output, whole.model_dump_json() + "\n")
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot write {chosen.output}: {error.strerror}") from None
    return ExitCode.PASS


def _say(report: tables.Report, folder: Path, failures: Sequence[str]) -> ExitCode:
    try:
        terminal.show(Output(), report, page=None if failures else folder / "report.html")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has had enough (`| head`); what the run came to does not change with that.
        discard_output()
    for failure in failures:
        print(f"reports: {failure}", file=sys.stderr)
    code = report.decision.exit_code
    # What nobody can read up is our fault, and no pass; a fail stays one, written or not.
    return ExitCode.INTERNAL if failures and code is not ExitCode.FAIL else code


def _report(run: Run, policy: ReleasePolicy, near: Path) -> tables.Report:
    """`near` is where a detection matrix is looked for first; `make power` writes to OUT."""
    made = times.stamp(datetime.now(UTC))
    marks = document_lines.read(spec.default_path(), run.spec.digest) if run.spec else None
    return tables.report(
        run, policy, made=made, version=metadata.version("tchat-harness"), lines=marks,
        power=detection.read(near / detection.FILE, OUT / detection.FILE),
    )  # fmt: skip


def _read(path: Path) -> Run:
    try:
        return parse(path.read_bytes(), name=str(path))
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot read {path}: {error.strerror}") from None
    except RunError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None


def _policy(path: Path | None) -> ReleasePolicy:
    try:
        return read(path) if path else ReleasePolicy()
    except PolicyError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None


Command = Callable[[argparse.Namespace, Sequence[str]], ExitCode]
COMMANDS: Mapping[str, Command] = {
    "gate": _gate,
    "render": _render,
    "merge": _merge,
    "diff": diff.run,
    "baseline": baseline.run,
    "openslo": openslo.run,
}
