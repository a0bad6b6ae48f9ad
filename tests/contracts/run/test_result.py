"""Run: the JSON form, merging of parts, and what makes a run green."""

import json

import pytest

from contracts.run import (
    CheckResult,
    CoverageCell,
    Generator,
    LoadResult,
    PackedHistogram,
    Run,
    RunError,
    SpecRecord,
    VerdictRecord,
    merge,
    parse,
)
from contracts.run.histogram import Histogram
from contracts.verdict import Grade, Verdict


def part(**fields: object) -> Run:
    base = {
        "started": "2026-01-01T00:00:00Z",
        "finished": "2026-01-01T00:01:00Z",
        "target": "http://t",
        "seed": 1,
    }
    return Run.model_validate({**base, **fields})


def check(grade: str) -> CheckResult:
    return CheckResult.model_validate({"id": "items.order", "grade": grade})


@pytest.mark.parametrize(
    ("fields", "grade"),
    [
        pytest.param({}, Grade.UNKNOWN, id="an empty run is no pass"),
        pytest.param({"checks": [check("PASS")]}, Grade.PASS, id="one passed check"),
        pytest.param({"checks": [check("PASS"), check("FAIL")]}, Grade.FAIL, id="one failed check"),
        pytest.param(
            {
                "checks": [check("PASS")],
                "coverage": [
                    CoverageCell(operation="login", kind="status", name="429", required=True, reached=0)
                ],
            },
            Grade.UNKNOWN,
            id="a status never reached",
        ),
        pytest.param(
            {
                "checks": [check("PASS")],
                "coverage": [
                    CoverageCell(operation="login", kind="status", name="503", required=False, reached=0)
                ],
            },
            Grade.PASS,
            id="a status that no client can provoke",
        ),
    ],
)
def test_grade(fields: dict[str, object], grade: Grade) -> None:
    assert part(**fields).grade is grade


def test_json_round_trip() -> None:
    run = part(
        checks=[check("FAIL")],
        verdicts=[VerdictRecord.of(Verdict(check="x", grade=Grade.ADVISORY, evidence={"n": 1}))],
    )
    assert parse(run.model_dump_json(), name="run.json") == run


def test_a_histogram_survives() -> None:
    histogram = Histogram.of([1, 10, 200_000_000])
    assert PackedHistogram.of(histogram).unpack().pack() == histogram.pack()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "r.json is not a run", id="no JSON"),
        pytest.param("{}", "r.json is not a run: started", id="a field is missing"),
        pytest.param('{"verdict": 1}', "r.json is not a run", id="an unknown field"),
    ],
)
def test_what_is_no_run_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(RunError, match=message) as caught:
        parse(text, name="r.json")
    assert "\n" not in str(caught.value)


def test_merging_keeps_everything_and_spans_the_time() -> None:
    later = part(started="2026-01-01T00:02:00Z", finished="2026-01-01T00:03:00Z", checks=[check("FAIL")])
    merged = merge([part(checks=[check("PASS")]), later])
    assert [c.grade for c in merged.checks] == ["PASS", "FAIL"]
    assert (merged.started, merged.finished) == ("2026-01-01T00:00:00Z", "2026-01-01T00:03:00Z")


def test_parts_of_different_specs_do_not_belong_together() -> None:
    specs = [SpecRecord(title="t", version="1", digest=d, operations=17) for d in "ab"]
    with pytest.raises(RunError, match=r"different versions of openapi\.yaml"):
        merge([part(spec=specs[0]), part(spec=specs[1])])


def test_nothing_to_merge() -> None:
    with pytest.raises(RunError, match="no part"):
        merge([])


def test_a_file_of_before_races_and_heat_still_loads() -> None:
    made = json.loads(part(parts=[{"name": "load", "ended": "finished"}]).model_dump_json())
    del made["races"]
    assert parse(json.dumps(made), name="old.json").races == []
    assert not {"heat", "heat_seconds"} & {n for n, f in LoadResult.model_fields.items() if f.is_required()}


@pytest.mark.parametrize(
    ("late", "lag", "disturbed"),
    [
        pytest.param(0, None, 0, id="nothing is known of a lag"),
        pytest.param(10, 4_900_000, 0, id="one in a thousand late, and a lag of gevent's own"),
        pytest.param(11, 4_000_000, 4_000_000, id="more than one in a thousand"),
        pytest.param(11, None, 5_000_000, id="late by at least what counts as late"),
        pytest.param(0, 6_000_000, 6_000_000, id="a loop that lags"),
    ],
)
def test_a_generator_says_how_much_of_a_delay_may_be_its_own(
    late: int, lag: int | None, disturbed: int
) -> None:
    made = Generator(planned=10_000, sent=10_000, late=late, dropped=0, unfinished=0, loop_lag_p99=lag)
    assert made.disturbed == disturbed
