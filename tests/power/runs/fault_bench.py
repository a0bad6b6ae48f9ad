"""One reference server in a process of its own, and checks run against it as the suite would run them.

`probe` switches one fault on, runs the tests that should see it until the named check is red, and gives the server
back as new. What counts as red is decided by the suite's own code (`results.failed`), not here.

    with FaultBench() as bench:
        cell = bench.probe(CATALOGUE["lost-update"], "items.conflict-on-stale-version")
"""

import json
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from contracts.model.unpromised import UnpromisedError
from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import OBSERVED, Unchecked
from contracts.suite.plugin.collection import subject_of
from contracts.suite.plugin.failure_report import failed
from contracts.suite.plugin.offences import offence_of_finding
from contracts.suite.plugin.registry import Check
from contracts.suite.world.embedded_server import ITEMS, EmbeddedServer, ServerLog
from contracts.suite.world.suite_settings import settings
from mock_server.faults.fault import Fault
from tests.power.cell import Cell, Outcome
from tests.power.named_checks import CHECKS, LOOKING_BACK, plan, slug_of, trials_of
from tests.waiting import HANG

SEED = 1


class LogSince(ServerLog):
    """What was written since this view began: an earlier fault's lines are not this one's."""

    def __init__(self, server: EmbeddedServer) -> None:
        super().__init__(server, "")
        self._server = server
        self._heard = len(server.output())

    def text(self) -> str:
        return self._server.output()[self._heard :]


class Borrowed(World):
    """A view of a server that somebody else ends: it may do to it what it may do to its own."""

    def __init__(self, server: EmbeddedServer) -> None:
        super().__init__(settings({"target": server.url}, {}, seed=SEED), load_spec())
        self.target.embedded = self.target.direct = True
        self.server_log = LogSince(server)

    def close(self) -> None:
        self.target.connection.close()


class NoOptions:
    """A pytest configuration in which no option was given."""

    def getoption(self, name: str) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Trial:
    """What the suite's results want to know of a test."""

    check: Check
    subject: str
    name: str
    path: Path
    config: NoOptions = NoOptions()  # noqa: RUF009 - it has no state


class FaultBench:
    """`options` are more of the server's own."""

    def __init__(self, *options: str) -> None:
        self.server = EmbeddedServer(SEED, options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def probe(self, fault: Fault, name: str) -> Cell:
        """Does the check `name` go red with this fault on, its parameters at their defaults?"""
        steer(self.server.url, "PUT", "/faults", {"faults": [fault.name]})
        world = self.world()
        try:
            return _probe(world, fault, name)
        finally:
            world.close()
            self.clean()

    def world(self) -> Borrowed:
        """As new as a run's first test finds it: it knows no session yet, and nothing of what the target offers."""
        return Borrowed(self.server)

    def innocent(self, slugs: Iterable[str], most: int = 1000) -> tuple[int, list[str]]:
        """Run these checks, `most` tests of each, with no fault on: how many tests, and what was red or crashed."""
        world, count, wrong = self.world(), 0, []
        try:
            # What looks back at every answer comes last, as in a run.
            for slug in sorted(dict.fromkeys(slugs), key=lambda slug: slug in LOOKING_BACK):
                for value in trials_of(CHECKS[slug], ())[:most]:
                    count += 1
                    outcome, told = run(world, slug, value)
                    if outcome != "missed":
                        wrong.append(f"{slug}{f'[{value}]' if value else ''}: {outcome}: {told}")
            wrong += [f"{owner} {where}: {key}" for owner, where, key in world.target.recorder.faults]
        finally:
            world.close()
            self.clean()
        return count, wrong

    def clean(self) -> None:
        steer(self.server.url, "PUT", "/faults", {"faults": []})
        steer(self.server.url, "POST", "/reset", {"seed": SEED, "items": ITEMS})


def steer(url: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask the control interface of the server at this URL; its JSON."""
    request = urllib.request.Request(
        f"{url}/_control{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=HANG) as answer:
        return json.load(answer)


def run(world: World, slug: str, value: str | None) -> tuple[Outcome, str]:
    """One test as the suite runs it: `red`, `missed` (it passed), `unchecked` or `crashed`, and the words."""
    check = CHECKS[slug]
    began = time.perf_counter()
    world.target.recorder.start()
    OBSERVED.begin()
    try:
        for need in check.needs:
            reason = world.capabilities.missing(need)
            if reason:
                return "unchecked", reason
        api = Api(world, slug if value is None else f"{slug}[{value}]")
        check.function(api) if value is None else check.function(api, value=value)
    except UnpromisedError:  # not applicable to this server
        return "missed", ""
    except Unchecked as why:
        return "unchecked", str(why)
    except Exception as error:  # the suite decides whose fault it is
        name = slug if value is None else f"{slug}[{value}]"
        test = Trial(check, subject_of(check, value), name, Path(check.function.__code__.co_filename))
        made = failed(test, error, world, time.perf_counter() - began).result
        return ("red" if made.grade == "FAIL" else "crashed"), made.reason
    return "missed", ""


def _probe(world: World, fault: Fault, name: str) -> Cell:
    slug, began = slug_of(name), time.perf_counter()
    worst: tuple[Outcome, str] = ("missed", "")
    test = provoked = ""
    for other, value in plan(name, fault):
        outcome, told = run(world, other, value)
        label = other if value is None else f"{other}[{value}]"
        if other == slug and outcome == "red":
            worst, test = (outcome, told), label
            break
        found = [f for (owner, _, _), f in world.target.recorder.faults.items() if owner == slug]
        if slug in LOOKING_BACK and found:
            finding = found[0].finding
            worst = ("red", offence_of_finding(finding).text)
            test = f"{slug}[{finding.operation}]" if CHECKS[slug].over and finding.operation else slug
            provoked = label
            break
        if other == slug and outcome != "missed":
            worst = (outcome, told)
    return Cell(
        fault=fault.name, family=fault.family, check=name, given=fault.name, outcome=worst[0], told=worst[1][:300], test=test,
        provoked=provoked, requests=world.target.recorder.requests, seconds=time.perf_counter() - began,
    )  # fmt: skip
