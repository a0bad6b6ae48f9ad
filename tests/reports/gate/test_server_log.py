"""The gate hands the log of the server that it started to the contract part, and has none to hand on for another's."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from contracts.run import parse
from reports.commands.gate_command import decide
from reports.gate.plan import PARTS, PartRequest
from tests.reports.gate.gate_harness import GateHarness, only_run


def test_the_contract_part_gets_the_log(tmp_path: Path) -> None:
    order = PartRequest(
        target="http://h", folder=tmp_path, name="contracts", seed=1, seconds=1, effort=1, owned=False
    )
    (contracts,) = [part for part in PARTS if part.name == "contracts"]
    assert "--server-log" not in contracts.argv(order)
    words = contracts.argv(replace(order, server_log=tmp_path / "server.log"))
    assert words[words.index("--server-log") + 1] == str(tmp_path / "server.log")


def test_only_the_embedded_servers_log_is_there(tmp_path: Path) -> None:
    seen: list[Path | None] = []

    def noting(argv: Callable[[PartRequest], list[str]]) -> Callable[[PartRequest], list[str]]:
        def made(order: PartRequest) -> list[str]:
            seen.append(order.server_log)
            return argv(order)

        return made

    stage = GateHarness(tmp_path)
    part = stage.part("one")
    plan = stage.plan(replace(part, argv=noting(part.argv)))
    decide(plan, _Silent())
    folder = only_run(plan.out)
    assert seen == [folder / "logs" / "server.log"] and seen[0] is not None and seen[0].exists()
    assert parse((folder / "run.json").read_text(), name="run.json").parts[0].exit_code == 0
    assert sys.executable not in (folder / "logs" / "server.log").read_text()


class _Silent:
    def start(self, name: str, expected: float) -> None: ...

    def tick(self, name: str, seconds: float, said: str) -> None: ...

    def end(self, name: str, told: str) -> None: ...

    def close(self) -> None: ...
