"""The run of one part of the gate as a process: its command line, its environment, its time limit, and its outcome."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reports.gate.part_outcome import PartOutcome, failed_to_start, outcome
from reports.gate.plan import ROOT, GatePart, GatePlan, PartRequest
from reports.gate.process_output import how_far, last_words, tail
from reports.gate.processes import embedded_server
from reports.gate.processes.interrupt import GateInterrupt
from reports.gate.processes.supervisor import ProcessWatch, run_process
from reports.gate.progress import ProgressDisplay
from reports.gate.target_probe import is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRunner:
    """The runner of the parts of one gate run, with what they share."""

    plan: GatePlan
    folder: Path
    server: embedded_server.TargetServer
    interrupt: GateInterrupt
    progress: ProgressDisplay

    def run(self, part: GatePart, limit: float, seconds: float) -> PartOutcome:
        """`seconds` is what it is told to take, `limit` when it is ended."""
        plan = self.plan
        request = PartRequest(
            target=self.server.url,
            folder=self.folder / "parts",
            name=part.name,
            seed=plan.seed,
            seconds=seconds,
            effort=plan.effort,
            owned=plan.owned,
            rate=plan.rate,
            limit=limit if plan.target else None,
            server_log=self.server.log,
        )
        log = self.folder / "logs" / f"{part.name}.log"

        def progress(seconds: float) -> None:
            self.progress.tick(part.name, seconds, how_far(tail(log), plan.secrets))

        watch = ProcessWatch(
            interrupt=self.interrupt,
            limit=limit,
            grace=plan.grace,
            vanished=lambda: self.server.ended()[1],
            progress=progress,
        )
        argv = part.argv(request)
        try:
            ending = run_process(argv, environ(plan, self.server.url, os.environ), ROOT, log, watch)
        except OSError as error:
            return failed_to_start(part, error.strerror or str(error))
        output = tail(log).replace(f"{self.folder}{os.sep}", "")  # a reason names no place of this machine
        return outcome(part, argv, ending, request.run_out, last_words(output, plan.secrets))


def environ(plan: GatePlan, url: str, own: Mapping[str, str]) -> dict[str, str]:
    """The environment of a part. It carries the credentials, because any user of the machine can read a command line. A target
    on this machine is reached without the proxy that the environment may name."""
    environment = {
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
        hosts = [*before.split(","), host, "localhost", "127.0.0.1", "::1"]
        direct = ",".join(dict.fromkeys(filter(None, hosts)))
        environment |= {"no_proxy": direct, "NO_PROXY": direct}
    return environment
