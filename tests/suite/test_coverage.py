"""What counts as reached: statuses, codes, both sides of parameters and keywords; counts of processes add up."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.run.result import CoverageCell
from contracts.spec import load as load_spec
from contracts.spec import parse
from contracts.spec.channel import load as load_channel
from contracts.suite.checks.test_shape import _settle
from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.contract_violation import AnswerFinding, ContractViolation
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.judging.contract_coverage import ContractCoverage
from contracts.suite.judging.recorder import Recorder
from contracts.suite.plugin.terminal_summary import _reached

SPEC = load_spec()


def _exchange(
    method: str, url: str, status: int, *, sent: bytes | None = None, body: bytes = b"", **headers: str
) -> Exchange:
    request = HttpRequest(
        method=method, url=f"http://h/api{url}", headers={"Content-Type": "application/json"}, body=sent
    )
    return Exchange(operation="", request=request, status=status, headers=headers, body=body, sent=0, done=1)


def _recorder() -> Recorder:
    return Recorder(SPEC, AnswerJudge(SPEC, ("/api", "")))


def _problem(status: int, code: str) -> bytes:
    kind = code.lower().replace("_", "-")
    told = {
        "type": f"tag:tchat.com,2026:{kind}",
        "title": "t",
        "status": status,
        "detail": "d",
        "message": "d",
        "code": code,
        "requestId": "r",
    }
    return json.dumps(told).encode()


def test_both_sides_of_a_parameter() -> None:
    recorder = _recorder()
    for value in ("5", "500"):
        recorder.record(_exchange("GET", f"/content/items?limit={value}", 400))
    counts = recorder.coverage.counts
    assert counts["getContentItems", "parameter", "query limit valid"] == 1
    assert counts["getContentItems", "parameter", "query limit invalid"] == 1
    assert counts["getContentItems", "status", "400"] == 2


@pytest.mark.parametrize("blank", ["", "\n", " \t\r\n  "])
def test_a_code_counts_however_its_document_is_laid_out(blank: str) -> None:
    recorder = _recorder()
    laid_out = blank.encode() + json.dumps(json.loads(_problem(404, "CONTENT_NOT_FOUND")), indent=2).encode()
    recorder.record(_exchange("GET", "/content/items/x", 404, body=laid_out))
    assert recorder.coverage.counts["getContentItem", "code", "CONTENT_NOT_FOUND"] == 1


def test_a_refused_caller_reaches_no_parameter() -> None:
    recorder = _recorder()
    recorder.record(_exchange("GET", "/content/items?limit=5", 401, body=_problem(401, "TOKEN_MISSING")))
    assert recorder.coverage.counts["getContentItems", "code", "TOKEN_MISSING"] == 1
    assert not recorder.coverage.counts["getContentItems", "parameter", "query limit valid"]


def test_keywords_of_a_body() -> None:
    recorder = _recorder()
    for title in ("fine", ""):
        recorder.record(_exchange("POST", "/content/items", 400, sent=json.dumps({"title": title}).encode()))
    counts = recorder.coverage.counts
    assert counts["createContentItem", "keyword", "/title minLength valid"] == 1
    assert counts["createContentItem", "keyword", "/title minLength invalid"] == 1
    assert not counts["createContentItem", "keyword", "/title maxLength invalid"]


def test_a_405_belongs_to_every_operation_of_the_path() -> None:
    recorder = _recorder()
    recorder.record(_exchange("DELETE", "/content/items", 405, body=_problem(405, "METHOD_NOT_ALLOWED")))
    reached = {key[0] for key in recorder.coverage.counts if key[1] == "status"}
    assert reached == {"getContentItems", "createContentItem"}


def test_cells_require_only_what_a_client_can_provoke() -> None:
    cells = ContractCoverage(SPEC).cells(channel=None, clock=False, writes=True, forbidden=True)
    required = {(cell.operation, cell.kind, cell.name) for cell in cells if cell.required}
    listed = {(cell.operation, cell.kind, cell.name) for cell in cells}
    assert ("getContentItems", "status", "503") in listed - required
    assert ("getContentItems", "code", "TOKEN_EXPIRED") in listed - required
    assert ("updateContentItem", "code", "VERSION_CONFLICT") in required
    with_clock = ContractCoverage(SPEC).cells(channel=None, clock=True, writes=True, forbidden=True)
    assert any(c.required and c.name == "TOKEN_EXPIRED" for c in with_clock)
    assert not any(
        c.required
        for c in ContractCoverage(SPEC).cells(channel=None, clock=True, writes=False, forbidden=True)
    )


def test_a_heartbeat_of_the_server_is_required_only_with_its_clock() -> None:
    """Without the clock it comes after 30 s, longer than any check waits: a target without a control interface passes."""
    needed = {
        clock: {
            cell.name
            for cell in ContractCoverage(SPEC).cells(
                channel=load_channel(), clock=clock, writes=True, forbidden=True
            )
            if cell.required and cell.kind == "message"
        }
        for clock in (False, True)
    }
    assert needed[True] - needed[False] == {"received heartbeat"}


def test_counts_of_two_processes_add_up() -> None:
    one, two = _recorder(), _recorder()
    for recorder in (one, two, two):
        recorder.record(_exchange("GET", "/content/items", 400))
    one.coverage.counts.update(two.coverage.counts)
    assert one.coverage.counts["getContentItems", "status", "400"] == 3


def test_one_wrong_header_is_one_fault_however_often_it_comes() -> None:
    recorder = _recorder()
    body = json.dumps({"success": True}).encode()
    for number in range(5):
        recorder.record(
            _exchange(
                "POST",
                f"/content/items/c{number}/archive",
                200,
                sent=b"{}",
                body=body,
                **{"Content-Type": "text/html"},
            )
        )
    assert [
        (fault.finding.check, fault.finding.operation, fault.count) for fault in recorder.faults.values()
    ] == [("shape.answers", "archiveContent", 5)]


def test_problems_that_contradict_themselves_are_found() -> None:
    recorder = _recorder()
    problem = json.loads(_problem(404, "CONTENT_NOT_FOUND")) | {"status": 400, "message": "other"}
    recorder.record(
        _exchange(
            "GET",
            "/content/items/x",
            404,
            body=json.dumps(problem).encode(),
            **{"Content-Type": "application/problem+json"},
        )
    )
    keys = {
        fault.finding.key for fault in recorder.faults.values() if fault.finding.check == "shape.problems"
    }
    assert keys == {"status CONTENT_NOT_FOUND", "message CONTENT_NOT_FOUND"}


@pytest.mark.parametrize("last", [400, 500])
def test_what_is_told_of_many_findings_does_not_depend_on_their_order(last: int) -> None:
    recorder = _recorder()
    for status in (900 - last, last):
        recorder.record(_exchange("POST", "/content/items/c1/archive", status, sent=b"{}"))
    recorder.faults = {key: fault for key, fault in recorder.faults.items() if key[0] == "shape.answers"}
    api: Any = SimpleNamespace(target=SimpleNamespace(recorder=recorder))
    with pytest.raises(ContractViolation) as raised:
        _settle(api, "shape.answers", "archiveContent")
    assert raised.value.finding.key == min(key[2] for key in recorder.faults)


def test_keywords_are_required_only_where_the_check_of_all_of_them_applies() -> None:
    """In a document without problem documents nothing reaches each keyword for certain."""
    text = json.dumps(SPEC.document).replace("application/problem+json", "application/json")
    plain = parse(text.encode(), name="plain.json")
    for spec, required in ((SPEC, True), (plain, False)):
        cells = ContractCoverage(spec).cells(channel=None, clock=True, writes=True, forbidden=True)
        assert {cell.required for cell in cells if cell.kind == "keyword"} == {required}


def test_of_many_wrong_messages_of_the_channel_the_same_one_is_told() -> None:
    told = set()
    for kinds in (("b", "a"), ("a", "b")):
        recorder = _recorder()
        for kind in kinds:
            finding = AnswerFinding(
                "realtime.messages", "", kind, "a documented message", f"the type {kind!r}"
            )
            recorder.blame(finding, _exchange("GET", "/ws", 101))
        found = recorder.summed("realtime.messages")
        assert found is not None
        told.add((found[0].finding, found[1]))
    assert [got for _, got in told] == ["the type 'a', once, and 1 other findings"]


@pytest.mark.parametrize(
    ("required", "told"),
    [
        pytest.param(("status",), "status 1/1", id="of a document without bounds"),
        pytest.param((), "nothing had to be reached", id="of a run that may not write"),
    ],
)
def test_the_coverage_names_only_what_had_to_be_reached(required: tuple[str, ...], told: str) -> None:
    cells = [
        CoverageCell(operation="login", kind=kind, name="200", required=kind in required, reached=3)
        for kind in ("status", "keyword")
    ]
    results: Any = SimpleNamespace(
        cells=lambda: cells, requests=7, parallelism="", whole=True, not_counted="", missed=list
    )
    assert list(_reached(results)) == [f"contract coverage (7 requests): {told}"]
