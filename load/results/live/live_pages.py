"""Two windows on a running load: a tab in Locust's web page, and a port that Prometheus can scrape.

Both ask for the counters each time they are looked at; there are none before the first run, and the last ones stay after it.
The tab follows Locust's own extension points (`template_args`, `extended_stats` in `/stats/requests`), nothing is patched.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
from flask import request
from gevent.pywsgi import WSGIServer

from contracts.command.browser_guard import refusal
from contracts.command.loopback import is_loopback
from contracts.spec import Spec
from contracts.verdict import Verdict, worst
from load.engine.recorder import LoadRecorder
from load.results.live.live_rows import COLUMNS, rows
from load.results.live.metric_families import exposition
from load.runs.run_config import OptionError

KEY, VERDICT_KEY = "objectives", "verdicts"
MANY = "user_classes"
CHARTED = 600
"""Seconds of the chart."""
RUNNING = frozenset({"spawning", "running"})
PAGE, DATA = "/live", "/live/data"
NO_EDIT = "<style>.MuiButton-contained.MuiButton-colorSecondary{display:none}</style>"
"""Hides EDIT, the one button of that colour: the plan of a run is fixed when it begins."""
LINK = f'<a href=".{PAGE}" style="position:fixed;bottom:1rem;left:1rem;z-index:9;padding:.5rem 1rem;background:#15803d;color:#fff">Live verdict and chart</a>'
VERDICTS = {"grade": "Grade", "check": "Check", "subject": "Subject", "reason": "Reason"}
Counters = Callable[[], LoadRecorder | None]
LOCAL = "127.0.0.1"


class LiveRun(Protocol):
    """A run as these pages see it; before the first run there is nothing in it."""

    def counted(self) -> LoadRecorder | None: ...
    def judged(self) -> Sequence[Verdict]:
        """What the run's own judging says of what was counted so far, or has said at its end."""

    def final(self) -> bool:
        """Whether those are the last."""

    def told(self) -> str:
        """Where it stands, in a line."""

    def refusal(self, form: Mapping[str, Any]) -> str:
        """Why a run of this form could not begin; empty where it can."""


def add_tab(web_ui: Any, spec: Spec, run: LiveRun, base: str = "") -> None:
    """Add our tabs and the chart to Locust's web page. `web_ui` is Locust's, `base` the path before its pages (--web-base-path);
    one tab has a row an operation, the other one a row a verdict, and a page of ours the chart."""
    tables = {KEY: COLUMNS, VERDICT_KEY: VERDICTS}
    web_ui.template_args |= {
        "extended_tabs": [{"title": "Objectives", "key": KEY}, {"title": "Verdicts", "key": VERDICT_KEY}],
        "extended_tables": [
            {"key": key, "structure": [{"key": one, "title": title} for one, title in columns.items()]}
            for key, columns in tables.items()
        ],
    }
    for path, endpoint, view in (
        (PAGE, "load_live", lambda: Path(__file__).with_name("live.html").read_text("utf-8")),
        (DATA, "load_live_data", lambda: _state(spec, run)),
    ):
        web_ui.app.add_url_rule(f"{base}{path}", endpoint, web_ui.auth_required_if_enabled(view))

    @web_ui.app.before_request  # type: ignore[untyped-decorator]
    def refuse_pages() -> Any:
        """A page of the web that finds this one open must not start a load (`/swarm` takes any form)."""
        why = refusal(dict(request.headers), loopback_only=is_loopback(web_ui.host))
        if why is not None:
            return {"success": False, "message": why}, 403
        if request.path == f"{base}/swarm":
            fields = request.form.to_dict(flat=False)
            line = run.refusal(
                {name: values if name == MANY else values[0] for name, values in fields.items()}
            )
            if web_ui.environment.runner.state in RUNNING:
                line = "a run is under way, and its plan is fixed: stop it first, then start another one"
            return {"success": False, "message": line} if line else None
        return None

    @web_ui.app.after_request  # type: ignore[untyped-decorator]
    def extend(response: Any) -> Any:
        if (
            request.path == f"{base}/"
            and response.mimetype == "text/html"
            and not response.direct_passthrough
        ):
            response.set_data(response.get_data(as_text=True).replace("</body>", f"{NO_EDIT}{LINK}</body>"))
            return response
        if not response.is_json or "extended_stats" in (response.json or ()) or "stats" not in response.json:
            return response
        found, judged = run.counted(), run.judged()
        table = [] if found is None else rows(spec, found, judged, final=run.final())
        told = [dict(zip(VERDICTS, line, strict=True)) for line in _lines(judged)]
        extended = [{"key": KEY, "data": table}, {"key": VERDICT_KEY, "data": told}]
        response.set_data(msgspec.json.encode({**response.json, "extended_stats": extended}))
        return response


def _lines(judged: Sequence[Verdict]) -> list[list[str]]:
    """Worst first."""
    ordered = sorted(judged, key=lambda verdict: -verdict.grade)
    return [[one.grade.name, one.check, one.subject, one.reason] for one in ordered]


def _state(spec: Spec, run: LiveRun) -> dict[str, Any]:
    """What the page of the chart asks for each second."""
    found, judged, final = run.counted(), run.judged(), run.final()
    grade = worst(judged).name if final else "running" if found is not None or run.told() else "no run yet"
    moments = sorted(found.moments.items()) if found is not None else []
    return {
        "grade": grade, "final": final, "told": run.told(), "columns": list(COLUMNS.values()), "verdicts": _lines(judged),
        "rows": [list(row.values()) for row in rows(spec, found, judged, final=final)] if found is not None else [],
        "seconds": [
            {"second": second, "planned": one.planned, "sent": one.sent, "done": one.done, "errors": one.errors, "late": one.late}
            for second, one in moments[-CHARTED:]
        ],
    }  # fmt: skip


def open_pages(web_ui: Any, given: Any, spec: Spec, run: LiveRun) -> None:
    """The tab where there is a web UI, the port where the options ask for one; OptionError is the caller's mistake."""
    if web_ui is not None:
        add_tab(web_ui, spec, run, given.web_base_path or "")
    if given.prometheus_port:
        serve(address(given.prometheus_port), spec, run.counted)


def address(text: str) -> tuple[str, int]:
    """The address that an option names. `9100` on this machine only, or `0.0.0.0:9100`. OptionError is one line."""
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
