"""--spec and --overlay in every command: a wrong document is one line and 64 before anything is sent; children follow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.command import document_options
from contracts.spec import SpecError, load
from tests.fork_server import ROOT, command

NOBODY = "http://127.0.0.1:9"
COMMANDS = {
    "suite": ["pytest", "contracts", "--target", NOBODY],
    "mock": ["mock_server", "--port", "0"],
    "gate": ["reports", "gate", "--target", NOBODY],
    "locust": ["locust", "-f", "load/locustfile.py", "--headless", "--host", NOBODY],
    "load.client": ["load.client", "--host", NOBODY],
    "load.realtime": ["load.realtime", "--host", NOBODY],
}
OVERLAY = (
    "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n- target: $.info\n  update: {title: Edited}\n"
)


def run(name: str, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return command(*COMMANDS[name], *more, environment={**os.environ, **environment}).completed()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_document_is_one_line_and_64(name: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("openapi: 3.1.0\npaths: {/a: {get: {responses: {}, responses: {}}}}\n")
    done = run(name, "--spec", str(wrong))
    told = done.stdout + done.stderr
    assert done.returncode == 64, told
    assert "wrong.yaml:2: the key 'responses' stands here and in line 2" in told and "Traceback" not in told


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_overlay_named_by_the_environment_is_one_line_and_64(name: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("overlay: 9.0.0\nactions: []\n")
    done = run(name, TCHAT_OVERLAY=str(wrong))
    told = done.stdout + done.stderr
    assert done.returncode == 64, told
    assert "wrong.yaml: /overlay: version 9.0.0 is not read" in told and "Traceback" not in told


def test_what_is_adopted_is_read_and_handed_on(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(OVERLAY)
    second.write_text(OVERLAY.replace("title: Edited", "version: '2'"))
    environment: dict[str, str] = {}
    document_options.adopt(None, [str(first), str(second)], environment)
    assert environment == {"TCHAT_OVERLAY": os.pathsep.join((str(first), str(second)))}
    code = "from contracts.spec import load; print(load().title, load().version, len(load()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["Edited", "2", str(len(load()))]


def test_a_path_that_cannot_be_handed_on_is_refused() -> None:
    with pytest.raises(SpecError, match="must have no"):
        document_options.adopt(f"a{os.pathsep}b.yaml", None, {})
