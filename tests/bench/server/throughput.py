"""Validated, authenticated, versioned traffic on one core, beside nginx with a fixed body of the same size."""

import random
from collections.abc import Callable

from tests.bench.programs.child_process import Child
from tests.bench.programs.installed import Unmeasured, find
from tests.bench.programs.nginx import nginx
from tests.bench.programs.reference_server import LIST, ReferenceServer, ours
from tests.bench.programs.wrk import Prepared, Report, write, wrk
from tests.bench.result import Limit, Result, Row
from tests.bench.rounds import contest, row
from tests.bench.setting import Setting

LIMITS = {"GET item": 0.17, "list page": 0.1, "PUT item": 0.06}
PAGES = 50


def throughput(setting: Setting) -> Result:
    """Requests a second of GET, list and PUT with 10,000 items, against nginx with a fixed body of the same size."""
    find("wrk")
    rows: list[Row] = []
    with ours(setting, "--db", str(setting.folder / "world.db")) as server:
        make = traffic(server)
        sizes = {name: size(server, make[name]()[0]) for name in LIMITS}
        try:
            with nginx(setting, sizes) as fixed:
                for name, promised in LIMITS.items():
                    rows += _operation(setting, server, fixed[name], name, promised, make[name])
        except Unmeasured as reason:
            rows = [
                Row(name, None, "requests/s", limit=Limit("at least", promised, "nginx"), note=str(reason))
                for name, promised in LIMITS.items()
            ]
    about = (
        "One worker, one thread of wrk, 64 connections kept alive, 10,000 items in `--db FILE`; every request with a bearer token."
        " GET: any of the items. List: 20 published items of pages 1 to 50, by createdAt, with the total. PUT: the item's version"
        " in the body, a new title, one durable transaction each, no item twice at a time."
    )  # fmt: skip
    return Result("Throughput", about, rows)


def _operation(
    setting: Setting,
    server: ReferenceServer,
    fixed: Child,
    name: str,
    promised: float,
    make: Callable[[], list[Prepared]],
) -> list[Row]:
    file = setting.folder / f"{name.split()[0]}.requests"
    write(file, make())

    def mine() -> Report:
        if name == "PUT item":  # what the last run had on the way may have been done or not
            write(file, make())
        return wrk(setting, server.child, file)

    found = contest(
        setting, f"throughput: {name}", {"nginx": lambda: wrk(setting, fixed, file), "ours": mine}
    )
    return [
        row(name, found["ours"], found["nginx"], Limit("at least", promised, "nginx")),
        row(f"{name}: nginx", found["nginx"]),
    ]


def traffic(server: ReferenceServer) -> dict[str, Callable[[], list[Prepared]]]:
    """Operation -> requests of it, made from what the server holds at that moment."""
    headers = {"Authorization": f"Bearer {server.token}"}

    def reads() -> list[Prepared]:
        ids = [item["id"] for item in server.items()]
        random.Random(1).shuffle(ids)
        return [Prepared.of(server.url, "GET", f"/api/content/items/{one}", headers) for one in ids]

    def lists() -> list[Prepared]:
        return [
            Prepared.of(server.url, "GET", f"{LIST}&page={page}", headers) for page in range(1, PAGES + 1)
        ]

    def writes() -> list[Prepared]:
        body = b'{"version":{version},"title":"A title that is as long as most of them"}'
        items = server.items()
        random.Random(1).shuffle(items)
        return [
            Prepared.of(server.url, "PUT", f"/api/content/items/{one['id']}", headers, body, one["version"])
            for one in items
        ]

    return {"GET item": reads, "list page": lists, "PUT item": writes}


def size(server: ReferenceServer, request: Prepared) -> int:
    """Bytes of the body that the server answers."""
    method, target, _ = request.before.decode().split(" ", 2)
    with server.talk() as talk:
        if method == "GET":
            return len(talk.ask("GET", target).body)
        document = {"version": request.version, "title": "A title that is as long as most of them"}
        return len(talk.ask("PUT", target, document).body)
