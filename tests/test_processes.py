"""Every test runs once in one of the processes, and what it says is told as if there were one process."""

import re
from pathlib import Path

import pytest

from tests.fork_server import ROOT, command

CONFTEST = "from tests.conftest import pytest_addoption, pytest_configure\n"
FILE = """
import os, pathlib, pytest
@pytest.fixture(scope="module", autouse=True)
def noted():
    yield
    log("torn down")
def log(line):
    with pathlib.Path("log").open("a") as file:
        file.write(f"{line}\\n")
@pytest.mark.parametrize("number", range(20))
def test_number(number, tmp_path, capfd):
    print(tmp_path)
    log(capfd.readouterr().out.strip())
"""
ENDS = """
def test_fails():
    os.system("echo its child")
    assert [1, 2] == [1, 3]
@pytest.mark.xfail(strict=True)
def test_fails_as_it_should():
    raise AssertionError
@pytest.mark.skip
def test_is_skipped():
    raise AssertionError
def test_that_ends_its_process():
    os._exit(3)
"""


def ran(folder: Path, *words: str) -> tuple[int, str, list[str]]:
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_plain.py").write_text(FILE)
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    told = ("--rootdir", str(folder), "-p", "no:cacheprovider", "--processes", "3", *words)
    done = command("pytest", *told, environment=environment, folder=folder).completed()
    return done.returncode, done.stdout + done.stderr, (folder / "log").read_text().splitlines()


def test_each_test_runs_once_and_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "test_ends.py").write_text(FILE + ENDS)
    code, said, log = ran(tmp_path)
    folders = [line for line in log if line != "torn down"]
    assert code == 1, said
    assert len({*folders}) == len(folders) == 40
    assert len(log) > len(folders)
    assert "2 failed, 40 passed, 1 skipped, 1 xfailed" in said
    assert re.search(r"At index 1 diff: 2 != 3\n(.*\n)+.*Captured stdout call.*\nits child", said)
    assert re.search(r"_ test_that_ends_its_process _+\nthe process of this test, .* ended before", said)


@pytest.mark.parametrize("words", [("-x",), ("--maxfail", "2")])
def test_a_run_that_ends_at_the_first_failures_tears_its_fixtures_down(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "test_a.py").write_text(FILE.replace("    log(capfd", "    raise AssertionError; log(capfd"))
    code, said, log = ran(tmp_path, *words)
    assert (code, "stopping after" in said) == (1, True), said
    assert log[-1] == "torn down"
