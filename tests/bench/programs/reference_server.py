"""Our server as the benches start it: pinned, with a token that outlives them, and what of its world can be read and written."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.peers.json_client import JsonClient
from tests.bench.programs.child_process import Child, free_port, running
from tests.bench.programs.installed import Unmeasured
from tests.bench.setting import Setting

ROOT = Path(__file__).resolve().parents[3]
ITEMS = 10_000
LIST = "/api/content/items?status=published&sortBy=createdAt&sortOrder=desc&limit=20"
"""A filter, a sort key that is not the default, a total; the page is appended."""


@dataclass(frozen=True, slots=True)
class ReferenceServer:
    child: Child
    token: str

    @property
    def url(self) -> str:
        return self.child.url

    def talk(self) -> JsonClient:
        return JsonClient(self.url, self.token)

    def items(self, at_most: int = 1 << 30) -> list[dict[str, Any]]:
        """The items that are not archived, oldest first, until there are so many."""
        with self.talk() as talk:
            return walk(talk, at_most=at_most)


def walk(talk: JsonClient, query: str = "", *, at_most: int = 1 << 30) -> list[dict[str, Any]]:
    """A list of items page by page, oldest first."""
    found: list[dict[str, Any]] = []
    while True:
        page = len(found) // 100 + 1
        answer = talk.ask(
            "GET", f"/api/content/items?sortBy=createdAt&sortOrder=asc&limit=100&page={page}{query}"
        )
        found += answer.at("data", "data")
        if len(found) >= at_most or not answer.at("data", "pagination", "hasNext"):
            return found


@contextmanager
def ours(
    setting: Setting, *options: str, items: int = ITEMS, name: str = "ours"
) -> Iterator[ReferenceServer]:
    """A server with `items` items beside `welcome`. What it says goes to a file of the setting's folder."""
    port = free_port()
    command = [
        *setting.cores.pin_server(), sys.executable, "-m", "mock_server", "--port", str(port), "--items", str(items),
        "--access-ttl", "86400", *options,
    ]  # fmt: skip
    # Where this machine keeps no compiled modules, a user's does: each start but the first finds them.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(setting.folder / "compiled")}
    with running(command, port, setting.folder / f"{name}.log", cwd=ROOT, environment=compiled) as child:
        yield ReferenceServer(child, login(child.url))


def login(url: str, email: str = "demo@tchat.com") -> str:
    with JsonClient(url) as talk:
        answer = talk.ask("POST", "/api/auth/login", {"email": email, "password": "demo-password"})
    token = answer.at("tokens", "accessToken")
    if not isinstance(token, str):
        raise Unmeasured(f"login to {url} answered {answer.status}: {json.dumps(answer.json)[:200]}")
    return token
