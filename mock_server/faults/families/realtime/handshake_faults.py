"""Faults of handshakes: invalid ones are accepted, or they are refused wrongly."""

from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from typing import Any

from mock_server.auth.tokens import Claims, Refusal, TokenSigner
from mock_server.faults.families import entry
from mock_server.faults.families.access.token_faults import guest
from mock_server.faults.fault import WrappedStep
from mock_server.faults.transform import status, without_header
from mock_server.faults.wrappers import at, result, returns, skipped
from mock_server.message import HttpResponse
from mock_server.problem import Problem
from mock_server.realtime.adapter import SocketAdapter
from mock_server.realtime.handshake import Handshake
from mock_server.realtime.hub import Hub
from mock_server.store.session_store import SessionStore

_fault = partial(entry.wrapped, "realtime")

Refused = Callable[[WrappedStep, Problem, bytes], Claims | None]


def _genuine(step: WrappedStep, kind: str, token: bytes) -> Claims | None:
    """The claims of a token with a valid signature, whatever the time."""
    try:
        return step.part(TokenSigner).read(kind, token)
    except Refusal:
        return None


def _without(step: WrappedStep, problem: Problem, token: bytes) -> Claims | None:
    return guest(step.part(SessionStore)) if problem.code == "TOKEN_MISSING" else None


def _malformed(step: WrappedStep, problem: Problem, token: bytes) -> Claims | None:
    known = (
        problem.code == "TOKEN_MISSING" or _genuine(step, "access", token) or _genuine(step, "refresh", token)
    )
    return None if known else guest(step.part(SessionStore))


def _expired(step: WrappedStep, problem: Problem, token: bytes) -> Claims | None:
    return _genuine(step, "access", token) if problem.code == "TOKEN_EXPIRED" else None


def _ended(step: WrappedStep, problem: Problem, token: bytes) -> Claims | None:
    return _genuine(step, "access", token) if problem.code == "TOKEN_INVALID" else None


def _refresh(step: WrappedStep, problem: Problem, token: bytes) -> Claims | None:
    return _genuine(step, "refresh", token)


def _passing(judge: Refused) -> Any:
    """A wrapper that accepts a refused token with the claims that `judge` returns, if any."""

    def by(step: WrappedStep, tokens: list[bytes], authorization: bytes | None) -> Any:
        try:
            return step(tokens, authorization)
        except Problem as problem:
            token = tokens[0] if tokens else (authorization or b"").partition(b" ")[2].strip()
            claims = judge(step, problem, token)
            if claims is None:
                raise
            return claims

    return by


def _any_method(step: WrappedStep, method: str, headers: Mapping[bytes, bytes]) -> Any:
    return step("OPTIONS" if method == "OPTIONS" else "GET", headers)


async def _after_upgrade(
    step: WrappedStep, scope: MutableMapping[str, Any], send: Any, problem: Problem
) -> None:
    if problem.status != 401:
        return await step(scope, send, problem)  # type: ignore[no-any-return]
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": step.part(Hub).session_code(), "reason": problem.code})
    return None


def _forbidden(response: HttpResponse) -> HttpResponse:
    return status(401, 403)(response) or response


def _unchallenged(response: HttpResponse) -> HttpResponse:
    return without_header(b"www-authenticate")(response) or response


HANDSHAKE = (
    _fault("ws-no-auth", "R12", "A handshake needs no token.", "realtime.refused", "",
           at(Handshake.claims, _passing(_without))),
    _fault("ws-token-unchecked", "R12", "A malformed token opens a socket.", "realtime.refused", "",
           at(Handshake.claims, _passing(_malformed))),
    _fault("ws-expired-accepted", "R12", "An expired token opens a socket.", "realtime.expired-refused", "",
           at(Handshake.claims, _passing(_expired))),
    _fault("ws-refresh-accepted", "R5", "A refresh token opens a socket.", "realtime.refused", "",
           at(Handshake.claims, _passing(_refresh))),
    _fault("ws-ended-session-accepted", "F4", "A token of an ended session opens a socket.", "realtime.ended-session-refused", "",
           at(Handshake.claims, _passing(_ended))),
    _fault("ws-two-tokens-accepted", "RFC 6750 2", "Two tokens in one handshake are accepted.", "realtime.refused", "",
           at(Handshake.require_one_token, skipped)),
    _fault("ws-query-token-ignored", "R11", "The token in the query does not count, so no browser gets in.",
           "realtime.handshake", "", at(Handshake.query_tokens, returns([]))),
    _fault("ws-subprotocol-chosen", "asyncapi", "A subprotocol that the client offers is taken.", "realtime.handshake", "",
           at(SocketAdapter.subprotocol, lambda step, scope: next(iter(scope.get("subprotocols", [])), None))),
    _fault("ws-methods-unchecked", "asyncapi", "A POST to the channel is 426, not 405.", "realtime.methods", "",
           at(SocketAdapter.over_http, _any_method)),
    _fault("ws-origin-unchecked", "R9", "Any Origin is accepted.", "realtime.refused", "",
           at(Handshake.require_origin, skipped)),
    _fault("ws-refused-after-upgrade", "R12", "A bad token is told by a close code after the upgrade.", "realtime.refused", "",
           at(SocketAdapter.refuse, _after_upgrade)),
    _fault("ws-refused-403", "R12", "A bad token is 403.", "realtime.refused", "",
           at(SocketAdapter.refusal, result(_forbidden))),
    _fault("ws-challenge-missing", "RFC 9110 15.5.2", "A refusal has no WWW-Authenticate.", "realtime.refused", "",
           at(SocketAdapter.refusal, result(_unchallenged))),
)  # fmt: skip
