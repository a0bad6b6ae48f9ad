"""The journey of the guide's performance monitor: one flush of a few measurements (S:1806-1858)."""

from load.journeys.data_pool import DataPool, Draft
from load.journeys.journey import DecodedAnswer, Journey, Unlearnable

BATCH = 5
EPOCH_MS = 1_767_225_600_000
"""A fixed stamp: the server stores it and judges nothing by it, and a plan stays replayable."""


def _flush(data_pool: DataPool) -> Draft:
    serial = data_pool.serial()
    metrics = [
        {
            "name": "api_request_duration",
            "value": 20.5 + index,
            "timestamp": EPOCH_MS + serial * 1000 + index,
            "tags": {"url": "/api/content/items", "method": "GET", "status": "200", "success": "true"},
        }
        for index in range(BATCH)
    ]
    session = {
        "sessionId": f"{data_pool.name}-{serial}",
        "userAgent": "tchat-load",
        "platform": "web",
        "viewport": {"width": 1440, "height": 900},
        "connection": {"effectiveType": "4g", "downlink": 10, "rtt": 50, "saveData": False},
    }
    return Draft(
        body={"metrics": metrics, "session": session}, session=data_pool.caller(), facts={"sent": BATCH}
    )


def _learn_flush(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    accepted = answer.value["accepted"]
    draft.facts["accepted"] = accepted
    if accepted != BATCH:
        raise Unlearnable(f"{accepted} measurements accepted of {BATCH} sent")


JOURNEYS = (Journey(name="ingestMetrics", expects=202, build=_flush, learn=_learn_flush),)
