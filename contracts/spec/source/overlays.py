"""The application of OpenAPI Overlays 1.0 and 1.1: lists of edits, each at the places that a JSONPath (RFC 9535) selects.

`update` merges a value (objects by member, lists by appending, anything else by replacing), `remove` deletes, and `copy` (1.1) merges the
value at another path. Actions are applied in order. An action whose target selects nothing changes nothing, according to the standard;
it gives a warning, because it is nearly always a typing error.
"""

import copy
from typing import Any

from contracts.spec.source import document_text
from contracts.spec.source.spec_error import SpecError

Steps = tuple[str | int, ...]
KEYS = frozenset({"target", "description", "update", "remove", "copy"})


def apply(document: Any, text: bytes, *, name: str) -> tuple[Any, list[str]]:
    """A copy of the document after all actions of one overlay, and warnings. Raises SpecError for an invalid overlay."""
    overlay = document_text.read(text, name=name)
    actions = overlay.get("actions") if isinstance(overlay, dict) else None
    if not isinstance(overlay, dict) or "overlay" not in overlay or not isinstance(actions, list):
        raise SpecError(
            f"{name}: this is no OpenAPI Overlay: it needs `overlay: 1.1.0` and a list of `actions`"
        )
    if not str(overlay["overlay"]).startswith(("1.0", "1.1")):
        raise SpecError(f"{name}: /overlay: version {overlay['overlay']} is not read; 1.0 and 1.1 are")
    result, warnings = copy.deepcopy(document), []
    for index, action in enumerate(actions):
        where = f"{name}: /actions/{index}"
        matches = _targets(result, action, where)
        if matches:
            result = _apply(result, action, matches, where)
        else:
            warnings.append(
                f"{where}: {action['target']} names nothing in the document, so this action changes nothing"
            )
    return result, warnings


def _targets(document: Any, action: Any, where: str) -> list[Steps]:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise SpecError(f"{where}: an action needs a `target`, a JSONPath")
    unknown = [key for key in action if key not in KEYS and not key.startswith("x-")]
    if unknown:
        raise SpecError(f"{where}: an action has no {unknown[0]!r}; it has {', '.join(sorted(KEYS))}")
    return _matches(document, action["target"], where)


def _apply(document: Any, action: Any, matches: list[Steps], where: str) -> Any:
    if action.get("remove") is True:
        # From the end, so that earlier indices stay valid.
        for steps in sorted(matches, key=lambda steps: tuple(str(s).zfill(9) for s in steps), reverse=True):
            _remove(document, steps, where)
        return document
    if "copy" in action:
        sources = _matches(document, str(action["copy"]), where)
        if len(sources) != 1:
            raise SpecError(f"{where}: {action['copy']} names {len(sources)} places; a copy needs one")
        change = copy.deepcopy(_at(document, sources[0]))
    elif "update" in action:
        change = action["update"]
    else:
        raise SpecError(f"{where}: an action needs one of update, remove: true and copy")
    for steps in matches:
        if not _is_there(document, steps):
            continue  # an earlier match of this action has replaced the object around it
        merged = _merged(_at(document, steps), copy.deepcopy(change))
        if not steps:
            document = merged
        else:
            _at(document, steps[:-1])[steps[-1]] = merged
    return document


def _matches(document: Any, query: str, where: str) -> list[Steps]:
    # The import takes 45 ms, which only a run with an overlay needs.
    from jsonpath import JSONPathEnvironment, JSONPathError

    try:
        return [tuple(match.parts) for match in JSONPathEnvironment(strict=True).finditer(query, document)]
    except (JSONPathError, RecursionError) as error:
        # Not str(error): for an empty path the library's own text fails.
        problem = str(error.args[0]) if error.args else type(error).__name__
        raise SpecError(f"{where}: {query} is no JSONPath: {problem}") from None


def _is_there(document: Any, steps: Steps) -> bool:
    try:
        _at(document, steps)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _at(document: Any, steps: Steps) -> Any:
    for step in steps:
        document = document[step]
    return document


def _remove(document: Any, steps: Steps, where: str) -> None:
    if not steps:
        raise SpecError(f"{where}: the whole document cannot be removed")
    if not _is_there(document, steps):
        return
    holder = _at(document, steps[:-1])
    if isinstance(holder, dict):
        holder.pop(steps[-1], None)
    else:
        del holder[steps[-1]]


def _merged(value: Any, change: Any) -> Any:
    if isinstance(value, dict) and isinstance(change, dict):
        for key, member in change.items():
            value[key] = _merged(value[key], member) if key in value else member
        return value
    if isinstance(value, list):
        return [*value, *(change if isinstance(change, list) else [change])]
    return change
