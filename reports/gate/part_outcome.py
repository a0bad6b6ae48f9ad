"""What a part's end means: a Run to merge, a record of the process, and a verdict if anything is missing.

A part is believed only if it ended as it should and wrote a Run that holds what it is there for. All else is
UNKNOWN with the reason, beside whatever it did write: nothing is lost, and nothing passes in silence.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from contracts.run import PartRecord, Run, RunError, VerdictRecord, parse
from contracts.verdict import Grade
from reports.gate.plan import GatePart
from reports.gate.processes.supervisor import ProcessEnd
from reports.text.times import duration

CODES = frozenset({0, 1, 2})
"""Exit codes with which a part may end although it did its work: pass, fail, unknown."""

# A vanished target is the run's story; of the part it only says that it was interrupted.
RECORDED: Mapping[str, str] = MappingProxyType({"vanished": "interrupted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOutcome:
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


def outcome(part: GatePart, argv: list[str], ending: ProcessEnd, run_out: Path, said: str) -> PartOutcome:
    """The outcome of a part that has ended. `said` is the part's last words, already fit to print."""
    run, unread = _read(run_out)
    if run is not None and not getattr(run, part.holds):
        unread = f"its result holds no {part.holds}"
    troubles = [trouble for trouble in (_ended(ending, run), unread) if trouble]
    told = ""
    if troubles:
        told = "; ".join(troubles) + _said(said, ending, run)
    record = PartRecord.model_validate(
        {
            "name": part.name,
            "ended": _recorded(ending),
            "seconds": round(ending.seconds, 1),
            "exit_code": ending.exit_code,
            "command": shlex.join(["python", *argv[1:]]),
        }
    )
    return PartOutcome(record=record, run=run, verdict=verdict(part.name, told) if told else None)


def softened(ended: PartOutcome, why: str) -> PartOutcome:
    """Where the target went away, requests that nobody answered say as little of the target as of whoever took it away."""
    if ended.run is None:
        return ended
    loads = [
        load.model_copy(update={"verdicts": [_doubted(verdict, why) for verdict in load.verdicts]})
        for load in ended.run.loads
    ]
    return replace(ended, run=ended.run.model_copy(update={"loads": loads}))


def _doubted(told: VerdictRecord, why: str) -> VerdictRecord:
    if told.grade != "FAIL" or told.check != "objective" or not told.evidence.get("errors"):
        return told
    return told.model_copy(update={"grade": "UNKNOWN", "reason": f"{told.reason}; {why}"})


def _said(said: str, ending: ProcessEnd, run: Run | None) -> str:
    """What a part says when it is interrupted is no reason for anything; one whose own verdicts tell the reason is quoted
    there."""
    if ending.how == "finished" and run is not None and _red(run):
        worst = max(run.all_verdicts(), key=lambda verdict: verdict.grade)
        return f"; see {worst.check}"
    # Nor do the last words of one that was ended and had its say in a result.
    quiet = ending.how == "interrupted" or (ending.how == "overran" and run is not None)
    return f"; it said: {said}" if said and not quiet else ""


def verdict(name: str, reason: str, grade: Grade = Grade.UNKNOWN) -> VerdictRecord:
    return VerdictRecord.model_validate({"check": f"part.{name}", "grade": grade.name, "reason": reason})


def _recorded(ending: ProcessEnd) -> str:
    if ending.how == "finished" and ending.exit_code not in CODES:
        return "died"
    return RECORDED.get(ending.how, ending.how)


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
            return f"interrupted by {ending.told} after {after}"
        case "overran":
            return f"overran its time and was ended after {ending.told}"
        case "vanished":
            return f"ended after {after}, because {ending.told}"
        case "died":
            return f"was killed by {ending.told} after {after}"
    if ending.exit_code not in CODES:
        return f"ended with exit code {ending.exit_code} after {after}"
    if ending.exit_code and run is not None and not _red(run):
        return f"ended with exit code {ending.exit_code}, but no verdict that it wrote says why"
    return ""


def _red(run: Run) -> bool:
    return any(verdict.grade > Grade.ADVISORY for verdict in run.all_verdicts())
