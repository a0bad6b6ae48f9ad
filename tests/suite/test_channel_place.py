"""Where the realtime channel of a foreign server is: beside its operations, or at the root of its host."""

from types import SimpleNamespace
from typing import Any

import pytest

from contracts.dialect.channel_place import ChannelPlace
from contracts.suite.api import capabilities
from contracts.suite.api.capabilities import Capabilities

HOST = "http://127.0.0.1:1"


def found(monkeypatch: pytest.MonkeyPatch, *, opens_at: str, foreign: bool, prefix: str = "/api") -> str:
    """The place that the suite uses, of a target whose channel opens at one place only."""
    monkeypatch.setattr(capabilities, "opens", lambda target, session: target.channel_base == opens_at)
    target: Any = SimpleNamespace(
        settings=SimpleNamespace(channel=ChannelPlace(), origin="x"), embedded=False, host=HOST, base=f"{HOST}{prefix}",
        channel_base=f"{HOST}{prefix}", dialect=object() if foreign else None,
    )  # fmt: skip
    accounts: Any = SimpleNamespace(session=lambda role: None, can_log_in=bool)
    assert Capabilities(target, accounts).has("channel")
    return str(target.channel_base)


@pytest.mark.parametrize(
    ("opens_at", "foreign", "place"),
    [
        pytest.param(f"{HOST}/api", True, f"{HOST}/api", id="beside the operations"),
        pytest.param(HOST, True, HOST, id="at the root"),
        pytest.param("nowhere", True, f"{HOST}/api", id="nowhere: told of where it should be"),
        pytest.param(
            HOST, False, f"{HOST}/api", id="our own document says both, so one that is missing is a failure"
        ),
    ],
)
def test_the_place_of_the_channel(
    monkeypatch: pytest.MonkeyPatch, opens_at: str, foreign: bool, place: str
) -> None:
    assert found(monkeypatch, opens_at=opens_at, foreign=foreign) == place
