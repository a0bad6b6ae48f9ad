"""The decision whether a handshake is accepted. A refusal is an HTTP response before any upgrade (rule R12)."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import parse_qs

from contracts.dialect.channel_place import QUERY, ChannelPlace
from mock_server.auth.authentication import Authenticator
from mock_server.auth.tokens import Claims
from mock_server.problem import Problem


class Handshake:
    """The rules for handshakes. `origins` are the origins of pages that may connect; a client without Origin is not a page."""

    def __init__(self, authenticator: Authenticator, origins: tuple[str, ...], place: ChannelPlace) -> None:
        self._authenticator = authenticator
        self._place = place
        self._parameter = place.token.encode() if place.where == QUERY else b""
        self._origins = frozenset(origins)

    def admit(self, query: bytes, headers: Mapping[bytes, bytes]) -> Claims:
        """The claims of the token. Raises Problem with 400, 401 or 403, in this order."""
        tokens = self.query_tokens(query)
        authorization = self.authorization(headers)
        self.require_one_token(tokens, authorization)
        claims = self.claims(tokens, authorization)
        self.require_origin(headers.get(b"origin"))
        return claims

    def query_tokens(self, query: bytes) -> list[bytes]:
        """The tokens in the query, the only place where a browser can send one (R11)."""
        return parse_qs(query, keep_blank_values=True).get(self._parameter, []) if self._parameter else []

    def authorization(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        """The credentials outside the query: Authorization, or what stands behind our name in Sec-WebSocket-Protocol."""
        if self._place.subprotocol is None:
            return headers.get(b"authorization")
        name, _, token = headers.get(b"sec-websocket-protocol", b"").partition(b",")
        return b"Bearer " + token.strip() if name.strip() == self._place.token.encode() else None

    @property
    def subprotocol(self) -> str | None:
        return self._place.subprotocol

    def require_one_token(self, tokens: list[bytes], authorization: bytes | None) -> None:
        if len(tokens) > 1 or (tokens and authorization is not None):
            raise Problem(
                "VALIDATION_FAILED", "One token, in one place (RFC 6750, 2).", details={"errors": []}
            )

    def claims(self, tokens: list[bytes], authorization: bytes | None) -> Claims:
        if tokens:
            return self._authenticator.of_token(tokens[0], "access")
        return self._authenticator.claims(authorization, "access")

    def require_origin(self, origin: bytes | None) -> None:
        if origin is not None and origin.decode("latin-1") not in self._origins:
            raise Problem("FORBIDDEN", "This origin may not connect.")


def is_complete(headers: Mapping[bytes, bytes]) -> bool:
    """Whether version and key of a handshake are valid (RFC 6455, 4.2.1), so that a server may upgrade."""
    return headers.get(b"sec-websocket-version") == b"13" and _has_key(headers)


def _has_key(headers: Mapping[bytes, bytes]) -> bool:
    try:
        return len(b64decode(headers.get(b"sec-websocket-key", b""), validate=True)) == 16
    except binascii.Error:
        return False


def without_upgrade(method: str, headers: Mapping[bytes, bytes]) -> Problem:
    """The error for a request to the channel's path that is not a handshake (426) or an invalid one (400)."""
    if method not in ("GET", "HEAD"):
        return Problem(
            "METHOD_NOT_ALLOWED",
            "This resource speaks WebSocket only.",
            headers=[(b"allow", b"GET, HEAD, OPTIONS")],
        )
    asks = headers.get(b"upgrade", b"").lower() == b"websocket"
    if asks and headers.get(b"sec-websocket-version") == b"13" and not _has_key(headers):
        return Problem(
            "VALIDATION_FAILED", "Sec-WebSocket-Key is not 16 bytes in base64.", details={"errors": []}
        )
    return Problem(
        "UPGRADE_REQUIRED",
        "This resource speaks WebSocket only.",
        headers=[(b"upgrade", b"websocket"), (b"connection", b"Upgrade"), (b"sec-websocket-version", b"13")],
    )
