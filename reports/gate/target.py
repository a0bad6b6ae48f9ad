"""The server under test, as a URL: is it one, is it this machine, does anything answer?

Any HTTP answer counts, whatever its status: what it means is for the parts to find out.

>>> is_loopback("http://127.0.0.1:8000"), is_loopback("https://api.tchat.com")
(True, False)
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import httpx

from reports.exitcode import ExitCode, Stop

TIMEOUT = 5.0


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
        with httpx.Client(timeout=TIMEOUT, trust_env=not is_loopback(url)) as client:
            answer = client.get(url + "/")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return " ".join(str(error).split()) or type(error).__name__, ""
    return "", answer.headers.get("server", "")
