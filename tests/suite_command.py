"""The suite as a user runs it: a process of its own, told nothing by the environment of the tests."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STRICT = (
    "-W", "error",
    "-W", "ignore::pluggy.PluggyTeardownRaisedWarning",
    # A fork server has imported plugins before pytest reads its options.
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
    # Python 3.11 leaves the socket open whose peer has reset it before the handshake.
    "-W", "ignore:unclosed <ssl.SSLSocket:ResourceWarning",
)  # fmt: skip
"""Every warning of ours is an error in our own tests; for a user's run, whose plugins we do not know, none is."""


def run_suite(*words: str, seconds: float | None = None) -> subprocess.CompletedProcess[str]:
    """Its end, whatever the verdict; TimeoutExpired after so many seconds."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TCHAT_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "contracts", "-q", "-p", "no:cacheprovider", *STRICT, *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
