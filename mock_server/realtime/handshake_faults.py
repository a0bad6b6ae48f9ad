"""How a handshake that has to be refused passes, or is refused wrongly, when a fault says so."""

from __future__ import annotations

from base64 import urlsafe_b64decode

import msgspec

from mock_server.auth.authentication import Authenticator
from mock_server.auth.tokens import Claims, Refusal, TokenSigner
from mock_server.faults.transform import status, without_header
from mock_server.message import HttpResponse
from mock_server.problem import Problem
from mock_server.rules import Rules, Ruling


class HandshakeFaults:
    def __init__(self, authenticator: Authenticator, signer: TokenSigner, ruling: Ruling) -> None:
        self._authenticator = authenticator
        self._signer = signer
        self._ruling = ruling

    def claims(self, problem: Problem, token: bytes) -> Claims | None:
        """Whom a refused token passes for, if at all."""
        rules = self._ruling.rules
        if problem.code == "TOKEN_MISSING":
            return None if rules.ws_token_needed else self._authenticator.guest()
        access, refresh = self._genuine("access", token), self._genuine("refresh", token)
        if access is not None:
            taken = (
                rules.ws_expired_taken if problem.code == "TOKEN_EXPIRED" else rules.ws_ended_session_taken
            )
            return access if taken else None
        if refresh is not None:
            return refresh if rules.ws_refresh_taken else None
        return None if rules.ws_token_checked else self._authenticator.guest()

    def _genuine(self, kind: str, token: bytes) -> Claims | None:
        """The claims of a token that was signed here, whatever the time is."""
        try:
            payload = urlsafe_b64decode(token.split(b".")[1] + b"==")
            return self._signer.verify(kind, token, msgspec.json.decode(payload, type=Claims).iat)
        except (IndexError, ValueError, msgspec.DecodeError, Refusal):
            return None


def refusal(response: HttpResponse, rules: Rules) -> HttpResponse:
    """A 401 as the rules have it."""
    response = status(401, rules.ws_refusal_status)(response) or response
    if not rules.ws_refusal_challenge:
        response = without_header(b"www-authenticate")(response) or response
    return response
