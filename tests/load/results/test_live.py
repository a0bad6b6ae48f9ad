"""A run while it runs: the table's rows, the text for Prometheus, and both through the windows that show them."""

import json
import re
import socket
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import flask
import pytest

from contracts.spec import load
from contracts.verdict import Verdict
from load.engine.recorder import LoadRecorder, OperationTally
from load.results.judging import by_operation, health
from load.results.live.live_pages import KEY, VERDICT_KEY, add_tab, address
from load.results.live.live_rows import COLUMNS, budget, rows
from load.results.live.metric_families import BUCKETS, exposition
from load.results.live.otel_metrics import observe
from load.runs.run_config import OptionError
from tests.fork_server import ForkedCommand
from tests.load.conftest import ROOT, free_port
from tests.waiting import HANG, until

SPEC = load()
MS = 1_000_000
THRESHOLDS = {op.id: round(op.objective.threshold_ms * MS) for op in SPEC}
SAMPLE = re.compile(r'^tchat_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.]+(e[+-]\d+)?$')


class Shown:
    """A `LiveRun` with these counters."""

    def __init__(
        self,
        found: LoadRecorder | None = None,
        judged: Callable[[], list[Verdict]] = list,
        *,
        final: bool = False,
        refused: str = "",
    ) -> None:
        self.found, self.judged, self.ended, self.refused = found, judged, final, refused

    def counted(self) -> LoadRecorder | None:
        return self.found

    def final(self) -> bool:
        return self.ended

    def progress(self) -> str:
        return "12 s left"

    def refusal(self, form: Mapping[str, str]) -> str:
        return self.refused


def shown_by(
    run: Shown, *, host: str = "127.0.0.1", state: str = "ready", base: str = "", logged_in: bool = True
) -> Any:
    """Locust's web UI as far as our pages use it, with them added; /swarm answers success."""
    swarm = flask.Blueprint("locust", "page", url_prefix=base or None)
    swarm.add_url_rule("/swarm", view_func=lambda: {"success": True}, methods=["POST"])
    web_ui = SimpleNamespace(
        app=flask.Flask("page"),
        template_args={"version": "x"},
        host=host,
        environment=SimpleNamespace(runner=SimpleNamespace(state=state)),
        auth_required_if_enabled=lambda view: view if logged_in else lambda: ("log in first", 401),
    )
    web_ui.app.register_blueprint(swarm)
    add_tab(web_ui, SPEC, run, base)
    return web_ui


def counted(over: int = 3) -> LoadRecorder:
    """900 logins, some of them 203 ms long and as many just within the threshold, and two errors."""
    found = LoadRecorder(THRESHOLDS)
    for n in range(900):
        found.due("login", n * MS)
        found.sent("login", due=n * MS, sent=n * MS)
        took = 203 * MS if n < over else 200 * MS if n < 2 * over else 7 * MS
        found.answered("login", due=n * MS, sent=n * MS, done=n * MS + took, status=200)
    for kind in ("500", "error:reset"):
        found.due("login", 0)
        found.sent("login", due=0, sent=0)
        found.failed("login", due=0, done=MS, kind=kind, example="x")
    found.lag.record(2 * MS)
    return found


def samples(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.match(line) for line in lines), [line for line in lines if not SAMPLE.match(line)]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def so_far() -> list[Verdict]:
    found = counted()
    return by_operation(SPEC, found, operations=["login"], claim="objective", state=health(found, None))


def test_a_row_has_every_column_and_the_exact_counts() -> None:
    (row,) = rows(SPEC, counted(), so_far())
    assert set(row) == set(COLUMNS)
    assert (row["operation"], row["requests"], row["errors"]) == ("POST /auth/login", 902, 2)
    assert row["over"] == "3 (0.33%)"
    assert (
        row["verdict"] == "UNKNOWN (provisional)"
    )  # two errors in 902 are more than one in a thousand, but may be chance


@pytest.mark.parametrize(
    ("over", "left"),
    [
        pytest.param(0, 1.0, id="untouched"),
        pytest.param(3, 1 - 3 / 9, id="a third spent"),
        pytest.param(9, 0.0, id="spent"),
        pytest.param(18, -1.0, id="overdrawn"),
    ],
)
def test_the_error_budget(over: int, left: float) -> None:
    tally = counted(over).tallies["login"]
    tally.errors = 0
    assert budget(SPEC["login"], tally) == pytest.approx(left)


def test_failed_requests_spend_their_own_budget() -> None:
    """12 of 47 failed, and not one was slow."""
    tally = counted(0).tallies["login"]
    tally.errors = 12
    assert budget(SPEC["login"], tally) < -10


def test_no_answer_has_spent_nothing() -> None:
    assert budget(SPEC["login"], OperationTally(THRESHOLDS["login"])) == 1


def test_the_exposition_says_what_was_counted() -> None:
    found = samples(exposition(SPEC, counted()))
    assert found['tchat_requests_total{operation="login",status="200"}'] == 900
    assert found['tchat_requests_total{operation="login",status="error:reset"}'] == 1
    assert found['tchat_over_objective_total{operation="login"}'] == 3
    assert found['tchat_errors_total{operation="login"}'] == 2
    assert found["tchat_generator_sent_total"] == 902
    assert found["tchat_generator_loop_lag_p99_seconds"] == pytest.approx(0.002)


def test_the_bucket_at_the_threshold_is_exact_and_buckets_only_grow() -> None:
    found = samples(exposition(SPEC, counted()))
    buckets = [
        found[f'tchat_latency_seconds_bucket{{le="{bound:g}",operation="login"}}'] for bound in BUCKETS
    ]
    assert buckets == sorted(buckets)
    assert buckets[BUCKETS.index(0.2)] == 897
    assert buckets[BUCKETS.index(0.005)] == 0
    assert found['tchat_latency_seconds_bucket{le="+Inf",operation="login"}'] == 900
    assert found['tchat_latency_seconds_count{operation="login"}'] == 900
    assert found['tchat_latency_seconds_sum{operation="login"}'] == pytest.approx(0.609 + 0.6 + 894 * 0.007)


def test_every_metric_has_its_type_once() -> None:
    lines = exposition(SPEC, counted()).splitlines()
    typed = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(typed) == len(set(typed))
    for line in lines:
        if not line.startswith("#"):
            name = re.sub(r"_(bucket|sum|count)$", "", line.partition("{")[0].split()[0])
            assert name in typed


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    """Its form was checked by a round trip through Grafana's own models (grafana-foundation-sdk 10.1)."""
    board = json.loads((ROOT / "load" / "deploy" / "grafana-dashboard.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked += [one["definition"] for one in board["templating"]["list"] if one["type"] == "query"]
    named = {name for expression in asked for name in re.findall(r"tchat_\w+", expression)}
    told = {name.partition("{")[0] for name in samples(exposition(SPEC, counted()))}
    assert named - told == set()
    assert told - named == {"tchat_latency_seconds_sum"}, "the dashboard shows all that is exported"


def test_opentelemetry_has_what_locust_does_not_know() -> None:
    metrics = pytest.importorskip("opentelemetry.metrics")
    export = pytest.importorskip("opentelemetry.sdk.metrics.export")
    reader = export.InMemoryMetricReader()
    meter = pytest.importorskip("opentelemetry.sdk.metrics").MeterProvider([reader]).get_meter("tchat")
    observe(metrics, meter, SPEC, counted)
    told = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
    found = {one.name: {tuple(p.attributes.values()): p.value for p in one.data.data_points} for one in told}
    assert found["tchat.requests"] == {
        ("login", "200"): 900,
        ("login", "500"): 1,
        ("login", "error:reset"): 1,
    }
    assert found["tchat.over_objective"] == {("login",): 3}
    assert (found["tchat.generator_sent"], found["tchat.generator_loop_lag_p99_seconds"]) == ({(): 902}, {(): pytest.approx(0.002, rel=0.01)})  # fmt: skip
    assert found["tchat.error_budget_left"][("login",)] < 1


@pytest.mark.parametrize(
    ("text", "found"), [("9100", ("127.0.0.1", 9100)), ("0.0.0.0:9100", ("0.0.0.0", 9100))]
)
def test_addresses(text: str, found: tuple[str, int]) -> None:
    assert address(text) == found


@pytest.mark.parametrize("text", ["x", "-1", "70000", ":9100", "host:", "1.5"])
def test_bad_addresses(text: str) -> None:
    with pytest.raises(OptionError, match="--prometheus-port"):
        address(text)


@pytest.mark.parametrize(("found", "expected"), [(None, []), (counted(), rows(SPEC, counted(), so_far()))])
def test_the_tab_gets_its_rows_with_locusts_statistics(
    found: LoadRecorder | None, expected: list[Any]
) -> None:
    web_ui = shown_by(Shown(found, so_far))

    @web_ui.app.route("/stats/requests")  # type: ignore[untyped-decorator]
    def statistics() -> Any:
        return flask.jsonify({"stats": [], "state": "running"})

    @web_ui.app.route("/tasks")  # type: ignore[untyped-decorator]
    def tasks() -> Any:
        return flask.jsonify({"total": 1})

    page = web_ui.app.test_client()
    answer = page.get("/stats/requests").json
    told = [{"grade": "UNKNOWN", "check": "objective", "subject": "login", "reason": so_far()[0].reason}]
    assert answer["extended_stats"] == [{"key": KEY, "data": expected}, {"key": VERDICT_KEY, "data": told}]
    assert answer["state"] == "running"
    assert page.get("/tasks").json == {"total": 1}
    tabs, (table, _) = web_ui.template_args["extended_tabs"], web_ui.template_args["extended_tables"]
    assert [tab["key"] for tab in tabs] == [KEY, VERDICT_KEY]
    assert [column["key"] for column in table["structure"]] == list(COLUMNS)


@pytest.mark.parametrize(
    ("host", "fields", "allowed"),
    [
        ("127.0.0.1", {"Host": "127.0.0.1:8089"}, True),
        ("127.0.0.1", {"Host": "localhost:8089", "Origin": "http://localhost:8089"}, True),
        ("127.0.0.1", {"Host": "rebound.attacker.example:8089"}, False),
        ("127.0.0.1", {"Host": "localhost:8089", "Origin": "https://attacker.example"}, False),
        ("127.0.0.1", {"Host": "localhost:8089", "Sec-Fetch-Site": "cross-site"}, False),
        ("", {"Host": "load.internal:8089", "Origin": "http://load.internal:8089"}, True),
        ("", {"Host": "load.internal:8089", "Origin": "https://attacker.example"}, False),
    ],
)
def test_a_page_of_the_web_starts_no_load(host: str, fields: dict[str, str], allowed: bool) -> None:
    page = shown_by(Shown(), host=host).app.test_client()
    answer = page.post("/swarm", data={"user_count": 1}, headers=fields)
    assert (answer.status_code, answer.json["success"]) == ((200, True) if allowed else (403, False))


@pytest.mark.parametrize("base", ["", "/load"])
@pytest.mark.parametrize("final", [False, True])
def test_the_page_of_the_chart_has_the_seconds_and_the_verdicts(final: bool, base: str) -> None:
    page = shown_by(Shown(counted(), so_far, final=final), base=base).app.test_client()
    assert "<svg" in page.get(f"{base}/live").get_data(as_text=True)
    state = page.get(f"{base}/live/data").json
    assert (state["grade"], state["final"]) == (("UNKNOWN" if final else "running"), final)
    assert sum(second["sent"] for second in state["seconds"]) == 902
    (row,) = state["rows"]
    # A run that has ended has no seconds left.
    assert state["progress"].startswith("ended: ") if final else state["progress"] == "12 s left", state[
        "progress"
    ]
    assert len(row) == len(state["columns"]) and row[-1] == ("UNKNOWN" if final else "UNKNOWN (provisional)")
    assert [line[:3] for line in state["verdicts"]] == [["UNKNOWN", "objective", "login"]]


@pytest.mark.parametrize("path", ["/live", "/live/data"])
def test_with_web_login_our_pages_ask_for_it_too(path: str) -> None:
    page = shown_by(Shown(counted(), so_far), logged_in=False).app.test_client()
    assert page.get(path).status_code == 401


@pytest.mark.parametrize("base", ["", "/load"])
def test_what_the_form_asks_for_and_cannot_be_is_said_at_the_form(base: str) -> None:
    page = shown_by(Shown(refused="--rate 'x' is not a number"), base=base).app.test_client()
    answer = page.post(f"{base}/swarm", data={"rate": "x"}).json
    assert answer == {"success": False, "message": "--rate 'x' is not a number"}


@pytest.mark.parametrize("base", ["", "/load"])
def test_a_second_start_during_a_run_says_that_it_is_none(base: str) -> None:
    for state, begins in (("running", False), ("stopped", True)):
        page = shown_by(Shown(), state=state, base=base).app.test_client()
        assert page.post(f"{base}/swarm").json["success"] is begins


def test_a_running_load_can_be_scraped(server: int, start: Callable[..., ForkedCommand]) -> None:
    port = free_port()
    process = start(
        "--headless", "--host", f"http://127.0.0.1:{server}", "--scenario", "steady", "--duration", "30",
        "--prometheus-port", str(port),
    )  # fmt: skip
    found: dict[str, float] = {}

    def sent() -> bool:
        with (
            suppress(OSError),  # it is not up yet
            urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=HANG) as response,
        ):
            found.update(samples(response.read().decode()))
        return found.get("tchat_generator_sent_total", 0) >= 20

    try:
        until(sent)
    finally:
        process.kill()
        process.communicate()


def test_a_port_that_is_taken_is_one_line(locust: Callable[..., tuple[int, str, str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = locust("--host", "http://127.0.0.1:1", "--prometheus-port", str(port))
    assert (code, err.count("\n")) == (64, 1)
    assert "--prometheus-port" in err
