"""Histories drawn as text: one line a client, one column a nanosecond, bars where a call starts and ends.

    c1: |-create v1-|  |---update v2---|
    c2:                   |-read v1-|   |-read v2-|

Words: `create v1`, `update v2`, `revert v3`, `publish v2`, `read v2` (the version that the answer shows), `archive`
(shows none), `conflict v3` (an update refused, telling the current version), `old v2` (a read of one past version),
`event v2` (on the client's own socket), `open`, `close`, `update v4 ...` (no answer ever came: no closing bar needed;
the version is what it would have made). Further words are `name=value` facts, read as JSON where they can be: `item=j`,
`digest=d1`, `base=1`. An update has `base` = version - 1 unless it says otherwise; all concern item `i` unless they say
otherwise. Sorted by `sent`, as a recorder would leave them.

    >>> [(c.client, c.operation, c.sent, c.done, dict(c.facts)) for c in history("a: |-read v1-| |-archive-|")]
    [('a', 'getContentItem', 0, 10, {'item': 'i', 'version': 1}), ('a', 'archiveContent', 12, 22, {'item': 'i'})]
"""

import json
import re
from typing import Any

from contracts.history import Call, History, Outcome

WORDS = {
    "create": "createContentItem",
    "update": "updateContentItem",
    "conflict": "updateContentItem",
    "revert": "revertContentVersion",
    "publish": "publishContent",
    "archive": "archiveContent",
    "read": "getContentItem",
    "old": "getContentItem",
    "open": "socket.open",
    "event": "socket.event",
    "close": "socket.close",
}
_LINE = re.compile(r"^\s*(?P<client>\w+):")
_BAR = re.compile(r"\|(?P<body>[^|]+)(?P<end>\|?)")
_WORD = re.compile(r"^-*\s*(?P<word>[a-z]+)(?:\s+v(?P<version>\d+))?(?P<rest>[^-|]*?)-*\s*$")


class DrawingError(ValueError):
    """A drawing that cannot be read: names the line."""


def history(drawing: str) -> History:
    """The calls of a drawing. All lines are measured from their own first column after `client:` and one space."""
    calls = [call for line in drawing.splitlines() if line.strip() for call in _line(line)]
    return tuple(sorted(calls, key=lambda call: call.sent))


def _line(line: str) -> list[Call]:
    head = _LINE.match(line)
    if head is None:
        raise DrawingError(f"no client at the start of {line.strip()!r}")
    client = head["client"]
    rest = line[head.end() + 1 :]
    return [_call(client, found, line) for found in _BAR.finditer(rest)]


def answered(
    operation: str,
    sent: int = 0,
    *,
    client: str = "c",
    lasts: int = 5,
    outcome: Outcome = Outcome.OK,
    **facts: Any,
) -> Call:
    """One call that is not drawn; without an end where its answer is lost."""
    done = None if outcome is Outcome.INFO else sent + lasts
    return Call(
        client=client, operation=operation, due=sent, sent=sent, done=done, outcome=outcome, facts=facts
    )


def _call(client: str, found: re.Match[str], line: str) -> Call:
    body = found["body"]
    lost = "..." in body
    if not lost and not found["end"]:
        raise DrawingError(f"a call without an end (close it with | or write ...) in {line.strip()!r}")
    match = _WORD.match(body.replace("...", "").strip())
    if match is None or match["word"] not in WORDS:
        raise DrawingError(f"{body!r} is no call in {line.strip()!r}; the words are {', '.join(WORDS)}")
    word = match["word"]
    facts = _facts(word, int(match["version"]) if match["version"] else None, match["rest"], lost)
    if word in ("open", "event", "close"):
        facts = {"socket": client, **facts}
    outcome = Outcome.INFO if lost else Outcome.FAIL if word == "conflict" else Outcome.OK
    start = found.start()
    stop = None if lost else found.end() - 1
    return Call(
        client=client, operation=WORDS[word], due=start, sent=start, done=stop, outcome=outcome, facts=facts
    )


def _facts(word: str, version: int | None, rest: str, lost: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {} if word in ("open", "close") else {"item": "i"}
    if word == "event":
        facts["event"] = "content_updated"
    if version is not None:
        if word == "update":
            facts["base"] = version - 1
        if word == "conflict":
            facts |= {"current": version, "code": "VERSION_CONFLICT"}
        elif not lost:
            facts["version"] = version
        if word == "old":
            facts["asked"] = version
    for assignment in rest.split():
        name, _, value = assignment.partition("=")
        try:
            facts[name] = json.loads(value)
        except json.JSONDecodeError:
            facts[name] = value
    return facts
