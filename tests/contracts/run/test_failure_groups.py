"""Failures with one cause are one line, the worst first; what is wrong with every operation alike is one cause."""

from typing import Any

import pytest

from contracts.run import CheckResult, Offence
from contracts.run.failure_groups import failure_groups


def failed(id: str, subject: str = "", **offence: Any) -> CheckResult:
    made = (
        Offence(**{"text": f"{offence.get('operation', '')} {offence.get('symptom')}", **offence})
        if offence
        else None
    )
    return CheckResult(
        id=id, grade="FAIL", operation=subject, reason="expected a; got b", curl=["curl"], offence=made
    )


def test_one_symptom_of_one_operation_is_one_cause_whatever_the_checks_were_about() -> None:
    broken = [
        failed(f"items.{n}", symptom="server-error", operation="publishContent", got="500") for n in range(55)
    ]
    other = failed(
        "sync.stamps", "syncContent", symptom="value", operation="syncContent", path="/data/syncTimestamp"
    )
    first, second = failure_groups([other, *broken])
    assert (len(first.results), first.text) == (55, "publishContent server-error")
    assert second.results == (other,)


def test_what_the_whole_target_does_is_one_cause() -> None:
    for symptom in ("rate-limited", "session-refused", "no-answer"):
        rows = [
            failed("a.b", symptom=symptom, operation=name, got="401")
            for name in ("login", "logout", "syncContent")
        ]
        (group,) = failure_groups(rows)
        assert group.operations == ("login", "logout", "syncContent") and group.text.endswith(
            "(and 2 more operations alike)"
        )


def test_the_same_wrong_shape_of_many_operations_is_one_cause_and_of_two_it_is_two() -> None:
    rows = [
        failed(
            "shape.answers",
            f"op{n}",
            symptom="shape",
            operation=f"op{n}",
            path="body /code",
            expected="required",
        )
        for n in range(5)
    ]
    assert [len(group.results) for group in failure_groups(rows)] == [5]
    assert [len(group.results) for group in failure_groups(rows[:2])] == [1, 1]


@pytest.mark.parametrize("symptom", ["accepted", "status"])
def test_what_many_operations_take_is_one_cause_whichever_success_they_answer(symptom: str) -> None:
    rows = [
        failed("http.closed-bodies", name, symptom=symptom, operation=name, fault="body: 'zzz'", expected="400 X", got=got)
        for name, got in (("login", "200"), ("createContentItem", "201"), ("ingestMetrics", "202"), ("logout", "204"))
    ]  # fmt: skip
    assert [len(group.results) for group in failure_groups(rows)] == [4]


def test_systemic_symptoms_stand_first_and_then_what_most_checks_met() -> None:
    rows = [
        *(failed(f"items.{n}", symptom="value", operation="getContentItems", path="/data") for n in range(9)),
        failed("items.archive", symptom="no-effect", operation="archiveContent"),
        *(
            failed(f"auth.{n}", symptom="status", operation="login", expected="200", got="404")
            for n in range(3)
        ),
    ]
    assert [group.offence.symptom for group in failure_groups(rows)] == ["no-effect", "value", "status"]


def test_of_causes_that_few_checks_met_the_worst_harm_is_first() -> None:
    harms = ("hygiene", "", "loses-data", "of a later version", "breaks-clients", "lets-somebody-in")
    rows = [
        failed(f"a.{place}", symptom="value", operation=f"op{place}").model_copy(update={"harm": harm})
        for place, harm in enumerate(harms)
    ]
    found = [group.results[0].harm for group in failure_groups(rows)]
    assert found[:4] == ["loses-data", "lets-somebody-in", "breaks-clients", "hygiene"]


def test_a_failure_without_an_offence_says_what_its_check_says() -> None:
    (group,) = failure_groups([failed("items.order", "getContentItems")])
    assert group.text == "getContentItems: expected a; got b"


def test_what_did_not_fail_is_in_no_group() -> None:
    rows = [CheckResult(id="a.b", grade=grade) for grade in ("PASS", "UNKNOWN", "ADVISORY")]  # type: ignore[arg-type]
    assert failure_groups(rows) == ()


def test_a_cause_is_told_in_the_words_that_most_checks_met() -> None:
    said = ["challenge: none", *(["body: no code"] * 3)]
    rows = [
        failed(
            "a.b",
            symptom="shape",
            operation="login",
            path="error",
            expected="x",
            text=f"login answers 40{n}: {text}",
        )
        for n, text in enumerate(said)
    ]
    (group,) = failure_groups(rows)
    assert group.text == "login answers 401: body: no code"


def test_what_used_the_broken_write_is_a_consequence_and_not_a_cause() -> None:
    broken = [failed(f"items.{n}", symptom="no-effect", operation="archiveContent") for n in range(2)]
    after = failed(
        "categories.counts", symptom="value", operation="getContentCategories", used=["archiveContent"]
    )
    shape = failed("shape.answers", symptom="shape", operation="login", path="body", used=["archiveContent"])
    other = failed("sync.stamps", symptom="value", operation="syncContent", used=["updateContentItem"])
    cause, *rest = failure_groups([other, shape, after, *broken])
    assert cause.consequences == (after,) and cause.text.endswith("; 1 more check fails in consequence")
    assert [group.results for group in rest] == [(shape,), (other,)]


def test_a_refusal_in_other_words_is_a_consequence_of_the_refused_session() -> None:
    refused = failed(
        "items.order", symptom="session-refused", operation="getContentItems", got="401 TOKEN_REVOKED"
    )
    options = failed("shape.options", symptom="shape", got="401", path="status 401")
    (group,) = failure_groups([options, refused])
    assert group.results == (refused,) and group.consequences == (options,)


def test_one_failure_of_many_operations_is_one_cause_with_the_undocumented_status_of_it() -> None:
    names = [f"op{n}" for n in range(4)]
    broken = [failed("http.no-json", n, symptom="server-error", operation=n, got="500") for n in names]
    shapes = [
        failed("shape.answers", n, symptom="shape", operation=n, path="error", text=f"{n}: status: 500 is not documented")
        for n in names
    ]  # fmt: skip
    (group,) = failure_groups([*broken, *shapes])
    assert len(group.results) == 4 and len(group.consequences) == 4


def test_statuses_that_the_document_lacks_are_another_cause_than_wrong_bodies_of_errors() -> None:
    def errors(text: str, got: str) -> list[CheckResult]:
        offence = {"symptom": "shape", "path": "error", "expected": "errors", "got": got}
        return [failed("shape.answers", f"op{n}", operation=f"op{n}", text=f"op{n}{text}", **offence) for n in range(3)]  # fmt: skip

    bodies = errors(" answers 401 in another shape than documented: body type", "401")
    groups = failure_groups([*bodies, *errors(": 415 is not documented; documented are 200", "415")])
    assert [(group.offence.got, len(group.results)) for group in groups] == [("401", 3), ("415", 3)]


def test_an_operation_that_works_as_it_should_breaks_nothing_else_by_failing_on_a_bad_request() -> None:
    bad = failed("http.no-json", "create", symptom="server-error", operation="create", got="500")
    other = failed("sync.order", "sync", symptom="value", operation="sync", used=["create"])
    works = CheckResult(id="smoke.reaches", grade="PASS", operation="create")
    assert [len(group.consequences) for group in failure_groups([bad, other])] == [1]
    assert [len(group.consequences) for group in failure_groups([bad, other, works])] == [0, 0]


def test_codes_that_nobody_can_read_follow_from_the_form_of_errors() -> None:
    shapes = [
        failed(
            "shape.answers", f"op{n}", symptom="shape", operation=f"op{n}", path="error", expected="errors"
        )
        for n in range(3)
    ]
    codes = failed(
        "bulk.codes", symptom="value", operation="bulkUpdateContent", expected="INVALID_STATE", got=""
    )
    counts = failed("items.total", symptom="value", operation="getContentItems", expected="3", got="2")
    for found, causes in ((shapes, [3, 1]), (shapes[:2], [1, 1, 1, 1])):
        groups = failure_groups([codes, counts, *found])
        assert [len(group.results) for group in groups] == causes
        assert bool(groups[0].consequences) == (len(found) > 2)


@pytest.mark.parametrize("program", ["stateful.model", "stateful.lost-answers"])
def test_a_random_program_follows_from_what_a_check_says_of_its_operation(program: str) -> None:
    value = {"symptom": "value", "operation": "getContentItems"}
    order, tags = (
        failed("items.order", path="order", **value),
        failed("items.tags", symptom="value", operation="getContentItem"),
    )
    played = failed(program, path="/body/data/data/0/id", **value)
    found = [(group.results, group.consequences) for group in failure_groups([played, tags, order])]
    assert ((order,), (played,)) in found and ((tags,), ()) in found and len(found) == 2
    assert [group.results for group in failure_groups([played, tags])] == [(tags,), (played,)]
    assert [group.results for group in failure_groups([played])] == [(played,)]


def test_a_member_that_a_write_stores_wrongly_is_one_cause_wherever_it_shows() -> None:
    places = {
        "updateContentItem": "/data/tags",
        "getContentItem": "/data/tags",
        "syncContent": "/data/items/*/tags",
    }
    shapes = [
        failed(
            "shape.answers",
            name,
            symptom="shape",
            operation=name,
            path=f"body {place} {rule}",
            expected="shape.answers",
        )
        for name, place in places.items()
        for rule in ("uniqueItems", "maxItems")
    ]
    value = {"symptom": "value", "operation": "updateContentItem"}
    tags = failed("items.update-merges", **value, text='updateContentItem: tags = ["x", "y"], not []')
    title = failed("items.title", **value, text="updateContentItem: title = a, not b")
    listed, unrelated = (
        failed(id, symptom="value", operation=id, used=used, text=f"{id}: /0/tags = [], not null")
        for id, used in (("getContentItems", ["updateContentItem"]), ("getContentCategories", ["login"]))
    )
    first, *others = failure_groups([title, tags, listed, unrelated, *shapes])
    assert (first.operations[0], len(first.results)) == ("updateContentItem", 6)
    assert {result.id for result in first.consequences} == {tags.id, listed.id}
    assert [group.results for group in others] == [(unrelated,), (title,)]
