"""The live pages of a load: tabs in Locust's web UI, and a port for Prometheus.

Both read the counters at each request; there are none before the first run, and the last ones stay after it. The tabs use Locust's
extension points (`template_args`, `extended_stats` in `/stats/requests`); nothing is patched.
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
"""The most seconds in the chart."""
RUNNING = frozenset({"spawning", "running"})
PAGE, DATA = "/live", "/live/data"
NO_EDIT = "<style>.MuiButton-contained.MuiButton-colorSecondary{display:none}</style>"
"""Hides EDIT, the one button of that colour: the plan of a run is fixed when it begins."""
LINK = f'<a href=".{PAGE}" style="position:fixed;bottom:1rem;left:1rem;z-index:9;padding:.5rem 1rem;background:#15803d;color:#fff">Live verdict and chart</a>'
VERDICTS = {"grade": "Grade", "check": "Check", "subject": "Subject", "reason": "Reason"}
Counters = Callable[[], LoadRecorder | None]
LOCAL = "127.0.0.1"


class LiveRun(Protocol):
    """A run as these pages need it; before the first run it is empty."""

    def counted(self) -> LoadRecorder | None: ...
    def judged(self) -> Sequence[Verdict]:
        """The verdicts so far, or the final ones."""

    def final(self) -> bool:
        """Whether the verdicts are final."""

    def progress(self) -> str:
        """The progress of the run in one line."""

    def refusal(self, form: Mapping[str, Any]) -> str:
        """Why a run with this form cannot begin; empty if it can."""


def add_tab(web_ui: Any, spec: Spec, run: LiveRun, base: str = "") -> None:
    """Add two tabs (a row for each operation, a row for each verdict) and a page with the chart to Locust's `web_ui`. `base` is
    the path before its pages (--web-base-path)."""
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
        """Refuse requests of foreign web pages, which could start a load, because `/swarm` accepts any form."""
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
        lines = [dict(zip(VERDICTS, line, strict=True)) for line in _lines(judged)]
        extended = [{"key": KEY, "data": table}, {"key": VERDICT_KEY, "data": lines}]
        response.set_data(msgspec.json.encode({**response.json, "extended_stats": extended}))
        return response


def _lines(judged: Sequence[Verdict]) -> list[list[str]]:
    """The rows of the verdicts, worst first."""
    ordered = sorted(judged, key=lambda verdict: -verdict.grade)
    return [[one.grade.name, one.check, one.subject, one.reason] for one in ordered]


def _state(spec: Spec, run: LiveRun) -> dict[str, Any]:
    """The data that the chart's page requests each second."""
    found, judged, final = run.counted(), run.judged(), run.final()
    grade = (
        worst(judged).name if final else "running" if found is not None or run.progress() else "no run yet"
    )
    progress = run.progress()
    if final and found is not None:
        # The last line of progress still counts the seconds that were left then.
        progress = f"ended: {found.requests:,} requests, {found.errors:,} errors"
    moments = sorted(found.moments.items()) if found is not None else []
    return {
        "grade": grade, "final": final, "progress": progress, "columns": list(COLUMNS.values()), "verdicts": _lines(judged),
        "rows": [list(row.values()) for row in rows(spec, found, judged, final=final)] if found is not None else [],
        "seconds": [
            {"second": second, "planned": one.planned, "sent": one.sent, "done": one.done, "errors": one.errors, "late": one.late}
            for second, one in moments[-CHARTED:]
        ],
    }  # fmt: skip


def open_pages(web_ui: Any, given: Any, spec: Spec, run: LiveRun) -> None:
    """Open the tabs if there is a web UI, and the port if the options ask for it. OptionError if the port cannot be used."""
    if web_ui is not None:
        add_tab(web_ui, spec, run, given.web_base_path or "")
    if given.prometheus_port:
        serve(address(given.prometheus_port), spec, run.counted)


def address(text: str) -> tuple[str, int]:
    """The address of an option: `9100` (this machine only) or `0.0.0.0:9100`. OptionError has one line."""
    host, colon, port = text.rpartition(":")
    if not port.isdecimal() or not int(port) < 65_536 or (colon and not host):
        raise OptionError(f"--prometheus-port {text!r} is neither PORT nor HOST:PORT")
    return host or LOCAL, int(port)


def serve(where: tuple[str, int], spec: Spec, counters: Counters) -> WSGIServer:
    """Serve GET /metrics at an address; OptionError if it is not free."""

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
