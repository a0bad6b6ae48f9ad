"""Mock servers that take part: ours and three others, each with the same world as far as it can have one.

What differs between them is kept in a Dialect: how each asks for a page and where it tells the total. All else of a request is
the API's own, so that what a peer cannot do it answers in its own words (a 404, most often).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.peers.json_client import Answer, JsonClient
from tests.bench.programs.child_process import Child, free_port, running
from tests.bench.programs.node_packages import PINNED
from tests.bench.programs.reference_server import ROOT
from tests.bench.setting import Setting

ITEMS = "/api/content/items"
Items = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`page` is the query of one page of published items, newest created first, with {page} and {limit} to fill."""

    page: str
    rows: Callable[[Answer], Any]
    total: Callable[[Answer], Any]


API = Dialect(
    "status=published&sortBy=createdAt&sortOrder=desc&limit={limit}&page={page}",
    lambda answer: answer.at("data", "data"),
    lambda answer: answer.at("data", "pagination", "total"),
)
JSON_SERVER = Dialect(
    "status=published&_sort=createdAt&_order=desc&_limit={limit}&_page={page}",
    lambda answer: answer.json,
    lambda answer: _number(answer.headers.get("x-total-count")),
)
MOCKOON = Dialect(
    "status_eq=published&sort=createdAt&order=desc&limit={limit}&page={page}",
    lambda answer: answer.json,
    lambda answer: _number(answer.headers.get("x-filtered-count")),
)


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that is running. `token` is what it is sent where the API demands one."""

    name: str
    child: Child
    dialect: Dialect
    token: str
    items: str = ITEMS
    """Where the items are: below the path that the tool serves the API at."""

    @property
    def root(self) -> str:
        """The API's base path."""
        return self.items.removesuffix("/content/items")

    def page(self, page: int, limit: int = 20) -> str:
        return f"{self.items}?{self.dialect.page.format(page=page, limit=limit)}"

    def talk(self) -> JsonClient:
        return JsonClient(self.child.url, self.token)

    def value(self, answer: Answer) -> dict[str, Any]:
        """The item of an answer, in an envelope or bare; empty where there is none."""
        document = answer.json
        inner = document.get("data", document) if isinstance(document, dict) else {}
        return inner if isinstance(inner, dict) else {}


Start = Callable[[Setting, Path, Items, str], Any]
"""(setting, folder of executables, items, token) -> a context that holds a running Peer."""


@contextmanager
def prism(setting: Setting, binaries: Path, items: Items, token: str) -> Iterator[Peer]:
    """Answers from openapi.yaml's examples; silent, because its log costs it a third of its speed."""
    port = free_port()
    command = [
        str(binaries / "prism"),
        "mock",
        "-p",
        str(port),
        "-m",
        "false",
        "-v",
        "silent",
        str(ROOT / "openapi.yaml"),
    ]
    with _node(setting, "prism", command, port) as child:
        yield Peer(f"Prism {PINNED['@stoplight/prism-cli']}", child, API, token, "/content/items")


@contextmanager
def mockoon(setting: Setting, binaries: Path, items: Items, token: str) -> Iterator[Peer]:
    """Its stateful form: one route of type `crud` on a data bucket with all items."""
    file, port = setting.folder / "mockoon.json", free_port()
    file.write_text(json.dumps(environment(items, port)), "utf-8")
    command = [
        str(binaries / "mockoon-cli"), "start", "--data", str(file), "--port", str(port), "--repair",
        "--disable-log-to-file", "--disable-admin-api",
    ]  # fmt: skip
    with _node(setting, "mockoon", command, port) as child:
        yield Peer(f"Mockoon {PINNED['@mockoon/cli']}", child, MOCKOON, token)


def environment(items: Items, port: int) -> dict[str, Any]:
    """Mockoon's data file; `--repair` adds what is left out."""
    answer = {
        "uuid": "00000000-0000-4000-8000-000000000001", "statusCode": 200, "bodyType": "DATABUCKET", "databucketID": "itms",
        "crudKey": "id", "default": True, "body": "", "headers": [], "rules": [],
    }  # fmt: skip
    route = {
        "uuid": "00000000-0000-4000-8000-000000000002", "type": "crud", "endpoint": ITEMS[1:], "responses": [answer],
        "responseMode": None,
    }  # fmt: skip
    return {
        "uuid": "00000000-0000-4000-8000-000000000003",
        "lastMigration": 33,
        "name": "items",
        "endpointPrefix": "",
        "port": port,
        "hostname": "127.0.0.1",
        "routes": [route],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
        "data": [
            {
                "uuid": "00000000-0000-4000-8000-000000000004",
                "id": "itms",
                "name": "items",
                "documentation": "",
                "value": json.dumps(items),
            }
        ],
    }


@contextmanager
def json_server(setting: Setting, binaries: Path, items: Items, token: str) -> Iterator[Peer]:
    """A file of all items, served at the API's path; silent."""
    file, routes, port = setting.folder / "db.json", setting.folder / "routes.json", free_port()
    file.write_text(json.dumps({"items": items}), "utf-8")
    routes.write_text(json.dumps({"/api/content/*": "/$1"}), "utf-8")
    command = [
        str(binaries / "json-server"), "--port", str(port), "--host", "127.0.0.1", "--quiet", "--routes", str(routes), str(file),
    ]  # fmt: skip
    with _node(setting, "json-server", command, port) as child:
        yield Peer(f"json-server {PINNED['json-server']}", child, JSON_SERVER, token)


PEERS: dict[str, Start] = {"Prism": prism, "Mockoon": mockoon, "json-server": json_server}


@contextmanager
def _node(setting: Setting, name: str, command: list[str], port: int) -> Iterator[Child]:
    log = setting.folder / f"{name}.log"
    pinned = [*setting.cores.pin_server(), *command]
    with running(
        pinned, port, log, cwd=setting.folder, environment={"NODE_ENV": "production", "NO_COLOR": "1"}
    ) as child:
        yield child


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
