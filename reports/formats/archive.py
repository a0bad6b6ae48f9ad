"""The folder of a report with all its formats; a format that cannot be written does not affect the others.

`run.json` is the run itself, from which all others can be made again; `verdict.json` is the short form of the decision for scripts
and the history page.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from contracts.command import atomic_file
from reports.formats import ctrf, junit, markdown, sarif, wfc
from reports.formats.brief import brief
from reports.page import report_page
from reports.summary.tables import Report


def verdict_json(report: Report) -> str:
    short = brief(report).model_dump(mode="json", by_alias=True)
    return json.dumps(short, indent=2, ensure_ascii=False) + "\n"


FORMATS: Mapping[str, Callable[[Report], str]] = MappingProxyType(
    {
        "run.json": lambda report: report.run.model_dump_json() + "\n",
        "verdict.json": verdict_json,
        "junit.xml": junit.render,
        "ctrf.json": ctrf.render,
        "report.sarif": sarif.render,
        "wfc.json": wfc.render,
        "report.md": markdown.render,
        "report.html": report_page.render,
    }
)


def write(report: Report, folder: Path) -> list[str]:
    """Write all formats. The result has one line for each cause that kept a format from being written."""
    unwritten: dict[str, list[str]] = {}
    problems = []
    for name, render in FORMATS.items():
        try:
            atomic_file.write(folder / name, render(report))
        except OSError as error:
            unwritten.setdefault(error.strerror or str(error), []).append(name)
        except Exception as error:  # a bug in one renderer must not cost the reader all of them
            problems.append(f"could not make {name} ({type(error).__name__}: {error}); a bug in the harness")
    return [_line(names, folder, why) for why, names in unwritten.items()] + problems


def _line(names: list[str], folder: Path, why: str) -> str:
    """The cause of a failed write in one line. A full disk stops all formats alike and is said once."""
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"could not write {listed} in {folder}: {why}; mend that, or choose another place with --out"
