"""Contestants take turns, ratios are taken round by round, and a refusal is never a throughput."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.programs.wrk import Report
from tests.bench.result import Limit
from tests.bench.rounds import contest, row
from tests.bench.setting import Cores, Setting

ALONE = Cores(None, None)


def rate(*numbers: int) -> list[Report]:
    return [Report(number, 1.0) for number in numbers]


def test_they_take_turns_and_the_first_pass_is_thrown_away(tmp_path: Path) -> None:
    order: list[str] = []

    def runner(name: str) -> Callable[[], Report]:
        def run() -> Report:
            order.append(name)
            return Report(len(order), 1.0)

        return run

    setting = Setting(tmp_path, tmp_path, cores=ALONE)
    found = contest(setting, "t", {"a": runner("a"), "b": runner("b")}, passes=2)
    assert "".join(order) == "ab" * 7
    # a runs at 1, 3, 5 …: 1 warms up, then two passes a round
    assert [report.requests for report in found["a"]] == [3 + 5, 7 + 9, 11 + 13]
    assert [report.seconds for report in found["b"]] == [2.0, 2.0, 2.0]


def test_a_quick_setting_has_one_round(tmp_path: Path) -> None:
    found = contest(
        Setting(tmp_path, tmp_path, quick=True, cores=ALONE), "t", {"a": lambda: Report(1, 1.0)}, passes=9
    )
    assert found == {"a": [Report(1, 1.0)]}


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    """The machine was twice as fast in the second round; the ratio of medians would say 0.5."""
    told = row("GET", rate(10, 60, 40), rate(100, 200, 80), Limit("at least", 0.3, "nginx"))
    assert (told.value, told.ratio, told.spread, told.met) == (40, 0.3, (10, 60), True)


@pytest.mark.parametrize(
    ("reports", "note"),
    [
        pytest.param([Report(100, 1.0, refused=2)], "only 98.0% of 100 requests succeeded", id="refused"),
        pytest.param([Report(100, 1.0, broken=25)], "only 80.0% of 100 requests succeeded", id="broken"),
        pytest.param([Report(0, 1.0)], "only 0.0% of 0 requests succeeded", id="nothing came"),
    ],
)
def test_failures_are_no_throughput(reports: list[Report], note: str) -> None:
    told = row("PUT", reports, rate(1000), Limit("at least", 0.0, "nginx"))
    assert (told.value, told.met, told.note) == (None, None, note)
