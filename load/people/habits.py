"""What people do: each habit is one step of a session, and a task of Locust's users with this weight.

A step opens a screen and waits for what it shows, or writes and waits for the answer. Screens stay open while a person thinks,
so that a return to the tab or an event finds something to fetch again. People write to items of their own: two of them never
want to change the same one, and every refusal is the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from load.client import warming
from load.client.exchange import Ask
from load.people.person import Owned, Person
from load.people.roles import Role

LIST = Ask("getContentItems", {"page": 1, "limit": 20})
CATEGORIES = Ask("getContentCategories", {"includeEmpty": False})
TEXT = "A few sentences that somebody wrote on a phone between two stops of the tram. " * 3


@dataclass(frozen=True, slots=True)
class Habit:
    """`tags` are those of Locust's --tags; `only` says whose habit it is."""

    name: str
    weight: int
    tags: tuple[str, ...]
    do: Callable[[Person], None]
    only: Callable[[Role], bool] = lambda role: True


def _list(person: Person) -> None:
    person.show(LIST, CATEGORIES)


def _item(person: Person) -> None:
    rows = person.rows(LIST)
    if not rows:
        _list(person)
        return
    item = person.random.choice(rows)["id"]
    person.show(Ask("getContentItem", {"id": item}), Ask("getContentVersions", {"contentId": item}))


def _category(person: Person) -> None:
    tree = person.data(CATEGORIES) or []
    if tree:
        person.show(warming.category(person.random.choice(tree)["id"]))
    else:
        _list(person)


def _search(person: Person) -> None:
    person.show(
        Ask(
            "getContentItems", {"page": 1, "limit": 20, "search": person.random.choice(("load", "a", "note"))}
        )
    )


def _create(person: Person) -> None:
    made = person.write("createContentItem", title=f"{person.name} {person.steps}", body=TEXT)
    if made is not None:
        person.own.append(Owned(made["id"], made["version"]))


def _owned(work: Callable[[Person, Owned], None]) -> Callable[[Person], None]:
    """On the item that was touched longest ago; who has none makes one."""

    def do(person: Person) -> None:
        if not person.own:
            _create(person)
            return
        item = person.own.popleft()
        work(person, item)

    return do


def _update(person: Person, item: Owned) -> None:
    done = person.write(
        "updateContentItem", id=item.id, version=item.version, title=f"{person.name} {person.steps}"
    )
    person.keep(item, done)


def _publish(person: Person, item: Owned) -> None:
    person.keep(item, person.write("publishContent", id=item.id))


def _revert(person: Person, item: Owned) -> None:
    versions = Ask("getContentVersions", {"contentId": item.id})
    person.show(Ask("getContentItem", {"id": item.id}), versions)
    known = person.data(versions)
    if known:
        person.keep(item, person.write("revertContentVersion", contentId=item.id, versionId=known[-1]["id"]))


def _bulk(person: Person, item: Owned) -> None:
    one = {"type": "update", "id": item.id, "version": item.version, "data": {"body": TEXT}}
    done = person.write("bulkUpdateContent", operations=[one])
    if done is not None and done["successfulOperations"] == 1:
        person.own.append(Owned(item.id, item.version + 1))


def _archive(person: Person, item: Owned) -> None:
    person.write("archiveContent", id=item.id)


def _return(person: Person) -> None:
    person.do(person.client.focus(person.now))


def _send(person: Person) -> None:
    person.speak()


def _sign(person: Person) -> None:
    person.sign_out()
    person.sign_in()


_ROWS = (
    Habit("look_at_the_list", 10, ("read",), _list),
    Habit("open_an_item", 14, ("read",), _item),
    Habit("open_a_category", 5, ("read",), _category),
    Habit("search", 3, ("read",), _search),
    Habit("return_to_the_tab", 4, ("read",), _return, lambda role: role.platform == "web"),
    Habit("create", 2, ("write",), _create),
    Habit("update", 5, ("write",), _owned(_update)),
    Habit("publish", 2, ("write",), _owned(_publish)),
    Habit("revert", 1, ("write",), _owned(_revert)),
    Habit("bulk", 1, ("write",), _owned(_bulk)),
    Habit("archive", 1, ("write",), _owned(_archive)),
    Habit("send_on_the_socket", 4, ("socket",), _send, lambda role: role.connected),
    Habit("sign_out_and_in", 1, ("session",), _sign),
)
HABITS: Mapping[str, Habit] = MappingProxyType({habit.name: habit for habit in _ROWS})


def of(role: Role) -> tuple[Habit, ...]:
    return tuple(habit for habit in HABITS.values() if habit.only(role))
