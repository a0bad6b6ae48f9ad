"""Races of several clients: threads with a connection each that start together at a barrier, and the history of their calls.

race = Race(api)
race.run([lambda c: c.call("updateContentItem", path={"id": i}, body={"version": 1, "title": "x"}) for _ in range(16)])
race.judge("versions", "lost-update")
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from contracts.checkers import judge
from contracts.command.atomic_file import write
from contracts.history import Call, History, encode
from contracts.model.unpromised import without_unpromised
from contracts.run.lanes import LaneRecord, excerpt
from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, Unchecked
from contracts.suite.programs.history_calls import call_of, calls_of_socket
from contracts.suite.realtime.recording_socket import RecordingSocket
from contracts.verdict import Grade, Verdict

START = 20.0
"""The most seconds that a thread waits for the others at the barrier."""
EXPLAIN = ("versions", "lost-update", "bulk", "sessions")
"""The checkers that may explain a violation which a check found before `judge`: each is valid for every beginning of a history."""


def asking(operation: str, **parts: Any) -> Callable[[RaceClient], HttpAnswer]:
    """A program of one call."""
    return lambda client: client.call(operation, **parts)


class RaceClient:
    """One client of a race, used by one thread. `call` is that of Api, and records the call."""

    def __init__(self, race: Race, api: Api, name: str) -> None:
        self.race = race
        self.api = api
        self.name = name

    def call(self, operation: str, *, facts: dict[str, Any] | None = None, **parts: Any) -> HttpAnswer:
        answer = self.api.call(operation, **parts)
        made = call_of(answer.canonical, client=self.name, path=parts.get("path"), **(facts or {}))
        self.race.add(made)
        return answer


class Race:
    """A race of several clients. Every call in it is made with its clients, or added as a Call."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.calls: list[Call] = []
        self.verdicts: list[Verdict] | None = None
        """The verdicts on the history; None until it was judged."""
        self.saved = ""
        """The command that judges the saved history again; empty if it was not saved."""
        self._lock = threading.Lock()
        self.main = RaceClient(self, api, "main")
        api.races.append(self)

    def add(self, call: Call) -> None:
        if self.api.target.dialect is not None:
            call = replace(call, facts=self._promised(call))
        with self._lock:
            self.calls.append(call)

    def _promised(self, call: Call) -> dict[str, Any]:
        facts: dict[str, Any] = without_unpromised(dict(call.facts))
        if call.operation == "syncContent" and not self.api.promises("sync order"):
            for name in ("items", "deleted"):
                facts[name] = sorted(
                    facts.get(name, ()), key=lambda row: str(row[-2 if name == "items" else -1])
                )
        return facts

    def add_socket(self, socket: RecordingSocket, name: str) -> None:
        for call in calls_of_socket(socket, name):
            self.add(call)

    def run(self, programs: Sequence[Callable[[RaceClient], Any]]) -> list[Any]:
        """Run all programs at once, and return their results. Raises the first exception of a program."""
        # Made here and not in the threads: the first may have to log in, and a refusal has to fail this check.
        owns = [self.api.on_own_connection() for _ in programs]
        barrier = threading.Barrier(len(programs))
        results: list[Any] = [None] * len(programs)
        errors: list[BaseException] = []

        def work(number: int, program: Callable[[RaceClient], Any]) -> None:
            own = owns[number]
            try:
                # The connection is opened before, so that requests start together and not handshakes.
                own._connection.open() if own._connection else None
                barrier.wait(START)
                results[number] = program(RaceClient(self, own, f"c{number}"))
            except BaseException as error:
                errors.append(error)
                barrier.abort()
            finally:
                own.close()

        threads = [threading.Thread(target=work, args=pair, daemon=True) for pair in enumerate(programs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        real = [error for error in errors if not isinstance(error, threading.BrokenBarrierError)]
        if real:
            raise real[0]
        return results

    @property
    def history(self) -> History:
        return tuple(sorted(self.calls, key=lambda call: call.sent))

    def judge(self, *checks: str) -> None:
        """Judge the history with these checkers. Raises ContractViolation for FAIL and Unchecked for UNKNOWN."""
        self.saved = self._save()
        self.verdicts = judge(self.history, checks=checks)
        failed = [verdict for verdict in self.verdicts if verdict.grade is Grade.FAIL]
        if failed:
            reasons = "; ".join(f"{verdict.reason} ({verdict.check})" for verdict in failed)
            raise ContractViolation("answers that one order of the calls explains", reasons, wrong=reasons)
        unknown = [verdict for verdict in self.verdicts if verdict.grade is Grade.UNKNOWN]
        if unknown:
            raise Unchecked("; ".join(f"{verdict.check}: {verdict.reason}" for verdict in unknown))

    def record(self, check: str, operation: str, error: BaseException | None) -> LaneRecord:
        """The record of the history for a report. `error` is the exception with which the check ended, or None."""
        breach = error if isinstance(error, ContractViolation) else None
        self.saved = self._save()
        # If the checkers failed, their own findings are better than the summary of the violation.
        judged = any(verdict.grade is Grade.FAIL for verdict in self.verdicts or ())
        if self.verdicts is None and breach:
            self.verdicts = judge(self.history, checks=EXPLAIN)
        hide = self.api.target.recorder.secrets.hide
        shown = {(exchange.operation, exchange.sent) for exchange in breach.exchanges} if breach else set()
        made = excerpt(
            check,
            self.history,
            self.verdicts or (),
            operation=operation,
            grade=Grade.FAIL if breach else Grade.UNKNOWN if error else Grade.PASS,
            reason=f"expected {breach.expected}; got {breach.got}" if breach and not judged else "",
            blamed=[call for call in self.calls if (call.operation, call.sent) in shown],
            judge=self.saved,
        )
        return LaneRecord.model_validate_json(hide(made.model_dump_json()))

    def _save(self) -> str:
        """Save the history, and return the command that judges it again; empty if histories are not kept."""
        folder = self.api.world.histories
        if folder is None:
            return ""
        path = Path(folder) / f"{self.api.slug}.ndjson"
        whole = b"".join(encode(call) + b"\n" for call in self.history).decode()
        write(path, self.api.target.recorder.secrets.hide(whole).encode())
        return f"python -m contracts judge {path}"
