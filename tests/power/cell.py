"""One cell of the detection matrix: one fault, one check that it names, and what came of it.

It refuses to know how a fault is switched on. An outcome is never better than what was seen: a check that was not
able to run is `unchecked`, one that stayed green is `missed`, and a load run too short to say is `unknown`.

>>> Cell(fault="list-total-off-by-one", family="meaning", check="items.total", outcome="red", requests=4).caught
True
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Outcome = Literal["red", "missed", "unchecked", "crashed", "unknown", "not run"]
OUTCOMES: dict[Outcome, str] = {
    "red": "the check went red",
    "missed": "the check ran and stayed green",
    "unchecked": "the check said that it cannot tell here",
    "crashed": "the check itself failed: a bug of the harness",
    "unknown": "the load run was too short or its generator too busy to say",
    "not run": "needs a load run, and none was asked for",
}
assert set(OUTCOMES) == set(get_args(Outcome))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`requests` and `seconds` until the outcome; `test` is the check's test that went red, `provoked` the one that
    sent what a check that looks back at the whole run then told of. `given` is the fault as it was switched on."""

    fault: str
    family: str
    check: str
    outcome: Outcome
    given: str = ""
    test: str = ""
    provoked: str = ""
    requests: int = 0
    seconds: float = 0.0
    told: str = ""
    named: bool = True
    """The fault names the check; else the check is one that no fault names (`unnamed.RED_BY`)."""

    @property
    def caught(self) -> bool:
        return self.outcome == "red"

    def packed(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 3)}
