"""The login that is sent before the first check, to find out whether the API is at this URL and knows the account.

Without it every check would fail for the same reason, and a wrong password that is tried again and again locks the account. Nobody knows
whose mistake a refused login is, so the run then ends as UNKNOWN. Any answer that this API could give, however wrong, is left to the checks.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from contracts.command.exit_code import ExitCode
from contracts.network import unreachable
from contracts.network.first_answer import doubt
from contracts.network.printable import printable
from contracts.schema import NOT_DESCRIBED
from contracts.spec import Spec
from contracts.suite.client.answer_reader import CHUNK
from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.client.unanswered_requests import OF_ALL
from contracts.suite.contract_violation import ContractViolation, NoAnswer, Unreachable
from contracts.suite.judging.recorder import MOST_LONG, TOO_LONG
from contracts.suite.world.suite_settings import Settings
from contracts.suite.world.target_client import TargetClient

TIMEOUT = 5.0
"""Seconds to wait for the first answer; together with the start of the command, a silent target is reported within 10."""
STILL_THERE = 5.0
"""Seconds to wait for an answer after a request has timed out."""


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The reason why a run ends before all its checks: a slug for the gate, one sentence, and the exit code if nothing failed before."""

    check: str
    reason: str
    code: ExitCode

    @property
    def grade(self) -> Literal["FAIL", "UNKNOWN"]:
        return "FAIL" if self.code is ExitCode.FAIL else "UNKNOWN"


def preflight(
    settings: Settings, spec: Spec, say: Callable[[str], None] = lambda line: None
) -> RunEnd | None:
    """Log in once. None means that the checks may begin. `say` shows what it waits for."""
    target = TargetClient(settings, spec, settings.host, embedded=False)
    target.connection = Connection(settings.host, timeout=min(TIMEOUT, settings.timeout))
    account = settings.accounts["owner"]
    try:
        body = {"email": account.email, "password": account.password}
        request = target.build("login", target.base, body=body)
        exchange = target.connection.send(request, "login")
        # Once: a login that is refused is not tried again, unless only its rate was too high.
        if wait := target.wait_for_rate(exchange):
            say(f"{request.path} is limited (429): waiting {wait:g} s, as its Retry-After says")
            time.sleep(wait)
            exchange = target.connection.send(request, "login")
        answer = target.answer(exchange, "login")
    except Unreachable as error:
        return RunEnd("run.target", unreachable.line(settings.host, error), ExitCode.UNREACHABLE)
    except NoAnswer as error:
        if error.begun:
            reason = f"{settings.host} begins an answer to the login and does not end it within {TIMEOUT:g} s"
            return RunEnd("run.target-answer", reason, ExitCode.FAIL)
        reason = unreachable.line(settings.host, f"no answer within {TIMEOUT:g} s")
        return RunEnd("run.target", reason, ExitCode.UNREACHABLE)
    except ContractViolation as error:
        reason = f"{settings.host} does not speak HTTP: {error.got}; is the URL right?"
        return RunEnd("run.target", printable(reason), ExitCode.UNREACHABLE)
    finally:
        target.connection.close()
    return _of_login(answer, settings, f"POST {urlsplit(answer.exchange.request.url).path}")


def _of_login(answer: HttpAnswer, settings: Settings, place: str) -> RunEnd | None:
    reason = doubt(
        answer.status, place, email=settings.accounts["owner"].email, excerpt=answer.summary(),
        location=answer.headers.get("location", ""), retry_after=answer.headers.get("retry-after", ""),
    )  # fmt: skip
    check = "run.account" if answer.status in (401, 403, 429) else "run.target"
    return RunEnd(check, reason, ExitCode.UNKNOWN) if reason else None


def round_trip(settings: Settings) -> float:
    """The round trip in seconds: the shortest of three requests that cost the target almost nothing; 0 if it is unknown, as after a
    long answer, whose transfer takes more time than the way there and back."""
    connection = Connection(settings.host, timeout=min(STILL_THERE, settings.timeout))
    request = HttpRequest(method="GET", url=f"{settings.base}/auth/verify")
    try:
        connection.send(request)
        exchanges = [connection.send(request) for _ in range(3)]
    except (Unreachable, ContractViolation, OSError):
        return 0.0
    finally:
        connection.close()
    if any(len(exchange.body) > CHUNK for exchange in exchanges):
        return 0.0
    return min(exchange.done - exchange.sent for exchange in exchanges) / 1e9


def stopped_answering(target: TargetClient) -> RunEnd | None:
    """The end of the run if a new connection gets no answer; None if it gets any answer at all."""
    connection = Connection(target.host, timeout=min(STILL_THERE, target.settings.timeout))
    try:
        connection.send(HttpRequest(method="GET", url=f"{target.base}/auth/verify"))
    except (Unreachable, NoAnswer, OSError) as error:
        if isinstance(error, NoAnswer) and error.begun:
            reason = f"the target begins answers and does not end them within {STILL_THERE:g} s"
            return RunEnd("run.target-answer", reason, ExitCode.FAIL)
        at = datetime.fromtimestamp(time.time(), UTC).strftime("%H:%M:%S UTC")
        reason = f"the target stopped answering at {at}"
        return RunEnd("run.target", reason, ExitCode.UNKNOWN)
    except ContractViolation:
        return None
    finally:
        connection.close()
    return None


def too_late(target: TargetClient) -> RunEnd | None:
    """The end of the run if the target let too many deadlines pass without an answer, while it answered others; else None."""
    if target.unanswered.waited() < OF_ALL:
        return None
    names = ", ".join(name or "requests of no operation" for name in target.unanswered.names())
    reason = f"the target leaves requests without an answer within {target.settings.timeout:g} s, again and again: {names}"
    return RunEnd("run.target-answer", reason, ExitCode.FAIL)


def too_long(target: TargetClient) -> RunEnd | None:
    """The end of the run if the target sends too many huge answers, each of which takes seconds to judge; else None."""
    if target.recorder.long < MOST_LONG:
        return None
    for fault in target.recorder.faults.values():
        if NOT_DESCRIBED in fault.finding.got:
            reason = f"{TOO_LONG}; {fault.finding.operation} answers {fault.finding.got}"
            return RunEnd("run.target-answer", reason, ExitCode.FAIL)
    return RunEnd("run.target-answer", TOO_LONG, ExitCode.UNKNOWN)
