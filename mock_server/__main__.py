"""The command `python -m mock_server`, which starts the reference server."""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from contracts.command import document_options
from contracts.command.argument_parser import ArgumentParser
from contracts.command.exit_code import ExitCode
from contracts.command.outermost import run, say
from contracts.network.descriptors import allow_descriptors
from contracts.network.target_url import NO_ORIGIN, is_origin
from contracts.spec import SpecError, load
from mock_server.auth.signing_key import VARIABLE, KeyFileError, chosen
from mock_server.build import DEV_ORIGINS, ServerOptions, build, lifetimes
from mock_server.faults import FaultError, Selection, catalogue
from mock_server.seed.world import ACCOUNTS, PASSWORD
from mock_server.servers.asgi import AsgiApp
from mock_server.servers.serve import SERVERS, BindError, listen, serve, url
from mock_server.servers.workers import READY, Supervisor, inherited
from mock_server.store.sqlite.database import DatabaseError


def _lifetime_options(p: argparse.ArgumentParser) -> None:
    """Options that override the lifetimes of the document."""
    p.add_argument(
        "--access-ttl",
        type=_positive,
        metavar="S",
        help="seconds an access token lives (by the document: 900)",
    )
    p.add_argument(
        "--refresh-grace",
        type=_count,
        metavar="S",
        help="grace of a retired refresh token (by the document: 10)",
    )


def parser() -> argparse.ArgumentParser:
    accounts = "\n".join(
        f"  {email:<20} {PASSWORD}   workspace {account[2]}: {', '.join(account[3])}"
        for email, account in ACCOUNTS.items()
    )
    p = ArgumentParser(
        prog="python -m mock_server",
        description="A server that keeps the Tchat contract (openapi.yaml), at /api and at /.",
        epilog=f"demo accounts (email, password, permissions):\n{accounts}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _place_options(p)
    p.add_argument("--db", default=":memory:", metavar="FILE", help="keep everything in this SQLite file")
    p.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="of the world in a new database (default %(default)s)",
    )
    p.add_argument(
        "--items", type=_count, default=200, metavar="N", help="items in a new database (default %(default)s)"
    )
    _lifetime_options(p)
    p.add_argument(
        "--password-cost", type=int, choices=range(1, 18), default=6, metavar="N", help="log2 of scrypt's N"
    )
    p.add_argument(
        "--control", action="store_true", help="switch on the control interface at /_control (loopback only)"
    )
    p.add_argument(
        "--rate-limit", type=_rate, default=0.0, metavar="R", help="requests a second and user; 0 is off"
    )
    p.add_argument(
        "--cors-origin",
        type=_origin,
        action="append",
        metavar="ORIGIN",
        help=f"pages that may call and connect; may be repeated (default {', '.join(DEV_ORIGINS)})",
    )
    p.add_argument(
        "--gzip",
        action="store_true",
        help="compress answers of 1 KiB or more for clients that accept it; not those with an ETag or tokens",
    )
    p.add_argument(
        "--check-answers",
        action="store_true",
        help="hold every own answer against openapi.yaml; a breach is a 500 (pauses while a fault is on)",
    )
    _fault_options(p)
    document_options.add_to(p)
    p.add_argument("--worker-fds", help=argparse.SUPPRESS)  # how the parent starts its workers
    return p


def _place_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    p.add_argument("--port", type=_port, default=8000, help="0 takes a free one (default %(default)s)")
    p.add_argument(
        "--secret-file",
        metavar="FILE",
        help=f"sign tokens with this key (or {VARIABLE}); without it the key comes from the seed on a loopback"
        " address, and is random on any other",
    )
    p.add_argument(
        "--server", choices=tuple(SERVERS), default="uvicorn", help="the ASGI server (default %(default)s)"
    )
    p.add_argument(
        "--workers",
        type=_positive,
        default=1,
        metavar="N",
        help="processes on one --db FILE (default %(default)s)",
    )


def _fault_options(p: argparse.ArgumentParser) -> None:
    p.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[:key=value,...]",
        help="break the contract in this way; may be repeated (`python -m mock_server faults` lists them)",
    )
    p.add_argument(
        "--mark-faults", action="store_true", help="name the faults that touched an answer in its X-Fault-Id"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    return run("mock_server", partial(_run, arguments))


def _run(arguments: Sequence[str] | None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["faults"]:
        return _list_faults(words[1:])
    given = parser().parse_args(words)
    allow_descriptors()
    if given.workers > 1 and (given.db == ":memory:" or given.control):
        parser().error("--workers shares a file: it needs --db FILE, and --control steers one process only")
    try:
        spec = document_options.adopted(given, "mock_server")
        signing = chosen(host=given.host, file=given.secret_file, environment=os.environ)
        options = _options(given, signing.key)
        if given.worker_fds:
            listener, telling = inherited(given.worker_fds)
            return serve(AsgiApp(build(options)), listener, ready=lambda: _tell(telling), by=given.server)
        Selection.read(given.fault, [one.id for one in spec.endpoints])
        listener = listen(given.host, given.port)
        server = build(options)
    except (BindError, DatabaseError, FaultError, KeyFileError, SpecError) as error:
        print(f"mock_server: {error}", file=sys.stderr)
        return ExitCode.USAGE
    if signing.warning:
        print(f"mock_server: {signing.warning}", file=sys.stderr, flush=True)
    address = url(listener)
    announcement = f"Tchat reference server: {address} (web: {address}/api)"
    if given.workers > 1:
        server.database.close()
        # All workers need the same random key; a command line would show it to other users.
        environment = {VARIABLE: signing.key.decode("latin-1")} if signing.warning and signing.key else {}
        return Supervisor(words, listener, given.workers, environment).run(announcement)
    return serve(AsgiApp(server), listener, ready=lambda: print(announcement, flush=True), by=given.server)


def _options(given: argparse.Namespace, key: bytes | None) -> ServerOptions:
    return ServerOptions(
        db=given.db,
        seed=given.seed,
        items=given.items,
        check_answers=given.check_answers,
        faults=tuple(given.fault),
        mark_faults=given.mark_faults,
        control=given.control,
        rate_limit=given.rate_limit,
        cors_origins=tuple(given.cors_origin or DEV_ORIGINS),
        password_cost=given.password_cost,
        gzip=given.gzip,
        key=key,
        lifetimes=replace(lifetimes(load()), **_given(access=given.access_ttl, grace=given.refresh_grace)),
    )


def _given(**values: int | None) -> dict[str, int]:
    return {name: value for name, value in values.items() if value is not None}


def _list_faults(words: list[str]) -> int:
    p = ArgumentParser(
        prog="python -m mock_server faults", description="List the faults that --fault switches on."
    )
    p.add_argument("--json", action="store_true", help="as JSON, with operations and all parameters")
    say(catalogue.as_json() if p.parse_args(words).json else catalogue.as_table())
    return 0


def _tell(pipe: int) -> None:
    os.write(pipe, READY)


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port (0..65535)")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of requests, 0 or more")
    return value


def _origin(text: str) -> str:
    if not is_origin(text):
        raise argparse.ArgumentTypeError(f"{text!r} is {NO_ORIGIN}")
    return text


def _positive(text: str) -> int:
    value = _count(text)
    if value == 0:
        raise argparse.ArgumentTypeError("0 is not enough")
    return value


if __name__ == "__main__":
    sys.exit(main())
