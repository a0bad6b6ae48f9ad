"""Thousands of idle sockets on one worker: how soon the last of them hears of one write, and what each of them weighs."""

import statistics
import time

from tests.bench.programs.installed import Unmeasured
from tests.bench.programs.reference_server import ReferenceServer, ours
from tests.bench.result import Limit, Result, Row
from tests.bench.server.listening_sockets import open_sockets
from tests.bench.setting import Setting

SOCKETS, RUNS = 5_000, 15
LAST_MS, KIBIBYTES = 500.0, 25.0


def sockets(setting: Setting) -> Result:
    """One write told to 5,000 sockets of one worker, and the memory of an idle socket."""
    count, runs = (500, 3) if setting.quick else (SOCKETS, RUNS)
    firsts, lasts, answers = [], [], []
    setting.say(f"sockets: opening {count}")
    with ours(setting, "--db", str(setting.folder / "world.db")) as server:
        with open_sockets(setting, server, 10) as few:  # what the first sockets load is not theirs
            few.listen()
            _write(server, 0)
            few.heard()
        before = server.child.resident()
        with open_sockets(setting, server, count) as many:
            time.sleep(0.3)
            after = server.child.resident()
            for turn in range(runs):
                setting.say(f"sockets: write {turn + 1} of {runs}")
                many.listen()
                began, answered = _write(server, turn + 1)
                first, last = many.heard()
                firsts.append((first - began) / 1e6)
                lasts.append((last - began) / 1e6)
                answers.append((answered - began) / 1e6)
    note = (
        f"first {statistics.median(firsts):.3g} ms, the writer's answer {statistics.median(answers):.3g} ms"
    )
    rows = [
        Row(f"last of {count:,} events after one write", statistics.median(lasts), "ms", None, Limit("at most", LAST_MS), (min(lasts), max(lasts)), note),
        Row("memory of an idle socket", (after - before) / count / 1024, "KiB", None, Limit("at most", KIBIBYTES), None, f"{after / 2**20:.0f} MiB in all"),
        Row("handshakes", count / many.seconds, "sockets/s", note="up to 200 on their way at once"),
    ]  # fmt: skip
    about = (
        f"{count:,} sockets of one account in one worker, {runs} writes one after another; from the moment a write is sent until the"
        " last socket has its `content_updated`. Memory: resident size with all of them over that with none."
    )  # fmt: skip
    return Result("Sockets", about, rows)


def _write(server: ReferenceServer, turn: int) -> tuple[int, int]:
    """When the write was sent and when it was answered, in ns of time.monotonic_ns."""
    with server.talk() as talk:
        version = talk.ask("GET", "/api/content/items/welcome").at("data", "version")
        began = time.monotonic_ns()
        answer = talk.ask("PUT", "/api/content/items/welcome", {"version": version, "title": f"Write {turn}"})
        answered = time.monotonic_ns()
    if answer.status != 200:
        raise Unmeasured(f"the write was answered {answer.status}")
    return began, answered
