"""The port of Locust's master: a free one for each local run, so that two runs on one machine do not disturb each other.

Locust's master listens at 5557 by default, so a second `--processes` run could not begin. If all processes are forks of one, any
free port is possible. A master or worker that is started separately keeps Locust's default, because the other side must know it.
"""

import argparse
import socket
import sys
from collections.abc import Callable
from typing import Any

import gevent

from contracts.command.exit_code import ExitCode
from load.runs.run_config import OptionError

PORTS = ("master_port", "master_bind_port")
ANYWHERE = "*"


def choose(parser: argparse.ArgumentParser) -> None:
    """Give Locust's two port options another default if the command line asks for forks and names no port.

    OptionError if the port of a master is taken, where Locust 2.47 ends with a traceback.
    """
    given, _ = parser.parse_known_args()
    if given.worker or not (given.processes or given.master):
        return
    default = parser.get_default("master_bind_port")
    if not given.master and given.master_bind_port == default == given.master_port:
        parser.set_defaults(**dict.fromkeys(PORTS, _free()))
    elif _taken(given.master_bind_host, given.master_bind_port):
        raise OptionError(
            f"somebody listens at port {given.master_bind_port} already, perhaps another master; end it, or name another one "
            "with --master-bind-port (and --master-port for its workers)"
        )


def _free() -> int:
    """A free port."""
    with socket.create_server(("", 0)) as listener:
        return int(listener.getsockname()[1])


def _taken(host: str, port: int) -> bool:
    try:
        socket.create_server(("" if host == ANYWHERE else host, port)).close()
    except OSError:
        return True
    return False


def limit_the_wait(environment: Any, begun: Callable[[], bool]) -> None:
    """--expect-workers-max-wait in place of Locust's own way, which ends with exit code 1: that nobody came says nothing of the
    target. Called by the greenlet that will wait."""
    given, runner, main = environment.parsed_options, environment.runner, gevent.getcurrent()
    seconds, given.expect_workers_max_wait = given.expect_workers_max_wait, 0

    def give_up() -> None:
        ready = len(runner.clients.ready)
        if ready < given.expect_workers and not begun():
            reason = f"{ready} of {given.expect_workers} load processes came within {seconds} s"
            print(f"locust: {reason}: nothing was sent, nothing is known of the target", file=sys.stderr)
            runner.quit()
            gevent.kill(main, SystemExit(int(ExitCode.UNKNOWN)))

    if seconds:
        gevent.spawn_later(seconds, give_up)
