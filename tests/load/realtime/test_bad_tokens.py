"""How a bad token is refused is judged by what the target's document says of the channel."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.spec import Spec, canonical
from contracts.spec.document import parse
from contracts.verdict import Grade
from load.realtime.storm.storm_verdicts import judge_tokens
from tests.suite.foreign.foreign_document import document

OURS, THEIRS = canonical(), parse(json.dumps(document()).encode())


@pytest.mark.parametrize(
    ("spec", "status", "grade"),
    [
        pytest.param(OURS, 401, Grade.PASS, id="as documented"),
        pytest.param(OURS, 403, Grade.FAIL, id="another status than documented"),
        pytest.param(OURS, 101, Grade.FAIL, id="after the upgrade"),
        pytest.param(THEIRS, 401, Grade.PASS, id="401"),
        pytest.param(THEIRS, 403, Grade.PASS, id="403, as frameworks refuse a handshake"),
        pytest.param(THEIRS, 101, Grade.PASS, id="perhaps closed after the upgrade, which the suite sees"),
        pytest.param(THEIRS, 500, Grade.FAIL, id="a server error"),
        pytest.param(THEIRS, 0, Grade.FAIL, id="no answer"),
        pytest.param(OURS, 426, Grade.UNKNOWN, id="a gateway that forgets the upgrade"),
    ],
)
def test_a_bad_token_is_refused_as_the_document_says(spec: Spec, status: int, grade: Grade) -> None:
    channel = SimpleNamespace(path=lambda token: "/ws", status=lambda token: status)
    api: Any = SimpleNamespace(spec=spec, channel=channel, token="t")
    assert judge_tokens(api).grade is grade


@pytest.mark.parametrize(
    ("answers", "grade"), [((0, 401), Grade.PASS), ((0, 0), Grade.FAIL), ((0, 101), Grade.FAIL)]
)
def test_silence_is_asked_once_more(answers: tuple[int, int], grade: Grade) -> None:
    asked: dict[str | None, int] = {}

    def status(token: str | None) -> int:
        asked[token] = asked.get(token, 0) + 1
        return answers[asked[token] - 1]

    api: Any = SimpleNamespace(
        spec=OURS, channel=SimpleNamespace(path=lambda token: "/ws", status=status), token="t"
    )
    assert judge_tokens(api).grade is grade and set(asked.values()) == {2}
