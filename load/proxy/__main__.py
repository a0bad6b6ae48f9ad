"""The command `python -m load.proxy`: one proxy and its control interface, until SIGTERM or SIGINT.

Prints one line when both listen: `proxy tchat 127.0.0.1:41001 -> 127.0.0.1:8000 control 127.0.0.1:41002`.
"""

import argparse
import asyncio
import signal
import sys

from contracts.command.loopback import is_loopback
from contracts.network.descriptors import allow_descriptors
from load.proxy.control import ProxyControl
from load.proxy.proxy import Proxy
from load.proxy.toxic import KINDS

USAGE, OURS = 64, 70


def address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, int(port)


def parser() -> argparse.ArgumentParser:
    toxics = "\n".join(f"  {kind.name:12}{kind.meaning}" for kind in KINDS.values())
    made = argparse.ArgumentParser(
        prog="python -m load.proxy",
        description="A TCP proxy that fails on purpose, with Toxiproxy's control interface.",
        epilog=f"toxics:\n{toxics}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        exit_on_error=False,
    )
    anywhere = ("127.0.0.1", 0)
    made.add_argument(
        "--listen",
        type=address,
        default=anywhere,
        metavar="HOST:PORT",
        help="for clients (default: a free port)",
    )
    made.add_argument("--upstream", type=address, required=True, metavar="HOST:PORT", help="the target")
    made.add_argument(
        "--control",
        type=address,
        default=anywhere,
        metavar="HOST:PORT",
        help="for toxics (default: a free port)",
    )
    made.add_argument(
        "--allow-remote",
        action="store_true",
        help="allow --listen and --control on an address that other machines can reach",
    )
    made.add_argument("--name", default="tchat", help="the proxy's name in the control interface")
    made.add_argument("--seed", type=int, default=1, help="of jitter, slices and toxicity")
    return made


async def serve(options: argparse.Namespace) -> int:
    proxy = Proxy(options.name, options.listen, options.upstream, seed=options.seed)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await proxy.start()
        local = is_loopback(options.control[0])
        control, where = await ProxyControl(proxy, loopback_only=local).serve(*options.control)
    except OSError as error:
        print(
            f"load.proxy: cannot listen: {error.strerror}; choose a free port, 0 takes any", file=sys.stderr
        )
        return OURS
    listen, upstream = "{}:{}".format(*proxy.listen), "{}:{}".format(*proxy.upstream)
    print(f"proxy {proxy.name} {listen} -> {upstream} control {where[0]}:{where[1]}", flush=True)
    await stop.wait()
    control.close()
    await proxy.stop()
    return 0


def main() -> int:
    try:
        options = parser().parse_args()
    except argparse.ArgumentError as error:
        print(f"load.proxy: {error}", file=sys.stderr)
        return USAGE
    except SystemExit as ended:
        return USAGE if ended.code else 0
    for name, (host, _) in (("--listen", options.listen), ("--control", options.control)):
        if not is_loopback(host) and not options.allow_remote:
            print(
                f"load.proxy: {name} {host} can be reached by other machines; add --allow-remote if that is meant",
                file=sys.stderr,
            )
            return USAGE
    # Two descriptors a connection: the usual soft limit of 1,024 ends at 500 of them.
    allow_descriptors()
    try:
        import uvloop
    except ImportError:  # not on every platform, and only faster
        return asyncio.run(serve(options))
    return uvloop.run(serve(options))


if __name__ == "__main__":
    sys.exit(main())
