"""Every edit of the real document sets off its rules and no other; every rule is set off by some edit."""

import pickle
from functools import cache
from typing import Any

import pytest
import yaml

from contracts import spec
from reports.compat import RULES, Difference, Severity, compare
from reports.compat.difference import REMARKED
from reports.compat.pointers import split_pointer
from reports.compat.schema.schema_shape import resolve
from tests.reports.compat import operation_rows, schema_rows
from tests.reports.compat.edits import EDITS, Document, Edit
from tests.reports.compat.small_documents import asking, differences, telling

RANK = ["none", *(severity.value for severity in reversed(Severity))]


@cache
def real() -> Document:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read: Document = yaml.load(spec.default_path().read_bytes(), Loader=loader)
    return read


@cache
def pickled() -> bytes:
    return pickle.dumps(real())


def parsed(document: Document) -> spec.Spec:
    """Without the detour over YAML text, which takes most of a second for each edit."""
    return spec.Spec(
        title="",
        version="",
        digest="",
        prefixes=(),
        operations={},
        document=document,
    )


@cache
def whole() -> spec.Spec:
    return parsed(real())


def versions(edit: Edit) -> tuple[spec.Spec, spec.Spec]:
    # Three times as fast as copies, which would be half of these tests' time.
    before: Document = pickle.loads(pickled())
    edit.before(before)
    after: Document = pickle.loads(pickle.dumps(before))
    edit.change(after)
    return (whole() if before == real() else parsed(before)), parsed(after)


@cache
def found(edit: Edit) -> tuple[Difference, ...]:
    return compare(*versions(edit))


def worst(changes: tuple[Difference, ...]) -> str:
    return max((change.severity.value for change in changes), key=RANK.index, default="none")


@pytest.mark.parametrize("edit", [pytest.param(edit, id=edit.id) for edit in EDITS])
def test_an_edit_is_told_as_what_it_is_and_where(edit: Edit) -> None:
    old, new = versions(edit)
    changes = found(edit)
    assert {change.rule for change in changes} == edit.rules
    assert worst(changes) == edit.severity
    for change in changes:
        place: Any = resolve((new if change.side == "new" else old).document, f"#{change.pointer}")
        assert place is not None and split_pointer(change.pointer), change
        assert change.text and "\n" not in change.text


def test_every_rule_is_set_off() -> None:
    edited = {rule for edit in EDITS for rule in edit.rules}
    drawn = {rule for *_, rules in operation_rows.ROWS for rule in rules}
    schemas = {
        change.rule
        for _, old, new, *_ in schema_rows.ROWS
        for made in (asking, telling)
        for change in differences(made(old), made(new))
    }
    assert not set(RULES) - edited - drawn - schemas
    assert set(RULES) >= REMARKED
