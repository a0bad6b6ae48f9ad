"""The errors of the mock in the form that another document has for them: whatever that is, they keep its schema."""

import json
from pathlib import Path

import pytest

from contracts.dialect import dialect_of
from contracts.dialect.serving import ServingDialect
from contracts.schema import compile_schema
from contracts.spec import canonical, load
from mock_server.problem import Problem
from tests.contracts.dialect.edited_contracts import (
    LISTED_ERRORS,
    PLAIN_ERROR,
    SPRING_ERROR,
    WRAPPED_ERROR,
    Edit,
    errors_as,
)
from tests.suite.foreign.foreign_document import FLAG, TEXT, many, record

FORMS = {
    "plain": PLAIN_ERROR,
    "wrapped": WRAPPED_ERROR,
    "wrapped beside a flag": record(success={"const": False}, error=PLAIN_ERROR),
    "Spring Boot": SPRING_ERROR,
    "JSON:API": LISTED_ERRORS,
    "a word": record("error_description", error={"enum": ["not_found", "invalid"]}, error_description=TEXT),
    "a text": record(detail=TEXT),
    "what FastAPI tells of a body": record(detail=many(record(loc=many(TEXT), msg=TEXT, type=TEXT))),
    "a message": record(message=TEXT),
    "a number in place of a code": record(code={"type": "integer"}, message=TEXT, retry=FLAG),
}
REFUSALS = [
    (operation.id, status, json.loads(Problem(code, "It is so.", details={"field": 1}).response("r").body))
    for operation in canonical()
    for status, answer in operation.answers.items()
    for code in answer.codes
]
"""(operation, status, our problem document) of each error that our document knows."""


@pytest.mark.parametrize("name", FORMS)
def test_every_error_keeps_the_schema(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, path in Edit(name, change=errors_as(FORMS[name])).environment(tmp_path).items():
        monkeypatch.setenv(variable, path)
    theirs = load()
    dialect = dialect_of(theirs)
    assert dialect is not None and len(REFUSALS) > 50
    serving, judge = ServingDialect(dialect), compile_schema(theirs, FORMS[name])
    for operation, status, problem in REFUSALS:
        media, told = serving.answer(theirs[operation], status, problem)
        assert media == "application/json"
        assert [error.message for error in judge.iter_errors(told)] == []
