"""The JUnit XML of a report, with suites for contract checks, for objectives, and for verdicts on the run itself.

The states follow the policy, so that a CI that reads the file agrees with the exit code: a blocking verdict is a `failure` (FAIL) or
an `error` (UNKNOWN), a warning or an accepted failure is `skipped` with its reason.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from xml.etree import ElementTree as ET

from reports.summary.cases import Case, CaseState, suites
from reports.summary.tables import Report
from reports.text.display import upright

# XML 1.0, production 2 (Char): everything else is not allowed in a document, escaped or not.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

TAGS: Mapping[CaseState, str] = MappingProxyType(
    {CaseState.FAILED: "failure", CaseState.UNKNOWN: "error", CaseState.SKIPPED: "skipped"}
)


def render(report: Report) -> str:
    root = ET.Element("testsuites", name="tchat release gate", timestamp=report.run.started)
    if report.not_checked.sentence:
        properties = ET.SubElement(root, "properties")
        ET.SubElement(properties, "property", name="not checked", value=_legal(report.not_checked.sentence))
    for name, cases in suites(report):
        root.append(_suite(name, cases))
    for counted in ("tests", "failures", "errors", "skipped"):
        root.set(counted, str(sum(int(suite.get(counted, "0")) for suite in root.iter("testsuite"))))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(name: str, cases: list[Case]) -> ET.Element:
    suite = ET.Element("testsuite", name=name, tests=str(len(cases)))
    seconds = 0.0
    for case in cases:
        element = ET.SubElement(
            suite,
            "testcase",
            classname=_legal(case.classname),
            name=_legal(case.name),
            time=f"{case.seconds:.3f}",
        )
        seconds += case.seconds
        _state(element, case)
    for counted, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(counted, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("time", f"{seconds:.3f}")
    return suite


def _state(element: ET.Element, case: Case) -> None:
    if case.state is CaseState.PASSED:
        return
    outcome = ET.SubElement(element, TAGS[case.state])
    if case.state is not CaseState.SKIPPED:
        outcome.set("type", case.verdict.grade.name)
        outcome.text = _legal(f"{case.message}\n{case.story}".rstrip())
    outcome.set("message", _legal(case.message))


def _legal(text: str) -> str:
    return upright(_ILLEGAL.sub("\ufffd", text))
