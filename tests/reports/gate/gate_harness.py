"""A stage for the gate: a small server that keeps nothing, and parts that do what a test wants of them.

Parts are real processes with a script of a few lines; they take milliseconds because they import nothing of ours.
"""

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from contracts.run import Run
from reports.gate.plan import GatePart, GatePlan, PartRequest
from tests.reports import sample_runs

SERVER = """
import http.server, os, pathlib, sys
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404); self.send_header("Content-Length", "0"); self.end_headers()
        if self.path == "/crash": os._exit(7)
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200); self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *told): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
print(f"test server: http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
"""

# Every script starts with these names; `done` is what a part that works ends with.
PREAMBLE = """
import os, pathlib, shutil, signal, subprocess, sys, time, urllib.request
target, run_out, sample, server_pid = sys.argv[1:5]
def done(): shutil.copy(sample, run_out)
def crash_server():
    try: urllib.request.urlopen(target + "/crash")
    except OSError: pass
"""


@dataclass(frozen=True, slots=True)
class GateHarness:
    """`folder` holds the samples that parts copy and the server's pid."""

    folder: Path

    @property
    def server_pid(self) -> Path:
        return self.folder / "server.pid"

    def write(self, name: str, run: Run) -> Path:
        path = self.folder / f"{name}.json"
        path.write_text(run.model_dump_json())
        return path

    def part(
        self,
        name: str,
        script: str = "done()",
        *,
        holds: str = "checks",
        run: Run | None = None,
    ) -> GatePart:
        sample = self.write(name, run or sample_runs.run(checks=sample_runs.checks(), spec=None))

        def argv(order: PartRequest) -> list[str]:
            named = [order.target, str(order.run_out), str(sample), str(self.server_pid)]
            return [sys.executable, "-c", PREAMBLE + script, *named]

        return GatePart(
            name=name,
            seconds=0.1,
            argv=argv,
            holds=holds,
            loads=True,
        )

    def plan(self, *parts: GatePart) -> GatePlan:
        return GatePlan(
            out=self.folder / "out",
            parts=parts,
            server=lambda seed: [sys.executable, "-c", SERVER, str(self.server_pid)],
            budget=60.0,
            grace=5.0,
            command="python -m reports gate",
        )

    def hasty(self, *parts: GatePart) -> GatePlan:
        """Overruns at once, and kills what does not end when asked."""
        return replace(self.plan(*parts), budget=5.0, slack=0.0, grace=0.3)


def alive(pid_file: Path) -> bool:
    """Whether the process whose id is in the file still runs (a zombie does not)."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        pid = int(pid_file.read_text())
        os.kill(pid, 0)
        with suppress(OSError):
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        return True
    return False


def only_run(out: Path) -> Path:
    (folder,) = [path for path in out.iterdir() if path.is_dir()]
    return folder


def reasons(folder: Path) -> dict[str, str]:
    """check -> reason, of what verdict.json says."""
    told = json.loads((folder / "verdict.json").read_text())
    return {reason["check"]: reason["reason"] for reason in told["reasons"]}
