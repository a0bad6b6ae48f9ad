"""The message about a target to which no client can connect: the reason, and what to do next.

>>> line("https://a.example", "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1010)")
'https://a.example is not trusted: certificate verify failed: self-signed certificate; name its authority with --cacert FILE, or look away with --insecure'
"""

import re
from urllib.parse import urlsplit

from contracts.command.loopback import is_loopback
from contracts.network.printable import printable
from contracts.network.target_url import proxy_for

_CODES = re.compile(r"\[(?:Errno [-\d]+|SSL[^\]]*)\] | ?\(_ssl\.c:\d+\)")


def line(url: str, why: object) -> str:
    """One line for the user. `why` is the exception of a connection, or its text."""
    cause = reason(why)
    verdict = "is not trusted" if _untrusted(cause) else "does not answer"
    return f"{url} {verdict}: {cause}; {advice(url, cause)}"


def reason(why: object) -> str:
    """The text of a connection error, without the error numbers of its library."""
    text = " ".join(_CODES.sub("", str(why)).split())
    return printable(text) or (type(why).__name__ if isinstance(why, Exception) else "no reason given")


def _untrusted(text: str) -> bool:
    return "certificate" in text.lower() and "verif" in text.lower()


def advice(url: str, why: str) -> str:
    """The advice for a connection error, by its text."""
    text = why.lower()
    if _untrusted(text):
        return "name its authority with --cacert FILE, or look away with --insecure"
    if "certificate" in text:
        return "it asks for a certificate of ours: --client-cert FILE"
    if "wrong version number" in text or "wrong_version_number" in text or "record layer" in text:
        return f"there is no TLS at that port; is it http://{urlsplit(url).netloc}?"
    if "ssl" in text or "tls" in text or "handshake" in text:
        return "TLS with it failed; is it the right port?"
    if "closed without an answer" in text and urlsplit(url).scheme == "http":
        return f"it accepts connections but speaks no HTTP; is it https://{urlsplit(url).netloc}?"
    if "within" not in text and is_loopback(urlsplit(url).hostname or ""):
        return "start it (python -m mock_server --port 8000), or is it another port?"
    if proxy_for(url):
        return "targets are called directly, whatever HTTP_PROXY and HTTPS_PROXY name; may this machine reach it?"
    return "is it the right host and port, and may this machine reach it?"
