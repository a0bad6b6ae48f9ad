"""A scenario of the user's own: what its file may say, what each mistake is told as, and a run of the README's examples."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.history import Call
from contracts.history import read as calls_of
from contracts.run import LoadResult, VerdictRecord, parse
from contracts.spec import load
from load.runs.run_config import RunConfig
from load.scenarios.arrival_plan import PlanError
from load.scenarios.data_files import accounts
from load.scenarios.scenario_reader import read
from tests.fork_server import ForkedCommand
from tests.waiting import HANG

Locust = Callable[..., tuple[int, str, str]]
SPEC = load()
ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "load" / "README.md").read_text("utf-8")
LOG = b"""\
10.0.0.1 - - [12/Mar/2026:10:00:01 +0000] "GET /api/content/items?page=2 HTTP/1.1" 200 512
10.0.0.1 - - [12/Mar/2026:10:00:03 +0000] "GET /content/items/i-7 HTTP/1.1" 200 512 "-" "Mozilla/5.0"
10.0.0.1 - - [12/Mar/2026:11:00:02 +0100] "GET /api/content/items HTTP/1.1" 304 0
10.0.0.1 - - [12/Mar/2026:10:00:04 +0000] "GET /favicon.ico HTTP/1.1" 404 0
rubbish
"""


def example(name: str) -> str:
    (found,) = re.findall(rf"<!-- example: {name} -->\n```\w+\n(.*?)```\n<!-- end example -->", README, re.S)
    return str(found)


def small(**more: Any) -> dict[str, Any]:
    part = {"name": "one", "stages": [{"rate": 10, "for": "2s"}], "mix": {"getContentItems": 1}}
    return {"name": "small", "load": [part], **more}


def written(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "mix.json"
    path.write_text(json.dumps(document, indent=1))
    return path


def test_parts_run_side_by_side_each_from_its_own_start(tmp_path: Path) -> None:
    path = tmp_path / "mix.yaml"
    path.write_text(example("scenario-file"))
    plan = read(path, SPEC).plan(1)
    arrivals = list(plan.arrivals())
    assert [arrival.due for arrival in arrivals] == sorted(arrival.due for arrival in arrivals)
    assert plan.seconds == 9
    editing = [arrival.due / 1e9 for arrival in arrivals if arrival.journey == "journey:edit"]
    assert editing and min(editing) >= 5
    assert plan.rate == pytest.approx((22.5 * 3 + 40 * 6 + 3 * 4) / 9)
    assert list(read(path, SPEC).plan(1).arrivals()) == arrivals
    assert list(read(path, SPEC).plan(2).arrivals()) != arrivals


def test_thresholds_stand_in_place_of_the_documents(tmp_path: Path) -> None:
    path = tmp_path / "mix.yaml"
    path.write_text(example("scenario-file"))
    changed = read(path, SPEC).objectives(SPEC)
    one, other = changed["getContentItem"].objective, changed["getContentItems"].objective
    assert (one.threshold_ms, one.share, one.error_share) == (150, 0.95, 0.001)
    assert (other.threshold_ms, other.share) == (400, 0.9)
    assert other.error_share == SPEC["getContentItems"].objective.error_share


def test_what_travels_to_a_worker_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "rows.ndjson").write_text('{"title": "a"}\n{"title": "b"}\n')
    found = read(written(tmp_path, small(data={"createContentItem": "rows.ndjson"})), SPEC)
    order = RunConfig(scenario=found.name, seed=3, host="http://127.0.0.1:1", own=dict(found.document))
    other = RunConfig.read(json.loads(json.dumps(order.message())))
    assert list(other.plan().arrivals()) == list(order.plan().arrivals())
    assert other.file is not None and other.file.rows["createContentItem"] == [{"title": "a"}, {"title": "b"}]


def test_weights_and_times_come_from_an_access_log(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_bytes(LOG)
    part = {"name": "one", "stages": [{"rate": 9, "for": "1s"}], "mix": {"from": "access.log", "login": 1}}
    mix = read(written(tmp_path, small(load=[part])), SPEC).plan(1).parts[0].plan.mix
    assert mix == {"getContentItems": 2, "getContentItem": 1, "login": 1}
    replayed = {"name": "again", "replay": "access.log", "speed": 2}
    arrivals = list(read(written(tmp_path, small(load=[replayed])), SPEC).plan(1).arrivals())
    assert [(a.due / 1e9, a.journey) for a in arrivals] == [
        (0, "getContentItems"), (0.5, "getContentItems"), (1, "getContentItem"),
    ]  # fmt: skip


def test_a_har_file_is_an_access_log_too(tmp_path: Path) -> None:
    entries = [
        {"startedDateTime": f"2026-03-12T10:00:0{n}.500Z", "request": {"method": "GET", "url": f"https://x/api/content/{p}"}}
        for n, p in enumerate(("categories", "items", "nothing", "items"))
    ]  # fmt: skip
    (tmp_path / "a.har").write_text(json.dumps({"log": {"entries": entries}}))
    plan = read(written(tmp_path, small(load=[{"name": "again", "replay": "a.har"}])), SPEC).plan(1)
    assert Counter(a.journey for a in plan.arrivals()) == {"getContentItems": 2, "getContentCategories": 1}


def test_accounts_stay_on_their_machine(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("email,password\na@b.example,one secret\nc@d.example,another\n")
    found = read(written(tmp_path, small(accounts="accounts.csv")), SPEC)
    assert "secret" not in json.dumps(found.document)
    assert [one.email for one in accounts(found.accounts)] == ["a@b.example", "c@d.example"]


EDIT = ["createContentItem", "updateContentItem"]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (small(nmae="x"), "mix.json:17: /nmae: there is no such member; did you mean 'name'?"),
        (small(load=[]), "/load: [] has less than 1 item"),
        (small(load=[{"name": "a", "mix": {"login": 1}}]), "mix.json:4: /load/0"),
        (small(load=[{"name": "a", "stages": [{"rate": -1, "for": "2s"}], "mix": {"login": 1}}]), "/load/0/stages/0"),
        (small(load=[{"name": "a", "stages": [{"rate": 1, "for": "2 weeks"}], "mix": {"login": 1}}]), "/load/0/stages/0/for"),
        (small(load=[{"name": "a", "stages": [{"rate": 1, "for": "0s"}], "mix": {"login": 1}}]), "a stage of 0s is no stage"),
        (small(load=[{"name": "a", "stages": [{"rate": 1, "for": "2s"}], "mix": {"logn": 1}}]), "mix.json:13: load: there is no operation 'logn'; did you mean 'login'?"),
        (small(load=[{"name": "a", "stages": [{"rate": 1, "for": "2s"}], "mix": {"login": 0}}]), "every weight is 0"),
        (small(load=[{"name": "a", "replay": "nowhere.log"}]), "mix.json:6: load, 0, replay: cannot read"),
        (small(thresholds={"getContentItems": {"p95": "100ms", "p99": "200ms"}}), "one percentile an operation"),
        (small(thresholds={"getContentItme": {"p95": "100ms"}}), "mix.json:18: thresholds: there is no operation 'getContentItme'"),
        (small(journeys={"edit": {"steps": EDIT[1:]}}), "updateContentItem: it needs an item"),
        (small(journeys={"edit": {"steps": ["logout"]}}), "logout: it ends or renews a session"),
        (small(journeys={"edit": {"steps": [*EDIT, "revertContentVersion"]}}), "revertContentVersion: it needs an item with a past"),
        (small(**{"read-only": True}, load=[{"name": "a", "stages": [{"rate": 1, "for": "2s"}], "mix": {"createContentItem": 1}}]), "read-only, but it asks for createContentItem"),
        (small(data={"createContentItem": "nowhere.csv"}), "mix.json:18: data, createContentItem: cannot read"),
        (small(accounts="nowhere.csv"), "mix.json:17: accounts: cannot read"),
        (small(tokens="nowhere.csv"), "mix.json:17: tokens: cannot read"),
        (small(tokens="mix.json"), "mix.json:1: not JSON"),
        (small(headers={"X Y": "z"}), "/headers"),
        (small(checks={"a": {"of": "getContentItms", "at": "$.data"}}), "there is no operation 'getContentItms'"),
        (small(checks={"a": {"of": "getContentItems", "at": "$["}}), "mix.json:20: checks, a: at: "),
        (small(checks={"a": {"of": "getContentItems", "at": "$", "schema": {"type": "x"}}}), "mix.json:21: checks, a: schema: "),
        (small(metrics={"a": {"of": "getContentItems", "at": "data"}}), "/metrics/a/at"),
        (small(headers={"X": "a\r\nHost: b"}), "/headers/X"),
        (small(load=[{"name": "a", "stages": [{"rat": 1, "for": "2s"}], "mix": {"login": 1}}]), "mix.json:8: /load/0/stages/0/rat: there is no such member; did you mean 'rate'?"),
        (small(load=[{"name": "a", "stages": [{"from": 1, "for": "2s"}], "mix": {"login": 1}}]), "or `from` and `to`, or `steps`"),
        (small(load=[{"name": "a", "stages": [{"rate": 1, "for": "2 weeks"}], "mix": {"login": 1}}]), "mix.json:9: /load/0/stages/0/for: \"2 weeks\": A duration, such as 150ms"),
        (small(journeys={"edit": {"steps": [EDIT[0], "update"]}}), "mix.json:21: journeys: there is no operation 'update'; there are"),
        (small(thresholds={"getContentItems": {"errors": 5}}), "/thresholds/getContentItems/errors: 5 is not of type \"string\" (A share, such as 0.1%)"),
        (small(load={str(n): "x" * 99 for n in range(99)}), " … "),
        (small(thresholds={"getContentItems": {"p9x": "1ms"}}), "mix.json:19: /thresholds/getContentItems/p9x: One percentile, such as `p95: 400ms`"),
        (small(thresholds={"syncContent": {"p95": "1ms"}}), "mix.json:18: thresholds: no part of the load sends syncContent"),
        (small(checks={"a": {"of": "syncContent", "at": "$"}}), "mix.json:19: checks: no part of the load sends syncContent"),
        (small(metrics={"a": {"of": "syncContent", "at": "$"}}), "mix.json:19: metrics: no part of the load sends syncContent"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(tmp_path: Path, document: dict[str, Any], told: str) -> None:
    with pytest.raises(PlanError) as refused:
        read(written(tmp_path, document), SPEC)
    assert told in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("operation", "name", "text", "told"),
    [
        ("createContentItem", "t.csv", "titel\nx\n", "t.csv:2: createContentItem: Additional properties are not allowed ('titel' was unexpected)"),
        ("createContentItem", "t.csv", "title,tags\nx,y\n", "t.csv:2: createContentItem/tags: \"y\" is not of type \"array\"; NDJSON has"),
        ("createContentItem", "t.csv", "title\n\"\"\n", "t.csv:2: createContentItem/title: \"\" is shorter than"),
        ("createContentItem", "t.ndjson", '{"title": "a"}\n{"title": 7}\n', "t.ndjson:2: createContentItem/title: 7 is not of type"),
        ("createContentItem", "t.csv", "title,body\nOne\n", "t.csv:2: fewer values than the 2 columns"),
        ("createContentItem", "t.csv", "title,body\nOne,b, and c\n", "t.csv:2: more values than the 2 columns; put quotes around"),
        ("createContentItem", "t.csv", "title,body\n", "t.csv: there is no row in it"),
        ("createContentItem", "t.csv", "", "t.csv: there is no row in it"),
        ("getContentItem", "t.csv", "title\nx\n", "mix.json:18: data, getContentItem: its request has no body"),
    ],
)  # fmt: skip
def test_data_that_the_target_would_refuse_is_refused_before_it(
    tmp_path: Path, operation: str, name: str, text: str, told: str
) -> None:
    """A 400 for the user's own rows would be a FAIL of the target."""
    (tmp_path / name).write_text(text)
    with pytest.raises(PlanError) as refused:
        read(written(tmp_path, small(data={operation: name})), SPEC)
    assert told in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("mix.yaml", "name: a\nload: [\n", "mix.yaml:3: not YAML"),
        ("mix.yaml", "name: a\nname: b\n", "mix.yaml:2: the key 'name' stands here and in line 1"),
        ("mix.py", "x = 1", "it has no function scenario()"),
        ("mix.py", "def scenario():\n    return 1 / 0", "mix.py:2: scenario() failed: ZeroDivisionError"),
        ("mix.py", "import sys\nsys.exit(1)", "mix.py:2: scenario() failed: SystemExit: 1"),
        ("mix.py", "a = 1\ndef scenario(:", "mix.py:2: scenario() failed: SyntaxError"),
        ("mix.py", "import nowhere", "mix.py:1: scenario() failed: ModuleNotFoundError"),
        ("mix.py", "def scenario(): return {'name': 'a', 'load': []}", "/load: [] has less than 1 item"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, name: str, text: str, told: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(PlanError, match=re.escape(told)):
        read(path, SPEC)


@pytest.mark.parametrize("words", [["--rate", "5"], ["--duration", "5"], ["--scenario", "gate"], ["-t", "5"]])
def test_what_the_file_says_is_not_said_again(
    server: int, start: Callable[..., ForkedCommand], tmp_path: Path, words: list[str]
) -> None:
    file = written(tmp_path, small())
    process = start(
        "--headless", "--host", f"http://127.0.0.1:{server}", "--scenario-file", str(file), *words
    )
    _, errors = process.communicate(timeout=HANG)
    assert process.returncode == 64
    assert "--scenario-file has its own rates and times" in errors


@pytest.mark.parametrize(("kind", "suffix"), [("scenario-file", ".yaml"), ("scenario-program", ".py")])
def test_the_examples_of_the_readme_run(
    server: int, start: Callable[..., ForkedCommand], tmp_path: Path, kind: str, suffix: str
) -> None:
    file, out, history = tmp_path / f"mix{suffix}", tmp_path / "run.json", tmp_path / "calls.ndjson"
    file.write_text(example(kind))
    process = start(
        "--headless", "--host", f"http://127.0.0.1:{server}", "--scenario-file", str(file), "--run-out", str(out),
        "--history-out", str(history),
    )  # fmt: skip
    _, errors = process.communicate(timeout=HANG)
    assert process.returncode in (0, 2), errors  # 2: too few answers for the objective, or a busy machine
    (made,) = parse(out.read_bytes(), name=out.name).loads
    counts = {
        verdict.check: verdict.grade
        for verdict in made.verdicts
        if verdict.check in ("ledger", "versions", "coverage")
    }
    assert counts["ledger"] == "PASS"
    if kind == "scenario-file":
        assert made.scenario == "editors-over-readers"
        calls = [json.loads(line) for line in history.read_text().splitlines()]
        written_by = Counter(call["operation"] for call in calls)
        assert min(written_by[name] for name in ("updateContentItem", "publishContent")) > 0


ROWS = {"of": "getContentItems", "at": "$.data.data"}
ABILITIES: dict[str, tuple[dict[str, Any], Callable[[LoadResult, list[Call], dict[str, VerdictRecord]], object]]] = {
    "stages, two parts, own start": (
        small(load=[
            {"name": "a", "stages": [{"from": 5, "to": 15, "for": "1s"}, {"steps": [20, 10], "for": "1s"}], "mix": {"getContentItems": 1}},
            {"name": "b", "start": "1s", "stages": [{"rate": 5, "peak": 20, "width": "200ms", "for": "1s"}], "mix": {"getContentCategories": 1}},
        ]),
        lambda load, calls, told: {row.operation for row in load.operations} == {"getContentItems", "getContentCategories"},
    ),
    "a journey with think time, on items of its own": (
        small(journeys={"edit": {"think": "20ms", "steps": [*EDIT, "publishContent"]}}, load=[
            {"name": "a", "stages": [{"rate": 4, "for": "2s"}], "mix": {"edit": 1}}
        ]),
        lambda load, calls, told: {row.operation: row.answered for row in load.operations}["publishContent"] >= 4,
    ),
    "bodies from a file of data": (
        small(data={"createContentItem": "rows.csv"}, load=[
            {"name": "a", "stages": [{"rate": 4, "for": "1s"}], "mix": {"createContentItem": 1}}
        ]),
        lambda load, calls, told: load.operations[0].answered and not load.operations[0].errors,
    ),
    "accounts, headers, read-only": (
        small(accounts="accounts.csv", headers={"X-Run": "7"}, **{"read-only": True}),
        lambda load, calls, told: not any(spec_writes(call.operation) for call in calls),
    ),
    "thresholds": (
        small(thresholds={"getContentItems": {"p50": "5s", "errors": "1%"}}),
        lambda load, calls, told: told["objective"].evidence["thresholdMs"] == 5000 and told["objective"].grade == "PASS",
    ),
    "a check that holds, and a metric": (
        small(checks={"rows": {**ROWS, "schema": {"type": "array"}}}, metrics={"total": {"of": "getContentItems", "at": "$.data.pagination.total"}}),
        lambda load, calls, told: told["own.check"].grade == "PASS" and told["own.metric"].evidence["p50"] >= 20,
    ),
    "a check that fails": (
        small(checks={"rows": {**ROWS, "schema": {"minItems": 1000}}}),
        lambda load, calls, told: told["own.check"].grade == "FAIL" and "failed" in told["own.check"].reason,
    ),
    "weights from a log": (
        small(load=[{"name": "a", "stages": [{"rate": 9, "for": "1s"}], "mix": {"from": "access.log"}}]),
        lambda load, calls, told: {row.operation for row in load.operations} == {"getContentItems", "getContentItem"},
    ),
    "a log again": (
        small(load=[{"name": "a", "replay": "access.log", "speed": 4}]),
        lambda load, calls, told: sum(row.answered for row in load.operations) == 3,
    ),
}  # fmt: skip


def spec_writes(operation: str) -> bool:
    return bool(SPEC[operation].permission) and SPEC[operation].method != "GET"


@pytest.mark.parametrize("ability", ABILITIES)
def test_what_a_scenario_file_can_say_is_done(
    server: int, locust: Locust, tmp_path: Path, ability: str
) -> None:
    document, done = ABILITIES[ability]
    (tmp_path / "access.log").write_bytes(LOG)
    (tmp_path / "accounts.csv").write_text("email,password\ndemo@tchat.com,demo-password\n")
    (tmp_path / "rows.csv").write_text("title\nfrom a file\n")
    out, history = tmp_path / "run.json", tmp_path / "calls.ndjson"
    locust(
        "--host", f"http://127.0.0.1:{server}", "--scenario-file", str(written(tmp_path, document)),
        "--run-out", str(out), "--history-out", str(history),
    )  # fmt: skip
    (load,) = parse(out.read_bytes(), name=out.name).loads
    told = {verdict.check: verdict for verdict in load.verdicts}
    assert told["ledger"].grade == "PASS"
    assert done(load, list(calls_of(history.read_bytes().splitlines())), told), load.verdicts


def test_user_classes_of_ones_own_are_recorded_and_judged(
    server: int, locust: Locust, tmp_path: Path
) -> None:
    """The locustfile of the README, as it stands there."""
    mine, out = tmp_path / "mine.py", tmp_path / "run.json"
    mine.write_text(example("own-users"))
    _, _, errors = locust(
        "--host", f"http://127.0.0.1:{server}", "-f", str(mine), "-u", "5", "-t", "4", "--run-out", str(out)
    )
    run = parse(out.read_bytes(), name=out.name)
    red = {verdict.check for verdict in run.all_verdicts() if verdict.grade.name in ("FAIL", "UNKNOWN")}
    assert (errors, red - {"objective"}) == ("", set())  # a server on a busy machine is slow
    (load,) = run.loads
    rows = {row.operation: row for row in load.operations}
    assert (
        min(rows[name].answered for name in ("getContentItems", "createContentItem", "updateContentItem")) > 0
    )
    assert not any(row.errors for row in load.operations)
    told = {(verdict.check, verdict.subject): verdict for verdict in load.verdicts}
    assert told["own.check", "an update raises the version"].evidence["failed"] == 0
    assert told["own.metric", "rows of a page"].evidence["p50"] == 5
    assert told["versions", ""].grade == told["lost-update", ""].grade == "PASS"
