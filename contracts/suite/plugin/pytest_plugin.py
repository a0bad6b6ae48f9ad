"""The suite as pytest sees it: options, one test a check with its slug as id, order, skips, messages, exit code.

Exit codes: 0 pass, 1 a law is broken, 2 nothing is broken but something required was not reached, 64 a wrong call,
69 the target cannot be reached, and pytest's own 5 where nothing was selected.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from contracts.spec import SpecError
from contracts.spec import load as load_spec
from contracts.suite.contract_violation import Unchecked, Unreachable
from contracts.suite.plugin.registry import CHECKS, FAMILIES, Check, load
from contracts.suite.plugin.results import FailureReport, Results, failed, passed, unchecked
from contracts.suite.world.api import Api
from contracts.suite.world.suite_settings import OPTIONS, Settings, UsageError, settings
from contracts.suite.world.suite_world import World

USAGE, UNREACHABLE, OUR_FAULT = 64, 69, 70
SETTINGS = pytest.StashKey[Settings]()
RESULTS = pytest.StashKey[Results]()
WORLD = pytest.StashKey[World]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contracts", "the contract suite")
    for name, (help_text, default) in OPTIONS.items():
        told = f"{help_text} (TCHAT_{name.upper().replace('-', '_')}" + (
            f", default {default})" if default else ")"
        )
        group.addoption(f"--{name}", metavar=name.upper(), help=told)
    group.addoption("--seed", type=int, help="of everything random (TCHAT_SEED, default 1)")
    group.addoption(
        "--effort",
        metavar="N",
        help="N times as many random cases (conformance, fuzz; TCHAT_EFFORT, default 1)",
    )
    group.addoption("--run-out", metavar="FILE", help="write the results as JSON (contracts.run.Run)")
    group.addoption(
        "--histories", metavar="DIR", help="keep the histories of races there (default: beside --run-out)"
    )
    group.addoption("--read-only", action="store_true", help="send no writes but logins")
    group.addoption(
        "--i-own-this-target", action="store_true", help="write to a target that is not this machine"
    )


def pytest_configure(config: pytest.Config) -> None:
    for name, what in FAMILIES.items():
        config.addinivalue_line("markers", f"{name}: {what}")
    config.addinivalue_line("markers", "slow: takes more than five seconds")
    options = {name: config.getoption(f"--{name}") for name in OPTIONS}
    options |= {"effort": config.getoption("--effort")}
    options |= {"read-only": config.getoption("--read-only"), "own": config.getoption("--i-own-this-target")}
    seed = config.getoption("--seed")
    try:
        if seed is None:
            seed = int(os.environ.get("TCHAT_SEED", "1"))
        spec = load_spec()
        chosen = settings(options, os.environ, seed=seed, insist=True)
    except (UsageError, SpecError, ValueError) as error:
        pytest.exit(str(error), returncode=USAGE)
    config.stash[SETTINGS] = chosen
    if not hasattr(config, "workerinput"):
        if chosen.host and not config.option.collectonly:
            _reach(chosen.host)
        config.stash[RESULTS] = Results(
            spec, chosen, config.getoption("--run-out"), config.invocation_params.args
        )
        signal.signal(signal.SIGTERM, _interrupt)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _interrupt)


def _reach(host: str) -> None:
    parts = urlsplit(host)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=10).close()
    except OSError as error:
        pytest.exit(f"the target {host} cannot be reached: {error.strerror or error}", returncode=UNREACHABLE)


def _interrupt(_signal: int, _frame: object) -> None:
    """Python drops an exception that is raised while it destroys an object, so pytest is told as well: the run then ends with
    this test."""
    if _session is not None:
        _session.shouldstop = "interrupted"
    raise KeyboardInterrupt


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Item] | None:
    check = getattr(obj, "__check__", None)
    if not isinstance(check, Check) or name.startswith("_"):
        return None
    # A check imported into another file stays where it was written.
    if check.function.__code__.co_filename != str(collector.path):
        return []
    values = [None] if check.over is None else list(check.over())
    return [_item(collector, check, value) for value in values]


class CheckItem(pytest.Function):
    """One test: a check, for one of its values where it has some."""

    check: Check
    subject: str


def _item(collector: pytest.Collector, check: Check, value: str | None) -> CheckItem:
    function = check.function if value is None else partial(check.function, value=value)
    name = check.id if value is None else f"{check.id}[{value}]"
    item: CheckItem = CheckItem.from_parent(collector, name=name, callobj=function)
    for mark in check.marks:
        item.add_marker(mark)
    item.check = check
    item.subject = subject_of(check, value)
    return item


def subject_of(check: Check, value: str | None) -> str:
    """The operation that a report shows beside the check; empty for a check of several."""
    return value or (check.operations[0] if len(check.operations) == 1 else "")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(FAMILIES)}
    ours = [item for item in items if isinstance(item, CheckItem)]
    # Stable within a family: the order of the files. What looks back at the whole run comes last.
    ours.sort(key=lambda item: (item.check.id.startswith("shape."), ranks[item.check.family]))
    rest = [item for item in items if not isinstance(item, CheckItem)]
    items[:] = [*rest, *ours]


def pytest_collection_finish(session: pytest.Session) -> None:
    results = session.config.stash.get(RESULTS, None)
    if results is not None and not session.config.option.collectonly:
        results.expect([(i.check, i.subject) for i in session.items if isinstance(i, CheckItem)])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """xdist: only the workers collect; all of them the same."""
    results = node.config.stash.get(RESULTS, None)
    if results is not None and not results.expected:
        load()
        results.expect([_named(id.rpartition("::")[2]) for id in ids])


def _named(name: str) -> tuple[Check, str]:
    """The check and the subject behind a test's name."""
    slug, _, value = name.partition("[")
    return CHECKS[slug], subject_of(CHECKS[slug], value.removesuffix("]") or None)


def _is_whole(config: pytest.Config) -> bool:
    """Whether the user selected nothing: only then is what was not reached a finding."""
    option = config.option
    if option.markexpr or option.keyword or getattr(option, "lf", False) or option.deselect:
        return False
    return all("::" not in str(argument) and ".py" not in str(argument) for argument in config.args)


@pytest.fixture(scope="session")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """This process's view of the target; started at first use, taken down at the end."""
    config = request.config
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    try:
        made = World(
            config.stash[SETTINGS], load_spec(), worker=worker, alone=not worker, histories=_histories(config)
        )
    except Unreachable as error:
        pytest.exit(str(error), returncode=UNREACHABLE if config.stash[SETTINGS].host else OUR_FAULT)
    config.stash[WORLD] = made
    yield made
    made.close()


def _histories(config: pytest.Config) -> str | None:
    """Beside the run's file, where there is one."""
    named = config.getoption("--histories")
    out = config.getoption("--run-out")
    return named or (str(Path(out).with_name("histories")) if out else None)


@pytest.fixture
def api(request: pytest.FixtureRequest, world: World) -> Api:
    check: Check = request.node.check
    for need in check.needs:
        reason = world.missing(need)
        if reason:
            pytest.skip(f"not checked: {reason}")
    world.recorder.start()
    world.races = []
    return Api(world, request.node.name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not isinstance(item, CheckItem):
        return report
    world = item.config.stash.get(WORLD, None)
    error = call.excinfo.value if call.excinfo else None
    if report.when == "call" and world is not None and world.races:
        # The last one: where a check runs several, that is the one in which it ended.
        race = world.races[-1].record(item.check.id, item.subject, error)
        report.race = race.model_dump(mode="json")  # type: ignore[attr-defined]
    if isinstance(error, Unchecked):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: not checked: {error}")
        report.check = unchecked(item, str(error))  # type: ignore[attr-defined]
    elif report.failed and error is not None:
        made = failed(item, error, world, call.duration)
        report.check = made.result.model_dump()  # type: ignore[attr-defined]
        report.longrepr = _shown(item, made)
    elif report.skipped:
        report.check = unchecked(item, _reason(report))  # type: ignore[attr-defined]
    elif report.when == "call":
        report.check = passed(item, world, call.duration)  # type: ignore[attr-defined]
    return report


def _shown(item: CheckItem, made: FailureReport) -> ReprExceptionInfo:
    """A failure in pytest's own form: where it prints summaries it takes the one line. (It takes the whole of a plain text
    for that where `CI` is set, and then tells each failure twice.)"""
    path, line, _ = item.location
    entry = ReprEntryNative([f"{made.text}\n"])
    return ReprExceptionInfo(
        reprtraceback=ReprTraceback([entry], None, "native"),
        reprcrash=ReprFileLocation(path, (line or 0) + 1, made.line),
    )


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ").removeprefix("not checked: ")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Results arrive on the controller, from this process or from a worker; kept before they are shown, so that who stops the
    run finds in its file what was seen."""
    made = getattr(report, "check", None)
    if made is not None and _results is not None:
        _results.add(made)
    race = getattr(report, "race", None)
    if race is not None and _results is not None:
        _results.add_race(race)


_results: Results | None = None
_session: pytest.Session | None = None


def pytest_sessionstart(session: pytest.Session) -> None:
    global _results, _session
    _session = session
    _results = session.config.stash.get(RESULTS, None)
    if _results is not None:
        _results.whole = _is_whole(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """xdist: what a worker has seen."""
    packed = getattr(node, "workeroutput", {}).get("tchat")
    if packed is not None and _results is not None:
        _results.merge(packed)


@pytest.hookimpl(tryfirst=True)
def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """An interrupt can fall on an instruction that the compiler put in and that has no line. pytest 9 dies of such an entry
    when it draws the traceback ("unsupported operand"), with exit code 1, before the run's end is noted."""
    excinfo.value.__suppress_context__ = True
    excinfo.traceback = excinfo.traceback.filter(lambda entry: entry._rawentry.tb_lineno is not None)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    made = config.stash.get(WORLD, None)
    if hasattr(config, "workerinput"):
        if made is not None:
            config.workeroutput["tchat"] = made.recorder.packed() | {"facts": _facts(made)}  # type: ignore[attr-defined]
        return
    results = config.stash.get(RESULTS, None)
    if results is None:
        return
    if made is not None:
        results.merge(made.recorder.packed() | {"facts": _facts(made)})
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        session.exitstatus = results.exit_code(int(exitstatus))
    cut_off = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
    results.write(interrupted=exitstatus in cut_off)


def _facts(world: World) -> dict[str, Any]:
    needs = ("write", "editor", "viewer", "ingest", "stranger", "origin", "realtime", "control")
    known = {need: world.known(need) for need in needs}
    return {"base": world.base, "capabilities": {k: v for k, v in known.items() if v is not None}}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    results = config.stash.get(RESULTS, None)
    if results is not None and results.results:
        for line in results.summary():
            terminalreporter.write_line(line)


__all__ = [name for name in dir() if name.startswith("pytest_")] + ["api", "world"]
