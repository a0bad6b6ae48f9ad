"""Journeys of the auth flow. Sessions for refresh and logout are spent one at a time; login answers make new ones."""

import re
from collections.abc import Mapping
from typing import Any

from contracts.model.unpromised import is_promised
from load.journeys.data_pool import DataPool, Draft, LoginSession
from load.journeys.journey import DecodedAnswer, Journey, Unlearnable

SECOND = 1_000_000_000
FOREVER = 30 * 86_400 * SECOND


def _login(data_pool: DataPool) -> Draft:
    account = data_pool.next_account()
    return Draft(body={"email": account.email, "password": account.password})


def _learn_login(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    tokens = answer.value["tokens"]
    draft.facts["session"] = data_pool.open(
        tokens["accessToken"], tokens["refreshToken"], at=answer.at, life=_life(tokens)
    )


def _life(tokens: Mapping[str, Any]) -> int:
    """ns; without a lifetime a token lives until it is refused (RFC 6749, 5.1)."""
    lifetime = tokens["expiresIn"]
    return lifetime * SECOND if is_promised(lifetime) else FOREVER


def _refresh(data_pool: DataPool) -> Draft:
    guest = data_pool.spend_guest()
    # The guide's web client sends the content type and no body (S:747-753).
    return Draft(
        headers=(("Content-Type", "application/json"),),
        session=guest,
        guest=guest,
        facts={"session": guest.name, "presented": token_label(guest)},
    )


def token_label(session: LoginSession) -> str:
    """Which refresh token of its session this is, for the checkers; never the token itself."""
    return f"r{session.refreshes}"


def renew(session: LoginSession, answer: DecodedAnswer) -> None:
    """Put the answered pair into the session."""
    tokens = answer.value["tokens"]
    session.access = tokens["accessToken"]
    session.life = _life(tokens)
    session.expires = answer.at + session.life
    if not is_promised(tokens["refreshToken"]):
        return
    if tokens["refreshToken"] == session.refresh:
        raise Unlearnable("the refresh token was not rotated")
    session.refresh = tokens["refreshToken"]
    session.refreshes += 1


def _learn_refresh(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    assert draft.guest is not None
    renew(draft.guest, answer)
    draft.facts["issued"] = token_label(draft.guest)
    data_pool.give_back(draft)


def _logout(data_pool: DataPool) -> Draft:
    guest = data_pool.spend_guest()
    return Draft(session=guest, guest=guest, facts={"session": guest.name})


def _learn_logout(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    """The session is gone on both sides."""
    draft.settle()


def _verify(data_pool: DataPool) -> Draft:
    session = data_pool.caller()
    return Draft(session=session, facts={"session": session.name})


def _learn_verify(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    session_id = answer.value["sessionId"]
    if is_promised(session_id) and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", session_id):
        raise Unlearnable("the session id is not an id")


JOURNEYS = (
    Journey(name="login", expects=200, build=_login, learn=_learn_login),
    Journey(name="refreshTokens", expects=200, build=_refresh, learn=_learn_refresh),
    Journey(name="logout", expects=200, build=_logout, learn=_learn_logout),
    Journey(name="verifyToken", expects=200, build=_verify, learn=_learn_verify),
)
