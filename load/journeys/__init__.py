"""The journeys by name: how a load run requests each operation; and the check that none is missing.

journey           one journey: builds requests of an operation, and learns from their answers
data_pool         the items, sessions and sync stamps that one process knows
reading           journeys that read
writing           journeys that write
sessions          journeys of the auth operations
authorization     journeys of a login by the authorization code flow
amended_journey   a journey with headers and body members of the user's own
telemetry         the journey of the metrics operation
foreign_journeys  the journeys for a target with a document of its own

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
    """The document and the journeys do not match, which is our own fault; the message is one line."""


def catalogue(spec: Spec, journeys: Mapping[str, Journey] = ALL) -> Mapping[str, Journey]:
    """The journeys for a document. With our own, each operation must have one, and each journey expect a documented status."""
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
