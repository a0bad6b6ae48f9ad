"""The reader of scenario files (`--scenario-file mix.yaml`).

A file is YAML, JSON, or Python with a function `scenario()` that returns the same mapping. The coordinator reads it once, with
the logs and data that it names, so that the workers get one plain document. Only accounts and tokens stay paths, because they are
never sent. `scenario_file.schema.json` is the format.
"""

import json
import runpy
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonpath
import jsonschema_rs
import yaml

from contracts.spec import Spec, SpecError
from contracts.spec.source.document_text import read as read_document
from load.journeys import ALL
from load.scenarios import access_log, data_files
from load.scenarios.arrival_plan import PlanError
from load.scenarios.scenario_file import ScenarioFile

SCHEMA = Path(__file__).with_name("scenario_file.schema.json")
SPENDS_SESSION = frozenset({"refreshTokens", "logout"})
NEVER = {
    "revertContentVersion": "it needs an item with a past, which a sequence does not have",
    "updateContentItem:conflict": "it needs an item with a past, which a sequence does not have",
    "bulkUpdateContent": "it needs three items, and a sequence has one",
    "bulkUpdateContent:large": "it needs forty items, and a sequence has one",
}
"""Operations and variants that cannot be part of a sequence -> why."""


def read(path: Path, spec: Spec) -> ScenarioFile:
    """Read a scenario file. PlanError has one line with the file, the line or member, and the mistake."""
    where, raw = path.name, data_files.raw(path)
    document = _program(path) if path.suffix == ".py" else _document(raw, where)
    for error in sorted(_validator().iter_errors(document), key=lambda found: -len(found.instance_path)):
        at = "".join(f"/{step}" for step in error.instance_path)
        line = "" if path.suffix == ".py" else f":{_line(raw, error.instance_path)}"
        raise PlanError(f"{where}{line}: {at or 'the file'}: {error.message}")
    found = {**document, "load": [_loaded(part, path, spec) for part in document["load"]]}
    if "data" in found:
        found["data"] = {
            name: list(data_files.rows(path.parent / file)) for name, file in found["data"].items()
        }
    for name in ("accounts", "tokens"):
        if name in found:
            found[name] = str((path.parent / found[name]).resolve())
    made = ScenarioFile(found)
    _refuse_unknown(made, spec, where)
    data_files.accounts(made.accounts)
    data_files.ready_tokens(made.tokens)
    return made


def _loaded(part: Mapping[str, Any], path: Path, spec: Spec) -> dict[str, Any]:
    """The part with the contents of its logs in place of their names."""
    made = dict(part)
    if "replay" in made:
        log = _log(path.parent / made.pop("replay"), spec)
        made["recorded"] = [list(arrival) for arrival in log.faster(made.pop("speed", 1))]
    elif "from" in made["mix"]:
        rest = {name: weight for name, weight in made["mix"].items() if name != "from"}
        made["mix"] = {**_log(path.parent / made["mix"]["from"], spec).weights, **rest}
    return made


def _log(path: Path, spec: Spec) -> access_log.AccessLog:
    return access_log.read(data_files.raw(path), spec=spec, name=path.name)


def _refuse_unknown(made: ScenarioFile, spec: Spec, where: str) -> None:
    """PlanError if a name is no known operation or variant of the document, or if a read-only scenario writes."""
    asked: dict[str, str] = {}
    for part in made.document["load"]:
        for name in part.get("mix", {}):
            if name not in made.sequences:
                asked[name] = f"load, {part['name']}"
    for sequence in made.sequences.values():
        asked |= dict.fromkeys(sequence.steps, f"journeys, {sequence.name}")
    asked |= dict.fromkeys(made.rows, "data")
    asked |= {name: "thresholds" for name in made.document.get("thresholds", {}) if name != "default"}
    asked |= dict.fromkeys(made.watched, "checks and metrics")
    for name, place in asked.items():
        journey = ALL.get(name)
        if journey is None or journey.operation not in spec.operations:
            known = ", ".join(name for name in ALL if ALL[name].operation in spec.operations)
            raise PlanError(f"{where}: {place}: there is no operation {name!r}; there are {known}")
    _refuse_impossible(made, spec, where)
    for kind, name, at, schema in (one for found in made.watched.values() for one in found):
        try:
            jsonpath.compile(at)
            jsonschema_rs.validator_for(schema)
        except (jsonpath.JSONPathError, jsonschema_rs.ValidationError) as error:
            raise PlanError(f"{where}: {kind}, {name}: {str(error).splitlines()[0]}") from None
    if made.read_only:
        writes = [name for name in sorted(made.operations) if spec[name].method not in ("GET", "HEAD")]
        writes = [name for name in writes if spec[name].permission]
        if writes:
            raise PlanError(f"{where}: read-only, but it asks for {', '.join(writes)}")
    made.objectives(spec)
    plan = made.plan(0)
    if not any(any(part.plan.mix.values()) for part in plan.parts):
        raise PlanError(f"{where}: load: every weight is 0")


def _refuse_impossible(made: ScenarioFile, spec: Spec, where: str) -> None:
    """PlanError if a step of a sequence needs an item or a session that no earlier step makes."""
    for sequence in made.sequences.values():
        for number, step in enumerate(sequence.steps):
            before, operation = sequence.steps[:number], step.partition(":")[0]
            missing = ""
            if step in NEVER:
                missing = NEVER[step]
            elif "{id}" in spec[operation].path and "createContentItem" not in before:
                missing = "it needs an item; let createContentItem come before it"
            elif operation in SPENDS_SESSION and "login" not in before:
                missing = "it ends or renews a session; let login come before it"
            if missing:
                raise PlanError(f"{where}: journeys, {sequence.name}: {step}: {missing}")


def _document(raw: bytes, name: str) -> Any:
    try:
        return read_document(raw, name=name)
    except SpecError as error:
        raise PlanError(str(error)) from None


def _program(path: Path) -> Any:
    """The result of the function `scenario()` of a Python file."""
    try:
        made: Callable[[], Any] | None = runpy.run_path(str(path)).get("scenario")
        if made is None:
            raise PlanError(f"{path.name}: it has no function scenario()")
        # Converted through JSON, in which it is sent to the workers.
        return json.loads(json.dumps(made()))
    except PlanError:
        raise
    except Exception as error:
        raise PlanError(f"{path.name}: scenario() failed: {type(error).__name__}: {error}") from None


def _line(raw: bytes, at: Any) -> int:
    """The line of a member in a YAML or JSON file; 1 if it is not found."""
    try:
        node = yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return 1
    for step in at:
        children = node.value if node is not None else []
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in children if key.value == str(step)), None)
        else:
            found = children[step] if isinstance(step, int) and step < len(children) else None
        if found is None:
            break
        node = found
    return 1 if node is None else int(node.start_mark.line) + 1


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
