"""CTRF and SARIF keep the rules of their formats, agree with JUnit, and point at the right lines."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from contracts import spec
from contracts.command.exit_code import ExitCode
from contracts.run import VerdictRecord
from reports.cli import main
from reports.decision.policy import ReleasePolicy, parse
from reports.formats import archive, ctrf, junit, sarif
from reports.summary import document_lines, tables
from tests.reports import sample_runs
from tests.reports.formats.test_goldens import ACCEPTING, report

STRING, WHOLE = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}
COUNTS = ("tests", "passed", "failed", "skipped", "pending", "other")


def closed(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    both = {**required, **optional}
    return {"type": "object", "required": list(required), "properties": both, "additionalProperties": False}


def listed(schema: dict[str, Any], **words: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema, **words}


# What the published schema of CTRF asks of the parts that we use; it closes every object too.
CTRF = closed(
    {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        "results": closed(
            {
                "tool": closed({"name": STRING}, version=STRING),
                "summary": closed(
                    dict.fromkeys((*COUNTS, "start", "stop"), WHOLE), suites=WHOLE, duration=WHOLE, extra={"type": "object"}
                ),
                "tests": listed(
                    closed(
                        {"name": STRING, "status": {"enum": list(ctrf.STATUSES)}, "duration": WHOLE},
                        suite=listed(STRING, minItems=1),
                        message=STRING,
                        trace=STRING,
                        rawStatus=STRING,
                    )
                ),
            },
            environment=closed(
                {}, appName=STRING, appVersion=STRING, osPlatform={"type": "string"}, testEnvironment={"type": "string"},
                extra={"type": "object"},
            ),
        ),
    },
    timestamp={"type": "string"},
    generatedBy=STRING,
)  # fmt: skip

TEXT = closed({"text": STRING})
# SARIF 2.1.0, sections 3.14 (run), 3.27 (result), 3.28 (location), 3.35 (suppression), for what we use of them.
SARIF = closed(
    {
        "$schema": STRING,
        "version": {"const": "2.1.0"},
        "runs": listed(
            closed(
                {
                    "tool": closed(
                        {
                            "driver": closed(
                                {"name": STRING, "version": STRING, "rules": listed(closed({"id": STRING, "shortDescription": TEXT}), uniqueItems=True)}
                            )
                        }
                    ),
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "invocations": listed(
                        closed({"executionSuccessful": {"type": "boolean"}}, exitCode={"type": "integer"}, exitCodeDescription=STRING, properties={"type": "object"})
                    ),
                    "results": listed(
                        closed(
                            {
                                "ruleId": STRING,
                                "ruleIndex": WHOLE,
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": TEXT,
                                "locations": listed(
                                    closed(
                                        {
                                            "physicalLocation": closed(
                                                {"artifactLocation": closed({"uri": STRING}, uriBaseId=STRING)},
                                                region=closed({"startLine": {"type": "integer", "minimum": 1}}),
                                            )
                                        },
                                        logicalLocations=listed(closed({"name": STRING, "kind": STRING})),
                                    ),
                                    minItems=1,
                                ),
                                "partialFingerprints": {"type": "object", "additionalProperties": STRING},
                            },
                            suppressions=listed(
                                closed({"kind": {"enum": ["inSource", "external"]}, "status": {"enum": ["accepted"]}, "justification": STRING})
                            ),
                        )
                    ),
                }
            ),
            minItems=1,
        ),
    }
)  # fmt: skip


def accepting(name: str) -> tables.Report:
    return report(name, parse(ACCEPTING, name="policy.yaml"))


@cache
def real_lines() -> document_lines.DocumentLines:
    return document_lines.of_text(spec.default_path().read_bytes())


@pytest.mark.parametrize("name", sample_runs.RUNS)
@pytest.mark.parametrize("told", [report, accepting])
def test_keeps_the_rules_of_ctrf_and_sarif(name: str, told: Any) -> None:
    jsonschema.validate(json.loads(ctrf.render(told(name))), CTRF)
    log = json.loads(sarif.render(told(name)))
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])


@pytest.mark.parametrize("name", sample_runs.RUNS)
def test_ctrf_counts_as_junit_does(name: str) -> None:
    told = accepting(name)
    root = ET.fromstring(junit.render(told))
    document = json.loads(ctrf.render(told))["results"]
    counts, tests = document["summary"], document["tests"]
    assert counts["tests"] == int(root.get("tests", "-1")) == len(tests)
    assert counts["failed"] == int(root.get("failures", "-1")) + int(root.get("errors", "-1"))
    assert counts["skipped"] == int(root.get("skipped", "-1"))
    assert dict(Counter(test["status"] for test in tests)) == {
        status: counts[status] for status in ctrf.STATUSES if counts[status]
    }
    # A reader that only counts failures must not take for a pass what blocks.
    assert (counts["failed"] > 0) == (told.decision.exit_code is not ExitCode.PASS)


def test_sarif_grades_as_the_policy_does() -> None:
    results = json.loads(sarif.render(accepting("fail")))["runs"][0]["results"]
    levels = Counter(result["level"] for result in results)
    judged = accepting("fail").decision.judged
    assert levels["error"] == sum(entry.effect.value == "block" for entry in judged) > 0
    suppressed = [result for result in results if "suppressions" in result]
    assert len(suppressed) == 5 and {result["ruleId"] for result in suppressed} == {"versions.one-winner"}
    assert results[0]["level"] == "error"


def test_sarif_points_at_the_line_of_the_operation_and_of_the_pointer() -> None:
    found = spec.load()
    pointed = VerdictRecord(
        check="compat.request.range-narrowed", grade="FAIL", subject="getContentItems",
        evidence={"pointer": "/components/schemas/Title/maxLength"},
    )  # fmt: skip
    gone = pointed.model_copy(update={"evidence": {"pointer": "/components/schemas/Title/gone/deeper"}})
    plain = VerdictRecord(check="objective", grade="FAIL", subject="syncContent")
    whole = VerdictRecord(check="run.empty", grade="UNKNOWN")
    run = sample_runs.run(verdicts=[pointed, gone, plain, whole])
    told = tables.report(run, ReleasePolicy(), made=sample_runs.MADE, version="1", lines=real_lines())
    text = spec.default_path().read_text().splitlines()
    shown = []
    for result in json.loads(sarif.render(told))["runs"][0]["results"]:
        region = result["locations"][0]["physicalLocation"].get("region")
        shown.append(text[region["startLine"] - 1].strip() if region else "")
    assert shown[:3] == ["maxLength: 200", "Title:", "get:"]
    assert shown[3] == ""
    line = real_lines().operations["syncContent"]
    assert text[line].strip() == "operationId: syncContent"
    assert set(real_lines().operations) == {endpoint.id for endpoint in found.endpoints}


def test_another_document_has_no_lines(tmp_path: Path) -> None:
    path = spec.default_path()
    assert document_lines.read(path, spec.load().digest).operations
    assert (
        document_lines.read(path, "0" * 64)
        == document_lines.DocumentLines()
        == document_lines.read(tmp_path / "none", "")
    )
    assert document_lines.of_text(b"a: [") == document_lines.DocumentLines()


def test_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["render", "--help"])
    told = capsys.readouterr().out
    assert all(name in told for name in archive.FORMATS)


def test_on_github_each_reason_stands_beside_its_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.json"
    path.write_text(sample_runs.failing().model_dump_json())
    main(["render", str(path), "--out", str(tmp_path / "a")])
    assert "::error" not in capsys.readouterr().out, "only where somebody reads such commands"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main(["render", str(path), "--out", str(tmp_path / "b")]) == ExitCode.FAIL
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::")]
    assert 1 <= len(told) <= 20
    assert all(
        re.fullmatch(r"::(error|warning) file=openapi\.yaml,line=[1-9]\d*,title=[^,:]+::.+", line)
        for line in told
    ), told
