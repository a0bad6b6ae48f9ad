"""Every way in which a run can end: the exit code and the run's file say the same, and the last line says what happened."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.run import Run, parse
from contracts.schema import LONG
from contracts.verdict import Grade
from tests.suite.conftest import ROOT, Suite, run_with_plugin
from tests.suite.mutating_proxy import Passing, mutating, total_off, without_etag
from tests.suite.serving import Received, Reply, serving

CODE = {Grade.PASS: 0, Grade.ADVISORY: 0, Grade.FAIL: 1, Grade.UNKNOWN: 2}


def read(path: Path) -> Run:
    return parse(path.read_bytes(), name=path.name)


CHEAP = "not conformance and not fuzz"
"""Schemathesis draws for seconds, and its failures look like all others here."""
REFUSED = b'{"code":"INVALID_CREDENTIALS","message":"no"}'


@pytest.mark.parametrize(
    ("reply", "code", "told"),
    [
        pytest.param(Reply(401, body=REFUSED), 2, "refuses to log in demo@tchat.com (401 INVALID_CREDENTIALS): TCHAT_EMAIL", id="wrong password"),
        pytest.param(Reply(403), 2, "refuses to log in demo@tchat.com (403)", id="forbidden"),
        pytest.param(Reply(429, [("Retry-After", "4200")]), 2, "takes no login for 4200 s (429)", id="limited for too long"),
        pytest.param(Reply(429), 2, "takes no login (429)", id="limited for nobody knows how long"),
        pytest.param(Reply(404, body=b"<html>"), 2, "not as this API: POST /api/auth/login is 404; is its URL", id="another site"),
        pytest.param(Reply(307, [("Location", "https://b.example/")]), 2, "is 307 to https://b.example/", id="a redirect"),
    ],
)  # fmt: skip
def test_a_target_that_takes_no_login_gets_one_request(
    suite: Suite, tmp_path: Path, reply: Reply, code: int, told: str
) -> None:
    out = tmp_path / "run.json"
    seen: list[str] = []

    def answer(received: Received) -> Reply:
        seen.append(received.path)
        return reply

    with serving(answer) as url:
        done = suite("--target", url, "--run-out", str(out))
    assert (done.returncode, told in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr
    assert len(seen) == 1
    run = read(out)
    assert run.grade is Grade.UNKNOWN and len(run.checks) > 500
    assert {check.grade for check in run.checks} == {"UNKNOWN"} and len(
        {check.reason for check in run.checks}
    ) == 1


@contextmanager
def dying(server: str, after: int) -> Iterator[str]:
    """A proxy that takes requests and answers none after so many."""
    count, gone = [0], threading.Event()

    def spoil(passing: Passing) -> Passing:
        count[0] += 1
        if count[0] > after:
            gone.wait(60)
        return passing

    with mutating(server, spoil) as url:
        try:
            yield url
        finally:
            gone.set()


def test_a_target_that_stops_answering_ends_the_run(suite: Suite, server: str, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    with dying(server, 40) as url:
        done = suite("--target", url, "-m", "smoke", "--request-timeout", "1", "--run-out", str(out))
    assert done.returncode == 2, done.stdout
    assert "UNKNOWN: the target stopped answering at " in done.stdout
    # FAILED would be a statement on the target.
    assert "FAILED" not in done.stdout and " failed" not in done.stdout, done.stdout
    assert "\n        in smoke." in done.stdout, done.stdout
    run = read(out)
    assert {check.grade for check in run.checks} == {"PASS", "UNKNOWN"}
    assert [verdict.check for verdict in run.verdicts] == ["run.target"]


def test_a_target_of_huge_answers_ends_the_run_after_ten(suite: Suite, server: str, tmp_path: Path) -> None:
    huge = b'{"data": "' + b" " * LONG + b'"}'

    def spoil(passing: Passing) -> Passing:
        return passing if "/auth/" in passing.path else replace(passing, body=huge)

    out = tmp_path / "run.json"
    with mutating(server, spoil) as url:
        done = suite("--target", url, "-m", "smoke", "--run-out", str(out))
    assert done.returncode == 1 and "10 answers of the target have more than 4 MiB each" in done.stdout
    assert {"FAIL", "UNKNOWN"} <= {check.grade for check in read(out).checks}


AT = """
import os, signal
def pytest_runtest_call(item):
    if item.name == "smoke.reaches[syncContent]":
        {0}
"""


@pytest.mark.parametrize(
    ("does", "options", "codes"),
    [
        pytest.param("pass", (), {0}, id="to its end"),
        pytest.param("os.kill(os.getpid(), signal.SIGINT)", (), {2}, id="SIGINT"),
        pytest.param("os.kill(os.getpid(), signal.SIGTERM)", (), {2}, id="SIGTERM"),
        pytest.param("os.kill(os.getpid(), signal.SIGHUP)", (), {2}, id="SIGHUP"),
        pytest.param("item.session.shouldstop = 'enough'", (), {2}, id="stopped by a plugin"),
        pytest.param("raise ZeroDivisionError", (), {2}, id="a bug of ours"),
    ],
)  # fmt: skip
def test_exit_code_and_file_say_the_same(
    suite: Suite, server: str, tmp_path: Path, does: str, options: tuple[str, ...], codes: set[int]
) -> None:
    code, run, told = run_with_plugin(suite, tmp_path, server, AT.format(does), *options)
    assert code in codes and CODE[run.grade] == code, told
    reasons = {check.reason for check in run.checks if "before it" in check.reason}
    assert all(f"  {reason}\n" in told for reason in reasons), "the summary and the file give one reason"


def test_an_internal_error_is_our_fault_and_never_the_targets(
    suite: Suite, server: str, tmp_path: Path
) -> None:
    text = "def pytest_runtest_logstart(nodeid):\n    if 'syncContent' in nodeid:\n        raise ZeroDivisionError\n"
    code, run, _ = run_with_plugin(suite, tmp_path, server, text)
    assert code == 70 and run.grade is Grade.UNKNOWN


@pytest.mark.parametrize("name", ["write", "exit_code", "cells"])
def test_a_bug_of_ours_at_the_end_is_one_line_and_our_fault(
    suite: Suite, server: str, tmp_path: Path, name: str
) -> None:
    """pytest lets an exception of these hooks through, and Python would exit with 1."""
    (tmp_path / "ending.py").write_text(
        "from contracts.suite.plugin.run_results import Results\n"
        f"def broken(*_, **__): raise KeyError('type')\nResults.{name} = broken\n"
    )
    done = suite("-p", "ending", "--target", server, "-k", "smoke.read-your-write", folder=tmp_path)
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (70, False)
    assert "a bug of the harness, not of the target: KeyError" in done.stderr


def test_a_failure_seen_before_the_end_counts(suite: Suite, server: str, tmp_path: Path) -> None:
    text = AT.format("os.kill(os.getpid(), signal.SIGINT)")
    with mutating(server, total_off) as wrong:
        code, run, told = run_with_plugin(
            suite,
            tmp_path,
            wrong,
            text,
            "-k",
            "smoke.reaches or items.pagination-agrees",
            "-p",
            "no:randomly",
        )
    assert CODE[run.grade] == code, told


def test_a_disk_that_is_full_at_the_end_is_our_fault(suite: Suite, server: str) -> None:
    done = suite("--target", server, "-k", "smoke.read-your-write", "--run-out", "/dev/full")
    assert done.returncode == 70 and "cannot write --run-out" in done.stdout + done.stderr


def test_nor_is_what_pytest_itself_cannot_write(suite: Suite, server: str) -> None:
    done = suite("--target", server, "-k", "smoke.read-your-write", "--junitxml", "/dev/full")
    said = done.stdout + done.stderr
    assert done.returncode == 70 and "cannot write --junitxml: No space left on device" in said
    assert "Traceback" not in said and "1 passed" in said


def test_no_half_of_a_file_is_left(server: str, tmp_path: Path) -> None:
    out = tmp_path / "junit.xml"
    words = f"-m pytest contracts -k smoke --target {server} -p no:cacheprovider --junitxml {out}"
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f 2; exec {sys.executable} {words}"], cwd=ROOT, capture_output=True, text=True
    )  # fmt: skip
    assert done.returncode == 70 and "cannot write --junitxml: File too large" in done.stderr, done
    assert not out.exists()


def test_many_failures_are_a_few_lines_and_a_file(suite: Suite, server: str, tmp_path: Path) -> None:
    def nested(passing: Passing) -> Passing:
        if passing.status < 400 or not passing.body:
            return passing
        problem = passing.json
        return passing.with_json({"error": {"code": problem.get("code"), "message": problem.get("message")}})

    out = tmp_path / "run.json"
    with mutating(server, nested) as url:
        done = suite(
            "--target",
            url,
            "-k",
            f"(bulk or items or permissions or categories or sync) and {CHEAP}",
            "--run-out",
            str(out),
        )
    assert done.returncode == 1
    failures = (tmp_path / "run.failures.txt").read_text()
    assert f"every failure with its requests: {tmp_path / 'run.failures.txt'}" in done.stdout
    assert "in another shape than documented" in done.stdout and "FAILED" not in done.stdout
    assert failures.count("  law       ") > 20 and "  answer    40" in failures
    assert len(done.stdout.splitlines()) < 40
    assert "eyJ" not in failures and "demo-password" not in failures


def test_nothing_that_a_target_says_steers_the_terminal(suite: Suite, server: str, tmp_path: Path) -> None:
    def steering(passing: Passing) -> Passing:
        if passing.status == 200 and "/content/items" in passing.path and b'"total"' in passing.body:
            value = passing.json
            value["data"]["pagination"]["total"] = "\x1b]52;c;cm0=\x07\x9b31m"
            return passing.with_json(value)
        return passing

    out = tmp_path / "run.json"
    with mutating(server, steering) as url:
        done = suite("--target", url, "-k", "items or smoke.reaches", "--run-out", str(out))
    written = done.stdout + done.stderr + json.loads(json.dumps((tmp_path / "run.failures.txt").read_text()))
    assert done.returncode == 1 and not {"\x1b", "\x07", "\x9b"} & set(written)
    assert not {"\x1b", "\x9b"} & {sign for check in read(out).checks for sign in check.reason + check.got}


@pytest.mark.parametrize(("level", "code"), [("guide", 0), ("rfc", 1), ("full", 1)])
def test_a_level_says_what_counts(suite: Suite, server: str, tmp_path: Path, level: str, code: int) -> None:
    out = tmp_path / "run.json"
    with mutating(server, without_etag) as wrong:
        done = suite("--target", wrong, "-k", "http.etag", "--level", level, "--run-out", str(out))
    assert done.returncode == code, done.stdout
    (check,) = [check for check in read(out).checks if check.id == "http.etag"]
    assert (check.grade, check.harm) == ("ADVISORY" if level == "guide" else "FAIL", "differs")
    assert check.expected and check.curl and check.offence is not None


def test_the_suite_runs_without_docstrings_and_assertions(server: str) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "contracts",
        "-q",
        "-p",
        "no:cacheprovider",
        "--target",
        server,
        "-m",
        "smoke",
    ]
    environment = {**os.environ, "PYTHONOPTIMIZE": "2"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
