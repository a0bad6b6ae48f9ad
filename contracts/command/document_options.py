"""The options `--spec FILE` and `--overlay FILE` of all commands, which name the OpenAPI document of the target.

Their values go into the environment (TCHAT_SPEC, TCHAT_OVERLAY), where `contracts.spec.load()` reads them, in this process and its
children. They must be adopted before any other code loads the document.
"""

import argparse
import os
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from contracts.dialect.document_needs import check_dialect
from contracts.spec import Spec, SpecError, load
from contracts.spec.document import OVERLAY_VARIABLE, SPEC_VARIABLE

OPTIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "--spec": {
            "metavar": "FILE",
            "help": f"the OpenAPI document (3.0 or 3.1, YAML or JSON) that the target keeps, or {SPEC_VARIABLE} (default: ours)",
        },
        "--overlay": {
            "metavar": "FILE",
            "action": "append",
            "help": "an OpenAPI Overlay (1.0 or 1.1) over that document; may be repeated, in the order of application, or "
            f"{OVERLAY_VARIABLE}, joined as in PATH",
        },
    }
)
"""Option -> keyword arguments of `add_argument`, for argparse and pytest."""


def add_to(parser: argparse._ActionsContainer) -> list[argparse.Action]:
    return [parser.add_argument(name, **keywords) for name, keywords in OPTIONS.items()]


def adopt(
    spec: str | None, overlays: Sequence[str] | None, environment: MutableMapping[str, str] = os.environ
) -> Spec:
    """Set the documents of this process and its children, and load them. Raises SpecError with one line for the user."""
    if spec:
        environment[SPEC_VARIABLE] = _absolute(spec)
    if overlays:
        environment[OVERLAY_VARIABLE] = os.pathsep.join(map(_absolute, overlays))
    found = load()
    check_dialect(found)
    return found


def check_login(spec: Spec) -> None:
    """Raise SpecError if the document has no login, with which all begins that is sent to a target."""
    if "login" not in spec.operations:
        raise SpecError(
            "the document has no login (POST /auth/login); if it has another path, say so in an overlay, as in "
            '{target: $, update: {x-dialect: {operations: {"POST /sessions": login}}}}'
        )


def adopted(options: argparse.Namespace, program: str) -> Spec:
    """Adopt the documents of parsed options, and print warnings to standard error."""
    found = adopt(options.spec, options.overlay)
    for line in found.warnings:
        print(f"{program}: {line}", file=sys.stderr)
    return found


def handed_on(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Option -> the documents that a parent process has adopted."""
    overlays = environment.get(OVERLAY_VARIABLE, "").split(os.pathsep)
    named = {"--spec": [environment.get(SPEC_VARIABLE, "")], "--overlay": overlays}
    return {option: [file for file in files if file] for option, files in named.items()}


def _absolute(file: str) -> str:
    path = str(Path(file).absolute())
    if os.pathsep in path:
        raise SpecError(f"{path}: a document's path must have no {os.pathsep!r}")
    return path
