"""Run: what one run measured and found. All that passes from suite and load to reports, as one JSON form.

The suite writes a Run with `checks` and `coverage`, a load run one with `loads`, a reconnect run one with
`reconnects`; `merge` puts such parts together. Nothing in here is a secret: who writes a request into it
has redacted it. Times of day are RFC 3339 UTC strings, durations are nanoseconds unless a name says more.
"""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field, ValidationError

from contracts.run.lanes import LaneRecord, chosen
from contracts.run.measurements import LoadResult, ReconnectResult, VerdictRecord
from contracts.run.values import Amount, Count, RunValue, Stamp, Whole, without_mark
from contracts.verdict import Grade, Verdict, worst


class RunError(ValueError):
    """A file that is not a Run, or parts that do not belong together."""


class Offence(RunValue):
    """The first exchange that shows a failure, without what changes from run to run. Failures with the same cause have the same one."""

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
    """What was wrong in the request, on purpose; empty for a right one."""
    expected: str = ""
    got: str = ""
    """Status and code that came, or what came in their place."""
    path: str = ""
    """JSON path or field that is wrong."""
    text: str = ""
    """One sentence that begins with the operation and says what it does wrong."""
    used: list[str] = Field(default_factory=list)
    """Writing operations that the test had sent with success before: where one of them is broken, this may be a consequence."""


class NotApplicable(RunValue):
    """A check that this document does not promise anything about: neither a pass nor a red, counted apart."""

    id: str
    operation: str = ""
    reason: str = ""


class CheckResult(RunValue):
    """One contract check. `id` is a stable slug (`auth.refresh-reuse-revokes-family`)."""

    id: str
    grade: Literal["PASS", "ADVISORY", "UNKNOWN", "FAIL"]
    operation: str = ""
    """operationId, or empty for a check of more than one operation."""
    title: str = ""
    """The law in one sentence."""
    source: str = ""
    """Guide line (`S:216-219`), rule (`R17`) or RFC behind it."""
    reason: str = ""
    """Why it is not PASS, in one line that names what was expected and what came."""
    expected: str = ""
    got: str = ""
    curl: list[str] = Field(default_factory=list)
    """The shortest sequence that shows it, secrets replaced."""
    replay: str = ""
    """A command that runs just this again."""
    seconds: Amount = 0.0
    requests: Count = 0
    harm: str = ""
    """What breaking this law does, worst first as in contracts.harm; empty where nobody says."""
    offence: Offence | None = None
    """What failures are grouped by (contracts.run.failure_groups); None where it is not a FAIL or nobody knows."""


class CoverageCell(RunValue):
    """One thing that had to be reached. `kind`: status, code, parameter, keyword, message, rule."""

    operation: str
    kind: str
    name: str
    required: bool
    """False where a client cannot provoke it (x-reachable); then it is reported and not gated."""
    reached: Count
    """How often."""


class ClientFinding(RunValue):
    """Something about the guide's client that this run showed, with its number (CF-1 …)."""

    id: str
    title: str
    detail: str
    source: str = ""
    number: str = ""


class SpecRecord(RunValue):
    """Which openapi.yaml the run was about."""

    title: str
    version: str
    digest: str
    operations: Count
    labels: dict[str, str] = Field(default_factory=dict)
    """operationId -> `GET /content/items`, in the document's order: the rows that a report must show."""


class Environment(RunValue):
    """Where the numbers come from; a comparison refuses to mix what differs here."""

    python: str = ""
    platform: str = ""
    cores: Count = 0
    versions: dict[str, str] = Field(default_factory=dict)
    server: str = ""


class PartRecord(RunValue):
    """One process that the gate started, and how it ended."""

    name: str
    """`contracts`, `load`, `reconnect`."""
    ended: Literal["finished", "died", "overran", "interrupted", "skipped"]
    seconds: Amount = 0.0
    exit_code: Whole | None = None
    """None if it never ran; negative for a signal, as in `subprocess`."""
    command: str = ""
    """What to type to run just this part again."""


class Run(RunValue):
    """The result of a whole run. Parts leave empty what they know nothing of."""

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
    """Verdicts of the run itself: a part that died, an operation never reached."""
    parts: list[PartRecord] = Field(default_factory=list)
    """Written by the gate; empty in a part's own file."""
    races: list[LaneRecord] = Field(default_factory=list)
    """Concurrent histories worth a picture: the failed ones, else one example."""

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


LISTS = (
    "checks", "not_applicable", "coverage", "loads", "reconnects", "findings", "verdicts", "parts",
)  # fmt: skip


def parse(text: bytes | str, *, name: str) -> Run:
    """Read a Run; RunError is one line that names the file and the first wrong place."""
    try:
        return Run.model_validate_json(without_mark(text))
    except ValidationError as error:
        raise RunError(f"{name} is not a run: {first_error(error)}") from None


def merge(parts: Iterable[Run]) -> Run:
    """One Run of several parts against the same target and spec; their lists are put one after another."""
    runs = list(parts)
    if not runs:
        raise RunError("there is no part to merge")
    first = runs[0]
    digests = {part.spec.digest for part in runs if part.spec}
    if len(digests) > 1:
        raise RunError("the parts were made with different versions of openapi.yaml")
    lists: Any = {name: [row for part in runs for row in getattr(part, name)] for name in LISTS}
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
        **lists,
        races=chosen(record for part in runs for record in part.races),
    )


def first_error(error: ValidationError) -> str:
    """One line: the place as a path, and what is wrong there."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = "/".join(map(str, first["loc"])) or "/"
    return " ".join(f"{where}: {first['msg']}".split())[:300]
