"""The checkers, pure functions from a history to a verdict. `judge` runs them, and a crash in one is UNKNOWN.

A checker reads only `Call`s. What it needs besides times and outcome is in `Call.facts`, which the recorder of the calls writes under
these names. An unknown fact is left out and never guessed: a checker without anything to judge says UNKNOWN and not PASS. No fact is
secret: tokens have labels and are not stored.

| fact | of | what |
| --- | --- | --- |
| `item` | calls about one item, events | its id (of a create: the id answered) |
| `version` | answers that show one item, events | the version shown (of 304: that of the ETag; of getContentVersions: the first) |
| `base` | updateContentItem | `version` of the request, also where no answer came |
| `asked` | getContentItem | the `version` asked for; the answer then shows the past |
| `digest` | answers that show one item whole | any fixed function of the item's JSON |
| `at` | answers of writes, events | `updatedAt` shown |
| `platforms` | writes; syncContent | the item's platforms after the write; those asked for |
| `code` | refused calls | `code` of the problem document |
| `current` | refused updates | `details.currentVersion` of a VERSION_CONFLICT |
| `items` | getContentItems, getContentByCategory, syncContent | rows [id, version, updatedAt, digest]; the last two may be left out |
| `deleted` | syncContent | rows [id, deletedAt] |
| `since`, `stamp`, `has_more`, `include_deleted` | syncContent | the window; stamps in the form of answers (27 characters, UTC) |
| `ops` | bulkUpdateContent | rows [type, item, base or null], as sent |
| `succeeded`, `failed` | bulkUpdateContent | the number; rows [index, code, item] |
| `workspace` | writes, syncContent, sockets | a label of the caller's workspace; left out where there is only one |
| `session` | any call | a label of the session |
| `presented`, `issued` | refreshTokens | labels of the refresh token sent and of the one answered |
| `deliberate` | refreshTokens | true where a test reuses a token on purpose |
| `socket` | socket.open, socket.event, socket.close | a label of the socket |
| `event`, `action` | socket.event | the message's type, and the action of a content_updated |

Outcomes: OK is any 2xx or 304; FAIL is a 4xx or 503 (nothing changed); INFO is no answer, a 500, or a broken answer (unknown).
A history may be in any order; a recorder writes it in the order of `sent` or `done`.

- `item_versions`: the versions that each item showed are linearizable.
- `lost_updates`: of all updates from one version one succeeds.
- `write_effects`: the versions of items that one call may have made.
- `bulk_accounting`: each operation of a bulk request is counted once.
- `sync_windows`: synchronisation misses nothing and repeats nothing.
- `refresh_tokens`: a refresh token works once.
- `event_delivery`: each socket gets the event of each change once, in order.
- `operation_coverage`: an operation that never succeeded makes the run UNKNOWN.
- `findings`: the verdict of a checker's findings.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from functools import partial
from types import MappingProxyType

from contracts.checkers.bulk_accounting import bulk
from contracts.checkers.event_delivery import events
from contracts.checkers.item_versions import versions
from contracts.checkers.lost_updates import lost_update
from contracts.checkers.operation_coverage import coverage
from contracts.checkers.refresh_tokens import sessions
from contracts.checkers.sync_windows import sync
from contracts.command.collector_pause import uncollected
from contracts.history import History
from contracts.verdict import Verdict, guarded

Checker = Callable[[History], Verdict]

CHECKERS: Mapping[str, Checker] = MappingProxyType(
    {
        "versions": versions,
        "lost-update": lost_update,
        "bulk": bulk,
        "sync": sync,
        "sessions": sessions,
        "events": events,
        "coverage": coverage,
    }
)


def judge(
    history: History, *, checks: Iterable[str] = tuple(CHECKERS), operations: Iterable[str] = (),
    known: Container[str] | None = None,
) -> list[Verdict]:  # fmt: skip
    """The verdicts of the named checkers. `checks` are those that the run was meant to exercise (an unknown name is a KeyError),
    `operations` those that must have succeeded at least once, and `known` the items that nobody else writes (None: all)."""
    chosen: dict[str, Checker] = {name: CHECKERS[name] for name in checks}
    if "versions" in chosen:
        chosen["versions"] = partial(versions, known=known)
    if "coverage" in chosen:
        chosen["coverage"] = partial(coverage, expected=tuple(operations))
    with uncollected():
        return [guarded(name, checker, history) for name, checker in chosen.items()]
