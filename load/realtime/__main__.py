"""The command `python -m load.realtime`: reconnect storms against a target, and the simulator.

    python -m load.realtime --host http://127.0.0.1:8000 --run-out FILE
    python -m load.realtime --simulate 300 --outage kill=10 --rate 300

It patches the standard library for gevent before anything else is imported, because the storm and its proxy's control
interface share one thread.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import argparse
import sys

from contracts.command import outermost
from contracts.command.argument_parser import ArgumentParser
from contracts.command.exit_code import ExitCode, Stop
from contracts.dialect.channel_place import STORMS, impossible
from contracts.network.descriptors import allow_descriptors
from load.command_line import add_target_options, adopted, finish, progress, secrets
from load.proxy.process import ProxyError
from load.realtime.policies.reconnect_policies import POLICIES
from load.realtime.simulation.network import Outage, ServerModel
from load.realtime.simulation.simulator import Simulation
from load.realtime.storm.outage_faults import FAULTS
from load.realtime.storm.storm_api import ApiError
from load.realtime.storm.storm_scenario import (
    GATE_OUTAGES,
    StormOptions,
    outage,
    run_reconnect,
)
from load.realtime.storm_table import summary
from load.runs.run_config import account

PROGRAM = "load.realtime"


def _outage(text: str) -> tuple[str, float]:
    try:
        return outage(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parser() -> argparse.ArgumentParser:
    faults = "\n".join(f"  {fault.name:12}{fault.meaning}" for fault in FAULTS.values())
    made = ArgumentParser(
        prog="python -m load.realtime",
        description="Cut the sockets of N clients, write meanwhile, let the clients reconnect, and judge the target.",
        epilog=f"faults:\n{faults}\n\nTCHAT_EMAIL and TCHAT_PASSWORD name the account (default: the demo account).",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--clients", type=int, default=200, metavar="N", help="sockets (default %(default)s)")
    made.add_argument(
        "--policy", action="append", choices=tuple(POLICIES), help="may be repeated (default: all)"
    )
    made.add_argument(
        "--outage",
        action="append",
        type=_outage,
        metavar="FAULT=SECONDS",
        help="in client seconds, may be repeated (default: kill=13 graceful=3)",
    )
    made.add_argument(
        "--time-scale",
        type=float,
        default=0.1,
        metavar="F",
        help="all waits of the clients times F (default 0.1)",
    )
    made.add_argument("--seed", type=int, default=1, metavar="N", help="of jitter (default %(default)s)")
    made.add_argument("--simulate", type=int, metavar="N", help="no target: N clients in virtual time")
    made.add_argument(
        "--rate", type=float, default=300.0, help="handshakes/s of the simulated server (default 300)"
    )
    made.add_argument(
        "--backlog", type=int, default=2048, help="of the simulated server (default %(default)s)"
    )
    add_target_options(made)
    return made


def main() -> int:
    return outermost.run(PROGRAM, run, secrets)


def run() -> int:
    options = parser().parse_args()
    if options.simulate is not None:
        if options.host or options.run_out:
            raise Stop(
                ExitCode.USAGE,
                "--simulate asks no target and has no result to keep; leave out --host and --run-out",
            )
        return simulate(options)
    target, spec = adopted(options, PROGRAM)
    try:
        if reason := impossible(spec, STORMS):
            raise Stop(ExitCode.USAGE, reason)
        known = account()
        plan = StormOptions(
            email=known.email,
            password=known.password,
            clients=options.clients,
            policies=tuple(options.policy or POLICIES),
            outages=dict(options.outage or GATE_OUTAGES),
            time_scale=options.time_scale,
            seed=options.seed,
            command=" ".join(["python -m load.realtime", *sys.argv[1:]]),
        )
        allow_descriptors(2 * plan.clients)  # the proxy has two for each client
    except ValueError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    try:
        result = run_reconnect(spec, target, plan, progress=progress)
    except ApiError as error:
        raise Stop(error.code, str(error)) from None
    except ProxyError as error:
        raise Stop(ExitCode.INTERNAL, str(error)) from None
    return finish(result, options.run_out, summary)


def simulate(options: argparse.Namespace) -> int:
    print(
        f"{'policy':16}{'back':>6}{'gave up':>8}{'never':>6}{'p50':>7}{'p99':>7}{'max':>7}{'connects':>9}{'peak':>6}{'sockets':>8}"
    )
    for name, seconds in options.outage or [("kill", 13.0)]:
        fault = FAULTS[name]
        print(f"{name} for {seconds:g} s, {options.simulate} clients:")
        for policy in options.policy or POLICIES:
            progress(f"{name}: {options.simulate} clients of {policy} in virtual time …")
            storm = Simulation(
                policy,
                clients=options.simulate,
                outage=Outage(mode=fault.mode, seconds=seconds, clean=fault.clean, flap_seconds=0.05),
                server=ServerModel(rate=options.rate, backlog=options.backlog),
                seed=options.seed,
            )
            p = storm.run()
            q = [f"{p.recovery[x]:7.1f}" if p.recovery else f"{'-':>7}" for x in (0.5, 0.99, 1.0)]
            print(
                f"{policy:16}{p.recovered:6}{p.given_up:8}{p.never_tried:6}{''.join(q)}"
                f"{p.connects_per_client:9.1f}{p.peak_connects_100ms:6}{p.sockets_per_client:8.2f}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
