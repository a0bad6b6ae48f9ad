"""One request before the first check: is there an API at the URL, and does it know the account?

Else every check would fail with the same words, and a wrong password tried again and again locks the account. Whose mistake it is nobody
knows, so the run ends as unknown; an answer that could be this API's, however wrong, is the checks' to judge.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from contracts.command.exit_code import ExitCode
from contracts.network.printable import printable
from contracts.spec import Spec
from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import ContractViolation, NoAnswer, Unreachable
from contracts.suite.world.suite_settings import Settings
from contracts.suite.world.target_client import TargetClient

TIMEOUT = 10.0
"""Seconds for an answer of any kind."""


@dataclass(frozen=True, slots=True)
class RunEnd:
    """Why a run ends before all its checks: a slug as the gate's, one sentence, and the exit code unless something failed before."""

    check: str
    reason: str
    code: ExitCode


def preflight(settings: Settings, spec: Spec) -> RunEnd | None:
    """None where the checks may begin."""
    target = TargetClient(settings, spec, settings.host, embedded=False)
    target.connection = Connection(settings.host, timeout=min(TIMEOUT, settings.timeout))
    account = settings.accounts["owner"]
    try:
        answer = target.call("login", body={"email": account.email, "password": account.password})
    except Unreachable as error:
        return RunEnd(
            "run.target", f"the target {settings.host} cannot be reached: {error}", ExitCode.UNREACHABLE
        )
    except NoAnswer:
        told = f"the target {settings.host} takes connections and does not answer within {TIMEOUT:g} s"
        return RunEnd("run.target", told, ExitCode.UNREACHABLE)
    except ContractViolation as error:
        told = f"{settings.host} does not speak HTTP: {error.got}; is the URL right?"
        return RunEnd("run.target", printable(told), ExitCode.UNREACHABLE)
    finally:
        target.connection.close()
    return _of_login(answer, settings, f"POST {urlsplit(answer.exchange.request.url).path}")


def _of_login(answer: HttpAnswer, settings: Settings, place: str) -> RunEnd | None:
    told = printable(answer.told())
    if answer.status in (401, 403):
        email = settings.accounts["owner"].email
        reason = f"the target refuses to log in {email} ({told}): --email and --password name an account with every permission"
        return RunEnd("run.account", reason, ExitCode.UNKNOWN)
    if answer.status == 429:
        after = printable(answer.headers.get("retry-after", ""))
        wait = f" for {after} s" if after.isdigit() else ""
        return RunEnd(
            "run.account",
            f"the target takes no login{wait} ({told}): wait, or name another account",
            ExitCode.UNKNOWN,
        )
    if answer.status in (404, 405, 501) or 300 <= answer.status < 400:
        moved = f" to {printable(answer.headers['location'])}" if "location" in answer.headers else ""
        reason = f"the target answers, but not as this API: {place} is {told}{moved}; --target and --base-path say where it stands"
        return RunEnd("run.target", reason, ExitCode.UNKNOWN)
    return None


def round_trip(settings: Settings) -> float:
    """Seconds from a request to its answer, of one that costs the target nothing: the least of three."""
    connection = Connection(settings.host, timeout=min(TIMEOUT, settings.timeout))
    request = HttpRequest(method="GET", url=f"{settings.base}/auth/verify")
    try:
        connection.send(request)
        exchanges = [connection.send(request) for _ in range(3)]
    except (Unreachable, ContractViolation, OSError):
        return 0.0
    finally:
        connection.close()
    return min(exchange.done - exchange.sent for exchange in exchanges) / 1e9


def stopped_answering(target: TargetClient) -> RunEnd | None:
    """None where a new connection gets an answer, whatever it is."""
    connection = Connection(target.host, timeout=min(TIMEOUT, target.settings.timeout))
    try:
        connection.send(HttpRequest(method="GET", url=f"{target.base}/auth/verify"))
    except (Unreachable, NoAnswer, OSError):
        at = datetime.fromtimestamp(time.time(), UTC).strftime("%H:%M:%S UTC")
        told = f"the target stopped answering at {at}, after {target.recorder.requests:,} requests"
        return RunEnd("run.target", told, ExitCode.UNKNOWN)
    except ContractViolation:
        return None
    finally:
        connection.close()
    return None
