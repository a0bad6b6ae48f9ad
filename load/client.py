"""The command `python -m load.client`: sessions of the guide's clients against a server, and the findings about these clients.

    python -m load.client --host http://127.0.0.1:8000 --persona web --profile guide-exact --run-out FILE

It patches the standard library for gevent before anything else is imported, so that requests of a client can be sent in parallel.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import argparse
import sys

from contracts.command import outermost
from contracts.command.argument_parser import ArgumentParser
from contracts.command.exit_code import Stop
from contracts.run import Run
from load.command_line import add_target_options, adopted, finish, progress, secrets
from load.runs.run_config import account
from load.virtual_users.drivers.client_findings import FindingsOptions, run_findings
from load.virtual_users.drivers.server_adapter import UnreachableError
from load.virtual_users.guide.behaviour.token_expiry import PLATFORMS
from load.virtual_users.guide.persona import make
from load.virtual_users.guide.profile import DEVIATIONS, PROFILES

PROGRAM = "load.client"


def parser() -> argparse.ArgumentParser:
    deviations = "\n".join(f"  {d.field:31}{d.source}\n{'':4}{d.does}" for d in DEVIATIONS)
    made = ArgumentParser(
        prog="python -m load.client",
        description="Play sessions of the guide's clients and show the effects of defects in their code.",
        epilog=f"where guide-exact differs from guide-intended:\n{deviations}\n\n"
        "TCHAT_EMAIL and TCHAT_PASSWORD name the account (default: the demo account).",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--persona", action="append", choices=PLATFORMS, help="may be repeated (default: all)")
    made.add_argument(
        "--profile", action="append", choices=tuple(PROFILES), help="may be repeated (default: both)"
    )
    made.add_argument("--no-findings", action="store_true", help="play sessions only")
    made.add_argument("--no-clock", action="store_true", help="never move the target's clock")
    add_target_options(made)
    return made


def main() -> int:
    return outermost.run(PROGRAM, played, secrets)


def played() -> int:
    options = parser().parse_args()
    target, spec = adopted(options, PROGRAM)
    known = account()
    plan = FindingsOptions(
        email=known.email,
        password=known.password,
        sessions=tuple(
            make(platform, profile)
            for platform in options.persona or PLATFORMS
            for profile in options.profile or PROFILES
        ),
        experiments=not options.no_findings,
        expiry=not options.no_clock,
        command=" ".join(["python -m load.client", *sys.argv[1:]]),
    )
    try:
        run = run_findings(target, spec, plan, progress=progress)
    except UnreachableError as error:
        raise Stop(error.code, str(error)) from None
    return finish(run, options.run_out, summary)


def summary(run: Run) -> str:
    sessions = [r.reason for r in run.verdicts if r.check == "client.session" and r.grade == "PASS"]
    found = [f"{f.id}: {f.title}: {f.number}\n    {f.detail}" for f in run.findings]
    wrong = [f"{v.grade.name} {v.check} {v.subject}: {v.reason}" for v in run.all_verdicts() if v.grade]
    return "\n".join([*sessions, *found, *wrong, f"verdict: {run.grade.name}"])


if __name__ == "__main__":
    sys.exit(main())
