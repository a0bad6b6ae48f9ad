"""The gate from its first process to one Run of everything that is known.

Signals are caught from before the first process starts until the report is written, so there is no moment at
which a Ctrl-C loses what is known. Every step that can go wrong turns into a verdict or into one line and a code.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop
from contracts.command.redaction import redacted_value
from contracts.network import unreachable
from contracts.run import Run, RunError, VerdictRecord, merge
from contracts.spec import load
from contracts.verdict import Grade
from reports.gate import run_record, target_probe
from reports.gate.log_words import scrub
from reports.gate.part_outcome import PartOutcome, skipped, softened, verdict
from reports.gate.part_run import PartRunner
from reports.gate.plan import ROOT, GatePart, GatePlan
from reports.gate.processes import embedded_server
from reports.gate.processes.interrupt import GateInterrupt, Interrupted
from reports.gate.progress import ProgressDisplay
from reports.text import times


@dataclass(slots=True, kw_only=True)
class GateState:
    """What is known so far; the only thing in the gate that grows."""

    outcomes: list[PartOutcome] = field(default_factory=list)
    verdicts: list[VerdictRecord] = field(default_factory=list)
    began: float = 0.0
    """Of the first part, by the monotonic clock."""
    gone: str = ""
    """Why no further part can start: the target vanished, or somebody interrupted."""

    def end(self, check: str, grade: Grade, reason: str, gone: str) -> None:
        """No further part starts, and the run says why."""
        self.gone = gone
        told = {"check": check, "grade": grade.name, "reason": reason}
        self.verdicts.append(VerdictRecord.model_validate(told))


def run(
    plan: GatePlan,
    folder: Path,
    interrupt: GateInterrupt,
    progress: ProgressDisplay,
    now: Callable[[], datetime],
) -> Run:
    """Everything but judging and writing. `folder` exists; Stop says why nothing could be run at all."""
    started = times.stamp(now())
    record = run_record.of_spec()
    state = GateState()
    url, named = plan.target, ""
    try:
        with _server(plan, folder, interrupt) as running:
            url = running.url
            if url:
                named = _greeted(plan, url, interrupt, state)
            state.began = time.monotonic()
            runner = PartRunner(
                plan=plan, folder=folder, server=running, interrupt=interrupt, progress=progress
            )
            for part in plan.parts:
                _part(runner, part, state)
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
        environment=run_record.environment(named),
        verdicts=[*state.verdicts, *(o.verdict for o in state.outcomes if o.verdict)],
        parts=[o.record for o in state.outcomes],
    )
    merged = _merged(whole, state.outcomes)
    return Run.model_validate(redacted_value(merged.model_dump(mode="json"), plan.secrets))


def _server(
    plan: GatePlan, folder: Path, interrupt: GateInterrupt
) -> AbstractContextManager[embedded_server.TargetServer]:
    if plan.target:
        return nullcontext(embedded_server.remote(plan.target))
    return embedded_server.embedded(
        plan.server(plan.seed), ROOT, folder / "logs" / "server.log", interrupt, plan.grace
    )


def _part(runner: PartRunner, part: GatePart, state: GateState) -> None:
    plan, interrupt = runner.plan, runner.interrupt
    if not plan.chosen(part):
        state.outcomes.append(skipped(part, "left out by --only", Grade.ADVISORY))
        return
    reason = part.impossible(load())
    if reason:
        alone = plan.only == (part.name,)  # a gate that looked at nothing does not pass
        grade = Grade.UNKNOWN if alone else Grade.ADVISORY
        state.outcomes.append(skipped(part, f"not applicable: {reason}", grade))
        return
    if interrupt.name:
        state.gone = state.gone or "the gate was interrupted"
    if not state.gone:
        _vanished(runner, state)
    limit = plan.limit(part, time.monotonic() - state.began)
    if state.gone or not limit:
        why = state.gone or "the gate's time was over"
        state.outcomes.append(skipped(part, f"never started: {why}"))
        runner.progress.end(part.name, "never started")
        return
    runner.progress.start(part.name, plan.expected(part))
    ended = runner.run(part, limit)
    state.outcomes.append(ended)
    took = times.duration(ended.record.seconds)
    runner.progress.end(part.name, f"{ended.record.ended} after {took}, exit code {ended.record.exit_code}")
    # Asked at once, so that the next part does not have to find it out by failing.
    if not interrupt.name:
        _vanished(runner, state, during=part.name)
        if state.gone and state.verdicts[-1].grade == "UNKNOWN":
            state.outcomes[-1] = softened(ended, "the target vanished meanwhile")


def _greeted(plan: GatePlan, url: str, interrupt: GateInterrupt, state: GateState) -> str:
    """The name of the server that answers; Stop if none does. Of our own server it is known who it is, and what it does to a
    login is its fault."""
    contact = _asked(plan, url, interrupt)
    if contact is None:
        return ""
    if contact.silent:
        line = unreachable.line(url, contact.silent)
        if not plan.target:
            line = f"{url} does not answer: {contact.silent}; look into logs/server.log of this run"
        raise Stop(ExitCode.UNREACHABLE, line)
    if contact.broken:
        state.end("run.target-answer", Grade.FAIL, contact.broken, "the target does not end its answers")
        return ""
    if plan.target:
        check, grade, why = "", Grade.PASS, ""
        try:
            with interrupt.at_once():
                check, grade, why = target_probe.stranger(plan.target, plan.email, plan.password, plan.http)
        except Interrupted:
            return contact.server
        if check:
            state.end(check, grade, why, f"see {check}")
    return contact.server


def _asked(plan: GatePlan, url: str, interrupt: GateInterrupt) -> target_probe.Contact | None:
    """None if a signal came first."""
    try:
        with interrupt.at_once():
            return target_probe.ask(url, plan.http)
    except Interrupted:
        pass
    return None


def _vanished(runner: PartRunner, state: GateState, during: str = "") -> None:
    if state.gone:
        return
    grade, why = runner.server.ended()
    if not why:
        contact = _asked(runner.plan, runner.server.url, runner.interrupt)
        silent = contact.silent or contact.broken if contact else ""
        if silent:
            grade, why = Grade.UNKNOWN, f"{runner.server.url} does not answer any more ({silent})"
    if why:
        reason = f"the target vanished{f' during {during}' if during else ''}: {why}"
        state.end("run.target-vanished", grade, reason, "the target vanished")


def _merged(whole: Run, outcomes: list[PartOutcome]) -> Run:
    """A part that does not fit is left out with an UNKNOWN instead of taking all others with it."""
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
