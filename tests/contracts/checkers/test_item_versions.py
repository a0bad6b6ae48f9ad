"""The linear-time checker of versions: clean histories pass, each planted defect is told by its rule."""

import pytest

from contracts.checkers.item_versions import versions
from contracts.verdict import Grade
from tests.contracts.checkers.history_drawing import answered, history

CLEAN = [
    pytest.param("a: |-create v1-| |-update v2-| |-read v2-|", id="one-client"),
    pytest.param(
        """
        a: |-create v1-|   |-------update v2-------|
        b:                   |-read v1-| |-read v2-|
        """,
        id="a-read-beside-the-write-sees-either",
    ),
    pytest.param(
        """
        a: |-create v1-|   |---update v2---|
        b:                                 |-read v1-|
        """,
        id="touching-is-concurrent",
    ),
    pytest.param(
        """
        a: |-create v1-|  |-archive-|
        b:                             |-read v2-|
        """,
        id="archive-made-the-version",
    ),
    pytest.param("a: |-create v1-| |-archive-| |-archive-| |-read v2-|", id="the-second-archive-made-none"),
    pytest.param("a: |-create v1-| |-publish v2-| |-publish v2-|", id="the-second-publish-made-none"),
    pytest.param(
        "a: |-create v1-| |-update v2 ...\nb:                                 |-read v2-|",
        id="lost-answer-happened",
    ),
    pytest.param(
        "a: |-create v1-| |-update v2 ...\nb:                                 |-read v1-|",
        id="lost-answer-did-not",
    ),
    pytest.param(
        """
        a: |-create v1-| |-archive ...
        b:                                   |-read v1-| |-read v2-|
        """,
        id="lost-answer-happens-late",
    ),
    pytest.param(
        "a: |-create v1-| |-update v2-| |-old v1-| |-read v2-|", id="an-old-version-is-no-stale-read"
    ),
    pytest.param("a: |-read v7-| |-update v8-| |-old v3-|", id="adopted-item"),
    pytest.param(
        """
        a: |-create v1-| |---update v2---|
        b:                 |-conflict v2 base=1-|
        """,
        id="conflict-sees-the-winner",
    ),
]

BROKEN = [
    pytest.param("a: |-create v1-|\nb:                |-update v2-|\nc:                 |-update v2-|", "two-winners", id="two-winners"),
    pytest.param("a: |-create v1-| |-update v2-| |-read v1-|", "went-back", id="stale-read"),
    pytest.param("a: |-create v1-| |-update v2-| |-update v3-| |-conflict v2 base=1-|", "went-back", id="stale-conflict"),
    pytest.param("a: |-create v1-| |-read v2-| |-update v2-|", "before-write", id="dirty-read"),
    pytest.param("a: |-create v1-| |-old v2-| |-update v2-|", "before-write", id="old-version-from-the-future"),
    pytest.param("a: |-create v1-| |-read v2-|", "gap", id="nobody-made-it"),
    pytest.param("a: |-create v1-| |-archive-| |-read v3-|", "gap", id="one-archive-cannot-make-two"),
    pytest.param("a: |-create v1-| |-read v2-| |-archive-|", "gap", id="archive-came-too-late"),
    pytest.param("a: |-create v1-| |-archive-| |-read v1-| |-read v2-|", "gap", id="archive-came-too-early"),
    pytest.param("a: |-create v1-| |-update v3 base=2 ...\nb:                                    |-read v2-|", "gap", id="lost-update-of-another-base"),
    pytest.param("a: |-create v1-| |-read v1-| |-update v3 base=1-|", "gap", id="jump"),
    pytest.param("a: |-create v1-| |-read v1000000000-|", "gap", id="far-jump"),
    pytest.param("a: |-create v1 digest=x-| |-read v1 digest=y-|", "torn", id="two-contents"),
    pytest.param("a: |-create v1-| |-read v2-| |-publish v2-|", "gap", id="publish-after-it-was-seen"),
]  # fmt: skip


@pytest.mark.parametrize("drawing", CLEAN)
def test_clean(drawing: str) -> None:
    verdict = versions(history(drawing))
    assert verdict.grade is Grade.PASS, verdict.reason


@pytest.mark.parametrize(("drawing", "rule"), BROKEN)
def test_broken(drawing: str, rule: str) -> None:
    verdict = versions(history(drawing))
    assert verdict.grade is Grade.FAIL
    assert rule in verdict.evidence["rules"], verdict
    assert verdict.evidence["first"][0]["calls"], "a finding shows the calls behind it"


def test_items_are_judged_apart() -> None:
    assert versions(history("a: |-create v1-| |-create v1 item=j-| |-update v2-|")).grade is Grade.PASS


@pytest.mark.parametrize("calls", ["", "a: |-archive-|"], ids=["empty", "blind"])
def test_nothing_to_see_is_unknown(calls: str) -> None:
    verdict = versions(history(calls))
    assert verdict.grade is Grade.UNKNOWN
    assert verdict.reason


def test_lists_are_reads() -> None:
    made = history("a: |-create v1-| |-update v2-|")
    fresh = answered("getContentItems", 100, items=[["i", 2]])
    stale = answered("getContentByCategory", 100, items=[["i", 1]])
    assert versions((*made, fresh)).grade is Grade.PASS
    assert "went-back" in versions((*made, stale)).evidence["rules"]


def test_a_bulk_update_makes_the_version_above_its_base() -> None:
    made = history("a: |-create v1-|")
    bulk = answered(
        "bulkUpdateContent",
        50,
        ops=[["update", "i", 1], ["update", "i", 1]],
        failed=[[1, "VERSION_CONFLICT"]],
        succeeded=1,
    )
    late = answered("updateContentItem", 60, item="i", base=1, version=2)
    assert versions((*made, bulk, answered("getContentItem", 80, item="i", version=2))).grade is Grade.PASS
    assert "two-winners" in versions((*made, bulk, late)).evidence["rules"]


def test_the_first_finding_in_time_is_told_first_and_all_are_counted() -> None:
    verdict = versions(
        history("a: |-create v1-| |-update v2-| |-read v1-| |-update v3-| |-read v2-| |-read v2-|")
    )
    assert verdict.evidence["count"] == 2
    assert "to 1 (and 1 more)" in verdict.reason
