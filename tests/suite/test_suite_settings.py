"""Targets and accounts are read as the user meant them, and a wrong call is one line."""

import pytest

from contracts.suite.world.suite_settings import UsageError, settings


@pytest.mark.parametrize(
    ("options", "environment", "base", "writes"),
    [
        pytest.param({}, {}, "/api", True, id="embedded"),
        pytest.param(
            {"target": "http://localhost:8000"}, {}, "http://localhost:8000/api", True, id="loopback"
        ),
        pytest.param({"target": "http://[::1]:8000/"}, {}, "http://[::1]:8000/api", True, id="loopback-6"),
        pytest.param(
            {"target": "https://api.example/v1"}, {}, "https://api.example/v1", False, id="path-in-url"
        ),
        pytest.param(
            {"target": "https://api.example", "base-path": "/"},
            {},
            "https://api.example",
            False,
            id="at-the-root",
        ),
        pytest.param(
            {"target": "https://api.example", "own": True}, {}, "https://api.example/api", True, id="owned"
        ),
        pytest.param({"own": True, "read-only": True}, {}, "/api", False, id="read-only"),
        pytest.param(
            {}, {"TCHAT_TARGET": "http://127.0.0.1:1"}, "http://127.0.0.1:1/api", True, id="environment"
        ),
        pytest.param(
            {"target": "http://127.0.0.1:2"},
            {"TCHAT_TARGET": "http://h"},
            "http://127.0.0.1:2/api",
            True,
            id="option-wins",
        ),
    ],
)
def test_settings(options: dict[str, object], environment: dict[str, str], base: str, writes: bool) -> None:
    made = settings(options, environment)
    assert (made.base, made.writes) == (base, writes)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"target": "api.example"}, id="no-scheme"),
        pytest.param({"target": "https://api.example"}, id="not-ours"),
        pytest.param({"viewer": "nobody"}, id="no-password"),
        pytest.param({"base-path": "/v7"}, id="path-without-target"),
        pytest.param({"origin": "app.example"}, id="origin-without-scheme"),
        pytest.param({"origin": "https://app.example/"}, id="origin-with-path"),
        pytest.param({"origin": "*"}, id="origin-any"),
    ],
)
def test_a_wrong_call_is_one_line(options: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        settings(options, {}, insist=True)
    assert "\n" not in str(caught.value)


def test_strangers_accounts_are_guessed_on_this_machine_only() -> None:
    assert set(settings({"target": "http://127.0.0.1:1"}, {}).accounts) == {
        "owner",
        "editor",
        "viewer",
        "ingest",
        "stranger",
    }
    assert set(settings({"target": "https://api.example"}, {}).accounts) == {"owner"}
