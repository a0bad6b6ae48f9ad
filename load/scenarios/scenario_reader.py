"""The reader of scenario files (`--scenario-file mix.yaml`).

A file is YAML, JSON, or Python with a function `scenario()` that returns the same mapping. The coordinator reads it once, with
the logs and data that it names, so that the workers get one plain document. Only accounts and tokens stay paths, because they are
never sent. `scenario_file.schema.json` is the format.
"""

import json
import re
import runpy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import Any

import jsonpath
import jsonschema_rs
import yaml

from contracts.dialect import dialect_of
from contracts.schema import compile_schema, rule
from contracts.spec import Spec, SpecError
from contracts.spec.source.document_text import read as read_document
from load.journeys import ALL
from load.journeys.foreign_journeys import foreign_journeys
from load.scenarios import access_log, data_files
from load.scenarios.arrival_plan import PlanError
from load.scenarios.scenario_file import ScenarioFile

SCHEMA = Path(__file__).with_name("scenario_file.schema.json")
LONGEST = 200
"""The most characters of a breach of the schema, which repeats the member."""
SPENDS_SESSION = frozenset({"refreshTokens", "logout"})
NEVER = {
    "revertContentVersion": "it needs an item with a past, which a sequence does not have",
    "updateContentItem:conflict": "it needs an item with a past, which a sequence does not have",
    "bulkUpdateContent": "it needs three items, and a sequence has one",
    "bulkUpdateContent:large": "it needs forty items, and a sequence has one",
}
"""Operations and variants that cannot be part of a sequence -> why."""


@dataclass(frozen=True, slots=True)
class MemberPlaces:
    """Where the members of a scenario file stand: `mix.yaml:3`; only the file's name where it is a program."""

    path: Path
    raw: bytes

    def of(self, *steps: str | int) -> str:
        name = self.path.name
        return name if self.path.suffix == ".py" else f"{name}:{_line(self.raw, steps)}"

    def file(self, name: str, *steps: str | int) -> Path:
        """The path of a file that a member names. PlanError if it cannot be read."""
        path = self.path.parent / name
        try:
            data_files.raw(path)
        except PlanError as error:
            raise PlanError(f"{self.of(*steps)}: {', '.join(map(str, steps))}: {error}") from None
        return path


def read(path: Path, spec: Spec) -> ScenarioFile:
    """Read a scenario file. PlanError has one line with the file, the line or member, and the mistake."""
    raw = data_files.raw(path)
    places = MemberPlaces(path, raw)
    document = _program(path) if path.suffix == ".py" else _document(raw, path.name)
    for error in sorted(_validator().iter_errors(document), key=lambda found: -len(found.instance_path)):
        raise PlanError(_breach(error, places))
    parts = enumerate(document["load"])
    found = {**document, "load": [_loaded(part, ("load", number), places, spec) for number, part in parts]}
    if "data" in found:
        found["data"] = {name: _rows(name, file, places, spec) for name, file in found["data"].items()}
    for name in ("accounts", "tokens"):
        if name in found:
            found[name] = str(places.file(found[name], name).resolve())
    made = ScenarioFile(found)
    _refuse_unknown(made, spec, places)
    data_files.accounts(made.accounts)
    data_files.ready_tokens(made.tokens)
    return made


def _breach(error: jsonschema_rs.ValidationError, places: MemberPlaces) -> str:
    """A breach of the schema in one line, with what the schema says of the member and with the name that was probably meant."""
    steps, message = list(error.instance_path), error.message
    *parents, keyword = error.schema_path
    schema = json.loads(SCHEMA.read_bytes())
    for step in parents:
        schema = schema[step]
    if keyword == "additionalProperties" and (name := re.search(r"\('(.*?)'", message)):
        steps.append(name[1])
        message = f"there is no such member{_nearest(name[1], schema.get('properties', {}))}"
        if "patternProperties" in schema:
            message = str(schema["description"]).rstrip(".")
    elif keyword in ("oneOf", "pattern", "minProperties") and "description" in schema:
        message = f"{json.dumps(error.instance, ensure_ascii=False)}: {schema['description'].rstrip('.')}"
    elif keyword == "type" and "description" in schema:
        message = f"{message} ({schema['description'].rstrip('.')})"
    if len(message) > LONGEST:
        message = f"{message[: LONGEST // 2]} … {message[-LONGEST // 2 :]}"
    return f"{places.of(*steps)}: {''.join(f'/{step}' for step in steps) or 'the file'}: {message}"


def _nearest(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant, or else all that there are."""
    names = list(known)
    near = get_close_matches(name, names, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(names)}"


def _rows(name: str, file: str, places: MemberPlaces, spec: Spec) -> list[dict[str, Any]]:
    """The rows of data for an operation. PlanError if one has members that its request does not take, which the target would refuse."""
    found = data_files.rows(places.file(file, "data", name))
    dialect = dialect_of(spec)
    known_spec = spec if dialect is None else dialect.ours
    known = known_spec.operations.get(ALL[name].operation) if name in ALL else None
    if known is not None and known.body is None:
        raise PlanError(
            f"{places.of('data', name)}: data, {name}: its request has no body that data could go into"
        )
    if known is not None and known.body is not None:
        validator = compile_schema(known_spec, next(iter(known.body.media_types.values())))
        for line, row in found:
            for error in validator.iter_errors(row):
                if error.instance_path or rule(error) == "additionalProperties":
                    member = "".join(f"/{step}" for step in error.instance_path)
                    more = "; NDJSON has values that are no text" if rule(error) == "type" else ""
                    raise PlanError(f"{line}: {name}{member}: {error.message}{more}")
    return [row for _, row in found]


def _loaded(part: Mapping[str, Any], at: tuple[str, int], places: MemberPlaces, spec: Spec) -> dict[str, Any]:
    """The part with the contents of its logs in place of their names."""
    made = dict(part)
    if "replay" in made:
        log = _log(places.file(made.pop("replay"), *at, "replay"), spec)
        made["recorded"] = [list(arrival) for arrival in log.faster(made.pop("speed", 1))]
    elif "from" in made["mix"]:
        rest = {name: weight for name, weight in made["mix"].items() if name != "from"}
        made["mix"] = {**_log(places.file(made["mix"]["from"], *at, "mix", "from"), spec).weights, **rest}
    return made


def _log(path: Path, spec: Spec) -> access_log.AccessLog:
    return access_log.read(data_files.raw(path), spec=spec, name=path.name)


def _refuse_unknown(made: ScenarioFile, spec: Spec, places: MemberPlaces) -> None:
    """PlanError if a name is no known operation or variant of the document, or if a read-only scenario writes."""
    document = made.document
    asked: dict[str, tuple[str | int, ...]] = {}
    for number, part in enumerate(document["load"]):
        asked |= {
            name: ("load", number, "mix", name) for name in part.get("mix", {}) if name not in made.sequences
        }
    for sequence in made.sequences.values():
        asked |= {step: ("journeys", sequence.name, "steps", n) for n, step in enumerate(sequence.steps)}
    for member in ("data", "thresholds"):
        asked |= {name: (member, name) for name in document.get(member, {}) if name != "default"}
    for member in ("checks", "metrics"):
        asked |= {one["of"]: (member, name, "of") for name, one in document.get(member, {}).items()}
    dialect = dialect_of(spec)
    left_out = {} if dialect is None else foreign_journeys(dialect, ALL).left_out
    for name, steps in asked.items():
        if name in left_out and steps[0] in ("load", "journeys"):
            raise PlanError(f"{places.of(*steps)}: {steps[0]}: {name} cannot be sent: {left_out[name]}")
        journey = ALL.get(name)
        if journey is None or journey.operation not in spec.operations:
            known = [name for name in ALL if ALL[name].operation in spec.operations]
            raise PlanError(
                f"{places.of(*steps)}: {steps[0]}: there is no operation {name!r}{_nearest(name, known)}"
            )
    _refuse_unsent(made, asked, places)
    _refuse_impossible(made, spec, places)
    for kind, name, at, schema in (one for found in made.watched.values() for one in found):
        try:
            jsonpath.compile(at)
            jsonschema_rs.validator_for(schema)
        except (jsonpath.JSONPathError, jsonschema_rs.ValidationError) as error:
            member = "at" if isinstance(error, jsonpath.JSONPathError) else "schema"
            reason = f"{kind}, {name}: {member}: {str(error).splitlines()[0]}"
            raise PlanError(f"{places.of(kind, name, member)}: {reason}") from None
    if made.read_only:
        writes = [name for name in sorted(made.operations) if spec[name].method not in ("GET", "HEAD")]
        writes = [name for name in writes if spec[name].permission]
        if writes:
            raise PlanError(f"{places.of('read-only')}: read-only, but it asks for {', '.join(writes)}")
    made.objectives(spec)
    plan = made.plan(0)
    if not any(any(part.plan.mix.values()) for part in plan.parts):
        raise PlanError(f"{places.of('load')}: load: every weight is 0")


def _refuse_unsent(
    made: ScenarioFile, asked: Mapping[str, tuple[str | int, ...]], places: MemberPlaces
) -> None:
    """PlanError if a check, a metric or a threshold is of an operation that is never sent, so that nothing would come of it."""
    sent = made.operations
    for name, steps in asked.items():
        if steps[0] in ("checks", "metrics", "thresholds") and ALL[name].operation not in sent:
            raise PlanError(f"{places.of(*steps)}: {steps[0]}: no part of the load sends {name}")


def _refuse_impossible(made: ScenarioFile, spec: Spec, places: MemberPlaces) -> None:
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
                at = places.of("journeys", sequence.name, "steps", number)
                raise PlanError(f"{at}: journeys, {sequence.name}: {step}: {missing}")


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
    except (Exception, SystemExit) as error:
        frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = frames[-1].lineno if frames else error.lineno if isinstance(error, SyntaxError) else None
        at = path.name if line is None else f"{path.name}:{line}"
        raise PlanError(f"{at}: scenario() failed: {type(error).__name__}: {error}") from None


def _line(raw: bytes, at: Iterable[str | int]) -> int:
    """The line of a member of a YAML or JSON file, or of the innermost one around it that is found."""
    try:
        node = yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return 1
    line = 1
    for step in at:
        children = node.value if isinstance(node, yaml.CollectionNode) else []
        if isinstance(node, yaml.MappingNode):
            key, node = next(
                ((key, value) for key, value in children if key.value == str(step)), (None, None)
            )
        else:
            key = node = children[step] if isinstance(step, int) and step < len(children) else None
        if key is None:
            break
        line = int(key.start_mark.line) + 1
    return line


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
