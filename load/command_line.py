"""The begin and the end of our own command-line programs: target, TLS trust, interrupts, and the exit code of a Run."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import gevent

from contracts.command import document_options
from contracts.command.atomic_file import refusal
from contracts.command.exit_code import ExitCode, Stop
from contracts.command.outermost import say
from contracts.command.redaction import given
from contracts.network import tls
from contracts.network.target_url import InvalidTarget
from contracts.run import Run
from contracts.spec import Spec, SpecError
from load.http.target import Target, parse, refuse_strangers
from load.results import run_builder


def add_target_options(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--host",
        metavar="URL",
        help="the target; its path, or else /api, comes before every operation's path",
    )
    made.add_argument("--run-out", type=Path, metavar="FILE", help="write the Run as JSON")
    made.add_argument(
        "--i-own-this-target", action="store_true", help="allow a target that is not this machine"
    )
    tls.add_to(made)
    document_options.add_to(made)


def adopted(options: argparse.Namespace, program: str) -> tuple[Target, Spec]:
    """(target, document) of the options. Stop(USAGE) if they are wrong."""
    _interrupt_here()
    if options.run_out is not None and (why := refusal(options.run_out)):
        raise Stop(ExitCode.USAGE, f"--run-out {options.run_out} cannot be written: {why}")
    try:
        spec = document_options.adopted(options, program)
        document_options.check_login(spec)
        target = parse(options.host, prefix=spec.prefixes[0])
        refuse_strangers(target, owned=options.i_own_this_target)
        tls.adopted(options, program)
        return target, spec
    except (InvalidTarget, SpecError) as error:
        raise Stop(ExitCode.USAGE, str(error)) from None


def _interrupt_here() -> None:
    """Turn a signal into one KeyboardInterrupt in this greenlet. Otherwise Python raises it in any running greenlet, and gevent again
    in the main one, perhaps much later."""
    here = gevent.getcurrent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup: somebody wants it to go on
            gevent.signal_handler(number, gevent.kill, here, KeyboardInterrupt)


def secrets() -> tuple[str, ...]:
    return given(os.environ)


def progress(line: str) -> None:
    """Show progress, on a terminal only."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr)


def finish(run: Run, out: Path | None, summary: Callable[[Run], str]) -> int:
    """Write the Run if it is wanted, print what it says, and give the exit code of its grade."""
    say(summary(run))
    if out is not None:
        try:
            run_builder.save(out, run)
        except OSError as error:
            raise Stop(
                ExitCode.INTERNAL, f"cannot write --run-out {out}: {error.strerror or error}"
            ) from None
    return run_builder.EXIT[run.grade]
