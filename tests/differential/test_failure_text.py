"""What a person gets to read: the shortest program, its requests and answers, what was expected and what came."""

from collections.abc import Callable

import pytest

from tests.differential.harness import failure_text
from tests.differential.harness.content_harness import world
from tests.differential.programs.content_programs import draw
from tests.differential.programs.session_programs import draw as draw_sessions
from tests.differential.programs.shrink import shrunk


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        pytest.param(lambda steps: 5 in steps, (5,), id="one step"),
        pytest.param(lambda steps: {3, 19} <= set(steps), (3, 19), id="two far apart"),
        pytest.param(lambda steps: sum(n < 4 for n in steps) >= 4, (0, 1, 2, 3), id="the first four of any"),
        pytest.param(
            lambda steps: 0 in steps and (1 in steps) == (2 in steps), (0,), id="two that go together"
        ),
    ],
)
def test_nothing_can_be_left_out(fails: Callable[[tuple[int, ...]], bool], expected: tuple[int, ...]) -> None:
    kept = shrunk(range(20), fails)
    assert kept == expected
    assert not any(fails(kept[:i] + kept[i + 1 :]) for i in range(len(kept)) if len(kept) > 1)


@pytest.mark.parametrize(
    ("fault", "longest", "has"),
    [
        pytest.param(
            "lost-update", 2, ["PUT /content/items/", "-> 200", "VERSION_CONFLICT"], id="lost-update"
        ),
        pytest.param("archive-repeat-counts", 4, ["/archive", "expected"], id="archive-repeat-counts"),
    ],
)
def test_content_in_few_steps(fault: str, longest: int, has: list[str]) -> None:
    start = world()
    text = next(
        filter(None, (failure_text.of_content(draw(s, 500, start), seed=s, faults=[fault]) for s in range(8)))
    )
    assert len(text.splitlines()) <= longest + 2, text
    assert [part for part in has if part not in text] == [], text


def test_sessions_in_few_steps() -> None:
    texts = (
        failure_text.of_sessions(draw_sessions(seed, 120), seed=seed, faults=["reuse-spares-family"])
        for seed in range(8)
    )
    text = next(filter(None, texts))
    # A login, two refreshes with the same token and a wait between them, and the use that should be refused.
    assert len(text.splitlines()) <= 5 + 2, text
    assert "REFRESH_REUSED" in text
    assert "expected TOKEN_INVALID" in text
    assert "eyJ" not in text, "no token is shown"


def test_silent_where_they_agree() -> None:
    assert failure_text.of_content(draw(0, 50, world()), seed=0) == ""
