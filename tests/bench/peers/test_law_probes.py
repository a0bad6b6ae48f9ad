"""The probes find nothing wrong with our server, and each of them sees a server that breaks its law."""

from collections.abc import Iterator

import pytest

from tests.bench.peers.comparison import everything
from tests.bench.peers.json_client import JsonClient
from tests.bench.peers.law_probes import LAWS
from tests.bench.peers.mock_servers import API, Items, Peer
from tests.bench.programs.child_process import Child
from tests.bench.programs.reference_server import login
from tests.fork_server import reference_server

# law -> faults that break it, each alone
BREAK: dict[str, tuple[str, ...]] = {
    "list: filter, order, total, pages": (
        "list-total-off-by-one", "page-skips-one", "page-repeats-one", "list-status-ignored", "sort-key-ignored",
    ),
    "no token is 401 with a challenge": ("anonymous-allowed", "unauthorized-403", "challenge-missing"),
    "a forged token is 401": ("signature-unchecked",),
    "an unknown item is 404": ("missing-item-200", "missing-item-410"),
    "a body that breaks the schema is 400": ("za-06-required-constraint", "za-05-text-constraint", "unknown-members-taken"),
    "an unchanged item is 304": ("etag-missing", "if-none-match-ignored"),
    "an update from an old version is 409": ("lost-update", "conflict-400"),
    "an update keeps the rest, version + 1": ("put-replaces", "version-not-raised", "write-lost:every=1"),
    "old versions can be read": ("version-asked-ignored", "history-rewritten"),
    "sync tells each change once": ("sync-border-twice", "sync-created-only"),
    "a refresh token works once": ("refresh-not-rotated", "reuse-accepted"),
    "sockets: 401, then events": ("ws-no-auth", "ws-refused-403", "ws-event-lost:every=1"),
    "a wrong method is 405 with Allow": ("allow-missing", "wrong-method-404"),
}  # fmt: skip
BROKEN = [pytest.param(law, fault, id=fault) for law, faults in BREAK.items() for fault in faults]


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with reference_server(
        "--control", "--refresh-grace", "0", "--items", "300", "--password-cost", "1"
    ) as server:
        yield Peer("ours", Child(server.url, server.process.pid, 0.0), API, login(server.url))


@pytest.fixture(scope="module")
def items(peer: Peer) -> Items:
    """One was created long before it was updated, so that the two orders differ."""
    with peer.talk() as talk:
        oldest = min(
            (i for i in everything(talk) if i["status"] == "published"), key=lambda i: str(i["createdAt"])
        )
        assert (
            talk.ask(
                "PUT", f"{peer.items}/{oldest['id']}", {"version": oldest["version"], "title": "late"}
            ).status
            == 200
        )
        return everything(talk)


@pytest.fixture
def control(peer: Peer) -> Iterator[JsonClient]:
    with JsonClient(peer.child.url) as talk:
        yield talk
        assert talk.ask("PUT", "/_control/faults", {"faults": []}).status == 200


def test_everything_is_every_item_of_the_workspace(items: Items) -> None:
    assert len({item["id"] for item in items}) == len(items) == 301
    assert {item["status"] for item in items} == {"draft", "published", "archived"}


@pytest.mark.parametrize("law", LAWS)
def test_our_server_keeps(law: str, peer: Peer, items: Items) -> None:
    finding = LAWS[law](peer, items)
    assert finding.right, finding.told


@pytest.mark.parametrize(("law", "fault"), BROKEN)
def test_a_server_that_breaks_the_law_is_seen(
    law: str, fault: str, peer: Peer, items: Items, control: JsonClient
) -> None:
    assert control.ask("PUT", "/_control/faults", {"faults": [fault]}).status == 200
    finding = LAWS[law](peer, items)
    assert not finding.right, finding.told
    assert finding.told.startswith("no: ")


def test_every_law_can_be_broken() -> None:
    assert set(BREAK) == set(LAWS)
