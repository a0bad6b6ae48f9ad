"""The protection of a local interface against requests from web pages in a browser on this machine.

A page can reach a loopback server in two ways: from a name that resolves to 127.0.0.1 (DNS rebinding; the Host field then has that name),
or by a cross-site request, which browsers mark with `Origin` and `Sec-Fetch-Site` (Fetch Metadata). Other programs send neither, so
refusing both does no harm.

>>> refusal({"Host": "127.0.0.1:8089"}) is None
True
>>> refusal({"Host": "tchat.attacker.example:8089"})
'the Host field names another machine (tchat.attacker.example)'
>>> refusal({"Host": "localhost:8089", "Origin": "https://attacker.example"})
'the request comes from a page of another origin (https://attacker.example)'
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from contracts.command.loopback import is_loopback

LONGEST = 80
"""The most characters of a field that a refusal shows."""


def refusal(headers: Mapping[str, str], *, loopback_only: bool = True) -> str | None:
    """The reason to refuse a request with these fields, or None. If not `loopback_only`, the user has opened the interface to other
    machines, so every Host is allowed; other origins stay refused."""
    fields = {name.lower(): value for name, value in headers.items()}
    authority = fields.get("host", "")
    host = _host(authority)
    if loopback_only and not is_loopback(host):
        return (
            f"the Host field names another machine ({_shown(host)})"
            if host
            else "the request has no Host field"
        )
    origin = fields.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != authority.lower():
        return f"the request comes from a page of another origin ({_shown(origin)})"
    if fields.get("sec-fetch-site", "none").lower() not in ("none", "same-origin"):
        return "the request comes from a page of another site"
    return None


def _host(authority: str) -> str:
    """The host of an authority, without the port."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:LONGEST])
