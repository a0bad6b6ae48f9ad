"""Journeys of the auth flow. Sessions for refresh and logout are spent one at a time; login answers make new ones."""

from __future__ import annotations

import re

from load.journeys.journey import Answer, Journey, Unlearnable
from load.world import Draft, Session, World

SECOND = 1_000_000_000


def _login(world: World) -> Draft:
    account = world.account
    return Draft(body={"email": account.email, "password": account.password})


def _learn_login(world: World, draft: Draft, answer: Answer) -> None:
    tokens = answer.value["tokens"]
    world.user = answer.value["user"]["id"]
    session = Session(
        name=f"{world.name}.s{world.serial()}",
        access=tokens["accessToken"],
        refresh=tokens["refreshToken"],
        expires=answer.at + tokens["expiresIn"] * SECOND,
        life=tokens["expiresIn"] * SECOND,
    )
    draft.facts["session"] = session.name
    world.welcome(session)


def _refresh(world: World) -> Draft:
    guest = world.spend_guest()
    # The guide's web client sends the content type and no body (S:747-753).
    return Draft(
        headers=(("Content-Type", "application/json"),),
        session=guest,
        guest=guest,
        facts={"session": guest.name, "presented": token_label(guest)},
    )


def token_label(session: Session) -> str:
    """Which refresh token of its session this is, for the checkers; never the token itself."""
    return f"r{session.refreshes}"


def renew(session: Session, answer: Answer) -> None:
    """Put the answered pair into the session."""
    tokens = answer.value["tokens"]
    if tokens["refreshToken"] == session.refresh:
        raise Unlearnable("the refresh token was not rotated")
    session.access = tokens["accessToken"]
    session.refresh = tokens["refreshToken"]
    session.life = tokens["expiresIn"] * SECOND
    session.expires = answer.at + session.life
    session.refreshes += 1


def _learn_refresh(world: World, draft: Draft, answer: Answer) -> None:
    assert draft.guest is not None
    renew(draft.guest, answer)
    draft.facts["issued"] = token_label(draft.guest)
    world.give_back(draft)


def _logout(world: World) -> Draft:
    guest = world.spend_guest()
    return Draft(session=guest, guest=guest, facts={"session": guest.name})


def _learn_logout(world: World, draft: Draft, answer: Answer) -> None:
    """The session is gone on both sides."""
    draft.settle()


def _verify(world: World) -> Draft:
    session = world.caller()
    return Draft(session=session, facts={"session": session.name})


def _learn_verify(world: World, draft: Draft, answer: Answer) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", answer.value["sessionId"]):
        raise Unlearnable("the session id is not an id")


JOURNEYS = (
    Journey(name="login", expects=200, build=_login, learn=_learn_login),
    Journey(name="refreshTokens", expects=200, build=_refresh, learn=_learn_refresh),
    Journey(name="logout", expects=200, build=_logout, learn=_learn_logout),
    Journey(name="verifyToken", expects=200, build=_verify, learn=_learn_verify),
)
