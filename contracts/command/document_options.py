"""`--spec FILE` and `--overlay FILE`, the same in every command: which OpenAPI document the target promises to keep.

What is chosen goes into the environment (TCHAT_SPEC, TCHAT_OVERLAY): `contracts.spec.load()` reads it there, in this process and in
all that it starts. Adopt it before anything else asks for the document.
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
"""Name -> keywords of `add_argument`, of argparse and pytest alike."""


def add_to(parser: argparse._ActionsContainer) -> list[argparse.Action]:
    return [parser.add_argument(name, **keywords) for name, keywords in OPTIONS.items()]


def adopt(
    spec: str | None, overlays: Sequence[str] | None, environment: MutableMapping[str, str] = os.environ
) -> Spec:
    """Make these the documents of this process and its children, and read them. SpecError: one line, the user's mistake."""
    if spec:
        environment[SPEC_VARIABLE] = _absolute(spec)
    if overlays:
        environment[OVERLAY_VARIABLE] = os.pathsep.join(map(_absolute, overlays))
    found = load()
    check_dialect(found)
    return found


def adopted(options: argparse.Namespace, program: str) -> Spec:
    """The same from parsed options; warnings go to standard error."""
    found = adopt(options.spec, options.overlay)
    for line in found.warnings:
        print(f"{program}: {line}", file=sys.stderr)
    return found


def _absolute(file: str) -> str:
    path = str(Path(file).absolute())
    if os.pathsep in path:
        raise SpecError(f"{path}: a document's path must have no {os.pathsep!r}")
    return path
