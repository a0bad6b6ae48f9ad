"""All rows, by table."""

from collections.abc import Mapping

from tests.differences.faults.answer_faults import ANSWERS
from tests.differences.faults.cache_faults import CACHES
from tests.differences.faults.channel_faults import CHANNEL
from tests.differences.faults.forwarding_faults import FORWARDING
from tests.differences.faults.layer_faults import LAYER
from tests.differences.harmless.bodies import BODIES
from tests.differences.harmless.renaming import RENAMING
from tests.differences.harmless.situations import SITUATIONS
from tests.differences.harmless.transport import TRANSPORT
from tests.differences.row import Row

TABLES: Mapping[str, tuple[Row, ...]] = {
    "transport": TRANSPORT,
    "bodies": BODIES,
    "renaming": RENAMING,
    "situations": SITUATIONS,
    "faults": (*ANSWERS, *FORWARDING, *LAYER, *CACHES, *CHANNEL),
}
