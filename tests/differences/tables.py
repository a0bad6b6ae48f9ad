"""All rows, by table."""

from __future__ import annotations

from collections.abc import Mapping

from tests.differences.answer_faults import ANSWERS
from tests.differences.bodies import BODIES
from tests.differences.channel_faults import CHANNEL
from tests.differences.forwarding_faults import FORWARDING
from tests.differences.layer_faults import LAYER
from tests.differences.renaming import RENAMING
from tests.differences.row import Row
from tests.differences.situations import SITUATIONS
from tests.differences.transport import TRANSPORT

TABLES: Mapping[str, tuple[Row, ...]] = {
    "transport": TRANSPORT,
    "bodies": BODIES,
    "renaming": RENAMING,
    "situations": SITUATIONS,
    "faults": (*ANSWERS, *FORWARDING, *LAYER, *CHANNEL),
}
