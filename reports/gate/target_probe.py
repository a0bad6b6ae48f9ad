"""The server under test, as a URL: is it one, is it this machine, does anything answer, and is it this API?

Any HTTP answer counts, whatever its status: what it means is for the parts to find out.

>>> is_loopback("http://127.0.0.1:8000"), is_loopback("https://api.tchat.com")
(True, False)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from contracts.command import loopback
from contracts.command.exit_code import ExitCode, Stop
from contracts.network.target_url import InvalidTarget, read_target
from contracts.verdict import Grade
from reports.gate.bounded_http import BrokenAnswer, HttpBounds, ProbeAnswer, UnansweredRequest, exchange

DEMO_EMAIL, DEMO_PASSWORD = "demo@tchat.com", "demo-password"


def checked(url: str) -> str:
    """Without a trailing slash; Stop(USAGE) if it is no URL that a client could call, or holds a password."""
    try:
        origin, path = read_target(url)
    except InvalidTarget as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    return origin + path


def is_loopback(url: str) -> bool:
    return loopback.is_loopback(urlsplit(url).hostname or "")


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


def advice(url: str, why: str, *, embedded: bool = False) -> str:
    """What to do about a target that does not answer. A certificate that is not trusted is no server that is not there.

    >>> advice("https://a.example", "certificate verify failed: self-signed certificate")
    'its certificate is not trusted; name its authority with --cacert FILE, or look away with --insecure'
    """
    if embedded:
        return "look into logs/server.log of this run"
    told = why.lower()
    if "certificate" in told and "verify" in told:
        return "its certificate is not trusted; name its authority with --cacert FILE, or look away with --insecure"
    if "certificate" in told:
        return "it asks for a certificate of ours: --client-cert FILE"
    if "wrong_version_number" in told or "record layer" in told:
        return f"there is no TLS at that port; is it http://{urlsplit(url).netloc}?"
    if "ssl" in told or "tls" in told:
        return "TLS with it failed; is it the right port?"
    if "closed without an answer" in told and urlsplit(url).scheme == "http":
        return f"it accepts connections but speaks no HTTP; is it https://{urlsplit(url).netloc}?"
    if "within" in told:
        return "is it the right host and port, and may this machine reach it?"
    return (
        "start it (python -m mock_server --port 8000) or leave --target out to use the embedded server"
        if is_loopback(url)
        else "is it the right host and port, and may this machine reach it?"
    )


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
    if answer.status == 401:
        given = "the demo account, because no other is given" if email == DEMO_EMAIL else email
        told = f"the target refuses to log in {given} (401); TCHAT_EMAIL and TCHAT_PASSWORD name one"
        return "run.account", Grade.UNKNOWN, told
    if _could_be_ours(answer):
        return "", Grade.PASS, ""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    told = f"POST {place} is {answer.status}{f' {kind}' if kind else ''}"
    moved = f" to {answer.headers['location']}" if "location" in answer.headers else ""
    reason = f"{url} answers, but not as this API: {told}{moved}; is it the right URL?"
    return "run.target", Grade.UNKNOWN, reason


def _could_be_ours(answer: ProbeAnswer) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    # 501 is what a server says that takes no POST at all, as one for files does.
    return kind.endswith("json") or answer.status == 429 or (answer.status >= 500 and answer.status != 501)
