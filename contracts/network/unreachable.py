"""The line about a target that no client of the harness can talk to: why, in the same words everywhere, and what to do next.

>>> line("https://a.example", "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1010)")
'https://a.example is not trusted: certificate verify failed: self-signed certificate; name its authority with --cacert FILE, or look away with --insecure'
"""

import re
from urllib.parse import urlsplit

from contracts.command.loopback import is_loopback
from contracts.network.printable import printable

_CODES = re.compile(r"\[(?:Errno [-\d]+|SSL[^\]]*)\] | ?\(_ssl\.c:\d+\)")


def line(url: str, why: object) -> str:
    """One line for the user; `why` is an exception of a connection, or its words."""
    told = reason(why)
    verdict = "is not trusted" if _untrusted(told) else "does not answer"
    return f"{url} {verdict}: {told}; {advice(url, told)}"


def reason(why: object) -> str:
    """The words of an error of a connection without the numbers that only its library knows."""
    told = " ".join(_CODES.sub("", str(why)).split())
    return printable(told) or (type(why).__name__ if isinstance(why, Exception) else "no reason given")


def _untrusted(told: str) -> bool:
    return "certificate" in told.lower() and "verif" in told.lower()


def advice(url: str, why: str) -> str:
    """What to do about it. A certificate that is not trusted is no server that is not there."""
    told = why.lower()
    if _untrusted(told):
        return "name its authority with --cacert FILE, or look away with --insecure"
    if "certificate" in told:
        return "it asks for a certificate of ours: --client-cert FILE"
    if "wrong version number" in told or "wrong_version_number" in told or "record layer" in told:
        return f"there is no TLS at that port; is it http://{urlsplit(url).netloc}?"
    if "ssl" in told or "tls" in told or "handshake" in told:
        return "TLS with it failed; is it the right port?"
    if "closed without an answer" in told and urlsplit(url).scheme == "http":
        return f"it accepts connections but speaks no HTTP; is it https://{urlsplit(url).netloc}?"
    if "within" not in told and is_loopback(urlsplit(url).hostname or ""):
        return "start it (python -m mock_server --port 8000), or is it another port?"
    return "is it the right host and port, and may this machine reach it?"
