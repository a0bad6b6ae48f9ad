"""Every way in which a load run asks for something, by name; and the check that no operation is left out.

journey    a journey: how to ask for one operation, and what to learn from its answer
data_pool  the items, sessions and sync stamps that one process knows
reading    journeys that read
writing    journeys that write
sessions   journeys of the auth operations
authorization  journeys of a login by the authorization code flow
amended_journey  a journey with header fields and body members of the user's own
telemetry  the journey of the metrics operation
foreign_journeys  the journeys that somebody else's document allows, and those of operations that only it has

>>> from contracts.spec import load
>>> table = catalogue(load())
>>> table["updateContentItem:conflict"].expects
409
"""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.dialect import dialect_of
from contracts.spec import Spec
from load.journeys import authorization, reading, sessions, telemetry, writing
from load.journeys.foreign_journeys import foreign_journeys
from load.journeys.journey import DecodedAnswer, Journey, Unlearnable

__all__ = ["ALL", "DecodedAnswer", "Journey", "JourneyError", "Unlearnable", "catalogue"]

ALL: Mapping[str, Journey] = MappingProxyType(
    {j.name: j for j in (*reading.JOURNEYS, *writing.JOURNEYS, *sessions.JOURNEYS, *telemetry.JOURNEYS)}
)


class JourneyError(Exception):
    """The spec and the journeys do not fit together: our own fault, one line."""


def catalogue(spec: Spec, journeys: Mapping[str, Journey] = ALL) -> Mapping[str, Journey]:
    """The journeys; of our own document after a check that each operation has one and each expects a documented status."""
    dialect = dialect_of(spec)
    if dialect is not None:
        return foreign_journeys(dialect, journeys).journeys
    for operation in spec:
        if operation.id not in journeys:
            raise JourneyError(
                f"openapi.yaml has the operation {operation.id} ({operation.label}) and load/journeys has no journey for it"
            )
    for journey in journeys.values():
        if journey.operation not in spec.operations:
            raise JourneyError(
                f"the journey {journey.name} asks for an operation that openapi.yaml does not have"
            )
        if journey.expects not in spec[journey.operation].answers:
            raise JourneyError(
                f"the journey {journey.name} expects {journey.expects}, which {journey.operation} does not document"
            )
    endpoints = {endpoint.id for endpoint in spec.oauth.values()}
    return {**journeys, **{j.name: j for j in authorization.JOURNEYS if j.operation in endpoints}}
