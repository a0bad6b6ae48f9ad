"""What is to be done with one response on its way to the client, as a value."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan:
    """How one response is delivered. `fails`: the response is a 500 though the request was applied. `gone`: what is done in place
    of a delivery to nobody."""

    stall: float = 0.0
    delay: float = 0.0
    first_byte: float = 0.0
    bytes_per_second: int = 0
    reset: bool = False
    cut: bool = False
    fails: bool = False
    gone: Callable[[], None] | None = None


CALM = DeliveryPlan()
"""At once, whole, and over a connection that holds."""
