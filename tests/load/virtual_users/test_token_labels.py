"""Tokens have names in the history, and none is in it."""

from load.virtual_users.http_session import KEPT, TokenLabels


def test_a_session_through_two_refreshes() -> None:
    labels = TokenLabels("p")
    assert labels.login("a1", "r1") == "p.s1"
    assert labels.refreshed("r1", "a2", "r2") == ("p.s1.r0", "p.s1.r1")
    assert labels.refreshed("r2", "a3", "r3") == ("p.s1.r1", "p.s1.r2")
    assert {labels.session(token) for token in ("a1", "a2", "a3", "r1", "r3")} == {"p.s1"}


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
