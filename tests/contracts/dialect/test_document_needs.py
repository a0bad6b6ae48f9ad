"""What checks need of the document: our own promises all of it, and a word that no check knows is a typing error."""

from dataclasses import replace

import pytest

from contracts.dialect.document_needs import NEEDS_OF_DOCUMENT, check_dialect, missing
from contracts.spec import SpecError, load


@pytest.mark.parametrize("need", NEEDS_OF_DOCUMENT)
def test_our_document_promises_all_that_checks_need(need: str) -> None:
    """Some are known by a phrase of its prose, so that another wording would switch checks off in silence."""
    assert missing(load(), (need,)) == ""


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"promises": ["sync odrer"]}, "perhaps 'sync order' is meant"),
        ({"promises": ["zq"]}, "no check needs 'zq'; one of"),
        ({"promises": "sync order"}, "it is a list of names"),
        ({"codes": {"EDIT_CONFLICT": 1}}, "an object from the target's word to ours"),
        ({"memers": {}}, "it has the keys"),
    ],
)
def test_a_dialect_that_cannot_be_meant_is_refused_before_anything_is_sent(told: object, reason: str) -> None:
    spec = load()
    with pytest.raises(SpecError, match=reason):
        check_dialect(replace(spec, document={**spec.document, "x-dialect": told}))
