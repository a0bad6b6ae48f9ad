"""Client count against server count: equal passes, each kind of difference is seen, a lost answer excuses exactly one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contracts.run import parse
from contracts.verdict import Grade
from load.http.target import parse as target
from load.results.reconciliation import Served, read, reconciled
from tests.fork_server import reference_server
from tests.load.scripted import Scripted, Turn, answers, closes, says

ROOT = Path(__file__).resolve().parents[3]
BEFORE: Served = {("login", 200): 5, ("getContentItem", 404): 1}


@pytest.mark.parametrize(
    ("wire", "after", "grade", "told"),
    [
        pytest.param({"login 200": 2}, {**BEFORE, ("login", 200): 7}, Grade.PASS, "", id="equal"),
        pytest.param({}, BEFORE, Grade.PASS, "", id="nothing at all"),
        pytest.param({"login 200": 2}, {**BEFORE, ("login", 200): 8}, Grade.UNKNOWN, "login 200: 2 here, 3 there", id="a stranger"),
        pytest.param({"login 200": 2}, {**BEFORE, ("login", 200): 6}, Grade.UNKNOWN, "2 here, 1 there", id="answered and not served"),
        pytest.param({"login 200": 2}, {**BEFORE, ("login", 200): 6, ("login", 401): 1}, Grade.UNKNOWN, "login 401: 0 here, 1 there", id="another status"),
        pytest.param({"login 200": 2, "login lost": 1}, {**BEFORE, ("login", 200): 8}, Grade.PASS, "", id="a lost answer was served"),
        pytest.param({"login 200": 2, "login lost": 1}, {**BEFORE, ("login", 200): 7}, Grade.PASS, "", id="a lost answer was not served"),
        pytest.param({"login 200": 2, "login lost": 1}, {**BEFORE, ("login", 200): 7, ("login", 500): 2}, Grade.UNKNOWN, "1 without an answer", id="more than was lost"),
        pytest.param({"login 200": 2}, {("login", 200): 2}, Grade.UNKNOWN, "getContentItem 404: 0 here, -1 there", id="the server began anew"),
        pytest.param({"login 200": 2}, {**BEFORE, ("login", 200): 7, ("", 404): 1}, Grade.UNKNOWN, "0 here, 1 there", id="a stranger at no operation"),
    ],
)  # fmt: skip
def test_reconciled(wire: dict[str, int], after: Served, grade: Grade, told: str) -> None:
    found = reconciled(BEFORE, after, wire, ())
    assert (found.grade, told in found.reason) == (grade, True), found.reason


def test_what_cannot_be_compared_is_not_passed() -> None:
    assert reconciled(None, None, {}, ()).grade is Grade.ADVISORY
    assert reconciled(BEFORE, None, {}, ()).grade is Grade.UNKNOWN
    assert reconciled(BEFORE, BEFORE, {}, ("load process 2",)).grade is Grade.UNKNOWN


@pytest.mark.parametrize(
    ("turn", "served"),
    [
        pytest.param(
            answers(200, b'{"served": [{"operation": "login", "status": 200, "count": 3}], "total": 3}'),
            {("login", 200): 3},
            id="a journal",
        ),
        pytest.param(answers(404), None, id="no such path"),
        pytest.param(answers(200, b"<html>", "text/html"), None, id="a page"),
        pytest.param(answers(200, b'{"served": 3}'), None, id="another document"),
        pytest.param(says(b"SSH-2.0-nobody\r\n"), None, id="not HTTP"),
        pytest.param(closes, None, id="closed"),
    ],
)
def test_reading(turn: Turn, served: Served | None) -> None:
    with Scripted(turn) as server:
        assert read(target(server.url, prefix="/api")) == served
        assert server.seen[0].startswith(b"GET /_control/journal?")


def test_nobody_there() -> None:
    assert read(target("http://127.0.0.1:1", prefix="/api")) is None


@pytest.fixture(scope="module")
def journal() -> Iterator[str]:
    """The URL of a server with its control interface on."""
    with reference_server("--items", "20", "--control") as made:
        yield made.url


@pytest.mark.parametrize(
    "processes", [pytest.param((), id="one"), pytest.param(("--processes", "2"), id="two")]
)
def test_a_whole_run_is_reconciled(
    processes: tuple[str, ...], journal: str, locust: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    words = ("--scenario", "smoke", "--rate", "85", "--duration", "2", "--run-out", str(out))
    code, _, err = locust("--host", journal, *words, *processes)
    assert (code, err) == (0, "")
    (loaded,) = parse(out.read_bytes(), name="run").loads
    (verdict,) = [verdict for verdict in loaded.verdicts if verdict.check == "load.reconciled"]
    assert verdict.grade == "PASS", verdict.reason
    assert verdict.evidence["client"] == verdict.evidence["server"] > 170
