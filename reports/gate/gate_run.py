"""The gate from start to exit code.

Signals are caught from before the first process starts until the report is written, so there is no moment at
which a Ctrl-C loses what is known. Every step that can go wrong turns into a verdict or into one line and a code.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from contracts import spec
from contracts.run import Environment, Run, RunError, SpecRecord, VerdictRecord, merge
from contracts.verdict import Grade
from reports.exitcode import ExitCode, Stop
from reports.gate import embedded_server, target_probe
from reports.gate.interrupt import GateInterrupt
from reports.gate.log_redaction import last_words, scrub, tail
from reports.gate.part_outcome import PartOutcome, failed_to_start, outcome, skipped, softened, verdict
from reports.gate.plan import ROOT, GatePart, GatePlan, PartRequest
from reports.gate.progress import ProgressDisplay
from reports.gate.supervisor import ProcessEnd, ProcessWatch, run_process
from reports.text import times

VERSIONS = ("schemathesis", "hypothesis", "locust", "pytest", "httpx")


@dataclass(slots=True, kw_only=True)
class Ledger:
    """What is known so far; the only thing in the gate that grows."""

    outcomes: list[PartOutcome] = field(default_factory=list)
    verdicts: list[VerdictRecord] = field(default_factory=list)
    began: float = 0.0
    """Of the first part, by the monotonic clock."""
    gone: str = ""
    """Why no further part can start: the target vanished, or somebody interrupted."""


def run(
    plan: GatePlan, folder: Path, interrupt: GateInterrupt, told: ProgressDisplay, now: Callable[[], datetime]
) -> Run:
    """Everything but judging and writing. `folder` exists; Stop says why nothing could be run at all."""
    started = times.stamp(now())
    record = _spec()
    ledger = Ledger()
    url, named = plan.target, ""
    try:
        with _server(plan, folder, interrupt) as running:
            url = running.url
            if url:
                why, named = target_probe.ask(url)
                if why:
                    raise Stop(ExitCode.UNREACHABLE, _unreachable(plan, url, why))
                _greeted(plan, ledger)
            ledger.began = time.monotonic()
            for part in plan.parts:
                _part(plan, part, folder, running, interrupt, told, ledger)
    finally:
        # Only now, because the server writes to its log until it ends.
        for log in sorted((folder / "logs").glob("*.log")):
            scrub(log, (plan.password,))
    whole = Run(
        started=started,
        finished=times.stamp(now()),
        target=url,
        seed=plan.seed,
        command=plan.command,
        spec=record,
        environment=environment(named),
        verdicts=[*ledger.verdicts, *(o.verdict for o in ledger.outcomes if o.verdict)],
        parts=[o.record for o in ledger.outcomes],
    )
    return _merged(whole, ledger.outcomes)


def _server(
    plan: GatePlan, folder: Path, interrupt: GateInterrupt
) -> AbstractContextManager[embedded_server.TargetServer]:
    if plan.target:
        return nullcontext(embedded_server.remote(plan.target))
    return embedded_server.embedded(
        plan.server(plan.seed), ROOT, folder / "logs" / "server.log", interrupt, plan.grace
    )


def _part(
    plan: GatePlan,
    part: GatePart,
    folder: Path,
    running: embedded_server.TargetServer,
    interrupt: GateInterrupt,
    told: ProgressDisplay,
    ledger: Ledger,
) -> None:
    if not plan.chosen(part):
        ledger.outcomes.append(skipped(part, "left out by --only", Grade.ADVISORY))
        return
    if interrupt.name:
        ledger.gone = ledger.gone or "the gate was interrupted"
    if not ledger.gone:
        _vanished(plan, running, ledger)
    limit = plan.limit(part, time.monotonic() - ledger.began)
    if ledger.gone or not limit:
        why = ledger.gone or "the gate's time was over"
        ledger.outcomes.append(skipped(part, f"never started: {why}"))
        told.end(part.name, "never started")
        return
    expected = plan.expected(part)
    told.start(part.name, expected)
    ended = _one(plan, part, limit, folder, running, interrupt, told)
    ledger.outcomes.append(ended)
    took = times.duration(ended.record.seconds)
    told.end(part.name, f"{ended.record.ended} after {took}, exit code {ended.record.exit_code}")
    # Asked at once, so that the next part does not have to find it out by failing.
    if not interrupt.name:
        _vanished(plan, running, ledger, during=part.name)
        if ledger.gone and ledger.verdicts[-1].grade == "UNKNOWN":
            ledger.outcomes[-1] = softened(ended, "the target vanished meanwhile")


def _greeted(plan: GatePlan, ledger: Ledger) -> None:
    """Of our own server it is known who it is, and what it does to a login is its fault."""
    check, why = target_probe.stranger(plan.target, plan.email, plan.password) if plan.target else ("", "")
    if check:
        ledger.gone = f"see {check}"
        ledger.verdicts.append(VerdictRecord(check=check, grade="UNKNOWN", reason=why))


def _vanished(
    plan: GatePlan, running: embedded_server.TargetServer, ledger: Ledger, during: str = ""
) -> None:
    if ledger.gone:
        return
    grade, why = running.ended()
    if not why:
        silent, _ = target_probe.ask(running.url)
        if silent:
            grade, why = Grade.UNKNOWN, f"{running.url} does not answer any more ({silent})"
    if why:
        ledger.gone = "the target vanished"
        reason = f"the target vanished{f' during {during}' if during else ''}: {why}"
        ledger.verdicts.append(
            VerdictRecord.model_validate(
                {"check": "run.target-vanished", "grade": grade.name, "reason": reason}
            )
        )


def _one(
    plan: GatePlan,
    part: GatePart,
    limit: float,
    folder: Path,
    running: embedded_server.TargetServer,
    interrupt: GateInterrupt,
    told: ProgressDisplay,
) -> PartOutcome:
    order = PartRequest(
        target=running.url,
        folder=folder / "parts",
        name=part.name,
        seed=plan.seed,
        seconds=plan.expected(part),
        effort=plan.effort,
        owned=plan.owned,
        server_log=running.log,
    )
    log = folder / "logs" / f"{part.name}.log"
    secrets = (plan.password,)

    def progress(seconds: float) -> None:
        told.tick(part.name, seconds, last_words(tail(log)[-400:], secrets))

    watch = ProcessWatch(
        interrupt=interrupt,
        limit=limit,
        grace=plan.grace,
        vanished=lambda: running.ended()[1],
        progress=progress,
    )
    argv = part.argv(order)
    try:
        ending: ProcessEnd = run_process(argv, _environ(plan), ROOT, log, watch)
    except OSError as error:
        return failed_to_start(part, error.strerror or str(error))
    return outcome(part, argv, ending, order.run_out, last_words(tail(log), secrets))


def _environ(plan: GatePlan) -> Mapping[str, str]:
    """Credentials go by environment: a command line can be read by every user of the machine."""
    told = {
        "TCHAT_EMAIL": plan.email,
        "TCHAT_PASSWORD": plan.password,
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **told}


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


def environment(server_name: str) -> Environment:
    versions = {}
    for name in VERSIONS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return Environment(
        python=platform.python_version(),
        platform=f"{platform.system()}-{platform.release()} {platform.machine()}",
        cores=os.cpu_count() or 0,
        versions=versions,
        server=server_name,
    )


def _spec() -> SpecRecord:
    try:
        loaded = spec.load()
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, f"the document cannot be used: {error}") from None
    return SpecRecord(
        title=loaded.title,
        version=loaded.version,
        digest=loaded.digest,
        operations=len(loaded),
        labels={operation.id: operation.label for operation in loaded},
    )


def _unreachable(plan: GatePlan, url: str, why: str) -> str:
    advice = (
        "start it (python -m mock_server --port 8000) or leave --target out to use the embedded server"
        if plan.target
        else "look into logs/server.log of this run"
    )
    return f"nothing answers at {url}: {why}; {advice}"


def folder_for(out: Path, now: datetime) -> Path:
    """`out/<UTC stamp>` with its two folders, fresh; Stop(USAGE) if it cannot be made."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in range(1, 100):
        folder = out / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir(parents=True)
            (folder / "logs").mkdir()
            (folder / "parts").mkdir()
        except FileExistsError:
            if not out.is_dir():
                raise Stop(ExitCode.USAGE, f"cannot write into {out}: it is not a directory") from None
            continue
        except OSError as error:
            raise Stop(
                ExitCode.USAGE,
                f"cannot write into {out}: {error.strerror}; choose another place with --out",
            ) from None
        return folder
    raise Stop(ExitCode.USAGE, f"{out} already holds 99 runs of {stamp}")


def remove_if_empty(folder: Path) -> None:
    """A run that never began leaves nothing behind but a log that says why."""
    for path in (folder / "logs", folder / "parts", folder):
        with suppress(OSError):
            path.rmdir()
