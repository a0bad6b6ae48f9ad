"""`--check-answers`: what is judged anew, and what is known to be right."""

import pytest

from contracts.spec import load
from mock_server.http import answer_check
from mock_server.http.answer_check import AnswerCheck
from mock_server.message import HttpResponse, ReceivedRequest

SPEC = load()
READ = SPEC["getContentCategories"]
HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"private, no-cache")]
RIGHT, WRONG = b'{"data":[]}', b'{"data":{}}'


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies that were looked at."""
    seen: list[bytes] = []
    original = answer_check.violations

    def violations(spec: object, operation: object, status: int, headers: object, body: bytes) -> object:
        seen.append(body)
        return original(spec, operation, status, headers, body)  # type: ignore[arg-type]

    monkeypatch.setattr(answer_check, "violations", violations)
    return seen


def answer(check: AnswerCheck, body: bytes, *, method: str = "GET", status: int = 200) -> str:
    return check.first_violation(
        READ, ReceivedRequest(method, b"/content/categories"), HttpResponse(status, list(HEADERS), body)
    )


def test_what_was_right_once_is_not_looked_at_again(judged: list[bytes]) -> None:
    check = AnswerCheck(SPEC)
    assert [answer(check, RIGHT) for _ in range(3)] == [""] * 3
    assert judged == [RIGHT]


def test_what_was_wrong_is_wrong_each_time(judged: list[bytes]) -> None:
    check = AnswerCheck(SPEC)
    answer(check, RIGHT)
    told = [answer(check, WRONG) for _ in range(2)]
    assert told[0] == told[1] and told[0].startswith("GET /content/categories answered 200, but")
    assert judged == [RIGHT, WRONG, WRONG]


def test_another_status_or_header_is_another_answer() -> None:
    check = AnswerCheck(SPEC)
    assert not answer(check, RIGHT)
    assert "418 is not documented" in answer(check, RIGHT, status=418)
    assert "no Content-Type" in check.first_violation(
        READ, ReceivedRequest("GET", b"/"), HttpResponse(200, HEADERS[1:], RIGHT)
    )


def test_it_forgets_before_it_grows(judged: list[bytes]) -> None:
    check = AnswerCheck(SPEC, most=len(RIGHT))
    others = [RIGHT + b" " * n for n in range(1, 4)]
    for body in (*others, RIGHT):
        assert not answer(check, body)
    assert not answer(check, others[0])
    assert judged.count(others[0]) == 2
    assert check._size <= 2 * max(map(len, others))
