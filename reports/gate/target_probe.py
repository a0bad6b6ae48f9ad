"""The server under test, as a URL: is it one, is it this machine, does anything answer, and is it this API?

Any HTTP answer counts, whatever its status: what it means is for the parts to find out.

>>> is_loopback("http://127.0.0.1:8000"), is_loopback("https://api.tchat.com")
(True, False)
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from contracts.command import loopback
from contracts.command.exit_code import ExitCode, Stop
from contracts.network.first_answer import doubt, not_this_api
from contracts.network.target_url import InvalidTarget, read_target
from contracts.verdict import Grade
from reports.bounded_http import BrokenAnswer, HttpBounds, UnansweredRequest, exchange

DEMO_EMAIL, DEMO_PASSWORD = "demo@tchat.com", "demo-password"


def checked(url: str) -> str:
    """Without a trailing slash; Stop(USAGE) if it is no URL that a client could call, or holds a password."""
    try:
        origin, path = read_target(url)
    except InvalidTarget as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    return origin + path


def is_loopback(url: str) -> bool:
    return loopback.stays_here(urlsplit(url).hostname or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What came of asking a target for its root: an answer, silence with its reason, or an answer without an end."""

    silent: str = ""
    broken: str = ""
    server: str = ""
    """The `Server` header."""


def ask(url: str, bounds: HttpBounds) -> Contact:
    try:
        answer = exchange("GET", url + "/", bounds)
    except UnansweredRequest as error:
        return Contact(silent=str(error))
    except BrokenAnswer as error:
        return Contact(broken=f"GET {urlsplit(url).path}/ {error}")
    return Contact(server=answer.headers.get("server", ""))


def stranger(url: str, email: str, password: str, bounds: HttpBounds) -> tuple[str, Grade, str]:
    """(check, grade, reason) if it is not this API or does not know the account, else empty: found out in one request and
    told in one line, because every check would otherwise fail with it. Whose mistake it is nobody knows, so it is no FAIL;
    an answer that could be this API's, however wrong, is the parts' to judge, unless it has no end."""
    parts = urlsplit(url)
    place = f"{parts.path or '/api'}/auth/login"
    body = json.dumps({"email": email, "password": password}).encode()
    try:
        answer = exchange(
            "POST",
            parts._replace(path="").geturl() + place,
            bounds,
            headers={"Content-Type": "application/json"},
            content=body,
        )
    except UnansweredRequest:
        return "", Grade.PASS, ""
    except BrokenAnswer as error:
        return "run.target-answer", Grade.FAIL, f"POST {place} {error}"
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    told = f"{answer.status}{f' {kind}' if kind else ''}"
    reason = doubt(
        answer.status, f"POST {place}", email=email, told=told, location=answer.headers.get("location", ""),
        retry_after=answer.headers.get("retry-after", ""),
    )  # fmt: skip
    if reason:
        return "run.account" if answer.status in (401, 403, 429) else "run.target", Grade.UNKNOWN, reason
    if kind.endswith("json") or answer.status >= 500:
        return "", Grade.PASS, ""
    return "run.target", Grade.UNKNOWN, not_this_api(f"POST {place}", told)
