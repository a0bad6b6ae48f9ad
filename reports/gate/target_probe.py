"""The first requests to the server under test: is its URL usable, is it on this machine, does it answer, is it this API?

Any HTTP answer counts as alive, whatever its status; judging answers is the work of the parts.

>>> is_loopback("http://127.0.0.1:8000"), is_loopback("https://api.tchat.com")
(True, False)
"""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from contracts.command import loopback
from contracts.command.exit_code import ExitCode, Stop
from contracts.dialect import dialect_of
from contracts.network.first_answer import doubt, not_this_api
from contracts.network.target_url import InvalidTarget, read_target
from contracts.spec import load
from contracts.verdict import Grade
from reports.bounded_http import BrokenAnswer, HttpBounds, UnansweredRequest, exchange

DEMO_EMAIL, DEMO_PASSWORD = "demo@tchat.com", "demo-password"
FARTHEST = 3.0
"""Seconds for the whole request that measures a round trip: 300 ms away and over TLS it takes four of them."""


def checked(url: str) -> str:
    """The URL without a trailing slash. Stop(USAGE) if no client could call it, or if it holds a password."""
    try:
        origin, path = read_target(url)
    except InvalidTarget as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    return origin + path


def is_loopback(url: str) -> bool:
    return loopback.stays_here(urlsplit(url).hostname or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstContact:
    """The result of `GET /`: an answer, the reason why there is none (`silent`), or a fault of the answer (`broken`)."""

    silent: str = ""
    broken: str = ""
    server: str = ""
    """The `Server` header."""


def probe(url: str, bounds: HttpBounds) -> FirstContact:
    try:
        answer = exchange("GET", url + "/", bounds)
    except UnansweredRequest as error:
        return FirstContact(silent=str(error))
    except BrokenAnswer as error:
        return FirstContact(broken=f"GET {urlsplit(url).path}/ {error}")
    return FirstContact(server=answer.headers.get("server", ""))


def wrong_target(url: str, email: str, password: str, bounds: HttpBounds) -> tuple[str, Grade, str] | None:
    """(check, grade, reason) if the target is another API or does not know the account, found with one login.

    Without this test every check would fail for the same reason. Whose mistake it is cannot be known, so it is UNKNOWN. Any
    answer that could be this API's is judged by the parts, unless it never ends; they also wait where a login is limited. Path and
    members are those of the target's document."""
    spec = load()
    login, (origin, path) = spec["login"], _login(url)
    request = f"POST {path}"
    dialect, credentials = dialect_of(spec), {"email": email, "password": password}
    body = json.dumps(credentials if dialect is None else dialect.body(login.id, credentials)).encode()
    try:
        answer = exchange(
            "POST",
            origin + path,
            bounds,
            headers={"Content-Type": "application/json"},
            content=body,
        )
    except UnansweredRequest:
        return None
    except BrokenAnswer as error:
        return "run.target-answer", Grade.FAIL, f"{request} {error}"
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
    described = f"{answer.status} {media_type}".strip()
    reason = doubt(
        answer.status, request, email=email, excerpt=described, location=answer.headers.get("location", ""),
    )  # fmt: skip
    if answer.status == 429:
        return None
    if reason:
        return "run.account" if answer.status in (401, 403) else "run.target", Grade.UNKNOWN, reason
    if media_type.endswith("json") or answer.status >= 500:
        return None
    return "run.target", Grade.UNKNOWN, not_this_api(request, described)


def round_trip(url: str, bounds: HttpBounds) -> float:
    """The seconds of a round trip to the target, by a request that costs it almost nothing; 0 if that is not answered in FARTHEST
    seconds."""
    with suppress(UnansweredRequest, BrokenAnswer):
        return exchange("GET", "".join(_login(url)), replace(bounds, seconds=FARTHEST)).seconds
    return 0.0


def _login(url: str) -> tuple[str, str]:
    """(origin, path) of the login."""
    parts, spec = urlsplit(url), load()
    path = f"{parts.path or spec.prefixes[0].rstrip('/')}{spec['login'].path}"
    return parts._replace(path="").geturl(), path
