"""People against a server in memory: what their steps leave behind, whatever they are and whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator

import gevent
import pytest

from load.books import Books, thresholds
from load.client.exchange import Reply, Request
from load.client.profile import PROFILES
from load.client.scripted import ScriptedServer, filled
from load.people import habits
from load.people.crew import Crew
from load.people.habits import HABITS, LIST, Habit
from load.people.person import Person
from load.people.roles import ROLES, Cast
from load.recorder import Recorder
from load.target import parse
from load.world import Account
from tests.load.client.stage import SPEC, START

MOBILE = ("IosUser", "AndroidUser")


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    with gevent.Timeout(30):
        yield


class Town:
    """Everybody's requests reach one server in memory, but those to `lost` operations."""

    def __init__(self, *profiles: str) -> None:
        self.server = ScriptedServer(SPEC, now=START)
        filled(self.server, ["one", "two", "three"])
        self.lost: set[str] = set()
        books = Books(SPEC, Recorder(thresholds(SPEC)), lambda *_: None)
        cast = Cast(roles=tuple(ROLES), profiles=profiles or tuple(PROFILES))
        self.crew = Crew(
            spec=SPEC, books=books, target=parse("http://127.0.0.1:1", prefix="/api"), cast=cast,
            account=Account("a@b.example", "x"), index=0, seed=1, mark="t",
        )  # fmt: skip

    def enter(self, role: str = "WebUser") -> Person:
        person = self.crew.person(role)
        person.live.carry = self.carry
        person.live.clock = lambda: START
        assert person.sign_in()
        return person

    def carry(self, request: Request) -> Reply | None:
        if request.operation in self.lost:
            return None
        (arrival,) = self.server.exchange([request], START)
        return arrival.reply

    def asked(self, operation: str) -> int:
        return sum(logged.request.operation == operation for logged in self.server.log)


def unconnected() -> list[tuple[str, Habit]]:
    return [
        (role.name, habit) for role in ROLES.values() if not role.connected for habit in habits.of(role)
    ]  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("role", "habit"), [pytest.param(role, habit, id=f"{role} {habit.name}") for role, habit in unconnected()]
)
def test_every_habit_asks_only_for_what_is_right(role: str, habit: Habit, profile: str) -> None:
    town = Town(profile)
    person = town.enter(role)
    for first in (HABITS["look_at_the_list"], HABITS["create"], habit, habit):
        person.step(first.do)
    assert [logged.status for logged in town.server.log if logged.status >= 400] == []
    assert person.steps == 4 and not person.client.results
    person.leave()


def test_own_items_go_on_at_the_version_that_the_server_showed() -> None:
    town = Town()
    person = town.enter()
    for name in ("create", "update", "publish", "publish", "update"):
        person.step(HABITS[name].do)
    (own,) = person.own
    assert own.version == 4  # the second publication changed nothing
    person.step(HABITS["archive"].do)
    assert not person.own
    person.leave()


def test_an_item_whose_write_was_refused_is_left_alone() -> None:
    town = Town()
    person = town.enter()
    person.step(HABITS["create"].do)
    person.own[0].version = 7
    person.step(HABITS["update"].do)
    assert not person.own and [logged.status for logged in town.server.log][-1] == 409
    person.leave()


@pytest.mark.parametrize("role", ["WebUser", *MOBILE])
def test_who_goes_back_to_the_list(role: str) -> None:
    """The tag cache shows it again without a request; the others ask again."""
    town = Town("guide-intended")
    person = town.enter(role)
    before = town.asked("getContentItems")
    for name in ("look_at_the_list", "open_an_item", "look_at_the_list"):
        person.step(HABITS[name].do)
    assert town.asked("getContentItems") - before == (0 if role == "WebUser" else 2)
    assert person.data(LIST)["data"]
    person.leave()


def test_profiles_come_by_turns() -> None:
    town = Town()
    people = [town.enter() for _ in range(4)]
    assert [person.persona.profile.name for person in people] == [*PROFILES, *PROFILES]
    for person in people:
        person.leave()
    assert {name: tally["people"] for name, tally in town.crew.told()["people"].items()} == {
        "web / guide-intended": 2,
        "web / guide-exact": 2,
    }


def test_who_has_left_is_counted_once() -> None:
    town = Town("guide-exact")
    person = town.enter()
    person.step(HABITS["look_at_the_list"].do)
    person.leave()
    person.leave()
    (tally,) = town.crew.told()["people"].values()
    assert (tally["people"], tally["steps"]) == (1, 1)
    assert not town.crew.people


def test_who_was_thrown_out_signs_in_again() -> None:
    town = Town()
    person = town.enter()
    person.client.account.forget()
    person.step(HABITS["look_at_the_list"].do)
    assert person.client.account.auth.authenticated and person.steps == 0
    person.leave()


def test_a_refused_login_is_tried_again_with_the_next_step() -> None:
    town = Town()
    person = town.crew.person("AndroidUser")
    person.live.carry = town.carry
    town.lost = {"login"}
    person.step(HABITS["look_at_the_list"].do)
    assert not person.client.account.auth.authenticated
    town.lost = set()
    person.step(HABITS["look_at_the_list"].do)
    assert person.client.account.auth.authenticated
    person.leave()


def test_writes_are_timed_until_there_are_too_many() -> None:
    crew = Town().crew
    for version in range(1, 6_000):
        crew.wrote("i", version, version * 10)
    assert crew.acknowledged("i", 5_999, 7) == 59_990
    assert crew.acknowledged("i", 6_000, 7) == 7  # its event was first
    assert crew.acknowledged("another's", 1, 7) is None
    assert len(crew._acknowledged) == 5_000
