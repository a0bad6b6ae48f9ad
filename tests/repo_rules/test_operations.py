"""Every list that names the writing operations names all of them: a new operation that one of them forgets fails here by its name."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from contracts.content_writes import SINGLE_WRITES, WRITES
from contracts.spec import load
from contracts.suite.api.successful_requests import RECIPES
from contracts.suite.programs.lost_answer_programs import LOSABLE
from mock_server.faults.families.entry import GROUPS
from reports.page.pictures import history_lanes

LISTS: dict[str, tuple[Iterable[str], Iterable[str]]] = {
    "contracts/suite/api/successful_requests.py": (RECIPES, load().operations),
    "contracts/suite/programs/lost_answer_programs.py": (LOSABLE, SINGLE_WRITES),
    "mock_server/faults/families/entry.py": (GROUPS["writes"].split(), WRITES),
    "reports/page/pictures/history_lanes.py": (history_lanes.WRITES, WRITES),
}


@pytest.mark.parametrize("place", LISTS)
def test_no_operation_is_forgotten(place: str) -> None:
    named, wanted = LISTS[place]
    assert set(wanted) - set(named) == set(), f"{place} forgets these"


def test_the_writes_are_those_of_the_document() -> None:
    """All operations on content that change something, by their method."""
    changing = {o.id for o in load() if o.path.startswith("/content") and o.method != "GET"}
    assert changing == WRITES
