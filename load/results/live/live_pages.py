"""Two windows on a running load: a tab in Locust's web page, and a port that Prometheus can scrape.

Both ask for the counters each time they are looked at; there are none before the first run, and the last ones stay after it.
The tab follows Locust's own extension points (`template_args`, `extended_stats` in `/stats/requests`), nothing is patched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from flask import request
from gevent.pywsgi import WSGIServer

from contracts.command.browser_guard import refusal
from contracts.command.loopback import is_loopback
from contracts.spec import Spec
from contracts.verdict import Verdict
from load.engine.recorder import LoadRecorder
from load.results.live.live_rows import COLUMNS, rows
from load.results.live.metric_families import exposition
from load.runs.run_config import OptionError

KEY = "objectives"
RUNNING = frozenset({"spawning", "running"})
Counters = Callable[[], LoadRecorder | None]
Judged = Callable[[], Sequence[Verdict]]
"""What the run's own judging says of what was counted so far."""
LOCAL = "127.0.0.1"


def add_tab(web_ui: Any, spec: Spec, counters: Counters, judged: Judged) -> None:
    """`web_ui` is Locust's; the tab shows one row an operation."""
    web_ui.template_args |= {
        "extended_tabs": [{"title": "Objectives", "key": KEY}],
        "extended_tables": [
            {"key": KEY, "structure": [{"key": key, "title": title} for key, title in COLUMNS.items()]}
        ],
    }

    @web_ui.app.before_request  # type: ignore[untyped-decorator]
    def refuse_pages() -> Any:
        """A page of the web that finds this one open must not start a load (`/swarm` takes any form)."""
        why = refusal(dict(request.headers), loopback_only=is_loopback(web_ui.host))
        if why is not None:
            return {"success": False, "message": why}, 403
        if request.path == "/swarm" and web_ui.environment.runner.state in RUNNING:
            line = "a run is under way, and its plan is fixed: stop it first, then start another one"
            return {"success": False, "message": line}
        return None

    @web_ui.app.after_request  # type: ignore[untyped-decorator]
    def extend(response: Any) -> Any:
        if not response.is_json or "extended_stats" in (response.json or ()) or "stats" not in response.json:
            return response
        found = counters()
        table = [{"key": KEY, "data": [] if found is None else rows(spec, found, judged())}]
        response.set_data(msgspec.json.encode({**response.json, "extended_stats": table}))
        return response


def open_pages(web_ui: Any, port: str | None, spec: Spec, counters: Counters, judged: Judged) -> None:
    """The tab where there is a web UI, the port where one is asked for; OptionError is the caller's mistake."""
    if web_ui is not None:
        add_tab(web_ui, spec, counters, judged)
    if port:
        serve(address(port), spec, counters)


def address(text: str) -> tuple[str, int]:
    """`9100` on this machine only, or `0.0.0.0:9100`. OptionError is one line."""
    host, colon, port = text.rpartition(":")
    if not port.isdecimal() or not int(port) < 65_536 or (colon and not host):
        raise OptionError(f"--prometheus-port {text!r} is neither PORT nor HOST:PORT")
    return host or LOCAL, int(port)


def serve(where: tuple[str, int], spec: Spec, counters: Counters) -> WSGIServer:
    """GET /metrics there, from now on; OptionError where nobody can listen there."""

    def answer(request: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if request["PATH_INFO"] != "/metrics":
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"there is only /metrics\n"]
        start("200 OK", [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")])
        return [exposition(spec, counters() or LoadRecorder({})).encode()]

    server = WSGIServer(where, answer, log=None)
    try:
        server.start()
    except OSError as error:
        raise OptionError(f"--prometheus-port: cannot listen there: {error.strerror}") from None
    return server
