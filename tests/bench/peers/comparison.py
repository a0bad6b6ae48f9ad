"""Beside other mock servers: how fast each is on the same core, and what each answers wrongly."""

import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from tests.bench.peers.json_client import JsonClient
from tests.bench.peers.law_probes import LAWS
from tests.bench.peers.mock_servers import API, PEERS, Items, Peer
from tests.bench.programs.installed import Unmeasured, find
from tests.bench.programs.node_packages import PINNED, programs
from tests.bench.programs.reference_server import ours, walk
from tests.bench.programs.wrk import Prepared, Report, write, wrk
from tests.bench.result import Grid, Limit, Result, Row
from tests.bench.rounds import contest, row
from tests.bench.setting import Setting

LIMITS = {
    "GET item": {"Prism": 8.0, "Mockoon": 50.0, "json-server": 20.0},
    "list page": {"Prism": 5.0, "Mockoon": 50.0, "json-server": 50.0},
}
PAGES = 50


def peers(setting: Setting) -> Result:
    """Requests a second beside Prism, Mockoon and json-server, and what each of them answers wrongly."""
    find("wrk")
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        server = stack.enter_context(ours(setting, "--refresh-grace", "0"))
        with server.talk() as talk:
            items = everything(talk)
        ready = [Peer("ours", server.child, API, server.token)]
        for name, start in PEERS.items():
            setting.say(f"peers: starting {name}")
            try:
                ready.append(stack.enter_context(start(setting, programs(setting), items, server.token)))
            except Unmeasured as reason:
                missing[name] = str(reason)
        grid = judged(setting, ready, items)
        rows = [row for name in LIMITS for row in _operation(setting, name, ready, items, missing)]
    pins = ", ".join(f"{name} {version}" for name, version in PINNED.items())
    about = (
        "One worker each on the same core, the same 10,000 items, one thread of wrk, 64 connections, the same bearer token."
        f" Prism from openapi.yaml's examples, Mockoon with a CRUD data bucket, json-server with a file ({pins})."
        " Ratio: ours over the peer's."
    )  # fmt: skip
    return Result("Peers", about, rows, [grid])


def everything(talk: JsonClient) -> Items:
    """The items that are not archived, and those that are."""
    return [*walk(talk), *walk(talk, "&status=archived")]


def judged(setting: Setting, ready: Sequence[Peer], items: Items) -> Grid:
    """Every law asked of every peer."""
    table = []
    for law, probe in LAWS.items():
        setting.say(f"peers: {law}")
        table.append([law, *(probe(peer, items).told for peer in ready)])
    return Grid("What each answers", ["law", *(peer.name for peer in ready)], table)


def _operation(
    setting: Setting, name: str, ready: Sequence[Peer], items: Items, missing: dict[str, str]
) -> list[Row]:
    contestants = {peer.name: _driver(setting, name, peer, items) for peer in ready}
    found = contest(setting, f"peers: {name}", contestants, passes=3)
    rows = [row(name, found["ours"])]
    for short, promised in LIMITS[name].items():
        limit = Limit("at least", promised, short)
        peer = next((peer for peer in ready if peer.name.startswith(short)), None)
        if peer is None:
            rows.append(Row(f"{name}: {short}", None, "requests/s", limit=limit, note=missing[short]))
            continue
        told, mine = (
            row(f"{name}: {peer.name}", found[peer.name]),
            row("", found["ours"], found[peer.name], limit),
        )
        rows.append(Row(told.what, told.value, told.unit, mine.ratio, limit, told.spread, told.note))
    return rows


def _driver(setting: Setting, name: str, peer: Peer, items: Items) -> Callable[[], Report]:
    file = setting.folder / f"{peer.name.split()[0]}-{name.split()[0]}.requests"
    write(file, _requests(name, peer, items))
    return lambda: wrk(setting, peer.child, file)


def _requests(name: str, peer: Peer, items: Items) -> list[Prepared]:
    headers = {"Authorization": f"Bearer {peer.token}"}
    if name == "list page":
        targets = [peer.page(page) for page in range(1, PAGES + 1)]
    else:
        targets = [f"{peer.items}/{item['id']}" for item in items]
        random.Random(1).shuffle(targets)
    return [Prepared.of(peer.child.url, "GET", target, headers) for target in targets]
