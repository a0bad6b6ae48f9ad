"""run.json and verdict.json as they are written keep their published schemas, and the schemas refuse what is none."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reports.formats import archive
from tests.reports import sample_runs
from tests.reports.formats.test_goldens import report

FOLDER = Path(archive.__file__).parents[1] / "schemas"


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return found


@pytest.mark.parametrize("name", sample_runs.RUNS)
@pytest.mark.parametrize("file", ["run", "verdict"])
def test_what_is_written_keeps_its_schema(file: str, name: str) -> None:
    written = json.loads(archive.FORMATS[f"{file}.json"](report(name)))
    jsonschema.validate(written, schema(file), cls=jsonschema.Draft202012Validator)


def test_a_run_of_a_later_version_may_have_more_fields() -> None:
    written = json.loads(archive.FORMATS["run.json"](report("pass")))
    jsonschema.validate({**written, "unheard-of": 1}, schema("run"), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("file", ["run", "verdict"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"seed": "one"}, id="another type"),
        pytest.param({"format": 2}, id="another format"),
        pytest.param({"started": ...}, id="a field less"),
    ],
)
def test_what_is_none_does_not(file: str, change: dict[str, Any]) -> None:
    written = json.loads(archive.FORMATS[f"{file}.json"](report("pass")))
    spoiled = {key: value for key, value in {**written, **change}.items() if value is not ...}
    assert not jsonschema.Draft202012Validator(schema(file)).is_valid(spoiled)


@pytest.mark.parametrize("name", sample_runs.RUNS)
def test_a_report_of_web_fuzzing_commons_keeps_the_schema_that_they_publish(name: str) -> None:
    published = pytest.importorskip("webfuzzing_commons")
    form = yaml.safe_load((Path(published.__file__).parent / "data" / "report.yaml").read_text("utf-8"))
    written = json.loads(archive.FORMATS["wfc.json"](report(name)))
    jsonschema.validate(written, form, cls=jsonschema.Draft202012Validator)
    rest, cases = written["problemDetails"]["rest"], {case["id"] for case in written["testCases"]}
    for fault in written["faults"]["foundFaults"]:
        assert fault["operationId"] in rest["endpointIds"] and fault["testCaseId"] in cases
    failed = [check for check in sample_runs.RUNS[name]().checks if check.grade == "FAIL"]
    assert len(written["faults"]["foundFaults"]) + len(written["warnings"]) == len(failed)
