"""The header fields of a valid handshake, with the key of RFC 6455 and the answer to it; and a handshake as an exchange.

>>> sorted(upgrade(Upgrade="", Origin="https://a.example"))
['Connection', 'Origin', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version']
"""

import time
from collections.abc import Mapping

from contracts.suite.client.http_exchange import Exchange, HttpRequest

KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The sample handshake of RFC 6455, 1.3."""


def upgrade(**more: str) -> dict[str, str]:
    """The headers of a valid handshake, with replacements; an empty value removes one."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": KEY,
    }
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    return {name: value for name, value in headers.items() if value}


def handshake_exchange(
    request: HttpRequest, status: int, headers: Mapping[str, str], sent: int, body: bytes = b""
) -> Exchange:
    """The exchange of a handshake that was `sent` at this time and has just been answered."""
    return Exchange(
        operation="", request=request, status=status, headers=headers, body=body, sent=sent, done=time.monotonic_ns()
    )  # fmt: skip
