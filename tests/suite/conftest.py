"""What the tests of the suite share: a server process, a proxy that spoils its answers, and runs of pytest against it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.run import Run, parse
from tests.fork_server import command, embedded_server
from tests.suite.mutating_proxy import Spoil, mutating
from tests.suite_command import STRICT

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The reference server's URL."""
    with embedded_server() as made:
        yield made.url


Suite = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def suite() -> Suite:
    """Runs `pytest contracts …` as a user would, in a process of its own; `folder` holds plugins of the test's."""

    def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("TCHAT_", "PYTEST_"))}
        environment |= {"PYTHONPATH": str(folder)} if folder else {}
        words = ("contracts", "-q", "-p", "no:cacheprovider", *STRICT, *arguments)
        return command("pytest", *words, environment=environment).completed()

    return run


def run_with_plugin(
    suite: Suite, folder: Path, server: str, text: str, *options: str
) -> tuple[int, Run, str]:
    """Exit code, run and output of a run in which a plugin of the test's does something at a certain check."""
    (folder / "ending.py").write_text(text)
    out = folder / "run.json"
    words = ("-p", "ending", "--target", server, "-k", "smoke.reaches", "--run-out", str(out))
    done = suite(*words, *options, folder=folder)
    return done.returncode, parse(out.read_bytes(), name=out.name), done.stdout


def run_through_proxy(suite: Suite, folder: Path, document: dict[str, Any], spoil: Spoil, chosen: str) -> Run:
    """The run of the chosen checks on a document against the reference server, whose exchanges a proxy alters."""
    spec, out = folder / "theirs.yaml", folder / "run.json"
    spec.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    with embedded_server() as server, mutating(server.url, spoil) as url:
        suite("--spec", str(spec), "--target", url, "-k", chosen, "--run-out", str(out))
    return parse(out.read_bytes(), name=out.name)
