"""A million requests of the load generator: does it keep growing?"""

import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.bench.programs.child_process import Child, free_port
from tests.bench.programs.installed import Unmeasured
from tests.bench.programs.reference_server import ROOT, ours
from tests.bench.result import Limit, Result, Row
from tests.bench.setting import Setting

FIRST, WHOLE, RATE = 100_000, 1_000_000, 1_200
GROWTH = 1.10
SENT = re.compile(r"^tchat_generator_sent_total (\S+)$", re.M)
PATIENCE = 60.0


def memory(setting: Setting) -> Result:
    """Resident memory of the generator after 1,000,000 requests over that after the first 100,000."""
    first, whole, rate = (1_000, 5_000, 1_000) if setting.quick else (FIRST, WHOLE, RATE)
    with ours(setting, items=200) as server:
        early, late, sent = _grown(setting, server.url, first, whole, rate)
    what = f"resident after {whole:,} requests"
    limit = Limit("at most", GROWTH, f"after {first:,}")
    note = f"{early / 2**20:.1f} MiB after {first:,}; {sent:,} sent"
    about = (
        f"`locust -f load/locustfile.py --scenario steady --rate {rate}` with everything recorded against the reference server; while it"
        " sends, before the history is judged."
    )  # fmt: skip
    row = Row(what, late / 2**20, "MiB", late / early, limit, None, note)
    return Result("Memory of the generator", about, [row])


def _grown(setting: Setting, url: str, first: int, whole: int, rate: int) -> tuple[int, int, int]:
    """Bytes after the first and after all requests, and how many those were."""
    port, log = free_port(), setting.folder / "memory.log"
    command = [
        *setting.cores.pin_generator(), sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--headless", "-L", "ERROR",
        "--host", url, "--scenario", "steady", "--rate", str(rate), "--duration", str(whole / rate * 1.2), "--prometheus-port", str(port),
    ]  # fmt: skip
    with log.open("wb") as told:
        process = subprocess.Popen(command, cwd=ROOT, stdout=told, stderr=told)
    child = Child(url, process.pid, 0.0)
    early = sent = 0
    try:
        until = time.monotonic() + whole / rate * 3 + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            time.sleep(1 if not setting.quick else 0.25)  # a look costs it several milliseconds
            sent = _sent(port)
            setting.say(f"memory: {sent:,} of {whole:,}, {child.resident() / 2**20:.0f} MiB")
            if not early and sent >= first:
                early = child.resident()
            if sent >= whole:
                return early, child.resident(), sent
    finally:
        process.kill()
        process.wait()
    raise Unmeasured(f"only {sent:,} of {whole:,} requests were sent: {_last(log)}")


def _sent(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
            found = SENT.search(response.read().decode())
    except OSError:
        return 0  # it is not up yet
    return int(float(found[1])) if found else 0  # from a million on it is `1e+06`


def _last(log: Path) -> str:
    return (log.read_text("utf-8", "replace").strip().splitlines() or ["it says nothing"])[-1]
