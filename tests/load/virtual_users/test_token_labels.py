"""Tokens have names in the history, and none is in it."""

import pytest

from load.virtual_users.http_session import KEPT, TokenLabels


@pytest.mark.parametrize("name", ["p", "p0.realtime3", "p0.r1"])
def test_a_session_through_two_refreshes(name: str) -> None:
    """Users of the scenario `realtime` have its name in theirs; all of them were one session, that which the first logout ended."""
    labels = TokenLabels(name)
    session = f"{name}.s1"
    assert labels.login("a1", "r1") == session
    assert labels.refreshed("r1", "a2", "r2") == (f"{session}.r0", f"{session}.r1")
    assert labels.refreshed("r2", "a3", "r3") == (f"{session}.r1", f"{session}.r2")
    assert {labels.session(token) for token in ("a1", "a2", "a3", "r1", "r3")} == {session}


def test_the_same_pair_again_has_the_same_name() -> None:
    """Within the grace a server answers the same successor to every use of a token (R6)."""
    labels = TokenLabels("p")
    labels.login("a1", "r1")
    assert labels.refreshed("r1", "a2", "r2") == labels.refreshed("r1", "a2", "r2")


def test_another_login_is_another_session() -> None:
    labels = TokenLabels("p")
    labels.login("a1", "r1")
    assert labels.login("a2", "r2") == "p.s2"
    assert (labels.session("a1"), labels.session("a2"), labels.session("unknown")) == ("p.s1", "p.s2", "")


def test_old_tokens_are_forgotten() -> None:
    labels = TokenLabels("p")
    labels.login("a0", "r0")
    for n in range(KEPT):
        labels.refreshed(f"r{n}", f"a{n + 1}", f"r{n + 1}")
    assert (labels.session("a0"), labels.session(f"a{KEPT}")) == ("", "p.s1")
