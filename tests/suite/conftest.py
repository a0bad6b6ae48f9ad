"""What the tests of the suite share: a server process, a proxy that spoils its answers, and runs of pytest against it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contracts.suite.world.embedded_server import EmbeddedServer
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The reference server's URL."""
    embedded = EmbeddedServer(1)
    yield embedded.url
    embedded.stop()


Suite = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def suite() -> Suite:
    """Runs `pytest contracts …` as a user would, in a process of its own."""

    def run(*arguments: str, timeout: float = HANG) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "contracts", "-q", "-p", "no:cacheprovider", *arguments]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("TCHAT_", "PYTEST_"))}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    return run
