"""The user tasks as a table of weighted Locust tasks; each is one step of a session.

A step opens a screen and waits for its data, or writes and waits for the answer. Screens stay open while a user thinks, so
that a return to the tab or an event finds queries to fetch again. Each user writes its own items only, so that no two users
conflict and every refusal is the server's fault.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from load.virtual_users.guide.cache import warming
from load.virtual_users.guide.exchange import Ask
from load.virtual_users.roles import UserRole
from load.virtual_users.user import OwnedItem, SimulatedUser

LIST = Ask("getContentItems", {"page": 1, "limit": 20})
CATEGORIES = Ask("getContentCategories", {"includeEmpty": False})
TEXT = "A few sentences that somebody wrote on a phone between two stops of the tram. " * 3


@dataclass(frozen=True, slots=True)
class UserTask:
    """One task of a user. `tags` are for Locust's --tags; `only` tells which roles have the task."""

    name: str
    weight: int
    tags: tuple[str, ...]
    do: Callable[[SimulatedUser], None]
    only: Callable[[UserRole], bool] = lambda role: True


def _list(user: SimulatedUser) -> None:
    user.show(LIST, CATEGORIES)


def _item(user: SimulatedUser) -> None:
    rows = user.rows(LIST)
    if not rows:
        _list(user)
        return
    item = user.random.choice(rows)["id"]
    user.show(Ask("getContentItem", {"id": item}), Ask("getContentVersions", {"contentId": item}))


def _category(user: SimulatedUser) -> None:
    tree = user.data(CATEGORIES) or []
    if tree:
        user.show(warming.category(user.random.choice(tree)["id"]))
    else:
        _list(user)


def _search(user: SimulatedUser) -> None:
    user.show(
        Ask("getContentItems", {"page": 1, "limit": 20, "search": user.random.choice(("load", "a", "note"))})
    )


def _create(user: SimulatedUser) -> None:
    made = user.write("createContentItem", title=f"{user.name} {user.steps}", body=TEXT)
    if made is not None:
        user.own.append(OwnedItem(made["id"], made["version"]))


def _owned(work: Callable[[SimulatedUser, OwnedItem], None]) -> Callable[[SimulatedUser], None]:
    """A task on the user's least recently used item; a user without items creates one."""

    def do(user: SimulatedUser) -> None:
        if not user.own:
            _create(user)
            return
        item = user.own.popleft()
        work(user, item)

    return do


def _update(user: SimulatedUser, item: OwnedItem) -> None:
    done = user.write(
        "updateContentItem", id=item.id, version=item.version, title=f"{user.name} {user.steps}"
    )
    user.keep(item, done)


def _publish(user: SimulatedUser, item: OwnedItem) -> None:
    user.keep(item, user.write("publishContent", id=item.id))


def _revert(user: SimulatedUser, item: OwnedItem) -> None:
    versions = Ask("getContentVersions", {"contentId": item.id})
    user.show(Ask("getContentItem", {"id": item.id}), versions)
    known = user.data(versions)
    if known:
        user.keep(item, user.write("revertContentVersion", contentId=item.id, versionId=known[-1]["id"]))


def _bulk(user: SimulatedUser, item: OwnedItem) -> None:
    one = {"type": "update", "id": item.id, "version": item.version, "data": {"body": TEXT}}
    done = user.write("bulkUpdateContent", operations=[one])
    if done is not None and done["successfulOperations"] == 1:
        user.own.append(OwnedItem(item.id, item.version + 1))


def _archive(user: SimulatedUser, item: OwnedItem) -> None:
    user.write("archiveContent", id=item.id)


def _return(user: SimulatedUser) -> None:
    user.do(user.client.focus(user.now))


def _send(user: SimulatedUser) -> None:
    user.speak()


def _sign(user: SimulatedUser) -> None:
    user.sign_out()
    user.sign_in()


_ROWS = (
    UserTask("look_at_the_list", 10, ("read",), _list),
    UserTask("open_an_item", 14, ("read",), _item),
    UserTask("open_a_category", 5, ("read",), _category),
    UserTask("search", 3, ("read",), _search),
    UserTask("return_to_the_tab", 4, ("read",), _return, lambda role: role.platform == "web"),
    UserTask("create", 2, ("write",), _create),
    UserTask("update", 5, ("write",), _owned(_update)),
    UserTask("publish", 2, ("write",), _owned(_publish)),
    UserTask("revert", 1, ("write",), _owned(_revert)),
    UserTask("bulk", 1, ("write",), _owned(_bulk)),
    UserTask("archive", 1, ("write",), _owned(_archive)),
    UserTask("send_on_the_socket", 4, ("socket",), _send, lambda role: role.connected),
    UserTask("sign_out_and_in", 1, ("session",), _sign),
)
USER_TASKS: Mapping[str, UserTask] = MappingProxyType({user_task.name: user_task for user_task in _ROWS})


def of(role: UserRole) -> tuple[UserTask, ...]:
    return tuple(user_task for user_task in USER_TASKS.values() if user_task.only(role))
