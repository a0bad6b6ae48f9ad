"""One part of the gate as a process: what it is told, what it may see, how long it may take, and what its end means."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reports.gate.log_words import how_far, last_words, tail
from reports.gate.part_outcome import PartOutcome, failed_to_start, outcome
from reports.gate.plan import ROOT, GatePart, GatePlan, PartRequest
from reports.gate.processes import embedded_server
from reports.gate.processes.interrupt import GateInterrupt
from reports.gate.processes.supervisor import ProcessWatch, run_process
from reports.gate.progress import ProgressDisplay
from reports.gate.target_probe import is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRunner:
    """What all parts of one gate run have in common."""

    plan: GatePlan
    folder: Path
    server: embedded_server.TargetServer
    interrupt: GateInterrupt
    progress: ProgressDisplay

    def run(self, part: GatePart, limit: float) -> PartOutcome:
        plan = self.plan
        order = PartRequest(
            target=self.server.url,
            folder=self.folder / "parts",
            name=part.name,
            seed=plan.seed,
            seconds=plan.expected(part),
            effort=plan.effort,
            owned=plan.owned,
            server_log=self.server.log,
        )
        log = self.folder / "logs" / f"{part.name}.log"

        def progress(seconds: float) -> None:
            self.progress.tick(part.name, seconds, how_far(tail(log)[-400:], plan.secrets))

        watch = ProcessWatch(
            interrupt=self.interrupt,
            limit=limit,
            grace=plan.grace,
            vanished=lambda: self.server.ended()[1],
            progress=progress,
        )
        argv = part.argv(order)
        try:
            ending = run_process(argv, environ(plan, self.server.url, os.environ), ROOT, log, watch)
        except OSError as error:
            return failed_to_start(part, error.strerror or str(error))
        return outcome(part, argv, ending, order.run_out, last_words(tail(log), plan.secrets))


def environ(plan: GatePlan, url: str, own: Mapping[str, str]) -> dict[str, str]:
    """Credentials go by environment: a command line can be read by every user of the machine. What is on this machine is
    asked directly, whatever proxy the environment names."""
    told = {
        **own,
        **plan.http.trust.environment(),
        "TCHAT_EMAIL": plan.email,
        "TCHAT_PASSWORD": plan.password,
        "TCHAT_MAX_BODY": str(plan.http.mebibytes),
        "PYTHONUNBUFFERED": "1",
    }
    if is_loopback(url):
        host = urlsplit(url).hostname or ""
        before = own.get("no_proxy") or own.get("NO_PROXY") or ""
        direct = ",".join(
            dict.fromkeys(filter(None, [*before.split(","), host, "localhost", "127.0.0.1", "::1"]))
        )
        told |= {"no_proxy": direct, "NO_PROXY": direct}
    return told
