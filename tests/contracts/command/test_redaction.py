"""Secrets are gone before a text is cut, so that no half of one is left at its end."""

import pytest

from contracts.command.redaction import given, redacted

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9m"


@pytest.mark.parametrize("longest", [None, 20, 30, 47, 48, 200])
def test_no_part_of_a_token_is_shown(longest: int | None) -> None:
    told = redacted(f"login gave {TOKEN} and more", longest=longest)
    assert "eyJ" not in told and "c2ln" not in told and (longest is None or len(told) <= longest)


def test_known_secrets_are_named_and_empty_ones_ignored() -> None:
    assert redacted("ada with hunter2", ("", "hunter2")) == "ada with <secret>"


@pytest.mark.parametrize("text", ["127.0.0.1:8000", "api.tchat.com", "v1.2.3", "contracts.suite.plugin"])
def test_addresses_and_names_stay(text: str) -> None:
    assert redacted(text) == text


def test_the_passwords_of_all_accounts_of_an_environment_are_known() -> None:
    environment = {
        "TCHAT_PASSWORD": "one", "TCHAT_VIEWER": "v@x.org:two:2", "TCHAT_CONTROL": "http://u@h:1/a", "OTHER": "a@b:three",
    }  # fmt: skip
    assert given(environment) == ("one", "two:2")
