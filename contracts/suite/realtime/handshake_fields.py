"""The header fields of a valid handshake, with the key of RFC 6455 and the answer to it.

>>> sorted(upgrade(Upgrade="", Origin="https://a.example"))
['Connection', 'Origin', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version']
"""

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
