"""Output that nobody reads, or that does not fit on a disk: it changes no exit code, as 1 would be a statement on the target."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.suite.conftest import ROOT
from tests.suite.mutating_proxy import Passing, mutating


@pytest.mark.parametrize(
    ("output", "code", "said"),
    [
        pytest.param("> /dev/full", 0, "", id="full"),
        pytest.param("-s > /dev/full", 0, "", id="full, and nothing is captured"),
        pytest.param("-v --concurrency 1 -k smoke > /dev/full", 0, "", id="full, at each of many lines"),
        pytest.param(">&-", 64, "pytest contracts: standard output is closed; give it a file, or /dev/null\n", id="closed"),
    ],
)  # fmt: skip
def test_words_that_go_nowhere_are_no_failure_of_the_target(
    server: str, output: str, code: int, said: str
) -> None:
    words = (
        f'"$0" -m pytest contracts -k smoke.read-your-write --target {server} -p no:cacheprovider {output}'
    )
    # Few open files, so that none may be left open at each line.
    done = subprocess.run(["sh", "-c", f"ulimit -n 48; {words}", sys.executable], cwd=ROOT, capture_output=True, text=True)  # fmt: skip
    assert (done.returncode, done.stderr) == (code, said)


@pytest.mark.parametrize("broken", [False, True])
def test_a_reader_that_has_had_enough_changes_no_verdict(server: str, broken: bool) -> None:
    def spoilt(passing: Passing) -> Passing:
        return replace(passing, status=500) if broken and "/content/items" in passing.path else passing

    reader, writer = os.pipe()
    os.close(reader)
    with mutating(server, spoilt) as url:
        words = ["-m", "pytest", "contracts", "-k", "smoke.read-your-write", "--target", url]
        done = subprocess.run(
            [sys.executable, *words, "-p", "no:cacheprovider"],
            cwd=ROOT,
            stdout=writer,
            stderr=subprocess.PIPE,
        )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1 if broken else 0, b"")
