"""All faults by name, in the order in which they are listed."""

from collections.abc import Mapping
from types import MappingProxyType

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
from mock_server.faults.fault import Fault

_FAMILIES = (
    SEEDED, SHAPE, LISTS, CATEGORIES, VERSIONS, SYNC, VERSIONING, UPDATING, BULK, HTTP, LIMITS, TOKENS, SESSIONS, OAUTH, WORKSPACES,
    HANDSHAKE, HEARTBEATS, EVENTS, CLOSING, DELIVERY,
)  # fmt: skip
_ALL = [fault for family in _FAMILIES for fault in family]

CATALOGUE: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in _ALL})
if len(CATALOGUE) != len(_ALL):
    names = [fault.name for fault in _ALL]
    raise ValueError(f"two faults have the name {next(name for name in names if names.count(name) > 1)}")
