"""Our commands, as somebody would type them, pointed at a URL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

PYTHON = sys.executable
BIN = Path(PYTHON).parent
Command = Callable[[str, Path], list[str]]

ENTRY_POINTS: Mapping[str, Command] = MappingProxyType(
    {
        "suite": lambda url, out: [PYTHON, "-m", "pytest", "contracts", "-m", "smoke", "--target", url, "-p", "no:cacheprovider"],
        "suite.realtime": lambda url, out: [PYTHON, "-m", "pytest", "contracts", "-m", "realtime", "--target", url, "-p", "no:cacheprovider"],
        "gate": lambda url, out: [PYTHON, "-m", "reports", "gate", "--target", url, "--only", "contracts", "--out", str(out)],
        "locust": lambda url, out: [
            str(BIN / "locust"), "-f", "load/locustfile.py", "--host", url, "--headless", "--scenario", "steady", "--rate", "5",
            "--duration", "3",
        ],
        "locust.realtime": lambda url, out: [
            str(BIN / "locust"), "-f", "load/locustfile.py", "--host", url, "--headless", "--scenario", "realtime", "-u", "3",
            "--duration", "5",
        ],
        "load.realtime": lambda url, out: [PYTHON, "-m", "load.realtime", "--host", url, "--clients", "5", "--outage", "kill=3", "--policy", "guide-documented"],
        "load.client": lambda url, out: [PYTHON, "-m", "load.client", "--host", url, "--no-findings", "--persona", "web", "--profile", "guide-exact"],
        "st": lambda url, out: [
            str(BIN / "st"), "run", "openapi.yaml", "--url", f"{url}/api", "--max-examples", "1", "--phases", "examples",
            "--no-color", "--report-dir", str(out),
        ],
        "diff": lambda url, out: [PYTHON, "-m", "reports", "diff", "openapi.yaml", f"{url}/openapi.yaml"],
    }
)  # fmt: skip
OPEN_SOCKETS = frozenset({"suite.realtime", "gate", "locust.realtime", "load.realtime", "load.client"})
"""The others never come to a WebSocket: what a hostile one does is nothing to them."""
ENVIRONMENT: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"st": {"SCHEMATHESIS_HOOKS": "contracts.suite.hooks"}, "gate": {"PYTEST_ADDOPTS": "--concurrency 2"}}
)
