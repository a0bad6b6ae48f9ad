"""Writes every format of a report into one folder. One that cannot be written does not keep back the others.

`run.json` is the run itself, from which all else can be made again; `verdict.json` is the decision in short, for
scripts and for the history page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reports import artifact, ctrf, junit, markdown, page, sarif
from reports.summary import Report


def verdict_json(report: Report) -> str:
    return json.dumps(_verdict(report), indent=2, ensure_ascii=False) + "\n"


def _verdict(report: Report) -> dict[str, Any]:
    decision = report.decision
    return {
        "format": 1,
        "verdict": decision.word,
        "exitCode": int(decision.exit_code),
        "started": report.run.started,
        "target": report.run.target,
        "seed": report.run.seed,
        "passed": decision.passed,
        "reasons": [
            {
                "grade": reason.grade.name,
                "effect": reason.effect.value,
                "check": reason.check,
                "operations": [subject for subject in reason.subjects if subject],
                "reason": reason.text,
                "count": reason.count,
            }
            for reason in report.reasons
        ],
        "operations": [
            {
                "scenario": table.load.scenario if table.load else "",
                "operation": row.operation,
                "requests": row.requests,
                "errors": row.errors,
                "p50": row.quantile_ms(0.5),
                "p95": row.quantile_ms(0.95),
                "p99": row.quantile_ms(0.99),
                "max": row.max_ms,
                "overShare": row.over_share,
                "verdict": row.grade.name if row.grade is not None else None,
            }
            for table in report.tables
            for row in table.rows
        ],
    }


FORMATS: Mapping[str, Callable[[Report], str]] = MappingProxyType(
    {
        "run.json": lambda report: report.run.model_dump_json() + "\n",
        "verdict.json": verdict_json,
        "junit.xml": junit.render,
        "ctrf.json": ctrf.render,
        "report.sarif": sarif.render,
        "report.md": markdown.render,
        "report.html": page.render,
    }
)


def write(report: Report, folder: Path) -> list[str]:
    """A line for each format that could not be written."""
    failures = []
    for name, render in FORMATS.items():
        try:
            artifact.write(folder / name, render(report))
        except OSError as error:
            failures.append(f"could not write {folder / name}: {error.strerror or error}")
        except Exception as error:  # a bug in one renderer must not cost the reader all of them
            failures.append(f"could not make {name} ({type(error).__name__}: {error}); a bug in the harness")
    return failures
