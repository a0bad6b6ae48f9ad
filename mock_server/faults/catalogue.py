"""The catalogue of all faults by name, and its listing as a table or JSON (`python -m mock_server faults`)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from mock_server.faults.families.access.oauth_faults import OAUTH
from mock_server.faults.families.access.session_faults import SESSIONS
from mock_server.faults.families.access.token_faults import TOKENS
from mock_server.faults.families.access.workspace_faults import WORKSPACES
from mock_server.faults.families.content.bulk_faults import BULK
from mock_server.faults.families.content.category_faults import CATEGORIES
from mock_server.faults.families.content.list_faults import LISTS
from mock_server.faults.families.content.sync_faults import SYNC
from mock_server.faults.families.content.update_faults import UPDATING, VERSIONING
from mock_server.faults.families.content.version_faults import VERSIONS
from mock_server.faults.families.delivery_faults import DELIVERY
from mock_server.faults.families.http_faults import HTTP
from mock_server.faults.families.limit_faults import LIMITS
from mock_server.faults.families.realtime.event_faults import EVENTS
from mock_server.faults.families.realtime.frame_faults import CLOSING, HEARTBEATS
from mock_server.faults.families.realtime.handshake_faults import HANDSHAKE
from mock_server.faults.families.seeded_faults import SEEDED
from mock_server.faults.families.shape_faults import SHAPE
from mock_server.faults.fault import FAMILIES, Fault

_FAMILIES = (
    SEEDED, SHAPE, LISTS, CATEGORIES, VERSIONS, SYNC, VERSIONING, UPDATING, BULK, HTTP, LIMITS, TOKENS, SESSIONS, OAUTH, WORKSPACES,
    HANDSHAKE, HEARTBEATS, EVENTS, CLOSING, DELIVERY,
)  # fmt: skip
_ALL = [fault for family in _FAMILIES for fault in family]

CATALOGUE: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in _ALL})
if len(CATALOGUE) != len(_ALL):
    names = [fault.name for fault in _ALL]
    raise ValueError(f"two faults have the name {next(name for name in names if names.count(name) > 1)}")


def as_json() -> str:
    """The catalogue as a JSON array, with one object for each fault."""
    text = msgspec.json.encode([entry(fault) for fault in CATALOGUE.values()])
    return msgspec.json.format(text, indent=2).decode()


def entry(fault: Fault) -> dict[str, Any]:
    return {
        "name": fault.name,
        "family": fault.family,
        "breaks": fault.breaks,
        "what": fault.what,
        "operations": list(fault.operations),
        "parameters": dict(fault.accepted),
        "chance": fault.chance,
        "check": list(fault.check),
    }


def as_table() -> str:
    """The catalogue as text, by family, one line for each fault: a narrow terminal shows its name and meaning first."""
    lines = []
    for family in FAMILIES:
        faults = [f for f in CATALOGUE.values() if f.family == family]
        lines += [
            f"\n{family} ({len(faults)}): name, what it does (what it breaks; the checks that catch it)"
        ]
        lines += [f"{_call(f):<30}  {f.what} ({f.breaks}; {' '.join(f.check)})" for f in faults]
    ending = (
        f"\n{len(CATALOGUE)} faults. --fault NAME[:key=value,...] switches one on and may be repeated. All"
        "\nbut realtime faults also take rate=SHARE (struck by a seeded chance) and"
        "\noperation=ID+ID (only these operations)."
    )
    return "\n".join(lines)[1:] + "\n" + ending


def _call(fault: Fault) -> str:
    """The fault's name with its own parameters and their defaults, in the syntax of `--fault`."""
    given = [f"{key}={value}" for key, value in fault.parameters.items()]
    if fault.rate < 1:
        given.append(f"rate={fault.rate}")
    return fault.name + (":" + ",".join(given) if given else "")
