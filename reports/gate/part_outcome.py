"""The outcome of a part that has ended: a Run to merge, a record of the process, and a verdict if anything is missing.

A part counts only if it ended as expected and wrote a Run with the results that it is there for. Anything else adds an
UNKNOWN verdict with the reason, beside whatever the part did write.
"""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from contracts.run import PartRecord, Run, RunError, VerdictRecord, parse
from contracts.verdict import Grade, Verdict
from reports.gate.plan import GatePart
from reports.gate.processes.supervisor import ProcessEnd
from reports.text.times import duration

CODES = frozenset({0, 1, 2})
"""Exit codes of a part that did its work: pass, fail, unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOutcome:
    """The outcome of one part: the record of its process, its Run if it wrote one, and a verdict if something is missing."""

    record: PartRecord
    run: Run | None = None
    verdict: VerdictRecord | None = None


def skipped(part: GatePart, why: str, grade: Grade = Grade.UNKNOWN) -> PartOutcome:
    return PartOutcome(
        record=PartRecord(name=part.name, ended="skipped"), verdict=verdict(part.name, why, grade)
    )


def failed_to_start(part: GatePart, why: str) -> PartOutcome:
    return PartOutcome(
        record=PartRecord(name=part.name, ended="died"), verdict=verdict(part.name, f"did not start: {why}")
    )


def outcome(part: GatePart, argv: list[str], ending: ProcessEnd, run_out: Path, output: str) -> PartOutcome:
    """The outcome of a part that has ended. `output` are its last lines, without secrets."""
    run, unread = _read(run_out)
    if run is not None and not getattr(run, part.holds):
        unread = f"its result holds no {part.holds}"
    reason = "; ".join(filter(None, (_ended(ending, run), unread)))
    if reason:
        reason += _quoted(output, ending, run)
    ended: str = ending.how
    if ended == "finished" and ending.exit_code not in CODES:
        ended = "died"
    elif ended == "vanished":  # the target did; the part was interrupted
        ended = "interrupted"
    record = PartRecord.model_validate(
        {
            "name": part.name,
            "ended": ended,
            "seconds": round(ending.seconds, 1),
            "exit_code": ending.exit_code,
            "command": shlex.join(["python", *argv[1:]]),
        }
    )
    return PartOutcome(record=record, run=run, verdict=verdict(part.name, reason) if reason else None)


def without_error_failures(ended: PartOutcome, why: str) -> PartOutcome:
    """The outcome with UNKNOWN in place of objectives that failed by errors, because the target vanished for unknown reasons."""
    if ended.run is None:
        return ended
    loads = [
        load.model_copy(update={"verdicts": [_doubted(verdict, why) for verdict in load.verdicts]})
        for load in ended.run.loads
    ]
    return replace(ended, run=ended.run.model_copy(update={"loads": loads}))


def _doubted(record: VerdictRecord, why: str) -> VerdictRecord:
    if record.grade != "FAIL" or record.check != "objective" or not record.evidence.get("errors"):
        return record
    return record.model_copy(update={"grade": "UNKNOWN", "reason": f"{record.reason}; {why}"})


def _quoted(output: str, ending: ProcessEnd, run: Run | None) -> str:
    """The last lines of a part as a quotation, or a reference to its own verdict; empty if they explain nothing."""
    if ending.how == "finished" and run is not None and _red(run):
        worst = max(run.all_verdicts(), key=lambda verdict: verdict.grade)
        return f"; see {worst.check}"
    # The last lines of a part that was interrupted, or was ended after it wrote a result, explain nothing.
    quiet = ending.how == "interrupted" or (ending.how == "overran" and run is not None)
    return f"; it said: {output}" if output and not quiet else ""


def verdict(name: str, reason: str, grade: Grade = Grade.UNKNOWN) -> VerdictRecord:
    return VerdictRecord.of(Verdict(check=f"part.{name}", grade=grade, reason=reason))


def _read(path: Path) -> tuple[Run | None, str]:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None, "wrote no result"
    except OSError as error:
        return None, f"its result cannot be read: {error.strerror}"
    try:
        return parse(text, name=path.name), ""
    except RunError as error:
        return None, f"its result cannot be used: {error}"


def _ended(ending: ProcessEnd, run: Run | None) -> str:
    after = duration(ending.seconds)
    match ending.how:
        case "interrupted":
            return f"interrupted by {ending.detail} after {after}"
        case "overran":
            return f"overran its time and was ended after {ending.detail}; a longer --budget gives it more"
        case "vanished":
            return f"ended after {after}, because {ending.detail}"
        case "died":
            return f"was killed by {ending.detail} after {after}"
    if ending.exit_code not in CODES:
        return f"ended with exit code {ending.exit_code} after {after}"
    if ending.exit_code and run is not None and not _red(run):
        return f"ended with exit code {ending.exit_code}, but no verdict that it wrote says why"
    return ""


def _red(run: Run) -> bool:
    return any(verdict.grade > Grade.ADVISORY for verdict in run.all_verdicts())
