"""How many requests one core can send with all recording on, beside Locust's FastHttpUser and k6 on the same core."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from contracts.spec import load
from tests.bench.load.known_latency_server import examples
from tests.bench.programs import k6
from tests.bench.programs.child_process import Child, free_port, running
from tests.bench.programs.installed import Unmeasured, find
from tests.bench.programs.reference_server import ROOT
from tests.bench.result import Limit, Result, Row
from tests.bench.setting import Setting

OVER_LOCUST, OVER_K6, RECORDING = 1.5, 1.0, 5.0
PATH = "/api/content/items/x"


def generator(setting: Setting) -> Result:
    """Requests a second of one core on one GET, everything recorded, beside FastHttpUser and k6; what recording costs."""
    seconds = 1.0 if setting.quick else 4.0
    with _fixed(setting) as server:
        url = f"{server.url}{PATH}"
        contestants: dict[str, Callable[[], float]] = {
            "ours": lambda: _loop(setting, "ours", url, str(seconds)),
            "Locust": lambda: _loop(setting, "locust", url, str(seconds)),
            "k6": lambda: k6.as_fast_as_it_goes(setting, url, 64, seconds),
            "connections alone": lambda: _loop(setting, "bare", url, str(seconds)),
        }
        rounds, missing = _rounds(setting, contestants)
    rows = _rows(rounds, missing)
    costs = [_loop(setting, "recording") for _ in range(setting.rounds)]
    limit = Limit("at most", RECORDING)
    spread = (min(costs), max(costs))
    rows.append(Row("recording of one request", statistics.median(costs), "us", None, limit, spread))
    about = (
        "One core, 64 requests under way, the same GET with a bearer token against nginx with one fixed body on the other core."
        " Ours counts, keeps histograms and a history and feeds Locust's statistics. In turn; ratios are taken round by round."
    )
    return Result("Generator", about, rows)


def _rounds(
    setting: Setting, contestants: dict[str, Callable[[], float]]
) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Name -> a rate for each round, and why somebody could not take part."""
    rounds: dict[str, list[float]] = {name: [] for name in contestants}
    missing: dict[str, str] = {}
    for turn in range(setting.rounds):
        for name, run in contestants.items():
            setting.say(f"generator: {name}, round {turn + 1} of {setting.rounds}")
            if name not in missing:
                try:
                    rounds[name].append(run())
                except Unmeasured as reason:
                    missing[name] = str(reason)
    return rounds, missing


def _rows(rounds: dict[str, list[float]], missing: dict[str, str]) -> list[Row]:
    rows = []
    for against, least in (("Locust", OVER_LOCUST), ("k6", OVER_K6)):
        limit = Limit("at least", least, against)
        if missing.keys() & {"ours", against}:
            why = missing.get("ours") or missing[against]
            rows.append(Row(f"ours against {against}", None, "requests/s", limit=limit, note=why))
            continue
        mine, other = rounds["ours"], rounds[against]
        ratio = statistics.median(a / b for a, b in zip(mine, other, strict=True))
        note = f"{against} {statistics.median(other):,.0f}/s"
        rows.append(
            Row(f"ours against {against}", statistics.median(mine), "requests/s", ratio, limit, (min(mine), max(mine)), note)
        )  # fmt: skip
    alone = rounds["connections alone"]
    if alone:
        rows.append(
            Row("its connections, nothing counted", statistics.median(alone), "requests/s", spread=(min(alone), max(alone)))
        )  # fmt: skip
    return rows


@contextmanager
def _fixed(setting: Setting) -> Iterator[Child]:
    """nginx with the document's example of one item, with the headers that it owes: our side looks at what it gets."""
    port, folder = free_port(), setting.folder / "fixed"
    folder.mkdir()
    body = examples(load())["getContentItem"].partition(b"\r\n\r\n")[2].decode()
    (folder / "nginx.conf").write_text(
        f"""daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; default_type application/json; keepalive_timeout 600; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{ add_header ETag '"v1"'; add_header Cache-Control "private, no-cache"; return 200 '{body}'; }}
  }}
}}
""",
        "utf-8",
    )
    command = [
        *setting.cores.pin_server(),
        find("nginx"),
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
    ]
    with running(command, port, setting.folder / "fixed.log") as child:
        yield child


def _loop(setting: Setting, *words: str) -> float:
    done = subprocess.run(
        [*setting.cores.pin_generator(), sys.executable, "-m", "tests.bench.load.sending_loops", *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Unmeasured(f"{words[0]}: {(done.stderr.strip() or '?').splitlines()[-1]}")
    return float(json.loads(done.stdout))
