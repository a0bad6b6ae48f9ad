"""What one deviation does to many checks is told as one cause."""

from pathlib import Path

import pytest

from contracts.run import CheckResult, Offence, parse
from contracts.run.failure_groups import failure_groups
from contracts.suite.contract_violation import ORDER, WHITE_SPACE, ContractViolation, equal
from contracts.suite.plugin.terminal_summary import _causes
from tests.suite_command import run_suite


@pytest.mark.parametrize(
    ("fault", "checks", "cause"),
    [
        pytest.param(
            "item-snake-case",
            ("items.create-is-draft", "items.archived-hidden", "versions.snapshots", "revert.recovers", "sync.recovered",
             "sync.shows-changes", "items.list-shows-present-state", "smoke.reaches", "races.sync-under-writes"),
            'in another shape than documented: body /data required: "createdAt"', id="a renamed member"),
        pytest.param("sort-unstable", ("items.order", "items.order-across-pages", "stateful.model"), "by title asc", id="an order"),
    ],
)  # fmt: skip
def test_one_deviation_is_one_cause(fault: str, checks: tuple[str, ...], cause: str, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    done = run_suite("--run-out", str(out), f"--embedded=--fault {fault}", "-k", " or ".join(checks))
    assert done.returncode == 1, done.stdout
    groups = failure_groups(parse(out.read_bytes(), name=out.name).checks)
    assert len(groups) == 1 and cause in groups[0].text, [group.text for group in groups]


@pytest.mark.parametrize(
    ("got", "expected", "cause"),
    [
        ([2, 1], [1, 2], ORDER),
        ([1, 2, 2], [1, 2, 3], ORDER),
        ([1, 4], [1, 2], ""),
        ([1], [1, 2], ""),
        ({"a": 1}, {"a": 2}, ""),
        ("a b", " a b\n", WHITE_SPACE),
        ("ab", " a b", ""),
        (" a", "a", ""),
    ],
)
def test_a_kind_of_wrong_value_is_told_from_others(got: object, expected: object, cause: str) -> None:
    with pytest.raises(ContractViolation) as raised:
        equal(got, expected, "rows")
    assert raised.value.cause == cause


def test_the_causes_of_one_operation_hide_no_others() -> None:
    """Twelve ways in which one operation is wrong were all that the terminal showed."""

    def failed(operation: str, id: str) -> CheckResult:
        offence = Offence(symptom="value", operation=operation, text=f"{operation}: {id}")
        return CheckResult(id=id, grade="FAIL", operation=operation, offence=offence)

    rows = [*(failed("syncContent", f"sync.{n}") for n in range(12)), failed("zTheLast", "z.last")]
    heading, *lines = _causes(rows, "")
    assert heading.startswith("FAIL: 13 failures of 13 causes")
    assert [line.split()[1] for line in lines[:4]] == ["syncContent:"] * 3 + ["zTheLast:"]
    assert lines[4:] == ["        and 9 more causes: 9 of syncContent"]
