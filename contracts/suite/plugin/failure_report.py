"""The result row of one test: passed, not checked, not applicable, or failed with its message.

It is made in the process that ran the test, because only that process has the exchanges.
"""

from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

import pytest

from contracts.harm import blocks, harm_of
from contracts.model.unpromised import UnpromisedError
from contracts.network.printable import printable
from contracts.run import CheckResult
from contracts.run.values import GradeName
from contracts.suite.api.suite_world import World
from contracts.suite.client.curl_sequence import curl_lines
from contracts.suite.client.http_exchange import Exchange, curl_line
from contracts.suite.client.known_secrets import INSPECTED, Secrets
from contracts.suite.contract_violation import OBSERVED, AnswerFinding, ContractViolation, Unreachable
from contracts.suite.plugin import options
from contracts.suite.plugin.offences import offence_of
from contracts.suite.plugin.preflight import RunEnd
from contracts.suite.plugin.registry import Check

NOT_APPLICABLE = "not applicable: "
"""The prefix of the reason of a check that needs something which the target's document does not promise."""
LINES = 12
"""The most curl lines that a failure shows."""
READS = 6
"""The most curl lines of a failure whose check names no exchange, writes before them aside."""
BODY = 400
"""The most characters of a response body that a failure shows."""
LINE = 200
"""The most characters of a failure's one-line summary."""

# In these families thousands of unrelated requests are sent: the requests before a wrong one are not its cause.
STATELESS, PROGRAMS = ("conformance", "fuzz"), ("stateful.model", "stateful.lost-answers")


class FailureReport(NamedTuple):
    """A failure in three forms: the row of the run's file, the text for the terminal, and one line for summaries."""

    result: CheckResult
    text: str
    line: str


def is_sequence(check: Check) -> bool:
    """Whether the requests of a check build on each other, so that an earlier one may be the cause of what a later one shows."""
    return check.family not in STATELESS or check.id in PROGRAMS


def row(check: Check, subject: str, grade: GradeName, **more: Any) -> CheckResult:
    """The row of a check in the run."""
    return CheckResult(
        id=check.id,
        grade=grade,
        operation=subject,
        title=check.law,
        source=check.source,
        harm=harm_of(check.id, check.source),
        **more,
    )


def result(item: Any, grade: GradeName, **more: Any) -> CheckResult:
    return row(item.check, item.subject, grade, **more)


def passed(item: Any, world: World | None, seconds: float) -> CheckResult:
    requests = world.target.recorder.of_test if world else 0
    return result(item, "PASS", seconds=seconds, requests=requests)


def unchecked(item: Any, reason: str) -> CheckResult:
    return result(item, "UNKNOWN", reason=f"not checked: {printable(reason)}")


def ended(item: Any, world: World, end: RunEnd) -> FailureReport:
    """The report of the test in which the target stopped answering: UNKNOWN, with the last request that was answered."""
    last = [printable(curl_line(e, world.target.recorder.secrets)) for e in world.target.recorder.kept[-1:]]
    made = result(item, "UNKNOWN", reason=end.reason, curl=last, replay=_replay(item, world))
    return FailureReport(
        made,
        "\n".join([item.name, f"  {end.reason}", *(f"  last answered {line}" for line in last)]),
        end.reason,
    )


def unpromised_member(error: BaseException | None, world: World | None) -> UnpromisedError | None:
    """The reason why a check is not applicable that read a member which the answers lack although they keep the document; else None."""
    if not isinstance(error, KeyError) or not error.args or not _raised_by_check(error):
        return None
    if world is None or not world.target.recorder.kept or next(world.target.recorder.wrong(), None):
        return None
    return UnpromisedError(f"the document does not promise {error.args[0]}, which this check reads")


def not_applicable(item: Any, reason: str) -> CheckResult:
    """The row of a check that does not apply to this document; `Run.not_applicable` lists these separately."""
    return result(item, "ADVISORY", reason=f"{NOT_APPLICABLE}{reason}")


def failed(
    item: Any, error: BaseException, world: World | None, seconds: float, races: Sequence[Any] = ()
) -> FailureReport:
    """The report of a failed test. A ContractViolation is FAIL, the target's fault; any other exception is ours, so UNKNOWN."""
    check: Check = item.check
    replay = _replay(item, world)
    sequence = is_sequence(check)
    expected, got, exchanges, grade = _diagnosis(error, world, sequence=sequence)
    hide = (lambda text: printable(world.target.recorder.secrets.hide(text))) if world else printable
    lines = (
        [printable(line) for line in curl_lines(exchanges, world.target.recorder.secrets)] if world else []
    )
    if isinstance(error, ContractViolation) and error.shown and (error.finding is None or not exchanges):
        lines.append(printable(error.shown))
    expected, got = hide(expected), hide(got)
    offence = None
    if grade == "FAIL" and world:
        offence = offence_of(error, world.target.recorder, sequence=sequence, about=item.subject)
        hidden = {name: hide(value) for name, value in offence if isinstance(value, str)}
        offence = offence.model_copy(update=hidden)
        if not blocks(world.target.settings.level, check.source, harm_of(check.id, check.source)):
            grade = "ADVISORY"
    reason = offence.text if offence else f"expected {expected}; got {got}"
    text = [
        f"{check.id}{f' [{item.subject}]' if item.subject else ''}",
        *([f"  {reason}"] if offence else []),
    ]
    text += [f"  law       {check.law}"]
    text += [f"  source    {check.source}", f"  expected  {expected}", f"  got       {got}"]
    text += [f"  {'requests ' if not n else '         '} {line}" for n, line in enumerate(lines)]
    answers = [e for e in exchanges if e.answered]
    text += (
        [f"  answer    {_answer(answers[-1], world.target.recorder.secrets)}"] if answers and world else []
    )
    saved = races[-1].saved if races else ""
    text += [f"  history   {saved}"] if saved else []
    text += [f"  seed      {world.target.settings.seed if world else '-'}", f"  again     {replay}"]
    if grade == "UNKNOWN":
        text.append(_where(error))
    made = result(
        item,
        grade,
        reason=reason,
        expected=expected,
        got=got,
        curl=lines,
        replay=replay,
        seconds=seconds,
        requests=world.target.recorder.of_test if world else 0,
        offence=offence,
    )
    # Summaries, JUnit's `message` and `--tb=line` have room for one line only.
    return FailureReport(made, "\n".join(text), shorten(reason, LINE, placeholder=" …"))


def _answer(exchange: Exchange, secrets: Secrets) -> str:
    """Status, media type and body of a response on one line. Secrets are hidden before the body is cut, lest half of one remain."""
    body = " ".join(printable(secrets.hide_bytes(exchange.body)).split())
    shown = (
        f"{body[:BODY]}… ({len(exchange.body):,} bytes)"
        if len(body) > BODY or len(exchange.body) > INSPECTED
        else body
    )
    return f"{exchange.status} {printable(secrets.hide(exchange.field('content-type')))} {shown}".rstrip()


def _diagnosis(
    error: BaseException, world: World | None, *, sequence: bool
) -> tuple[str, str, Sequence[Exchange], GradeName]:
    """What was expected, what came, the exchanges that show it, and the grade."""
    kept = world.target.recorder.kept if world else []
    wrong = world.target.recorder.wrong() if world else iter(())
    if isinstance(error, ContractViolation):
        if error.finding is not None and error.shown:
            own = [e for e, finding in wrong if _same(finding, error.finding)]
            return error.expected, error.got, _with_earlier_writes(kept, own[:1]) if own else (), "FAIL"
        alone = error.exchanges and not sequence
        shown = error.exchanges[:LINES] if alone else _with_earlier_writes(kept, error.exchanges)
        return error.expected, error.got, shown, "FAIL"
    if isinstance(error, Unreachable):
        return "the target answers", str(error), kept[-1:], "UNKNOWN"
    if isinstance(error, KeyError | IndexError | TypeError | ValueError | AttributeError) and world and kept:
        # The check has read a response that breaks the document.
        broken = next(wrong, None)
        lacks = (
            f"the answer lacks {error.args[0]!r}, which this check reads"
            if isinstance(error, KeyError) and error.args
            else ""
        )
        got = lacks or f"an answer that could not be read ({type(error).__name__}: {error})"
        if broken:
            return "answers of the documented shape", got, _with_earlier_writes(kept, broken[:1]), "FAIL"
    if isinstance(error, pytest.fail.Exception):
        return "this check to end", f"it was stopped: {error}", kept[-1:], "UNKNOWN"
    return (
        "this check to run",
        f"{type(error).__name__}: {error} (a bug of the harness)",
        kept[-1:],
        "UNKNOWN",
    )


def _same(one: AnswerFinding, other: AnswerFinding) -> bool:
    return (one.check, one.operation) == (other.check, other.operation)


def _raised_by_check(error: BaseException) -> bool:
    """Whether the exception comes from a check or from the API methods that it calls, not from the code below them."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = trace.tb_frame.f_code.co_filename if trace else ""
    return Path(name).parent.name in ("checks", "api", "programs")


def _with_earlier_writes(kept: Sequence[Exchange], named: Sequence[Exchange]) -> list[Exchange]:
    """The exchanges that a violation names (if none, the last ones up to the answer that was read last), and the successful writes before
    them."""
    chosen = list(named) or _read_last(kept)
    last = max((e.sent for e in chosen), default=0)
    writes = [
        e
        for e in kept
        if e.request.method in ("POST", "PUT")
        and e.sent < last
        and e not in chosen
        and (200 <= e.status < 300 or not e.answered)
    ]
    together = sorted([*writes[-max(LINES - len(chosen), 3) :], *chosen], key=lambda e: e.sent)
    return together[-LINES:]


def _read_last(kept: Sequence[Exchange]) -> list[Exchange]:
    """The last exchanges up to the one that was read last: what a check compared that names none, without those that the suite sent
    afterwards to see whether others write."""
    end = next((n for n in range(len(kept), 0, -1) if kept[n - 1] is OBSERVED.last_read), len(kept))
    return list(kept[max(0, end - READS) : end])


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    places = []
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "contracts" in name:
            places.append(f"{Path(name).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"  where     {' > '.join(places)}"


def _pasteable(file: Path) -> str:
    """The file of a check as the working folder knows it; from a folder beside the harness, its whole path."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def _replay(item: Any, world: World | None) -> str:
    again = f"pytest '{_pasteable(item.path)}::{item.name}'"
    return f"{again} {options.repeated(item.config, world.target.settings)}" if world else again
