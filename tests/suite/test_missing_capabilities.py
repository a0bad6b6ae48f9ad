"""What a target lacks is told with its true reason: what somebody named is not told as if nobody had."""

from types import SimpleNamespace
from typing import Any

import pytest

from contracts.suite.api import capabilities
from contracts.suite.api.capabilities import Capabilities
from contracts.suite.world.suite_settings import settings


@pytest.mark.parametrize(
    ("need", "options", "told"),
    [
        pytest.param("viewer", {"viewer": "a@b:c"}, "refuses to log in a@b, the account of --viewer", id="a named account"),
        pytest.param("stranger", {"stranger": "a@b:c"}, "the account of --stranger", id="another"),
        pytest.param("viewer", {}, "there is no account that may only read (--viewer", id="a demo account"),
        pytest.param("write", {}, "the account has no permission content:write", id="an account that may not write"),
        pytest.param("write", {"read-only": True}, "(--read-only", id="a target that may not be written to"),
        pytest.param("control", {"control": "http://127.0.0.1:1/c"}, "answers at http://127.0.0.1:1/c (--control)", id="a named interface"),
        pytest.param("control", {"control": "off"}, "is switched off (--control off)", id="one that is switched off"),
        pytest.param("expiry", {}, "live 900 s, a check waits for 30 s at most (--budget 9000s lets it wait), and the target has no control", id="tokens that live long"),
        pytest.param("expiry", {"budget": "2h"}, "a check waits for 720 s at most", id="tokens that live longer than there is time"),
        pytest.param("control", {}, "the target has no control interface (/_control)", id="nobody named one"),
    ],
)  # fmt: skip
def test_the_reason_is_the_true_one(
    monkeypatch: pytest.MonkeyPatch, need: str, options: dict[str, Any], told: str
) -> None:
    monkeypatch.setattr(capabilities, "find", lambda *_: None)
    chosen = settings({"target": "http://127.0.0.1:1", **options}, {}, insist=True)
    target: Any = SimpleNamespace(settings=chosen, embedded=False)
    accounts: Any = SimpleNamespace(
        session=lambda role: SimpleNamespace(permissions=(), life=900.0), can_log_in=lambda role: False
    )
    assert told in Capabilities(target, accounts).missing(need)


@pytest.mark.parametrize(
    ("life", "budget", "waits"), [(30.0, "", True), (31.0, "", False), (60.0, "10m", True)]
)
def test_a_token_that_lives_shortly_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, life: float, budget: str, waits: bool
) -> None:
    monkeypatch.setattr(capabilities, "find", lambda *_: None)
    target: Any = SimpleNamespace(
        settings=settings({"target": "http://127.0.0.1:1", "budget": budget}, {}), embedded=False
    )
    accounts: Any = SimpleNamespace(session=lambda role: SimpleNamespace(life=life), can_log_in=bool)
    assert Capabilities(target, accounts).has("expiry") == waits
