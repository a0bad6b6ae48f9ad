"""What the benches send is what they say: every prepared request succeeds, and the sockets hear what they wait for."""

import random
import re
import shutil
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.bench.programs.child_process import Child
from tests.bench.programs.installed import Unmeasured
from tests.bench.programs.nginx import LONGEST_WORD, configuration
from tests.bench.programs.reference_server import ReferenceServer, login
from tests.bench.programs.wrk import Prepared, write, wrk
from tests.bench.server.growth import kinds
from tests.bench.server.latency_connection import LatencyConnection
from tests.bench.server.listening_sockets import open_sockets
from tests.bench.server.request_mix import MIX, mixed
from tests.bench.server.throughput import traffic
from tests.bench.setting import Cores, Setting
from tests.fork_server import reference_server

ITEMS = 2_000


@pytest.fixture(scope="module")
def server() -> Iterator[ReferenceServer]:
    with reference_server("--control", "--items", str(ITEMS), "--password-cost", "1") as process:
        yield ReferenceServer(Child(process.url, process.process.pid, 0.0), login(process.url))


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path, tmp_path, quick=True, cores=Cores(None, None))


def statuses(server: ReferenceServer, requests: Sequence[bytes]) -> set[int]:
    """Of the answers to these requests on one connection."""
    found = set()
    with socket.create_connection(("127.0.0.1", server.child.port)) as one, one.makefile("rb") as answers:
        for request in requests:
            one.sendall(request)
            found.add(int(answers.readline().split()[1]))
            length = 0
            while (line := answers.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            answers.read(length)
    return found


def sent(request: Prepared, version: int) -> bytes:
    """As wrk.lua sends it."""
    return request.before + (b"%10d" % version + request.after if request.after else b"")


@pytest.mark.parametrize("operation", ["GET item", "list page", "PUT item"])
def test_throughput_is_of_successes(operation: str, server: ReferenceServer) -> None:
    requests = traffic(server)[operation]()
    assert len(requests) in (50, len(server.items()))
    assert statuses(server, [sent(one, one.version) for one in requests]) == {200}
    again = {200} if operation != "PUT item" else {409}  # the script raises the version each time round
    assert statuses(server, [sent(one, one.version) for one in requests[:20]]) == again
    assert statuses(server, [sent(one, one.version + 1) for one in requests[:20]]) == {200}


def test_the_soak_mixes_what_it_says(server: ReferenceServer) -> None:
    requests = mixed(server, random.Random(1), 800, 1)
    assert len(requests) == 800
    assert sum(MIX.values()) == 100
    assert sum(1 for one in requests if one.after) == 800 * MIX["update"] // 100
    assert statuses(server, [sent(one, one.version) for one in requests]) <= {200, 201, 202}


def test_growth_asks_for_what_is_there(server: ReferenceServer) -> None:
    for requests in kinds(server, ITEMS).values():
        assert statuses(server, requests[:20]) == {200}


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_wrk_raises_the_version_each_time_round(server: ReferenceServer, setting: Setting) -> None:
    file = setting.folder / "requests"
    write(file, traffic(server)["PUT item"]())
    report = wrk(setting, server.child, file)
    assert report.requests > 0
    assert report.success >= 0.99


def test_a_line_times_answers_and_refuses_refusals(server: ReferenceServer) -> None:
    line = LatencyConnection(server.child.port)
    try:
        assert line.time(kinds(server, ITEMS)["list"][0]) > 0
        with pytest.raises(Unmeasured, match=r"GET /api/content/items/x HTTP/1.1 was answered HTTP/1.1 401"):
            line.time(b"GET /api/content/items/x HTTP/1.1\r\nHost: h\r\n\r\n")
    finally:
        line.close()


def test_every_listening_socket_hears_of_a_write(server: ReferenceServer, setting: Setting) -> None:
    with open_sockets(setting, server, 30) as many, server.talk() as talk:
        for turn in range(2):
            many.listen()
            assert talk.ask("POST", "/api/content/items", {"title": f"{turn}"}).status == 201
            first, last = many.heard()
            assert 0 < first <= last


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param("ws-event-lost:every=1", "3 of 3 sockets had no event in 0.2 s", id="events are lost"),
        pytest.param("ws-query-token-ignored", None, id="a fault that does not concern it"),
    ],
)
def test_lost_events_are_told(
    fault: str, told: str | None, server: ReferenceServer, setting: Setting
) -> None:
    with server.talk() as talk:
        talk.ask("PUT", "/_control/faults", {"faults": [fault]})
        try:
            with open_sockets(setting, server, 3, patience=0.2 if told else 30) as many:
                many.listen()
                talk.ask("POST", "/api/content/items", {"title": "unheard"})
                if told is None:
                    many.heard()
                    return
                with pytest.raises(Unmeasured, match=re.escape(told)):
                    many.heard()
        finally:
            talk.ask("PUT", "/_control/faults", {"faults": []})


def test_refused_sockets_say_why(server: ReferenceServer, setting: Setting) -> None:
    with (
        pytest.raises(Unmeasured, match="401 Unauthorized"),
        open_sockets(setting, ReferenceServer(server.child, "nonsense"), 3),
    ):
        pass


@pytest.mark.parametrize("size", [1, LONGEST_WORD, LONGEST_WORD + 1, 8_800])
def test_nginx_answers_exactly_so_many_bytes(size: int) -> None:
    text = configuration("/somewhere", {8080: size})
    words = re.findall(r'default "(x+)";', text)
    assert sum(map(len, words)) == size
    assert max(map(len, words)) <= LONGEST_WORD
    assert text.count("$b8080_") == 2 * len(words), "each word is defined once and sent once"
