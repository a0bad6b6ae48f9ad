"""The objectives of openapi.yaml as OpenSLO v1: two SLOs for each operation, one of latency and one of errors.

The queries ask Prometheus for what OpenTelemetry's HTTP conventions name `http.server.request.duration`, because a
server that measures itself most likely does it so. Its histogram needs a bucket that ends at the threshold.

>>> from contracts import spec
>>> [document["kind"] for document in documents(spec.load())][:3]
['Service', 'SLO', 'SLO']
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from contracts import spec
from contracts.command import atomic_file
from contracts.command.exit_code import ExitCode, Stop
from contracts.spec import Operation, Spec

VERSION = "openslo/v1"
WINDOW = "28d"
"""Rolling. Four weeks, so that each has as many weekends as any other (SRE workbook, chapter 2)."""
METRIC = "http_server_request_duration_seconds"

Document = dict[str, Any]


def options(made: argparse.ArgumentParser) -> None:
    made.description = __doc__
    made.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="openapi.yaml (default: the harness's own)"
    )
    made.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there and not to the terminal")


def run(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    try:
        text = render(spec.load(chosen.file))
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    if chosen.output is None:
        print(text, end="")
        return ExitCode.PASS
    try:
        atomic_file.write(chosen.output, text)
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot write {chosen.output}: {error.strerror}") from None
    return ExitCode.PASS


def render(found: Spec) -> str:
    return yaml.safe_dump_all(
        documents(found), sort_keys=False, allow_unicode=True, width=110, explicit_start=True
    )


def documents(found: Spec) -> Iterator[Document]:
    service = label(found.title)
    yield {
        "apiVersion": VERSION,
        "kind": "Service",
        "metadata": {"name": service, "displayName": found.title},
        "spec": {"description": f"{found.title} {found.version}, {len(found)} operations"},
    }
    for operation in found:
        yield _latency(service, operation)
        yield _errors(service, operation)


def label(text: str) -> str:
    """A DNS label (RFC 1123), as OpenSLO asks of names.

    >>> label("getContentItems latency")
    'get-content-items-latency'
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower()
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:63].strip("-")


def _latency(service: str, operation: Operation) -> Document:
    objective = operation.objective
    seconds = f"{objective.threshold_ms / 1000:g}"
    return _slo(
        service,
        operation,
        "latency",
        f"{objective.share:.4%} of the answers of {operation.label} take at most {objective.threshold_ms:g} ms.",
        good=f'{METRIC}_bucket{{{_labels(operation)}, le="{seconds}"}}',
        total=f"{METRIC}_count{{{_labels(operation)}}}",
        target=objective.share,
    )


def _errors(service: str, operation: Operation) -> Document:
    share = operation.objective.error_share
    return _slo(
        service,
        operation,
        "errors",
        f"At most {share:.4%} of the answers of {operation.label} are 5xx.",
        good=f'{METRIC}_count{{{_labels(operation)}, http_response_status_code!~"5.."}}',
        total=f"{METRIC}_count{{{_labels(operation)}}}",
        # In decimals, because 1 - 0.001 in binary is not what anybody wrote.
        target=float(1 - Decimal(str(share))),
    )


def _labels(operation: Operation) -> str:
    return f'http_request_method="{operation.method}", http_route="{operation.path}"'


def _slo(
    service: str, operation: Operation, kind: str, description: str, *, good: str, total: str, target: float
) -> Document:
    name = label(f"{operation.id} {kind}")
    return {
        "apiVersion": VERSION,
        "kind": "SLO",
        "metadata": {"name": name, "displayName": f"{operation.label}: {kind}"},
        "spec": {
            "description": description,
            "service": service,
            "indicator": {
                "metadata": {"name": f"{name}-ratio"},
                "spec": {"ratioMetric": {"counter": True, "good": _metric(good), "total": _metric(total)}},
            },
            "timeWindow": [{"duration": WINDOW, "isRolling": True}],
            "budgetingMethod": "Occurrences",
            "objectives": [{"displayName": kind, "target": target}],
        },
    }


def _metric(query: str) -> Document:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}
