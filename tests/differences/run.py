"""One row against one server of its own: the suite run as a user runs it, in a process of its own."""

import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from contracts.run import Run, parse
from contracts.suite.world.embedded_server import ITEMS, ORIGIN
from tests.bench.programs.child_process import free_port, running
from tests.differences.outcome import Outcome
from tests.differences.proxy import server as proxy
from tests.differences.row import Row
from tests.suite_command import run_suite

LONGEST = 3600


def measure(table: str, row: Row, *, keyword: str | None = None, whole: bool = False) -> Outcome:
    """`keyword` selects checks; a fault meets only those that it names, unless `whole`."""
    port = free_port()
    command = [sys.executable, "-m", "mock_server", "--port", str(port), "--seed", "1", "--items", str(ITEMS)]
    command += ["--check-answers", "--control", "--cors-origin", ORIGIN]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        with running(command, port, log) as server, proxy.running(server.url, row) as url:
            return _against(
                url, table, row, keyword=keyword or _named(row, whole), server=server.url, log=log
            )


def _against(url: str, table: str, row: Row, *, keyword: str | None, server: str, log: Path) -> Outcome:
    """The suite against this URL; `{server}` in a row's options is the server's own."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run.json"
        words = [
            "--target",
            url,
            "--server-log",
            str(log),
            "--run-out",
            str(out),
            *(option.format(server=server) for option in row.options),
        ]
        done = run_suite(*words, *(("-k", keyword) if keyword else ()), seconds=LONGEST)
        run = parse(out.read_text(), name="run.json") if out.exists() else None
    told = () if run else tuple((done.stdout + done.stderr).splitlines()[-5:])
    red = _graded(run, "FAIL")
    unknown = _graded(run, "UNKNOWN", but="not checked: " if row.partial else None)
    return Outcome(
        table=table,
        row=row.name,
        why=row.why,
        wanted=row.checks,
        red=red,
        crashed=unknown,
        code=done.returncode,
        seconds=time.monotonic() - began,
        requests=sum(check.requests for check in run.checks) if run else 0,
        partial=row.partial,
        words=told
        + _reasons(run, {*red, *unknown})
        + (_unreached(run) if not keyword and not row.partial else ()),
    )


def _named(row: Row, whole: bool) -> str | None:
    if whole or not row.checks:
        return None
    if row.along:
        return row.along
    # What looks back at the whole run needs something to look at.
    return " or ".join(row.checks) + (" or smoke" if any(c.startswith("shape.") for c in row.checks) else "")


def _graded(run: Run | None, grade: str, but: str | None = None) -> tuple[str, ...]:
    """The checks with this grade, without those whose reason begins with `but`."""
    return tuple(
        f"{c.id}[{c.operation}]" if c.operation else c.id
        for c in (run.checks if run else ())
        if c.grade == grade and not (but and c.reason.startswith(but))
    )


def _reasons(run: Run | None, named: Collection[str]) -> tuple[str, ...]:
    """Why these checks have their grade."""
    return tuple(
        f"{c.id} {c.operation}: {c.reason[:400]}"
        for c in (run.checks if run else ())
        if (f"{c.id}[{c.operation}]" if c.operation else c.id) in named
    )


def _unreached(run: Run | None) -> tuple[str, ...]:
    """Why a run without anything red is still no pass: "not reached"."""
    missing = (
        [f"{c.operation} {c.kind} {c.name}" for c in run.coverage if c.required and not c.reached]
        if run
        else []
    )
    return (
        f"not reached: {', '.join(missing[:5])}{f' and {len(missing) - 5} more' if len(missing) > 5 else ''}",
    ) * bool(missing)
