"""Every acknowledged update is made from the version right below its own."""

import pytest

from contracts.checkers.lost_updates import lost_update
from contracts.history import History
from contracts.verdict import Grade
from tests.contracts.checkers.history_drawing import answered, history


@pytest.mark.parametrize(
    ("drawing", "rule"),
    [
        pytest.param("a: |-create v1-| |-update v2-| |-update v3-|", None, id="a-chain"),
        pytest.param("a: |-update v2-|\nb: |-conflict v2 base=1-|", None, id="one-winner"),
        pytest.param("a: |-update v2-|\nb: |-update v2 item=j-|", None, id="two-items"),
        pytest.param("a: |-update v2 ...\nb:                      |-update v2-|", None, id="a-lost-answer-claims-nothing"),
        pytest.param("a: |-update v2-|\nb:    |-update v3 base=1-|", "wrong-base", id="overwritten-unseen"),
        pytest.param("a: |-update v2-|\nb:    |-update v3 base=1-|", "same-base", id="both-accepted"),
        pytest.param("a: |-update v2-|\nb:    |-update v2-|", "same-base", id="one-version-twice"),
        pytest.param("a: |-conflict v2 base=2-|", "false-conflict", id="false-conflict"),
    ],
)  # fmt: skip
def test_updates(drawing: str, rule: str | None) -> None:
    verdict = lost_update(history(drawing))
    if rule is None:
        assert verdict.grade is Grade.PASS, verdict.reason
    else:
        assert rule in verdict.evidence["rules"]


def _bulk(*ops: list[object], failed: tuple[int, ...] = (), **more: object) -> History:
    refused = [[i, "VERSION_CONFLICT"] for i in failed]
    return (answered("bulkUpdateContent", client="b", ops=list(ops), failed=refused, **more),)


@pytest.mark.parametrize(
    ("extra", "grade"),
    [
        pytest.param(_bulk(["update", "i", 2], ["publish", "i", None]), Grade.PASS, id="next"),
        pytest.param(_bulk(["update", "i", 1], failed=(0,)), Grade.PASS, id="refused"),
        pytest.param(_bulk(["update", "i"]), Grade.PASS, id="without-its-base"),
        pytest.param(_bulk(["update", "i", 1], succeeded=0), Grade.PASS, id="neither-succeeded-nor-failed"),
        pytest.param(_bulk(["update", "i", 1], succeeded=1), Grade.FAIL, id="accounted"),
        pytest.param(_bulk(["update", "i", 1]), Grade.FAIL, id="same-base-as-a-single-update"),
        pytest.param(_bulk(["update", "i", 2], ["update", "i", 2]), Grade.FAIL, id="same-base-inside"),
    ],
)
def test_updates_in_bulk_count(extra: History, grade: Grade) -> None:
    assert lost_update((*history("a: |-update v2-|"), *extra)).grade is grade


@pytest.mark.parametrize("drawing", ["", "a: |-create v1-| |-read v1-|"], ids=["empty", "no-update"])
def test_nothing_to_see_is_unknown(drawing: str) -> None:
    assert lost_update(history(drawing)).grade is Grade.UNKNOWN
