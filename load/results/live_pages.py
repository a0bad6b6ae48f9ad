"""Two windows on a running load: a tab in Locust's web page, and a port that Prometheus can scrape.

Both ask for the counters each time they are looked at; there are none before the first run, and the last ones stay after it.
The tab follows Locust's own extension points (`template_args`, `extended_stats` in `/stats/requests`), nothing is patched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from flask import request
from gevent.pywsgi import WSGIServer

from contracts.command.browser_guard import refusal
from contracts.command.loopback import is_loopback
from contracts.spec import Spec
from load.engine.recorder import LoadRecorder
from load.results.exposition import COLUMNS, exposition, rows
from load.runs.run_config import OptionError

KEY = "objectives"
Counters = Callable[[], LoadRecorder | None]
LOCAL = "127.0.0.1"


def add_tab(web_ui: Any, spec: Spec, counters: Counters) -> None:
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
        return None if why is None else ({"success": False, "message": why}, 403)

    @web_ui.app.after_request  # type: ignore[untyped-decorator]
    def extend(response: Any) -> Any:
        if not response.is_json or "extended_stats" in (response.json or ()) or "stats" not in response.json:
            return response
        found = counters()
        table = [{"key": KEY, "data": [] if found is None else rows(spec, found)}]
        response.set_data(msgspec.json.encode({**response.json, "extended_stats": table}))
        return response


def address(text: str) -> tuple[str, int]:
    """`9100` on this machine only, or `0.0.0.0:9100`. OrderError is one line."""
    host, colon, port = text.rpartition(":")
    if not port.isdecimal() or not int(port) < 65_536 or (colon and not host):
        raise OptionError(f"--prometheus-port {text!r} is neither PORT nor HOST:PORT")
    return host or LOCAL, int(port)


def serve(where: tuple[str, int], spec: Spec, counters: Counters) -> WSGIServer:
    """GET /metrics there, from now on; OrderError where nobody can listen there."""

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
