"""Requests without an answer: both worlds are held, and later answers strike out the wrong one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.model import Caller, Model, Request, Response, UndecidedError, adopt
from tests.contracts.model.model_server import ModelServer

ADA = Caller(user="u-ada", workspace="w1")


def ask(operation: str, item: str | None = None, body: Any = None, **more: Any) -> Request:
    headers = {"idempotency-key": more.pop("key")} if "key" in more else {}
    return Request(
        operation=operation,
        caller=ADA,
        path={"id": item} if item else {},
        query=more,
        body=body,
        headers=headers,
    )


CREATE = ask("createContentItem", body={"title": "T"})
KEYED = ask("createContentItem", body={"title": "T"}, key="k")
READ = ask("getContentItem", "c-0")
LIST = ask("getContentItems")
ARCHIVE = ask("archiveContent", "c-0", {})
PUBLISH = ask("publishContent", "c-0", {})


def update(version: int, title: str = "U") -> Request:
    return ask("updateContentItem", "c-0", {"version": version, "title": title})


class Run:
    """A server made of the model behind a network that loses answers."""

    def __init__(self) -> None:
        self.oracle = ModelServer({"w1": adopt([], [])})
        self.model = Model.of({"w1": adopt([], [])})

    def apply(self, request: Request) -> Response:
        self.oracle, response = self.oracle.answer(request)
        return response

    def tell(self, request: Request, response: Response | None) -> bool:
        self.model, wrong = self.model.step(request, response)
        return not wrong

    def answered(self, *requests: Request) -> bool:
        return all(self.tell(request, self.apply(request)) for request in requests)

    def lost(self, request: Request, *, happened: bool) -> None:
        if happened:
            self.apply(request)
        assert self.tell(request, None)


@pytest.mark.parametrize("happened", [True, False], ids=["happened", "did-not"])
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(update(1), id="update"),
        pytest.param(ARCHIVE, id="archive"),
        pytest.param(PUBLISH, id="publish"),
        pytest.param(CREATE, id="create"),
        pytest.param(ask("revertContentVersion", "c-0", {"versionId": "c-0-v1"}), id="revert"),
        pytest.param(ask("bulkUpdateContent", body={"operations": [{"type": "archive", "id": "c-0"}]}), id="bulk"),
    ],
)  # fmt: skip
def test_either_fate_agrees(happened: bool, request_: Request) -> None:
    run = Run()
    assert run.answered(CREATE)
    run.lost(request_, happened=happened)
    rows = ask("getContentItems", status="archived")
    assert run.answered(
        LIST, rows, READ, ask("getContentVersions", "c-0"), ask("getContentCategories"), CREATE, LIST
    )
    # What has not happened so far may still happen; what has, cannot happen again.
    assert all(bool(space.limbo) != happened for space in run.model.possible("w1"))
    assert len(run.model.possible("w1")) == 1


def test_what_was_seen_to_happen_cannot_be_undone() -> None:
    run = Run()
    assert run.answered(CREATE)
    before = run.apply(READ)
    run.lost(update(1), happened=True)
    assert run.answered(READ)
    assert not run.tell(READ, before)


def test_a_lost_update_may_happen_late_but_not_after_settling() -> None:
    run = Run()
    assert run.answered(CREATE)
    run.lost(update(1), happened=False)
    assert run.answered(READ)
    run.apply(update(1))
    after = run.apply(READ)
    late, _ = run.model.step(READ, after)
    assert late.possible("w1")[0].items[0].now.number == 2
    run.model = run.model.settle()
    assert run.answered(CREATE), "settling loses nothing else"
    settled = Run()
    assert settled.answered(CREATE)
    settled.lost(update(1), happened=False)
    assert settled.answered(READ)
    settled.model = settled.model.settle()
    kept = settled.model.possible("w1")
    assert {space.items[0].now.number for space in kept} == {1, 2}, (
        "settling does not say whether it happened"
    )


def test_another_writer_wins_over_a_lost_update() -> None:
    run = Run()
    assert run.answered(CREATE)
    run.lost(update(1, "lost"), happened=False)
    assert run.answered(update(1, "other"), READ)
    wrong = {"status": 409, "code": "VERSION_CONFLICT", "details": {"currentVersion": 2, "yourVersion": 1}}
    assert run.tell(update(1, "third"), Response(status=409, body=wrong))
    assert not run.tell(READ, Response(status=404, body={"status": 404, "code": "CONTENT_NOT_FOUND"}))


def test_a_refused_update_proves_that_the_lost_one_happened() -> None:
    run = Run()
    assert run.answered(CREATE)
    run.lost(update(1), happened=True)
    assert run.answered(update(1, "again"), READ)
    (space,) = run.model.possible("w1")
    assert (space.items[0].now.snapshot["title"], space.limbo) == ("U", ())


def test_a_lost_create_is_found_by_the_list_or_by_its_id() -> None:
    for look in (LIST, ask("getContentItem", "c-1")):
        run = Run()
        assert run.answered(CREATE)
        run.lost(ask("createContentItem", body={"title": "lost"}), happened=True)
        assert run.answered(look)
        (space,) = run.model.possible("w1")
        assert space.ids() == {"c-0", "c-1"}


def test_a_lost_create_with_a_key_is_not_made_twice() -> None:
    run = Run()
    run.lost(KEYED, happened=True)
    assert run.answered(KEYED, LIST)
    assert all(len(space.items) == 1 for space in run.model.possible("w1"))
    twice = Run()
    twice.lost(KEYED, happened=True)
    assert twice.tell(KEYED, twice.apply(CREATE)), "it may as well not have happened before"
    assert not twice.tell(LIST, twice.apply(LIST)), "two items are one too many"


def test_in_flight_is_an_answer_only_while_something_may_be() -> None:
    flight = Response(status=409, body={"status": 409, "code": "IDEMPOTENCY_IN_FLIGHT"})
    run = Run()
    run.lost(KEYED, happened=False)
    assert run.tell(KEYED, flight)
    clean = Run()
    assert not clean.tell(KEYED, flight)


def test_a_500_says_as_little_as_no_answer() -> None:
    run = Run()
    assert run.answered(CREATE)
    run.apply(ARCHIVE)
    assert run.tell(ARCHIVE, Response(status=500, body={}))
    assert run.answered(READ)


def test_a_lost_read_means_nothing() -> None:
    run = Run()
    assert run.tell(READ, None)
    assert len(run.model.possible("w1")) == 1 and not run.model.possible("w1")[0].limbo


def test_too_many_lost_answers_are_undecided_and_not_wrong() -> None:
    run = Run()
    for number in range(7):
        run.lost(ask("createContentItem", body={"title": f"T{number}"}), happened=False)
    assert run.tell(LIST, run.apply(LIST))
    assert "too many answers were lost" in run.model.undecided[0]
    with pytest.raises(UndecidedError, match="too many answers were lost"):
        run.model.settle()


@settings(max_examples=60, derandomize=True)
@given(
    program=st.lists(
        st.tuples(
            st.sampled_from([CREATE, ARCHIVE, PUBLISH, update(1), update(2), READ, LIST]),
            st.sampled_from(["answered", "answered", "answered", "happened", "never"]),
        ),
        max_size=9,
    )
)
def test_a_lossy_network_never_makes_a_right_server_wrong(program: list[tuple[Request, str]]) -> None:
    run = Run()
    losses = 0
    for request, fate in program:
        losses += fate != "answered"
        if fate == "answered" or losses > 3:
            assert run.answered(request), request
        else:
            run.lost(request, happened=fate == "happened")


# What is void, and what is told


def test_a_lost_update_is_void_once_its_version_is_past() -> None:
    run = Run()
    assert run.answered(CREATE)
    run.lost(update(1, "lost"), happened=False)
    assert run.answered(update(1, "other"))
    assert [space.limbo for space in run.model.possible("w1")] == [()]


def test_a_lost_create_is_void_once_its_key_is_kept() -> None:
    run = Run()
    run.lost(KEYED, happened=False)
    assert run.answered(KEYED)
    assert all(not space.limbo for space in run.model.possible("w1"))
    assert run.answered(LIST) and len(run.model.possible("w1")[0].items) == 1


@pytest.mark.parametrize("request_", [ARCHIVE, PUBLISH, CREATE], ids=["archive", "publish", "create"])
def test_what_can_still_have_an_effect_is_never_void(request_: Request) -> None:
    run = Run()
    assert run.answered(CREATE)
    run.lost(request_, happened=False)
    assert run.answered(READ, update(1), READ, LIST)
    assert all(space.limbo == (request_,) for space in run.model.possible("w1"))


def test_what_nobody_may_do_is_void_at_once() -> None:
    viewer = Caller(user="u-v", workspace="w1", permissions=frozenset({"content:read"}))
    run = Run()
    assert run.answered(CREATE)
    run.lost(replace(ARCHIVE, caller=viewer), happened=True)
    run.lost(replace(update(1), valid=False), happened=True)
    assert [space.limbo for space in run.model.possible("w1")] == [()]


def test_every_world_says_what_it_expected() -> None:
    run = Run()
    assert run.answered(CREATE)
    run.lost(update(1, "lost"), happened=True)
    wrong = run.apply(READ)
    wrong.body["data"]["title"] = "third"
    assert not run.tell(READ, wrong)
    told = run.model.alternatives(READ, wrong)
    assert [([r.operation for r in a.taken], a.complaint.place, a.complaint.expected) for a in told] == [
        ([], "/headers/etag", '"\\"v1\\""'),
        (["updateContentItem"], "/body/data/title", '"lost"'),
    ]
    assert run.answered(READ) and run.model.alternatives(READ, run.apply(READ)) == ()


# Among strangers


def strangers() -> Run:
    """Somebody else has an item, and the model knows but its own word."""
    run = Run()
    run.oracle, _ = run.oracle.answer(ask("createContentItem", body={"title": "theirs"}))
    run.model = Model.of({"w1": adopt([], [], partial=True, own="zq7")})
    return run


MINE = ask("createContentItem", body={"title": "zq7 one"})
SEARCH = ask("getContentItems", search="zq7")


def test_a_search_for_the_own_word_shows_what_a_lost_create_has_made() -> None:
    for happened in (True, False):
        run = strangers()
        run.lost(MINE, happened=happened)
        assert run.answered(ask("getContentItems"), SEARCH)
        (space,) = run.model.possible("w1")
        assert (space.ids(), len(space.limbo)) == (({"c-1"}, 0) if happened else (set(), 1))


@pytest.mark.parametrize("more", [0, 2], ids=["undone", "twice"])
def test_a_search_for_the_own_word_shows_that_it_happened_otherwise_than_once(more: int) -> None:
    run = strangers()
    run.lost(MINE, happened=True)
    assert run.answered(SEARCH)
    wrong = run.apply(SEARCH)
    (row,) = wrong.body["data"]["data"]
    wrong.body["data"]["data"] = [{**row, "id": f"c-{n + 2}"} if n else row for n in range(more)]
    wrong.body["data"]["pagination"]["total"] = more
    assert not run.tell(SEARCH, wrong)
    if more:
        assert run.tell(ask("getContentItems", search="zq"), wrong), "another word may be anybody's"
