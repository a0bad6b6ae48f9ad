"""Held against oasdiff: every edit that its public tests make and that can be said here, 0 differences unexplained.

`python -m tests.reports.compat.test_oasdiff` prints the differences with their reasons.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.reports.compat.oasdiff_cases import LEVELS, OPERATIONS, REASONS, SCHEMAS
from tests.reports.compat.schema_rows import obj
from tests.reports.compat.small_documents import Document, asking, differences, letter, telling


class OasdiffCase(NamedTuple):
    name: str
    old: Document
    new: Document
    theirs: str
    ours: str

    @property
    def level(self) -> str:
        return LEVELS[self.theirs.rpartition(" ")[2]]

    @property
    def letter(self) -> str:
        return self.ours[0]

    @property
    def reason(self) -> str:
        return self.ours[2:]

    @property
    def agrees(self) -> bool:
        return self.level == self.letter or {self.level, self.letter} <= {"H", "-"}


def cases() -> Iterator[OasdiffCase]:
    for name, old, new, theirs_asked, ours_asked, theirs_told, ours_told in SCHEMAS:
        for place, one, other in (("body", old, new), ("member", obj(p=old), obj(p=new))):
            yield OasdiffCase(
                f"{name}, {place} of a request", asking(one), asking(other), theirs_asked, ours_asked
            )
            yield OasdiffCase(
                f"{name}, {place} of an answer", telling(one), telling(other), theirs_told, ours_told
            )
    for row in OPERATIONS:
        yield OasdiffCase(*row)


CASES = list(cases())


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_the_verdict_is_oasdiffs_or_its_difference_has_a_reason(case: OasdiffCase) -> None:
    found = letter(differences(case.old, case.new))
    assert found == case.letter or {found, case.letter} <= {"H", "-"}
    assert case.agrees or case.reason in REASONS, "a difference without a reason"
    assert not (case.agrees and case.reason), "a reason without a difference"


def test_there_are_enough_and_no_reason_is_left_over() -> None:
    assert len(CASES) >= 300
    assert {case.reason for case in CASES if case.reason} == set(REASONS)


if __name__ == "__main__":
    differ = [case for case in CASES if not case.agrees]
    print(
        f"{len(CASES)} edits, {len(CASES) - len(differ)} verdicts alike, {len(differ)} different, 0 unexplained"
    )
    for reason, count in Counter(case.reason for case in differ).most_common():
        print(f"{count:4} {REASONS[reason]}")
        for case in differ:
            if case.reason == reason:
                print(f"       {case.name}: {case.theirs or 'silent'}, ours {case.letter}")
