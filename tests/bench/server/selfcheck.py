"""What it costs that the server holds each of its own answers against openapi.yaml."""

from collections.abc import Callable
from contextlib import ExitStack

from tests.bench.programs.installed import find
from tests.bench.programs.reference_server import ReferenceServer, ours
from tests.bench.programs.wrk import Report, write, wrk
from tests.bench.result import Limit, Result, Row
from tests.bench.rounds import contest, row
from tests.bench.server.throughput import LIMITS, traffic
from tests.bench.setting import Setting

SHARE = 0.5


def selfcheck(setting: Setting) -> Result:
    """Throughput with --check-answers over that without."""
    find("wrk")
    rows: list[Row] = []
    with ExitStack() as stack:
        servers = {
            "unchecked": stack.enter_context(ours(setting, "--db", str(setting.folder / "a.db"), name="unchecked")),
            "checked": stack.enter_context(ours(setting, "--db", str(setting.folder / "b.db"), "--check-answers", name="checked")),
        }  # fmt: skip
        for name in LIMITS:
            slices = {who: _slice(setting, name, who, server) for who, server in servers.items()}
            found = contest(setting, f"self-check: {name}", slices, passes=3)
            limit = Limit("at least", SHARE, "unchecked")
            rows.append(row(f"{name}, checked", found["checked"], found["unchecked"], limit))
            rows.append(row(f"{name}, unchecked", found["unchecked"]))
    return Result(
        "Self-check", "As under Throughput; `--check-answers` on one of two servers on the same core.", rows
    )


def _slice(setting: Setting, name: str, who: str, server: ReferenceServer) -> Callable[[], Report]:
    make, file = traffic(server)[name], setting.folder / f"{who}.requests"

    def run() -> Report:
        write(file, make())
        return wrk(setting, server.child, file)

    return run
