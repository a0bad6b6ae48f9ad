"""People against a server in memory: what their steps leave behind, whatever they are and whatever goes wrong."""

import pytest

from load.engine.in_flight import RequestTracker, thresholds
from load.engine.recorder import LoadRecorder
from load.http.target import parse
from load.journeys.data_pool import AccountCredentials
from load.virtual_users import user_tasks
from load.virtual_users.guide.exchange import ClientReply, ClientRequest
from load.virtual_users.guide.profile import PROFILES
from load.virtual_users.roles import ROLES, Population
from load.virtual_users.user import SimulatedUser, new_user
from load.virtual_users.user_pool import UserPool
from load.virtual_users.user_tasks import LIST, USER_TASKS, UserTask
from tests.load.virtual_users.guide_stage import SPEC, START
from tests.load.virtual_users.scripted_server import ScriptedServer, filled

MOBILE = ("IosUser", "AndroidUser")


class Town:
    """Everybody's requests reach one server in memory, but those to `lost` operations."""

    def __init__(self, *profiles: str) -> None:
        self.server = ScriptedServer(SPEC, now=START)
        filled(self.server, ["one", "two", "three"])
        self.lost: set[str] = set()
        tracker = RequestTracker(SPEC, LoadRecorder(thresholds(SPEC)), lambda *_: None)
        population = Population(roles=tuple(ROLES), profiles=profiles or tuple(PROFILES))
        self.user_pool = UserPool(
            spec=SPEC, tracker=tracker, target=parse("http://127.0.0.1:1", prefix="/api"), population=population,
            account=AccountCredentials("a@b.example", "x"), index=0, seed=1, mark="t",
        )  # fmt: skip

    def enter(self, role: str = "WebUser") -> SimulatedUser:
        user = new_user(self.user_pool, role)
        user.live.carry = self.send
        user.live.clock = lambda: START
        assert user.sign_in()
        return user

    def send(self, request: ClientRequest) -> ClientReply | None:
        if request.operation in self.lost:
            return None
        (arrival,) = self.server.exchange([request], START)
        return arrival.reply

    def asked(self, operation: str) -> int:
        return sum(logged.request.operation == operation for logged in self.server.log)


def unconnected() -> list[tuple[str, UserTask]]:
    return [
        (role.name, user_task) for role in ROLES.values() if not role.connected for user_task in user_tasks.of(role)
    ]  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("role", "user_task"),
    [pytest.param(role, user_task, id=f"{role} {user_task.name}") for role, user_task in unconnected()],
)
def test_every_habit_asks_only_for_what_is_right(role: str, user_task: UserTask, profile: str) -> None:
    town = Town(profile)
    user = town.enter(role)
    for first in (USER_TASKS["look_at_the_list"], USER_TASKS["create"], user_task, user_task):
        user.step(first.do)
    assert [logged.status for logged in town.server.log if logged.status >= 400] == []
    assert user.steps == 4 and not user.client.results
    user.leave()


def test_own_items_go_on_at_the_version_that_the_server_showed() -> None:
    town = Town()
    user = town.enter()
    for name in ("create", "update", "publish", "publish", "update"):
        user.step(USER_TASKS[name].do)
    (own,) = user.own
    assert own.version == 4  # the second publication changed nothing
    user.step(USER_TASKS["archive"].do)
    assert not user.own
    user.leave()


def test_an_item_whose_write_was_refused_is_left_alone() -> None:
    town = Town()
    user = town.enter()
    user.step(USER_TASKS["create"].do)
    user.own[0].version = 7
    user.step(USER_TASKS["update"].do)
    assert not user.own and [logged.status for logged in town.server.log][-1] == 409
    user.leave()


@pytest.mark.parametrize("role", ["WebUser", *MOBILE])
def test_who_goes_back_to_the_list(role: str) -> None:
    """The tag cache shows it again without a request; the others ask again."""
    town = Town("guide-intended")
    user = town.enter(role)
    before = town.asked("getContentItems")
    for name in ("look_at_the_list", "open_an_item", "look_at_the_list"):
        user.step(USER_TASKS[name].do)
    assert town.asked("getContentItems") - before == (0 if role == "WebUser" else 2)
    assert user.data(LIST)["data"]
    user.leave()


def test_profiles_come_by_turns() -> None:
    town = Town()
    people = [town.enter() for _ in range(4)]
    assert [user.persona.profile.name for user in people] == [*PROFILES, *PROFILES]
    for user in people:
        user.leave()
    assert {name: tally["people"] for name, tally in town.user_pool.report()["people"].items()} == {
        "web / guide-intended": 2,
        "web / guide-exact": 2,
    }


def test_who_has_left_is_counted_once() -> None:
    town = Town("guide-exact")
    user = town.enter()
    user.step(USER_TASKS["look_at_the_list"].do)
    user.leave()
    user.leave()
    (tally,) = town.user_pool.report()["people"].values()
    assert (tally["people"], tally["steps"]) == (1, 1)
    assert not town.user_pool.users


def test_who_was_thrown_out_signs_in_again() -> None:
    town = Town()
    user = town.enter()
    user.client.account.forget()
    user.step(USER_TASKS["look_at_the_list"].do)
    assert user.client.account.auth.authenticated and user.steps == 0
    user.leave()


def test_a_refused_login_is_tried_again_with_the_next_step() -> None:
    town = Town()
    user = new_user(town.user_pool, "AndroidUser")
    user.live.carry = town.send
    town.lost = {"login"}
    user.step(USER_TASKS["look_at_the_list"].do)
    assert not user.client.account.auth.authenticated
    town.lost = set()
    user.step(USER_TASKS["look_at_the_list"].do)
    assert user.client.account.auth.authenticated
    user.leave()


def test_writes_are_timed_until_there_are_too_many() -> None:
    user_pool = Town().user_pool
    for version in range(1, 6_000):
        user_pool.wrote("i", version, version * 10)
    assert user_pool.acknowledged("i", 5_999, 7) == 59_990
    assert user_pool.acknowledged("i", 6_000, 7) == 7  # its event was first
    assert user_pool.acknowledged("another's", 1, 7) is None
    assert len(user_pool._acknowledged) == 5_000
