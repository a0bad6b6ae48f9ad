"""Every named fault is a deviation that a client can see; without one, nothing deviates."""

import inspect
import json
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from contracts.spec import load
from mock_server.__main__ import main
from mock_server.faults import CATALOGUE, FaultError, Selection
from mock_server.faults.fault import FAMILIES, Fault, WrappedStep, Wrapper
from mock_server.faults.shadows import Running, Shadows
from mock_server.http.validation import RequestValidator
from mock_server.servers.asgi import AsgiApp

from .client_programs import PROGRAMS, run
from .inside import Inside, inside

# What makes a fault strike in a world as small as that of the tests.
SHARPER = {"sync-cap-lost": "sync-cap-lost:limit=10"}
HARMLESS = "latency:ms=0"
"""A fault that changes nothing: with it on, each fast path goes by the steps that a fault may cover."""
ELSEWHERE = {
    "token-in-log": "test_tokens_reach_the_log_by_a_fault_only",
    "oauth-password-in-log": "the check oauth.log-secrets, in the matrix",
    "gone-client-key-unused": "test_delivery_faults, for a client must go",
    "gone-client-without-version": "test_delivery_faults, for a client must go",
}
"""Faults that show in no response to a client that waits for it, and where they are seen."""
VISIBLE = [
    name
    for name, f in CATALOGUE.items()
    if f.family not in ("realtime", "delivery") and name not in ELSEWHERE
]

Told = dict[str, Any]


@cache
def clean(program: str) -> Told:
    return run(PROGRAMS[program], inside())


@cache
def reached(program: str) -> tuple[frozenset[str], Counter[str]]:
    """The operations that a program calls, and how often it takes which steps of the reference."""
    api = inside(faults=(HARMLESS,), control=True)
    taken: Counter[str] = Counter()
    running = Running(
        strikes=lambda: True, touch=lambda: None, when_gone=lambda action: None, when_off=lambda action: None
    )

    def noting(name: str) -> Callable[..., Any]:
        def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
            taken[name] += 1
            return step(*arguments, **named)

        return by

    for step in {wrapper.step for name in VISIBLE for wrapper in CATALOGUE[name].wrappers}:
        api.server.faults.shadows.cover(Wrapper(step, noting(step.__qualname__)), running)
    assert run(PROGRAMS[program], api) == clean(program), "the plain paths give the answers of the fast ones"
    return frozenset(line.operation for line in api.server.application.journal.lines), taken


def candidates(fault: Fault) -> list[str]:
    """The programs in which a fault can show: they call its operations and take its steps. Those that do little else come first."""
    steps = {wrapper.step.__qualname__ for wrapper in fault.wrappers}

    def taken(program: str) -> int:
        return sum(reached(program)[1][step] for step in steps)

    found = [
        program
        for program in PROGRAMS
        if not (fault.operations and reached(program)[0].isdisjoint(fault.operations))
        and (taken(program) or not steps)
    ]
    return sorted(found, key=lambda program: -taken(program) / (reached(program)[1].total() or 1))


def spoilt(fault: str, program: str, *, expected: Told | None = None) -> Inside:
    api = inside(faults=(SHARPER.get(fault, fault),), mark_faults=True, control=True)
    api.expected = expected
    run(PROGRAMS[program], api)
    return api


def differing(api: Inside, program: str) -> list[str]:
    """The labels of what was answered otherwise than by the clean server."""
    return [label for label, answer in api.seen.items() if answer.unmarked != clean(program)[label]]


@pytest.mark.parametrize("fault", VISIBLE)
def test_a_fault_changes_a_response_and_is_named_in_the_journal(fault: str) -> None:
    for program in candidates(CATALOGUE[fault]):
        api = spoilt(fault, program, expected=clean(program))
        if not differing(api, program):
            continue
        failed = [answer.body for answer in api.seen.values() if b"The server failed" in answer.body]
        assert failed == [] or "500" in fault, (
            "what is to be seen is its deviation, not that its wrapper fails"
        )
        # A fault may strike in one answer and show in a later one, which is honest then; so the journal is asked.
        assert {line.faults for line in api.server.application.journal.lines} - {""} == {fault}
        assert {answer.headers.get("x-fault-id", fault) for answer in api.seen.values()} == {fault}
        return
    pytest.fail(
        f"{fault} shows in no program: write one that takes its step, or name in ELSEWHERE where it is seen"
    )


@pytest.mark.parametrize(
    "fault", [n for n in VISIBLE if any(w.step is RequestValidator.refuse for w in CATALOGUE[n].wrappers)]
)
def test_what_is_not_validated_is_accepted(fault: str) -> None:
    assert any(
        clean(program)[label][0] == 400 and answer.status in (200, 201, 202)
        for program in candidates(CATALOGUE[fault])
        for label, answer in spoilt(fault, program).seen.items()
    )


@pytest.mark.parametrize("fault", ELSEWHERE)
def test_what_shows_elsewhere_shows_in_no_program(fault: str) -> None:
    assert not any(differing(spoilt(fault, program), program) for program in candidates(CATALOGUE[fault]))


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_clean_server_keeps_its_contract_and_repeats_itself(program: str) -> None:
    again = run(PROGRAMS[program], inside())  # with check_answers: a breach would be a 500
    assert again == clean(program)
    assert all(status < 500 for status, _, _ in again.values())
    assert not any("x-fault-id" in headers for _, headers, _ in again.values())


def test_faults_that_are_switched_off_again_leave_nothing() -> None:
    api = inside()
    before = api.get("/content/items?limit=3").told
    api.server.faults.set(["list-total-off-by-one", "duplicates-taken", "signature-unchecked"])
    assert api.get("/content/items?limit=3").told != before
    assert api.get("/content/items?limit=3&limit=4").status == 200
    head, body, _ = api.access("demo").split(".")
    forged = f"{head}.{body}.AAAA"
    assert api.get("/auth/verify", token=forged).status == 200
    api.server.faults.set([])
    assert api.get("/content/items?limit=3").told == before
    assert api.get("/content/items?limit=3&limit=4").status == 400
    assert api.get("/auth/verify", token=forged).status == 401


def test_an_answer_is_marked_only_when_asked_for_and_only_when_touched() -> None:
    quiet = inside(faults=("list-total-off-by-one",))
    assert "x-fault-id" not in quiet.get("/content/items").headers
    loud = inside(faults=("list-total-off-by-one", "etag-missing"), mark_faults=True)
    assert loud.get("/content/items").headers["x-fault-id"] == "list-total-off-by-one"
    assert loud.get("/content/items/welcome").headers["x-fault-id"] == "etag-missing"
    assert "x-fault-id" not in loud.get("/content/categories").headers


def test_the_journal_tells_which_faults_touched_an_answer() -> None:
    api = inside(faults=("etag-missing",), control=True)
    api.get("/content/items/welcome")
    api.get("/content/categories")
    assert [line.faults for line in api.server.application.journal.lines] == ["", "etag-missing", ""]


def test_tokens_reach_the_log_by_a_fault_only(capsys: pytest.CaptureFixture[str]) -> None:
    for faults, told in ((), False), (("token-in-log",), True):
        api = inside(faults=faults)
        token = api.access("demo")
        api.get("/content/items")
        assert (token in "".join(capsys.readouterr())) is told


# Chance and scope


def pattern(seed: int, rate: str = "0.3") -> str:
    api = inside(faults=(f"etag-missing:rate={rate}",), seed=seed)
    return "".join(".x"["etag" not in api.get("/content/items/welcome").headers] for _ in range(200))


def test_chance_is_the_seed_s_and_nothing_else_s() -> None:
    assert pattern(1) == pattern(1)
    assert pattern(1) != pattern(2)
    assert 30 <= pattern(1).count("x") <= 90
    assert set(pattern(1, "1.0")) == {"x"}


def test_two_faults_of_the_same_rate_strike_independently() -> None:
    api = inside(faults=("etag-missing:rate=0.5", "cache-control-missing:rate=0.5"))
    drawn: Counter[tuple[bool, bool]] = Counter()
    for _ in range(200):
        headers = api.get("/content/items/welcome").headers
        drawn["etag" in headers, "cache-control" in headers] += 1
    assert len(drawn) == 4 and min(drawn.values()) > 20


def test_a_fault_can_be_limited_to_operations() -> None:
    api = inside(faults=("problem-without-code:operation=getContentItem+syncContent",))
    assert "code" not in api.get("/content/items/nothing").json
    assert "code" not in api.get("/content/sync").json
    assert "code" in api.get("/content/items?limit=0").json
    assert "code" in api.call("DELETE", "/content/items/nothing").json


# The catalogue as data


def test_the_catalogue_covers_every_family() -> None:
    count = Counter(fault.family for fault in CATALOGUE.values())
    assert set(count) == set(FAMILIES) and min(count.values()) >= 15
    assert len(CATALOGUE) >= 100
    assert [name[:5] for name in CATALOGUE if name.startswith("za-")] == [f"za-{n:02d}" for n in range(1, 11)]


@cache
def components() -> Shadows:
    server = inside().server
    AsgiApp(server)  # which attaches its own
    return server.faults.shadows


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_entry_is_whole(name: str) -> None:
    fault = CATALOGUE[name]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|latency|stall|outage|redirects", name)
    assert fault.what.endswith(".") and fault.check and fault.breaks
    assert all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)?", check) for check in fault.check)
    assert bool(fault.wrappers) != (fault.transform is not None)
    assert all(components().owners(wrapper.step) for wrapper in fault.wrappers), "a step of no component"
    assert set(fault.operations) <= {one.id for one in load().endpoints}


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_wrapper_takes_the_arguments_of_its_step(name: str) -> None:
    """One that does not is a TypeError in every request, so that any check is red and the fault proves none."""
    for wrapper in CATALOGUE[name].wrappers:
        given = [p for p in inspect.signature(wrapper.step).parameters.values() if p.name != "self"]
        named = {p.name: p for p in given if p.kind is p.KEYWORD_ONLY}
        placed = [p for p in given if p.kind is p.POSITIONAL_OR_KEYWORD]
        inspect.signature(wrapper.by).bind("step", *placed, **{**wrapper.parameters, **named})


# Naming faults


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        pytest.param(["latncy"], "no fault 'latncy' (did you mean latency?)", id="unknown name"),
        pytest.param(["latency:mss=1"], "no parameter 'mss' (did you mean ms?); it takes ms, rate", id="unknown key"),
        pytest.param(["latency:ms"], "ms needs a value (ms=250)", id="no value"),
        pytest.param(["latency:ms=soon"], "ms=soon is not a whole number", id="no number"),
        pytest.param(["latency:ms=-1"], "ms=-1 is negative", id="negative"),
        pytest.param(["latency:rate=nan"], "rate=nan is not more than 0", id="not a number"),
        pytest.param(["latency:rate=2"], "rate=2 is not more than 0 and at most 1", id="rate above 1"),
        pytest.param(["latency", "latency:ms=1"], "latency is given more than once", id="twice"),
        pytest.param(["limit-one-more", "limit-one-less"], "exclude each other (both set SqlLists.window)", id="rivals"),
        pytest.param(["latency:operation=getItem"], "no operation 'getItem' (did you mean", id="operation"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_told_in_one_line(texts: list[str], told: str) -> None:
    api = inside(faults=("etag-missing",))
    with pytest.raises(FaultError) as caught:
        api.server.faults.set(texts)
    assert told in str(caught.value) and "\n" not in str(caught.value)
    assert list(api.server.faults.selection.texts) == ["etag-missing"], "an error changes nothing"


def test_a_selection_keeps_what_the_user_wrote() -> None:
    texts = ("latency:ms=5,rate=0.5", "ws-mute", "sync-cap-lost:limit=3")
    chosen = Selection.read(texts)
    assert chosen.texts == texts
    assert [
        one.parameters[key] for one, key in zip(chosen.faults, ("ms", "events", "limit"), strict=True)
    ] == [5, 3, 3]


@pytest.mark.parametrize("arguments", [["--fault", "nonsense"], ["--fault", "latency:operation=nonsense"]])
def test_the_command_line_refuses(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 64
    error = capsys.readouterr().err
    assert error.startswith("mock_server: ") and "'nonsense'" in error and error.count("\n") == 1


def test_self_checking_does_not_hide_a_fault() -> None:
    api = inside(faults=("item-without-version",), check_answers=True)
    assert "version" not in api.get("/content/items/welcome").data
    api.server.faults.set([])
    assert api.get("/content/items/welcome").data["version"] == 2


def test_the_catalogue_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults"]) == 0
    table = capsys.readouterr().out
    assert all(name in table for name in CATALOGUE)
    assert main(["faults", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in listed] == list(CATALOGUE)
    assert set(listed[0]) == {
        "name", "family", "breaks", "what", "operations", "parameters", "chance", "check",
    }  # fmt: skip


def test_steady_faults_hold_between_requests_too() -> None:
    """Sockets take steps outside of any request."""
    api = inside(faults=("ws-heartbeat-rare:seconds=7", "etag-missing:rate=0.5"))
    api.get("/content/items/welcome")
    assert api.server.hub.heartbeat_period() == 7
    api.server.faults.set([])
    assert api.server.hub.heartbeat_period() == 30
