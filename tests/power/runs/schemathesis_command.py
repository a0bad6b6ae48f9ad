"""Schemathesis' own command line, run on a server as its user would run it: alone, or with our hooks.

The user is a careful one: the configuration file logs in for both kinds of token and again after a 401, so that nothing is
missed for want of a session. It tells what the run said; whether that is right is for others to judge.
"""

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.fork_server import ROOT, command

EXAMPLES = 30
LIMIT = 150.0
"""Seconds after which a run is ended; one without a finding takes some 25."""

CONFIG = """\
[auth.dynamic.openapi.accessToken]
path = "/auth/login"
payload = { email = "demo@tchat.com", password = "demo-password" }
extract_selector = "/tokens/accessToken"
retry_on = [401]

[auth.dynamic.openapi.refreshToken]
path = "/auth/login"
payload = { email = "demo@tchat.com", password = "demo-password" }
extract_selector = "/tokens/refreshToken"
retry_on = [401]
"""

Said = Literal["found", "missed", "error", "timeout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """How one run ended. `error`: it failed without naming a failure (it could not log in, or lost the connection)."""

    said: Said
    cases: int
    seconds: float
    told: str
    titles: tuple[str, ...] = ()
    output: str = ""


def options(*, seed: int, examples: int = EXAMPLES) -> list[str]:
    """What is said beside the document and the URL."""
    return ["--seed", str(seed), "--max-examples", str(examples), "--max-failures", "1"]


def run(
    url: str, folder: Path, words: list[str], *, hooks: bool = False, limit: float = LIMIT, **variables: str
) -> Session:
    """`st run openapi.yaml --url URL WORDS…` in a folder of its own, whose files are left there."""
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / "report.json"
    out.unlink(missing_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TCHAT_", "PYTEST_", "SCHEMATHESIS_"))}
    if hooks:
        kept |= {"SCHEMATHESIS_HOOKS": "contracts.suite.hooks", "PYTHONPATH": str(ROOT)}
    else:
        (folder / "schemathesis.toml").write_text(CONFIG, "utf-8")
    kept |= variables
    told = ["run", str(ROOT / "openapi.yaml"), "--url", f"{url}/api"]
    told += ["--report", "json", "--report-json-path", str(out), *words]
    began = time.perf_counter()
    process = command("schemathesis.cli", *told, environment=kept, folder=folder)
    try:
        output, errors = process.communicate(limit)
    except subprocess.TimeoutExpired:
        return Session(said="timeout", cases=0, seconds=limit, told=f"no end within {limit:.0f} s")
    seconds = time.perf_counter() - began
    if not out.exists() or not out.stat().st_size:
        last = (output + errors).strip().splitlines()[-1:]
        return Session(said="error", cases=0, seconds=seconds, told=" ".join(last), output=output)
    return _session(json.loads(out.read_text("utf-8")), seconds, output)


def _session(report: dict[str, Any], seconds: float, output: str) -> Session:
    cases = int(report["test_cases"]["generated"])
    failures, errors = report["failures"], report["errors"]
    said: Said = "found" if failures else "error" if errors or report["exit_code"] else "missed"
    titles = tuple(_title(one) for one in (*failures, *errors))
    return Session(
        said=said,
        cases=cases,
        seconds=seconds,
        told="; ".join(dict.fromkeys(titles))[:200],
        titles=titles,
        output=output,
    )


def _title(finding: dict[str, Any]) -> str:
    return str(finding.get("title") or finding.get("message") or finding)
