"""The steps that decide how a request is answered and delivered: without a fault, at once and whole.

>>> Planning().plan(Moment(age=0)) == CALM, Planning().interruption(Moment(age=0))
(True, None)
"""

from dataclasses import dataclass

from mock_server.faults.delivery.plan import CALM, DeliveryPlan
from mock_server.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One request, as far as its delivery depends on it."""

    age: int
    """How many requests came before it since the faults were set."""
    chance: float = 0.0
    """A number from [0, 1) of its own."""
    method: str = "GET"
    size: int = 0
    """Bytes of the response's body."""


class Planning:
    def interruption(self, moment: Moment) -> Problem | None:
        """What is answered in place of handling the request."""
        return None

    def plan(self, moment: Moment) -> DeliveryPlan:
        return CALM
