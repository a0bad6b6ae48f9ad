"""The suite as a user runs it: exit codes, selections, files, and that a wrong server turns the right check red."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from contracts.run import parse
from contracts.spec import load as load_spec
from contracts.suite.plugin.registry import FAMILIES
from contracts.suite.plugin.run_recorder import RunRecorder
from contracts.suite.plugin.run_results import Results
from contracts.suite.world.suite_settings import settings
from tests.fork_server import command, reference_server
from tests.suite.conftest import ROOT, Suite
from tests.suite.mutating_proxy import Passing, mutating, total_off, without_etag
from tests.waiting import HANG


def test_a_failure_reads_as_a_law_and_a_curl_line(suite: Suite, server: str, tmp_path: Path) -> None:
    with mutating(server, total_off) as wrong:
        done = suite(
            "--target",
            wrong,
            "-k",
            "items.pagination-agrees",
            "--run-out",
            str(tmp_path / "run.json"),
            "--seed",
            "7",
        )
    text = done.stdout
    for word in (
        "  law       page, limit, total",
        "  source    openapi",
        "  expected  pagination of page",
        "  seed      7",
    ):
        assert word in text
    assert re.search(
        r'curl -sS -i .http://127\.0\.0\.1:\d+/api/content/items\?\S+ -H "Authorization: Bearer \$TOKEN"',
        text,
    )
    assert f"--seed 7 --target {wrong}" in text
    assert (
        "eyJ" not in text
        and "demo-password" not in text
        and "AssertionError" not in text
        and "Traceback" not in text
    )
    run = parse((tmp_path / "run.json").read_text(), name="run.json")
    (made,) = [check for check in run.checks if check.id == "items.pagination-agrees"]
    assert made.grade == "FAIL" and made.curl and made.requests > 5 and "eyJ" not in json.dumps(made.curl)


def test_a_finding_shows_the_request_and_the_answer_that_it_is_about(suite: Suite, server: str) -> None:
    """Of this process with what was written before it; of another one its curl line alone, and no answer to some other request."""
    with mutating(server, without_etag) as wrong:
        done = suite("--target", wrong, "-k", "shape.answers and getContentItem or shape.no-server-errors")
    _, _, text = done.stdout.partition("shape.answers [getContentItem]")
    assert "requests  ID=$(curl -sS " in text and '/content/items/$ID"' in text, text
    assert re.search(r"\n  answer    200 application/json .+\n  seed", text) and "once" in text

    def spoil(passing: Passing) -> Passing:
        return replace(passing, status=500) if passing.path.endswith("/content/categories") else passing

    with mutating(server, spoil) as wrong:
        done = suite(
            "--target", wrong, "-k", "shape.no-server-errors or shape.answers and getContentCategories"
        )
    _, _, text = done.stdout.partition("shape.no-server-errors\n")
    assert "/content/categories'" in text and "auth/verify" not in text and "\n  answer " not in text, text


def test_a_summary_tells_a_failure_in_one_line(
    suite: Suite, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where pytest cuts nothing off, which it does not on a CI machine; and so does JUnit's `message`."""
    monkeypatch.setenv("CI", "true")
    junit = tmp_path / "junit.xml"
    with mutating(server, total_off) as wrong:
        done = suite("--target", wrong, "-k", "items.empty-list", "--junitxml", str(junit))
    _, _, summary = done.stdout.partition("short test summary info")
    told = [line for line in summary.splitlines() if line][1:-1]
    assert len(told) == 1 and re.fullmatch(
        r"FAILED \S+::items\.empty-list - getContentItems: .+ = \d+, not \d+", told[0]
    )
    assert done.stdout.count("  law       ") == 1
    (failure,) = ElementTree.parse(junit).iter("failure")
    assert failure.get("message") == told[0].partition(" - ")[2]
    assert "  law       " in (failure.text or "")


def test_the_order_of_families(suite: Suite) -> None:
    done = suite("--collect-only")
    listed = re.findall(r"suite/checks/(test_\w+)\.py::(\S+)", done.stdout)
    from contracts.suite.plugin.registry import load

    checks = load()
    families = [
        checks[re.split(r"[\[(]", slug)[0]].family for _, slug in listed if not slug.startswith("shape.")
    ]
    assert list(dict.fromkeys(families)) == list(FAMILIES)
    assert families == sorted(families, key=list(FAMILIES).index)


NOBODY = ("--target", "http://127.0.0.1:1")
"""Whoever asks there first ends with 69."""


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(("--target", "ftp://x"), 64, "is not an http(s) URL", id="no-url"),
        pytest.param(("--target", "https://api.example"), 64, "--i-own-this-target", id="not-ours"),
        pytest.param(("--viewer", "x"), 64, "EMAIL:PASSWORD", id="no-password"),
        pytest.param(("--effort", "0"), 64, "--effort 0 is not a number of at least 1", id="no effort"),
        pytest.param(("--control", "there"), 64, "--control 'there' is neither off nor a URL", id="no control"),
        pytest.param((*NOBODY, "--run-out", "contracts"), 64, "--run-out contracts cannot be written: it is a folder", id="a folder"),
        pytest.param((*NOBODY, "--run-out", "LICENSE/run.json"), 64, "a file stands where a folder is needed", id="below a file"),
        pytest.param((*NOBODY, "--run-out", "/proc/none/run.json"), 64, "No such file", id="where nobody may"),
        pytest.param((*NOBODY, "--histories", "LICENSE"), 64, "--histories LICENSE cannot be written", id="a file"),
    ],
)  # fmt: skip
def test_a_wrong_call_ends_with_one_line(
    suite: Suite, arguments: tuple[str, ...], code: int, told: str
) -> None:
    done = suite(*arguments)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert (done.returncode, len(lines)) == (code, 1), lines
    assert told in lines[0]


def test_an_unreachable_target_ends_with_one_line_and_69(suite: Suite) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = suite("--target", f"http://127.0.0.1:{taken.getsockname()[1]}")
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert (done.returncode, len(lines)) == (69, 1), lines


@pytest.mark.parametrize("listing", ["--help", "--markers", "--fixtures", "--collect-only"])
def test_what_only_lists_asks_no_target(suite: Suite, listing: str) -> None:
    done = suite("--target", "http://127.0.0.1:1", listing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [("-n", "2"), ("-n", "auto", "--dist", "loadfile"), ("-n0", "-d")])
def test_processes_of_xdist_are_ours(suite: Suite, server: str, words: tuple[str, ...]) -> None:
    done = suite("--target", server, "-k", "smoke.read-your-write", *words)
    assert done.returncode == 0 and "1 passed" in done.stdout and "workers" not in done.stdout, done.stdout


def test_a_name_that_is_shown_can_be_pasted(suite: Suite, server: str) -> None:
    """pytest writes the dots of a name as :: where it shows it."""
    done = suite("--target", server, "-k", "smoke.read-your-write", "-vv")
    (shown,) = re.findall(r"^(\S+::\S+) PASSED", done.stdout, re.MULTILINE)
    assert shown == "contracts/suite/checks/test_smoke.py::smoke.read-your-write"


def test_what_failed_last_runs_again(suite: Suite, tmp_path: Path) -> None:
    """--lf finds a check, one of the values of a check, and one share of the programs."""
    failed = [
        "suite/checks/test_items.py::items.update-once",
        "suite/checks/test_shape.py::shape.answers[getContentItem]",
        "suite/checks/test_stateful.py::stateful.model(0)",
    ]
    kept = tmp_path / "v" / "cache" / "lastfailed"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps(dict.fromkeys(failed, True)))
    done = suite("-p", "cacheprovider", "-o", f"cache_dir={tmp_path}", "--lf", "--collect-only")
    assert sorted(failed) == sorted(line for line in done.stdout.splitlines() if "::" in line), done.stdout


def test_warnings_of_plugins_beside_are_no_errors(server: str, tmp_path: Path) -> None:
    """A plugin that warns when it is configured, as pytest-asyncio does, and one that stops a test, as pytest-timeout does."""
    (tmp_path / "beside.py").write_text(
        "import pytest, warnings\n"
        "def pytest_configure(config): warnings.warn('this option is unset', DeprecationWarning)\n"
        "def pytest_runtest_call(item):\n"
        "    if item.name == 'smoke.reaches[verifyToken]': pytest.fail('Timeout (>2.0s)')\n"
    )
    words = (
        "contracts",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "beside",
        "-k",
        "smoke.reaches",
        "--target",
        server,
    )
    done = command("pytest", *words, environment={**os.environ, "PYTHONPATH": str(tmp_path)}).completed()
    assert done.returncode == 2 and "got it was stopped: Timeout (>2.0s)" in done.stdout, done.stdout
    assert "a bug of the harness" not in done.stdout and "INTERNALERROR" not in done.stdout


def test_what_is_doubtful_in_a_document_is_told_once(suite: Suite, server: str, tmp_path: Path) -> None:
    """A mistyped target of an overlay changes nothing, and nobody would see it."""
    (tmp_path / "overlay.yaml").write_text(
        "{overlay: 1.0.0, info: {title: t, version: '1'}, actions: [{target: $.nothing, update: {a: 1}}]}"
    )
    done = suite(
        "--target", server, "-k", "smoke.read-your-write", "--overlay", str(tmp_path / "overlay.yaml")
    )
    told = "contracts: overlay.yaml: /actions/0: $.nothing names nothing in the document"
    assert done.returncode == 0 and (done.stdout + done.stderr).count(told) == 1


def test_read_only_sends_no_write(suite: Suite, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    with reference_server("--control") as server:
        done = suite("--target", server.url, "--read-only", "--run-out", str(out))
        journal = httpx.get(f"{server.url}/_control/journal?limit=0").json()
    sent = {row["operation"] for row in journal["served"]}
    assert {name for name in sent & load_spec().operations.keys() if load_spec()[name].method != "GET"} == {
        "login", "logout", "refreshTokens",
    }  # fmt: skip
    assert done.returncode == 2, done.stdout[-2000:]
    assert re.search(
        r"NOT CHECKED: \d+ of \d+, because\n +\d+  the target may not be written to", done.stdout
    )
    run = parse(out.read_text(), name="run.json")
    graded = {check.grade for check in run.checks}
    assert graded == {"PASS", "UNKNOWN"}
    (created,) = [check for check in run.checks if check.id == "items.create-is-draft"]
    assert created.reason.startswith("not checked: ")


def test_only_what_the_suite_has_made_is_changed(suite: Suite, tmp_path: Path) -> None:
    """Checks that walk along ids which they have read, or that look at whole lists, leave the content of others as it was."""
    database = tmp_path / "content.db"

    def items() -> dict[tuple[str, str], tuple[int, str]]:
        with closing(sqlite3.connect(database)) as connection:
            rows = connection.execute("SELECT workspace, id, version, status FROM items").fetchall()
        return {(workspace, id): (version, status) for workspace, id, version, status in rows}

    with reference_server("--db", str(database)) as server:
        before = items()
        done = suite(
            "--target",
            server.url,
            "-k",
            "(stateful.links or categories or bulk or conformance.examples) and not coverage and not negative and not fuzz.requests",
        )
        after = items()
    assert done.returncode == 0, done.stdout[-2000:]
    assert {id: after[id] for id in before} == before
    assert {status for id, (_, status) in after.items() if id not in before} == {"archived"}


def test_more_effort_sends_more_and_can_be_replayed(suite: Suite, server: str, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    words = ("--target", server, "-k", "fuzz.paths", "--run-out", str(out))
    requests = []
    for effort in ("1", "3"):
        assert suite(*words, "--effort", effort).returncode == 0
        (check,) = parse(out.read_text(), name="run.json").checks
        requests.append(check.requests)
    assert 2.5 < requests[1] / requests[0] < 3.5
    with mutating(server, total_off) as wrong:
        done = suite("--target", wrong, "-k", "items.empty-list", "--effort", "2")
    assert "--effort 2 --target" in done.stdout


def test_an_interrupted_run_leaves_its_file(server: str, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    words = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-m",
        "semantics or conformance",
        "--target",
        server,
        "--run-out",
        str(out),
    ]
    command = [sys.executable, "-m", "pytest", "contracts", *words]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        # A shell's background job ignores SIGINT, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdout is not None
    # The first dots mean that checks have run.
    while process.stdout.read(1) != b".":
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=HANG)
    run = parse(out.read_text(), name="run.json")
    assert any(check.grade == "PASS" for check in run.checks)
    late = [check for check in run.checks if check.grade == "UNKNOWN"]
    assert late and all("interrupted" in check.reason for check in late)
    assert not list(tmp_path.glob("*.part"))


def _recorder() -> RunRecorder:
    spec, chosen = load_spec(), settings({}, {})
    return RunRecorder(Results(spec, chosen, None, ()))


def test_an_interrupt_that_python_drops_still_ends_the_run() -> None:
    """One in sixty comes while an object is destroyed, where no exception gets out of."""
    config = SimpleNamespace(option=SimpleNamespace(markexpr="smoke"))
    session: Any = SimpleNamespace(shouldstop=False, config=config)
    recorder = _recorder()
    recorder.pytest_sessionstart(session)
    with pytest.raises(KeyboardInterrupt):
        recorder._interrupt(signal.SIGINT, None)
    assert session.shouldstop == "interrupted"


def test_an_interrupt_that_falls_on_no_line_is_told_as_any_other() -> None:
    """Instructions that the compiler puts in have no line; one interrupt in a hundred falls on one of them."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    unlined = FunctionType(interrupted.__code__.replace(co_linetable=b""), globals())
    with pytest.raises(KeyboardInterrupt) as excinfo:
        unlined()
    assert excinfo.traceback[-1]._rawentry.tb_lineno is None
    _recorder().pytest_keyboard_interrupt(excinfo)
    assert "KeyboardInterrupt" in str(excinfo.getrepr(funcargs=True))
