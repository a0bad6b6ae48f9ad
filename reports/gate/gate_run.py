"""The run of a gate plan: starts the server and all parts, and merges their results into one Run.

Signals are caught from before the first process starts until the report is written, so Ctrl-C never loses results. Every
problem becomes a verdict, or one line and an exit code.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop
from contracts.network import unreachable
from contracts.run import Run, RunError, VerdictRecord, merge, without_secrets
from contracts.spec import load
from contracts.verdict import Grade, Verdict
from reports.gate import run_record, target_probe
from reports.gate.part_outcome import PartOutcome, skipped, verdict, without_error_failures
from reports.gate.part_run import PartRunner
from reports.gate.plan import ROOT, GatePart, GatePlan
from reports.gate.process_output import scrub
from reports.gate.processes import embedded_server
from reports.gate.processes.interrupt import GateInterrupt, Interrupted
from reports.gate.progress import ProgressDisplay
from reports.text import times

GIVEN_UP = ("run.target", "run.target-answer", "run.account")
"""The verdicts with which a part says that the target, and not one of its operations, is at its end."""

REAPED, TICK = 2.0, 0.05
"""Seconds in which the exit code of a server that has just ended becomes known, and between two looks."""


@dataclass(slots=True, kw_only=True)
class GateState:
    """The results so far; the only mutable state of a gate run."""

    outcomes: list[PartOutcome] = field(default_factory=list)
    verdicts: list[VerdictRecord] = field(default_factory=list)
    began: float = 0.0
    """Start of the first part, by the monotonic clock, in seconds."""
    stopped: str = ""
    """Why no further part can start: the target vanished, or the user interrupted. Empty while parts may start."""

    def stop(self, check: str, grade: Grade, reason: str, stopped: str) -> None:
        """Start no further part, and record a verdict with the reason."""
        self.stopped = stopped
        self.verdicts.append(VerdictRecord.of(Verdict(check=check, grade=grade, reason=reason)))


def run(
    plan: GatePlan,
    folder: Path,
    interrupt: GateInterrupt,
    progress: ProgressDisplay,
    now: Callable[[], datetime],
) -> Run:
    """Run all parts of a plan. `folder` exists; the result is neither judged nor written. Stop if nothing could be run."""
    started = times.stamp(now())
    record = run_record.of_spec()
    state = GateState()
    url, server_name = plan.target, ""
    try:
        with _server(plan, folder, interrupt) as running:
            url = running.url
            if url:
                server_name = _first_contact(plan, url, interrupt, state)
                plan = replace(plan, trip=_round_trip(plan, interrupt, state))
            state.began = time.monotonic()
            runner = PartRunner(
                plan=plan, folder=folder, server=running, interrupt=interrupt, progress=progress
            )
            for part in plan.parts:
                _run_part(runner, part, state)
    finally:
        # Only now, because the server writes to its log until it ends.
        for log in sorted((folder / "logs").glob("*.log")):
            scrub(log, plan.secrets)
    whole = Run(
        started=started,
        finished=times.stamp(now()),
        target=url,
        seed=plan.seed,
        command=plan.command,
        spec=record,
        environment=run_record.environment(server_name),
        verdicts=[*state.verdicts, *(o.verdict for o in state.outcomes if o.verdict)],
        parts=[o.record for o in state.outcomes],
    )
    return without_secrets(_merged(whole, state.outcomes), plan.secrets)


def _server(
    plan: GatePlan, folder: Path, interrupt: GateInterrupt
) -> AbstractContextManager[embedded_server.TargetServer]:
    if plan.target:
        return nullcontext(embedded_server.remote(plan.target))
    return embedded_server.embedded(
        plan.server(plan.seed), ROOT, folder / "logs" / "server.log", interrupt, plan.grace
    )


def _run_part(runner: PartRunner, part: GatePart, state: GateState) -> None:
    plan, interrupt = runner.plan, runner.interrupt
    if not plan.chosen(part):
        state.outcomes.append(skipped(part, "left out by --only", Grade.ADVISORY))
        return
    reason = part.impossible(load())
    if reason:
        alone = plan.only == (part.name,)  # a gate that checked nothing does not pass
        grade = Grade.UNKNOWN if alone else Grade.ADVISORY
        state.outcomes.append(skipped(part, f"not applicable: {reason}", grade))
        return
    if interrupt.name:
        state.stopped = state.stopped or "the gate was interrupted"
    if not state.stopped:
        _check_target(runner, state)
    elapsed = time.monotonic() - state.began
    limit, seconds = plan.limit(part, elapsed), plan.expected(part, elapsed)
    if state.stopped or not limit:
        why = state.stopped or "the gate's time was over"
        state.outcomes.append(skipped(part, f"never started: {why}"))
        runner.progress.end(part.name, "never started")
        return
    runner.progress.start(part.name, seconds)
    ended = runner.run(part, limit, seconds)
    state.outcomes.append(ended)
    took = times.duration(ended.record.seconds)
    runner.progress.end(part.name, f"{ended.record.ended} after {took}, exit code {ended.record.exit_code}")
    # Checked at once, so that the next part does not fail because of it.
    if not interrupt.name:
        _check_target(runner, state, during=part.name)
        if state.stopped and state.verdicts[-1].grade == "UNKNOWN":
            state.outcomes[-1] = without_error_failures(ended, "the target vanished meanwhile")
    state.stopped = state.stopped or _hopeless(ended)


def _hopeless(ended: PartOutcome) -> str:
    """Why the next parts would only wait in vain: the verdict with which a part gave the target up. Empty if it did not."""
    verdicts = ended.run.verdicts if ended.run else []
    checks = [one.check for one in verdicts if one.check in GIVEN_UP and one.grade in ("FAIL", "UNKNOWN")]
    return f"see {checks[0]}" if checks else ""


def _first_contact(plan: GatePlan, url: str, interrupt: GateInterrupt, state: GateState) -> str:
    """The name of the server that answers. Stop if none does. The embedded server is not asked for a login, because its
    identity is known and a failed login is its fault."""
    contact = _probe(plan, url, interrupt)
    if contact is None:
        return ""
    if contact.silent:
        line = unreachable.line(url, contact.silent)
        if not plan.target:
            line = f"{url} does not answer: {contact.silent}; look into logs/server.log of this run"
        raise Stop(ExitCode.UNREACHABLE, line)
    if contact.broken:
        state.stop("run.target-answer", Grade.FAIL, contact.broken, "the target does not end its answers")
        return ""
    if plan.target:
        with suppress(Interrupted), interrupt.at_once():
            found = target_probe.wrong_target(plan.target, plan.email, plan.password, plan.http)
            if found:
                state.stop(*found, f"see {found[0]}")
    return contact.server


def _round_trip(plan: GatePlan, interrupt: GateInterrupt, state: GateState) -> float:
    """The seconds of a round trip to a target of the user's; 0 for the embedded server, and if no part will run."""
    if plan.target and not state.stopped:
        with suppress(Interrupted), interrupt.at_once():
            return target_probe.round_trip(plan.target, plan.http)
    return 0.0


def _probe(plan: GatePlan, url: str, interrupt: GateInterrupt) -> target_probe.FirstContact | None:
    """The target's answer to a first request; None if a signal came first."""
    with suppress(Interrupted), interrupt.at_once():
        return target_probe.probe(url, plan.http)
    return None


def _check_target(runner: PartRunner, state: GateState, during: str = "") -> None:
    """Stop the gate if the target has vanished."""
    if state.stopped:
        return
    grade, why = runner.server.ended()
    if not why:
        contact = _probe(runner.plan, runner.server.url, runner.interrupt)
        silent = contact.silent or contact.broken if contact else ""
        if silent:
            grade, why = _late_end(runner)
            if not why:
                grade, why = Grade.UNKNOWN, f"{runner.server.url} does not answer any more ({silent})"
    if why:
        reason = f"the target vanished{f' during {during}' if during else ''}: {why}"
        state.stop("run.target-vanished", grade, reason, "the target vanished")


def _late_end(runner: PartRunner) -> tuple[Grade, str]:
    """How the embedded server ended, perhaps a moment ago: its sockets close before anybody can know its exit code."""
    until = time.monotonic() + (0.0 if runner.plan.target else REAPED)
    grade, why = runner.server.ended()
    while not why and time.monotonic() < until:
        time.sleep(TICK)
        grade, why = runner.server.ended()
    return grade, why


def _merged(whole: Run, outcomes: list[PartOutcome]) -> Run:
    """The results of all parts in one Run. A part that does not fit is left out, with an UNKNOWN verdict."""
    for ended in outcomes:
        if ended.run is None:
            continue
        try:
            whole = merge([whole, ended.run])
        except RunError as error:
            reason = f"its result does not belong to this run: {error}"
            added = [*whole.verdicts, verdict(ended.record.name, reason)]
            whole = whole.model_copy(update={"verdicts": added})
    return whole
