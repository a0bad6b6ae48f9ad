"""Whether a request to an interface of this machine may come from a web page, which nobody asked to act here.

Two ways lead from a page to a server on loopback: a page of a name that resolves to 127.0.0.1 (DNS rebinding: the Host field still
has that name), and a plain cross-site request, which a browser marks by `Origin` and `Sec-Fetch-Site` (Fetch Metadata). Programs
send neither, so both are refused without harm.

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
"""Characters of a field that are repeated in a refusal."""


def refusal(headers: Mapping[str, str], *, loopback_only: bool = True) -> str | None:
    """Why a request with these fields is refused, or None. Not `loopback_only`: whoever runs it has opened it to other machines,
    so every Host is right, and a page may still only ask its own server."""
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
    """Without the port."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:LONGEST])
