"""The server under test, as a URL: is it one, is it this machine, does anything answer?

Any HTTP answer counts, whatever its status: what it means is for the parts to find out.

>>> is_loopback("http://127.0.0.1:8000"), is_loopback("https://api.tchat.com")
(True, False)
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

import httpx

from reports.exitcode import ExitCode, Stop

TIMEOUT = 10.0
DEMO_EMAIL, DEMO_PASSWORD = "demo@tchat.com", "demo-password"


def checked(url: str) -> str:
    """Without a trailing slash; Stop(USAGE) if it is no URL that a client could call, or holds a password."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise Stop(ExitCode.USAGE, f"{url!r} is not a URL like http://127.0.0.1:8000")
    if parts.username is not None or parts.query or parts.fragment:
        raise Stop(
            ExitCode.USAGE,
            "--target takes scheme, host, port and path only; credentials belong into TCHAT_EMAIL and TCHAT_PASSWORD",
        )
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """By name or address and without asking a resolver, which could say something else a second later."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ask(url: str) -> tuple[str, str]:
    """(why nothing answers or empty, the `Server` header)."""
    try:
        with _client(url) as client:
            answer = client.get(url + "/")
    except httpx.TimeoutException:
        return f"no answer within {TIMEOUT:g} s", ""
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        told = re.sub(r"^\[Errno -?\d+\] ", "", " ".join(str(error).split()))
        return told or type(error).__name__, ""
    return "", answer.headers.get("server", "")


def stranger(url: str, email: str, password: str) -> tuple[str, str]:
    """(check, reason) if it is not this API or does not know the account, else empty: found out in one request and told in
    one line, because every check would otherwise fail with it. Whose mistake it is nobody knows, so it is no FAIL; an
    answer that could be this API's, however wrong, is the parts' to judge."""
    place = f"{urlsplit(url).path or '/api'}/auth/login"
    origin = urlsplit(url)._replace(path="").geturl()
    try:
        with _client(url) as client:
            answer = client.post(origin + place, json={"email": email, "password": password})
    except (httpx.HTTPError, httpx.InvalidURL):
        return "", ""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    if answer.status_code == 401:
        given = "the demo account, because no other is given" if email == DEMO_EMAIL else email
        return (
            "run.account",
            f"the target refuses to log in {given} (401); TCHAT_EMAIL and TCHAT_PASSWORD name one",
        )
    # 501 is what a server says that takes no POST at all, as one for files does.
    ours = answer.status_code == 429 or (answer.status_code >= 500 and answer.status_code != 501)
    if kind.endswith("json") or ours:
        return "", ""
    told = f"POST {place} is {answer.status_code}{f' {kind}' if kind else ''}"
    moved = f" to {answer.headers['location']}" if "location" in answer.headers else ""
    return "run.target", f"{url} answers, but not as this API: {told}{moved}; is it the right URL?"


def _client(url: str) -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, trust_env=not is_loopback(url))
