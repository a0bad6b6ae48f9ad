"""The pytest hooks and fixtures of the suite: options, collection, the `world` and `api` fixtures, and reports.

Exit codes: 0 pass, 1 a law is broken, 2 nothing is broken but something required was not reached, 64 a wrong call,
69 the target cannot be reached, 70 our own fault, and pytest's own 5 where nothing was selected.
"""

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from contracts.command.exit_code import ExitCode, Stop
from contracts.command.outermost import UnfailingOutput, print_line
from contracts.model.unpromised import UnpromisedError
from contracts.spec import SpecError
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import OBSERVED, NoAnswer, Unchecked, Unreachable
from contracts.suite.judging.recorder import held_by_unknown_maker, of_unknown_maker
from contracts.suite.plugin import options
from contracts.suite.plugin.collection import CheckItem, every_test, in_order, is_whole, items_of
from contracts.suite.plugin.failure_report import (
    NOT_APPLICABLE,
    ended,
    failed,
    is_sequence,
    not_applicable,
    passed,
    unchecked,
    unpromised_member,
)
from contracts.suite.plugin.preflight import preflight, stopped_answering, too_late, too_long
from contracts.suite.plugin.registry import FAMILIES, require
from contracts.suite.plugin.run_recorder import RunRecorder
from contracts.suite.plugin.run_results import Results
from contracts.suite.plugin.workers.worker_world import WORLD, WorkerWorld
from contracts.suite.world.suite_settings import Settings, UsageError

SETTINGS = pytest.StashKey[Settings]()
RESULTS = pytest.StashKey[Results]()
API = pytest.StashKey[Api]()
OUTPUT = pytest.StashKey[UnfailingOutput]()


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    options.processes_of_xdist(config)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Write what is left while an error of it is still ours: pytest's own flush ends with 1 if nobody reads any more."""
    output = config.stash.get(OUTPUT, None)
    if output is not None:
        output.flush()
        if sys.stdout is output:
            sys.stdout = output.stream


LISTINGS = ("collectonly", "help", "markers", "showfixtures", "show_fixtures_per_test")
"""pytest options that only list something and run no check."""


@pytest.hookimpl(tryfirst=True)  # before pytest makes its reporter, which keeps the output that it finds
def pytest_configure(config: pytest.Config) -> None:
    if sys.stdout is None:
        print_line("pytest contracts", "standard output is closed; give it a file, or /dev/null")
        os._exit(ExitCode.USAGE)  # pytest itself ends in a traceback and 1, whatever a plugin says
    config.stash[OUTPUT] = sys.stdout = UnfailingOutput(sys.stdout)
    for name, what in FAMILIES.items():
        config.addinivalue_line("markers", f"{name}: {what}")
    config.addinivalue_line("markers", "slow: takes more than five seconds")
    try:
        options.spare_packages(Path.cwd())
        options.trust(config)
        options.refuse_outputs(config)
        spec, chosen = options.document(config), options.read(config)
    except (UsageError, SpecError, Stop, ValueError) as error:
        pytest.exit(str(error), returncode=ExitCode.USAGE)
    config.stash[SETTINGS] = chosen
    config.stash[WORLD] = WorkerWorld(config, chosen)
    results = Results(spec, chosen, config.getoption("--run-out"), config.invocation_params.args)
    config.stash[RESULTS] = results
    _preflight(config, results)
    recorder = RunRecorder(results)
    config.pluginmanager.register(recorder, "tchat-run-recorder")
    recorder.listen()


def _preflight(config: pytest.Config, results: Results) -> None:
    """Log in before all checks if a target is named. A run that ends here writes its file all the same."""
    if not results.settings.host or any(map(config.getoption, LISTINGS)):
        return
    end = preflight(results.settings, results.spec, say=partial(print_line, "pytest contracts"))
    if end is None:
        return
    results.ends.append(end)
    if is_whole(config):
        results.expect(every_test())
    results.write(interrupted=False)
    pytest.exit(end.reason, returncode=end.code)


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Item] | None:
    return items_of(collector, name, obj)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = in_order(items)


@pytest.fixture(scope="session")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The target as this process sees it: opened at first use, closed at the end of the session."""
    config = request.config
    try:
        yield config.stash[WORLD].open()
    except Unreachable as error:
        code = ExitCode.UNREACHABLE if config.stash[SETTINGS].host else ExitCode.INTERNAL
        pytest.exit(str(error), returncode=code)
    config.stash[WORLD].close()


@pytest.fixture
def api(request: pytest.FixtureRequest, world: World) -> Iterator[Api]:
    require(world, request.node.check)
    world.target.recorder.start()
    OBSERVED.begin()
    made = request.node.stash[API] = Api(world, request.node.name)
    yield made
    world.archive_large()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report: Any = yield
    if not isinstance(item, CheckItem):
        return report  # type: ignore[no-any-return]
    world = item.config.stash[WORLD].world
    held = item.stash.get(API, None)
    races = held.races if held else []
    error = call.excinfo.value if call.excinfo else None
    if report.when == "call" and races:
        # If a check runs several races, the last is the one that decided.
        report.race = races[-1].record(item.check.id, item.subject, error)
    error = unpromised_member(error, world) or error
    if isinstance(error, UnpromisedError):
        _skip(report, item, f"{NOT_APPLICABLE}{error}")
        report.check = not_applicable(item, str(error))
    elif isinstance(error, Unchecked):
        _skip(report, item, f"not checked: {error}")
        report.check = unchecked(item, str(error))
    elif world is not None and (
        why := of_unknown_maker(error, world.target.recorder, sequence=is_sequence(item.check))
    ):
        _skip(report, item, f"not checked: {why}")
        report.check = unchecked(item, why)
    elif report.failed and error is not None:
        made = failed(item, error, world, call.duration, races)
        if world is not None and isinstance(error, SILENCE):
            end = stopped_answering(world.target)
            if end is not None:
                made = ended(item, world, end)
                report.end = end
        # Workers can send plain text only; the run recorder turns it into pytest's form.
        report.check, report.longrepr, report.line = made.result, made.text, made.line
        if made.result.grade == "ADVISORY":
            report.line = None
            _skip(report, item, f"advisory at this level: {made.line}")
        elif hasattr(report, "end") and report.end.grade == "UNKNOWN":
            # FAILED in pytest's words would be a statement on the target; its absence is told by the summary and the exit code.
            report.line = None
            _skip(report, item, f"not checked: {made.line}")
    elif report.skipped:
        report.check = unchecked(item, _reason(report))
    elif report.when == "call" and (reason := OBSERVED.only_unpromised()):
        _skip(report, item, f"{NOT_APPLICABLE}{reason}")
        report.check = not_applicable(item, reason)
    elif (
        report.when == "call"
        and world is not None
        and is_sequence(item.check)
        and (why := held_by_unknown_maker(world.target.recorder))
    ):
        _skip(report, item, f"not checked: {why}")
        report.check = unchecked(item, why)
    elif report.when == "call":
        report.check = passed(item, world, call.duration)
    if world is not None and (end := too_long(world.target) or too_late(world.target)):
        report.end = end
    return report  # type: ignore[no-any-return]


SILENCE = (Unreachable, NoAnswer, OSError)
"""Exceptions that may mean that the target is gone. Those of requests and websockets are OSErrors too, or become NoAnswer."""


def _skip(report: Any, item: CheckItem, why: str) -> None:
    report.outcome, report.longrepr = "skipped", (str(item.path), 0, f"Skipped: {why}")


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ").removeprefix("not checked: ")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Merge this process's counts into the run. What pytest itself cannot write (`--junitxml` on a full disk) is our own affair, 70, and no
    half of it is left: an exception that leaves this hook would be 1, which is FAIL."""
    counted = session.config.stash[WORLD].counted()
    if counted is not None:
        session.config.stash[RESULTS].merge(counted)
    try:
        yield
    except OSError as error:
        path = session.config.option.xmlpath
        what = "--junitxml" if path else "what a plugin of pytest writes at the end"
        print(f"cannot write {what}: {error.strerror or error}", file=sys.stderr)
        session.exitstatus = ExitCode.INTERNAL
        _remove_half(Path(path or os.devnull))


def _remove_half(path: Path) -> None:
    with suppress(OSError):
        if path.is_file():
            try:
                ElementTree.parse(path)
            except ElementTree.ParseError:
                path.unlink()


__all__ = [name for name in dir() if name.startswith("pytest_")] + ["api", "world"]
