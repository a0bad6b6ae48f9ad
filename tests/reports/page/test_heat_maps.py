"""The heat maps: every answer is somewhere in the picture, in the right window, slot and colour."""

import random
import re
from xml.etree import ElementTree as ET

import pytest

from contracts.run import LoadResult
from contracts.run.latency_heat import Heat, edges
from reports.decision.policy import ReleasePolicy
from reports.page import report_page
from reports.page.pictures.heat_maps import heats
from reports.page.pictures.load_timeline import timeline
from reports.summary import tables
from tests.buckets import bucket
from tests.reports import sample_runs

MS = 1_000_000
Cell = tuple[int, int]


def load(*calls: tuple[str, int, float]) -> LoadResult:
    heat = Heat()
    for operation, second, latency in calls:
        heat.record(operation, second, bucket(round(latency * MS)))
    rows = heat.rows(sample_runs.LABELS)
    return sample_runs.load().model_copy(update={"heat": rows, "heat_seconds": heat.width})


def table(made: LoadResult) -> tables.LoadTable:
    return tables.report(
        sample_runs.run(loads=[made]), ReleasePolicy(), made=sample_runs.MADE, version="1"
    ).tables[0]


def cells(picture: str) -> dict[tuple[bool, Cell], float]:
    """(over the limit, (window, row from the bottom)) -> opacity, of everything that is drawn."""
    found: dict[tuple[bool, Cell], float] = {}
    for path in ET.fromstring(picture).iter("path"):
        over = path.get("class") == "heat-over"
        data = path.get("d", "")
        assert data.startswith("M0 .5")
        x = y = 0
        for right, up, length in re.findall(r"m(-?\d+) (-?\d+)h(\d+)", data):
            x, y = x + int(right), y + int(up)
            for window in range(x, x + int(length)):
                assert (over, (window, y)) not in found
                found[over, (window, y)] = float(path.get("opacity", "nan"))
            x += int(length)
    return found


def test_every_slot_that_was_counted_is_drawn_once() -> None:
    rng = random.Random(4)
    made = load(*(("login", rng.randrange(50), rng.lognormvariate(2, 1.5)) for _ in range(2_000)))
    (picture,) = heats(table(made))
    low = min(slot for counts in made.heat[0].slots() for slot in counts)
    expected = {
        (edges(slot)[0] >= 200 * MS, (window, slot - low))
        for window, counts in enumerate(made.heat[0].slots())
        for slot in counts
    }
    assert set(cells(picture)) == expected


def test_more_is_darker() -> None:
    made = load(*[("login", 0, 3.0)] * 100, *[("login", 1, 3.0)] * 4, ("login", 2, 3.0))
    (picture,) = heats(table(made))
    found = {window: depth for (_, (window, _)), depth in cells(picture).items()}
    assert found[0] > found[1] >= found[2] > 0


@pytest.mark.parametrize(
    ("latency", "over"),
    [pytest.param(90.0, False, id="within"), pytest.param(400.0, True, id="over")],
)
def test_over_the_limit_has_its_own_colour(latency: float, over: bool) -> None:
    (picture,) = heats(table(load(("login", 0, 1.0), ("login", 5, latency))))
    assert {one for (one, _) in cells(picture)} == {False, over}


@pytest.mark.parametrize("latencies", [(0.0,), (0.0, 300.0)], ids=["nothing else", "and more"])
def test_an_answer_in_no_time_at_all_is_drawn(latencies: tuple[float, ...]) -> None:
    (picture,) = heats(table(load(*(("login", 0, latency) for latency in latencies))))
    assert len(cells(picture)) == len(latencies)


def test_all_pictures_share_their_axes_and_say_their_worst() -> None:
    made = load(("login", 0, 1.0), ("logout", 49, 500.0), ("syncContent", 7, 30.0))
    pictures = heats(table(made))
    transforms = {ET.fromstring(picture).find("g").get("transform") for picture in pictures}  # type: ignore[union-attr]
    assert len(pictures) == 3 and len(transforms) == 1
    assert (
        "logout: 1 answers; p99 at its worst 50" in pictures[2]
        or "logout: 1 answers; p99 at its worst 4" in pictures[2]
    )
    assert "from second 49" in pictures[2]


def test_the_order_is_that_of_the_table() -> None:
    made = load(("ingestMetrics", 0, 1.0), ("getContentItems", 0, 1.0))
    assert [re.findall(r'class="name">(\w+)', picture)[0] for picture in heats(table(made))] == ["getContentItems", "ingestMetrics"]  # fmt: skip


def test_nothing_recorded_is_no_picture() -> None:
    assert heats(table(sample_runs.load().model_copy(update={"heat": [], "heat_seconds": 0}))) == []
    told = tables.report(sample_runs.interrupted(), ReleasePolicy(), made=sample_runs.MADE, version="1")
    assert heats(told.tables[0]) == [] and "When was each operation slow" not in report_page.render(told)


def test_an_hour_of_seventeen_operations_stays_small() -> None:
    rng = random.Random(1)
    heat = Heat()
    for name in sample_runs.LABELS:
        for second in range(0, 3600, 4):
            for _ in range(4):
                heat.record(name, second, bucket(round(rng.lognormvariate(1, 1.2) * MS)))
    made = sample_runs.load().model_copy(
        update={"heat": heat.rows(sample_runs.LABELS), "heat_seconds": heat.width}
    )
    assert sum(map(len, heats(table(made)))) < 130_000


def test_a_second_that_the_end_has_cut_is_not_drawn_as_a_fall() -> None:
    rng = random.Random(1)
    windows = [sample_runs.window(rng, second) for second in range(10)]
    cut = windows[-1].model_copy(update={"second": 10, "planned": 3, "sent": 3, "done": 3})
    assert timeline([*windows, cut], 10.02) == timeline(windows, 9.9988) == timeline(windows, 10.0)
    assert timeline([*windows, cut], 11.0) != timeline(windows, 11.0)
