"""`Run`, the results and measurements of one run in the JSON form that the suite and load tests write and reports read.

The suite writes a Run with `checks` and `coverage`, a load run one with `loads`, a reconnect run one with `reconnects`; `merge` joins such
parts. It has no secrets: they are redacted before a request is written into it. Times of day are RFC 3339 UTC strings, durations are
nanoseconds unless the name says otherwise.
"""

from collections.abc import Iterable
from typing import Any, Literal, get_origin

from pydantic import Field, ValidationError

from contracts.command.redaction import redacted_value
from contracts.run.lanes import LaneRecord, chosen
from contracts.run.measurements import LoadResult, ReconnectResult, VerdictRecord
from contracts.run.values import Amount, Count, GradeName, RunValue, Stamp, Whole, without_mark
from contracts.verdict import Grade, Verdict, worst

INTERRUPTED = "the run was interrupted before it"
"""The reason of a check that an interrupted run did not reach."""


class RunError(ValueError):
    """A file that is not a Run, or parts that do not belong together."""


class Offence(RunValue):
    """The first exchange that shows a failure, without the parts that change from run to run. Failures with one cause have equal ones."""

    symptom: Literal[
        "no-answer",
        "rate-limited",
        "session-refused",
        "server-error",
        "no-effect",
        "shape",
        "status",
        "accepted",
        "value",
    ]
    operation: str = ""
    fault: str = ""
    """The deliberate error of the request; empty for a correct one."""
    expected: str = ""
    got: str = ""
    """The status and code that came, or what came in their place."""
    path: str = ""
    """The JSON path or field that is wrong."""
    text: str = ""
    """One sentence that begins with the operation and says what it does wrong."""
    used: list[str] = Field(default_factory=list)
    """The write operations that succeeded earlier in the test: if one of them is broken, this failure may be a consequence."""


class NotApplicable(RunValue):
    """A check that needs a promise which this document does not make. It is neither a pass nor a failure, and counted separately."""

    id: str
    operation: str = ""
    reason: str = ""


class CheckResult(RunValue):
    """The result of one contract check. `id` is a stable slug (`auth.refresh-reuse-revokes-family`)."""

    id: str
    grade: GradeName
    operation: str = ""
    """The operationId; empty for a check of several operations."""
    title: str = ""
    """The law in one sentence."""
    source: str = ""
    """The source of the law: a line of the guide (`S:216-219`), a rule (`R17`) or an RFC."""
    reason: str = ""
    """The reason why it is not PASS, in one line with the expected and the actual result."""
    expected: str = ""
    got: str = ""
    curl: list[str] = Field(default_factory=list)
    """The shortest sequence of requests that shows the failure, with secrets replaced."""
    replay: str = ""
    """A command that runs this check again."""
    seconds: Amount = 0.0
    requests: Count = 0
    harm: str = ""
    """The harm that a violation of the law does (contracts.harm); empty if unknown."""
    offence: Offence | None = None
    """The offence by which failures are grouped (contracts.run.failure_groups); None if it is not a FAIL or unknown."""


class CoverageCell(RunValue):
    """One element of the contract that a run should reach. `kind` is status, code, parameter, keyword, message or rule."""

    operation: str
    kind: str
    name: str
    required: bool
    """False if a client cannot provoke it (x-reachable); then it is reported and not gated."""
    reached: Count
    """The number of times that it was reached."""


class ClientFinding(RunValue):
    """A defect of the guide's client that this run showed, with its number (CF-1 …)."""

    id: str
    title: str
    detail: str
    source: str = ""
    number: str = ""


class SpecRecord(RunValue):
    """The identity of the OpenAPI document that the run tested."""

    title: str
    version: str
    digest: str
    operations: Count
    labels: dict[str, str] = Field(default_factory=dict)
    """operationId -> `GET /content/items`, in the document's order: the rows of a report."""


class Environment(RunValue):
    """The machine and software that a run used; a comparison refuses runs that differ in it."""

    python: str = ""
    platform: str = ""
    cores: Count = 0
    versions: dict[str, str] = Field(default_factory=dict)
    server: str = ""


class PartRecord(RunValue):
    """One process that the gate started, and its end."""

    name: str
    """`contracts`, `load`, `reconnect`."""
    ended: Literal["finished", "died", "overran", "interrupted", "skipped"]
    seconds: Amount = 0.0
    exit_code: Whole | None = None
    """None if it never ran; negative for a signal, as in `subprocess`."""
    command: str = ""
    """The command that runs only this part again."""


class Run(RunValue):
    """The result of a run. A part of a run leaves the lists of other parts empty."""

    format: Literal[1] = 1
    started: Stamp
    finished: Stamp
    target: str
    seed: Whole
    command: str = ""
    spec: SpecRecord | None = None
    environment: Environment = Environment()
    checks: list[CheckResult] = Field(default_factory=list)
    not_applicable: list[NotApplicable] = Field(default_factory=list)
    coverage: list[CoverageCell] = Field(default_factory=list)
    loads: list[LoadResult] = Field(default_factory=list)
    reconnects: list[ReconnectResult] = Field(default_factory=list)
    findings: list[ClientFinding] = Field(default_factory=list)
    verdicts: list[VerdictRecord] = Field(default_factory=list)
    """The verdicts on the run itself: a part that died, an operation never reached."""
    parts: list[PartRecord] = Field(default_factory=list)
    """The processes of the gate; empty in the file of a single part."""
    races: list[LaneRecord] = Field(default_factory=list)
    """The concurrent histories that the report draws: the failed ones, else one example."""

    def all_verdicts(self) -> list[Verdict]:
        """Every verdict, worst first, in a stable order."""
        found = [
            Verdict(check=check.id, grade=Grade[check.grade], subject=check.operation, reason=check.reason)
            for check in self.checks
        ]
        found += [record.verdict() for record in self.verdicts]
        found += [record.verdict() for load in self.loads for record in load.verdicts]
        found += [record.verdict() for result in self.reconnects for record in result.verdicts]
        missed = [cell for cell in self.coverage if cell.required and not cell.reached]
        found += [
            Verdict(
                check=f"coverage.{cell.kind}",
                grade=Grade.UNKNOWN,
                subject=cell.operation,
                reason=f"{cell.kind} {cell.name} was never reached, so nothing is known of it",
            )
            for cell in missed
        ]
        return sorted(found, key=lambda verdict: -verdict.grade)

    @property
    def grade(self) -> Grade:
        return worst(self.all_verdicts())


OURS = frozenset({
    "id", "check", "grade", "operation", "symptom", "kind", "name", "ended", "outcome", "scenario", "policy", "fault", "source", "rule",
    "digest", "labels", "statuses", "attempts", "sockets_per_client", "refreshes_per_client", "versions", "started", "finished", "used",
})  # fmt: skip
"""Members of a run that hold names of ours, of the document or of packages, and no word of a target: a password that is one of them
stays there."""
OF_THE_TARGET = frozenset({"evidence", "facts"})
"""Members with free values: even their member names may be words of a target."""


def without_secrets(run: Run, secrets: Iterable[str]) -> Run:
    """The run without these values in anything that a target may have said."""
    known = tuple(secrets)

    def hidden(value: Any) -> Any:
        if isinstance(value, list):
            return [hidden(entry) for entry in value]
        if not isinstance(value, dict):
            return redacted_value(value, known)
        return {
            name: entry
            if name in OURS
            else redacted_value(entry, known)
            if name in OF_THE_TARGET
            else hidden(entry)
            for name, entry in value.items()
        }

    return Run.model_validate(hidden(run.model_dump(mode="json")))


def parse(text: bytes | str, *, name: str) -> Run:
    """The Run in a file's text. Raises RunError with one line that names the file and the first wrong place."""
    try:
        return Run.model_validate_json(without_mark(text))
    except ValidationError as error:
        raise RunError(f"{name} is not a run: {first_error(error)}") from None


def merge(parts: Iterable[Run]) -> Run:
    """One Run of several parts with the same target and document; their lists are concatenated."""
    runs = list(parts)
    if not runs:
        raise RunError("there is no part to merge")
    first = runs[0]
    digests = {part.spec.digest for part in runs if part.spec}
    if len(digests) > 1:
        raise RunError("the parts were made with different versions of openapi.yaml")
    lists: Any = {
        name: [row for part in runs for row in getattr(part, name)]
        for name, field in Run.model_fields.items()
        if get_origin(field.annotation) is list
    }
    versions: dict[str, str] = {}
    for part in runs:
        versions |= part.environment.versions
    return Run(
        started=min(part.started for part in runs),
        finished=max(part.finished for part in runs),
        target=first.target,
        seed=first.seed,
        command=first.command,
        spec=next((part.spec for part in runs if part.spec), None),
        environment=first.environment.model_copy(update={"versions": versions}),
        **{**lists, "races": chosen(lists["races"])},
    )


def first_error(error: ValidationError) -> str:
    """The first validation error as one line: its place as a path, and the message."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = "/".join(map(str, first["loc"])) or "/"
    return " ".join(f"{where}: {first['msg']}".split())[:300]
