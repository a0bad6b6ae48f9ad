"""The parser of a target's URL, so that all commands refuse the same URLs with the same messages.

>>> read_target("http://127.0.0.1:8000/api/")
TargetUrl(origin='http://127.0.0.1:8000', path='/api')
"""

import re
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from contracts.command.loopback import is_loopback

ODD = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


class InvalidTarget(ValueError):
    """The user's URL cannot be used. The message is one line, without the URL if that may have a secret."""


class TargetUrl(NamedTuple):
    """The URL of a target in parts. `origin` is scheme, host and port; `path` begins with a slash or is empty."""

    origin: str
    path: str


def read_target(url: str, *, option: str = "--target") -> TargetUrl:
    """The parts of a target's URL. Raises InvalidTarget for anything but scheme, host, port and path."""
    parts = read_url(url, option=option)
    if parts.query or parts.fragment:
        raise InvalidTarget(
            f"{option} {url!r} takes scheme, host, port and path only, no query and no fragment"
        )
    return TargetUrl(f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/"))


def read_url(url: str, *, option: str) -> SplitResult:
    """The parts of an http(s) URL with a valid port. Raises InvalidTarget for any other, and for one with a password."""
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and not ODD.search(url)
        )
    except ValueError:
        good = False
        parts = urlsplit("")
    if "@" in parts.netloc or (not good and "@" in url):
        raise InvalidTarget(f"{option} takes no credentials: they belong into TCHAT_EMAIL and TCHAT_PASSWORD")
    if not good:
        raise InvalidTarget(f"{option} {url!r} is not an http(s) URL like http://127.0.0.1:8000")
    return parts


NO_ORIGIN = "not an origin like https://app.example: scheme, host and no path"


def is_origin(text: str) -> bool:
    """Whether browsers send such a text in `Origin`: scheme, host and perhaps a port (RFC 6454, 6.2)."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.netloc)
        and text == f"{parts.scheme}://{parts.netloc}"
    )


def proxy_for(url: str) -> str:
    """The proxy that the environment names for a URL; empty for none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return "" if is_loopback(host) or proxy_bypass(host) else getproxies().get(parts.scheme, "")
