"""The report of one run as a single HTML file that works offline, without scripts, in light and dark, narrow and printed.

The templates only arrange: the tables come from `reports.summary.tables`, the SVG pictures from `reports.page.pictures`.
Jinja2 escapes everything, and the page's Content-Security-Policy forbids network access in case an escape fails.
"""

from functools import cache
from itertools import groupby
from pathlib import Path
from statistics import fmean

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from contracts.run import ReconnectResult
from contracts.verdict import Grade
from reports.decision.policy import PolicyEffect
from reports.formats.headline import SENTENCE, counted, facts
from reports.page.pictures.baseline_drift import drift, drifts
from reports.page.pictures.error_budgets import budgets
from reports.page.pictures.heat_maps import heats
from reports.page.pictures.history_lanes import lanes
from reports.page.pictures.latency_spectrum import spectrum
from reports.page.pictures.latency_strips import strips
from reports.page.pictures.load_timeline import timeline
from reports.page.pictures.open_sockets import sockets
from reports.page.pictures.recovery import named, recovery
from reports.summary.tables import LoadTable, Report, merged
from reports.text import display, times

TEMPLATES = Path(__file__).parent / "templates"

# The most entries of each list; the page says how many more there are and where, so that it stays below 600 kB.
REASONS, RED, PASSED, MISSED = 60, 40, 60, 12
WORDS = 320  # characters of a reason; the details have all of it

# The most bytes of a page, and the most (histories, loads with heat maps) that it shows: if a page is too large, the next
# row is tried.
LIMIT = 600_000
STEPS = ((8, 3), (4, 1), (1, 0))


def render(report: Report) -> str:
    """The page as HTML, below 600 kB."""
    page = ""
    for races, heat_maps in STEPS:
        page = _render(report, races, heat_maps)
        if len(page.encode()) < LIMIT:
            break
    return page


def _render(report: Report, most_races: int, most_heat_maps: int) -> str:
    compared = drifts(report.run.verdicts)
    races = report.run.races
    return template("page.html.j2").render(
        report=report,
        run=report.run,
        decision=report.decision,
        sentence=SENTENCE[report.decision.word],
        counted=counted(report.reasons),
        facts=facts(report),
        pictures={index: _pictures(table) for index, table in enumerate(report.tables)},
        outages=_outages(report.run.reconnects),
        took=times.span(report.run.started, report.run.finished),
        compared=compared,
        drift=drift(compared),
        recovery=recovery,
        named=named,
        heats={index: heats(table) for index, table in enumerate(report.tables[:most_heat_maps])},
        races=[lanes(record) for record in races[:most_races]],
        races_left=max(0, len(races) - most_races),
        sockets=sockets,
    )


def _pictures(table: LoadTable) -> dict[str, Markup]:
    if table.load is None:
        return {}
    limit = table.threshold_ms
    corrected, uncorrected = merged(table.rows, corrected=True), merged(table.rows, corrected=False)
    return {
        "spectrum": spectrum(corrected, uncorrected, limit),
        "timeline": timeline(table.load.windows, table.load.seconds),
        "strips": strips(table.rows, limit),
        "budgets": budgets(table.rows),
    }


def _outages(results: list[ReconnectResult]) -> list[tuple[str, float, list[ReconnectResult]]]:
    """(fault, mean seconds of the outage, results) for each fault; each policy had an outage of its own."""

    def fault(result: ReconnectResult) -> str:
        return result.title

    groups = [(name, list(group)) for name, group in groupby(sorted(results, key=fault), key=fault)]
    return [(name, fmean(result.outage_seconds for result in group), group) for name, group in groups]


def template(name: str) -> Template:
    """A template, with the style, script and filters that all pages share."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_upright,
    )
    environment.filters.update(
        ms=display.ms,
        share=display.share,
        count=display.count,
        duration=times.duration,
        plural=display.plural,
    )
    environment.globals.update(
        css=Markup(_asset("page.css")),
        js=Markup(_asset("page.js")),
        Grade=Grade,
        BLOCK=PolicyEffect.BLOCK,
        most={"reasons": REASONS, "red": RED, "passed": PASSED, "missed": MISSED, "words": WORDS},
    )
    return environment


def _upright(value: object) -> object:
    """A value for a page; text without characters that change the direction of writing, escaped or not."""
    return type(value)(display.upright(value)) if isinstance(value, str) else value


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
