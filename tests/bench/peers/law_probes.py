"""What a mock server must get right to stand in for this API: each law is asked of a running server by real requests.

A probe knows the API and a Peer's dialect, and nothing of who answers. What came is told in the server's own numbers, so that a
wrong answer can be read: `no: 200, 200`. Probes run in the order of LAWS; the one that may destroy data is the last.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect

from tests.bench.peers.json_client import Answer
from tests.bench.peers.mock_servers import Items, Peer

EMAIL, PASSWORD = "demo@tchat.com", "demo-password"
HEARD = 2.0
"""Seconds in which an event must come."""


class Finding(NamedTuple):
    right: bool
    came: str

    @property
    def told(self) -> str:
        return f"yes: {self.came}" if self.right else f"no: {self.came}"


Probe = Callable[[Peer, Items], Finding]


def paging(peer: Peer, items: Items) -> Finding:
    """Filter, order, total and pages: all pages of the published items, joined, against the items themselves."""
    wanted = {item["id"] for item in items if item["status"] == "published"}
    ids: list[str] = []
    stamps: list[str] = []
    total: Any = None
    with peer.talk() as talk:
        for page in range(1, len(wanted) // 100 + 3):
            answer = talk.ask("GET", peer.page(page, 100))
            rows = peer.dialect.rows(answer)
            total = peer.dialect.total(answer) if total is None else total
            if answer.status != 200 or not isinstance(rows, list) or not rows:
                break
            ids += [row.get("id", "") for row in rows]
            stamps += [row.get("createdAt", "") for row in rows]
    ordered = stamps == sorted(stamps, reverse=True)
    found = f"total {total}, {len(set(ids) & wanted)} of {len(wanted)} items" + (
        "" if ordered else ", out of order"
    )
    return Finding(total == len(wanted) and sorted(ids) == sorted(wanted) and ordered, found)


def no_token(peer: Peer, items: Items) -> Finding:
    with peer.talk() as talk:
        answer = talk.ask("GET", f"{peer.items}/{items[0]['id']}", authorization="")
    return Finding(answer.status == 401 and "www-authenticate" in answer.headers, _told(answer))


def forged_token(peer: Peer, items: Items) -> Finding:
    """A good token with another signature."""
    forged = f"{peer.token.rpartition('.')[0]}.{'A' * 43}"
    with peer.talk() as talk:
        answer = talk.ask("GET", f"{peer.items}/{items[0]['id']}", authorization=f"Bearer {forged}")
    return Finding(answer.status == 401, _told(answer))


def unknown_item(peer: Peer, items: Items) -> Finding:
    with peer.talk() as talk:
        answer = talk.ask("GET", f"{peer.items}/there-is-no-such-item")
    return Finding(answer.status == 404, _told(answer))


def validation(peer: Peer, items: Items) -> Finding:
    """No title, a title that is too long, a member that is not known."""
    bodies = {"body": "text"}, {"title": "x" * 201}, {"title": "x", "owner": "me"}
    with peer.talk() as talk:
        answers = [talk.ask("POST", peer.items, body) for body in bodies]
    return Finding(all(answer.status == 400 for answer in answers), ", ".join(map(_told, answers)))


def not_modified(peer: Peer, items: Items) -> Finding:
    target = f"{peer.items}/{items[0]['id']}"
    with peer.talk() as talk:
        tag = talk.ask("GET", target).headers.get("etag", "")
        answer = talk.ask("GET", target, if_none_match=tag)
    return Finding(answer.status == 304 and not answer.body, f"{answer.status}" if tag else "no ETag")


def stale(peer: Peer, items: Items) -> Finding:
    """Two updates from the same version: the second must be refused and leave nothing."""
    target, version = _live(peer, items, 1)
    with peer.talk() as talk:
        first = talk.ask("PUT", target, {"version": version, "title": "first"})
        second = talk.ask("PUT", target, {"version": version, "title": "second"})
        left = peer.value(talk.ask("GET", target)).get("title")
    right = first.status == 200 and second.status == 409 and left == "first"
    return Finding(right, f"{_told(first)}, {_told(second)}")


def merge(peer: Peer, items: Items) -> Finding:
    target, version = _live(peer, items, 2)
    with peer.talk() as talk:
        before = peer.value(talk.ask("GET", target))
        answer = talk.ask("PUT", target, {"version": version, "title": "merged"})
        after = peer.value(talk.ask("GET", target))
    kept = bool(before.get("body")) and after.get("body") == before.get("body")
    done = after.get("title") == "merged" and after.get("version") == version + 1
    told = ", ".join(
        (_told(answer), "the rest kept" if kept else "the rest lost", f"version {after.get('version')}")
    )
    return Finding(answer.status == 200 and kept and done, told)


def history(peer: Peer, items: Items) -> Finding:
    target, version = _live(peer, items, 3)
    with peer.talk() as talk:
        before = peer.value(talk.ask("GET", target)).get("title")
        talk.ask("PUT", target, {"version": version, "title": f"newer than {version}"})
        present = peer.value(talk.ask("GET", target)).get("title")
        answer = talk.ask("GET", f"{target}?version={version}")
    old = peer.value(answer)
    right = (old.get("title"), old.get("version"), present) == (before, version, f"newer than {version}")
    return Finding(right, f"{_told(answer)}, version {old.get('version')}")


def synchronisation(peer: Peer, items: Items) -> Finding:
    """A change is in the window that follows it, alone, and in no later one."""
    target, version = _live(peer, items, 4)
    window = f"{peer.root}/content/sync?platforms=web,ios,android&lastSyncTimestamp="
    with peer.talk() as talk:
        since = "2026-01-01T00:00:00Z"
        while True:
            answer = talk.ask("GET", f"{window}{since}")
            until = answer.at("data", "syncTimestamp")
            if answer.status != 200 or not isinstance(until, str):
                return Finding(False, _told(answer))
            if not answer.at("data", "hasMore") or until == since:
                break
            since = until
        talk.ask("PUT", target, {"version": version, "title": "synchronised"})
        second = talk.ask("GET", f"{window}{until}")
        third = talk.ask("GET", f"{window}{second.at('data', 'syncTimestamp')}")
    told = [item.get("id") for item in second.at("data", "items") or ()]
    right = told == [target.rpartition("/")[2]] and third.at("data", "items") == []
    return Finding(right, f"{len(told)} items after one change, {len(third.at('data', 'items') or ())} later")


def rotation(peer: Peer, items: Items) -> Finding:
    """A refresh token is used once (the server is started without its grace), then it is refused."""
    with peer.talk() as talk:
        entry = talk.ask("POST", f"{peer.root}/auth/login", {"email": EMAIL, "password": PASSWORD})
        old = entry.at("tokens", "refreshToken")
        first = talk.ask("POST", f"{peer.root}/auth/refresh", authorization=f"Bearer {old}")
        again = talk.ask("POST", f"{peer.root}/auth/refresh", authorization=f"Bearer {old}")
    new = first.at("tokens", "refreshToken")
    right = first.status == 200 and bool(new) and new != old and again.status == 401
    return Finding(right, f"{_told(entry)}, {_told(first)}, {_told(again)}")


def events(peer: Peer, items: Items) -> Finding:
    """Without a token the socket is refused before the upgrade; with one it hears of the next write."""
    place = f"{peer.child.url.replace('http', 'ws', 1)}{peer.root}/ws"
    try:
        with connect(place, open_timeout=5):
            return Finding(False, "101 without a token")
    except InvalidStatus as refused:
        status = refused.response.status_code
    except (WebSocketException, OSError, EOFError):
        return Finding(False, "no answer")
    if status != 401:
        return Finding(False, f"{status}")
    target, version = _live(peer, items, 5)
    try:
        with connect(f"{place}?token={peer.token}", open_timeout=5) as socket, peer.talk() as talk:
            talk.ask("PUT", target, {"version": version, "title": "heard of"})
            frame = str(socket.recv(HEARD))
    except (WebSocketException, OSError, TimeoutError) as error:
        return Finding(False, f"{status}, then {type(error).__name__}")
    right = "content_updated" in frame and target.rpartition("/")[2] in frame
    return Finding(right, f"{status}, 101, content_updated" if right else f"{status}, 101, another frame")


def wrong_method(peer: Peer, items: Items) -> Finding:
    with peer.talk() as talk:
        answer = talk.ask("DELETE", f"{peer.items}/{items[6]['id']}")
    allow = answer.headers.get("allow", "")
    right = answer.status == 405 and {"GET", "PUT"} <= {word.strip() for word in allow.split(",")}
    return Finding(right, f"{_told(answer)}" + (f", Allow: {allow}" if allow else ""))


LAWS: dict[str, Probe] = {
    "list: filter, order, total, pages": paging,
    "no token is 401 with a challenge": no_token,
    "a forged token is 401": forged_token,
    "an unknown item is 404": unknown_item,
    "a body that breaks the schema is 400": validation,
    "an unchanged item is 304": not_modified,
    "an update from an old version is 409": stale,
    "an update keeps the rest, version + 1": merge,
    "old versions can be read": history,
    "sync tells each change once": synchronisation,
    "a refresh token works once": rotation,
    "sockets: 401, then events": events,
    "a wrong method is 405 with Allow": wrong_method,
}


def _live(peer: Peer, items: Items, place: int) -> tuple[str, int]:
    """The target of an item that is not archived, another one for each probe, and the version that it has now."""
    live = [item for item in items if item["status"] != "archived"]
    target = f"{peer.items}/{live[place]['id']}"
    with peer.talk() as talk:
        version = peer.value(talk.ask("GET", target)).get("version")
    return target, version if isinstance(version, int) else int(live[place]["version"])


def _told(answer: Answer) -> str:
    code = answer.at("code")
    return f"{answer.status} {code}" if isinstance(code, str) and answer.status >= 400 else f"{answer.status}"
