"""A scenario file as values: parts with stages of arrival rates, a mix, sequences, thresholds, data.

`load.scenarios.scenario_reader` makes its document, which is plain data without references to files, because it is sent to the
workers.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from contracts.spec import Objective, Spec
from load.scenarios.arrival_plan import Arrival, ArrivalPlan, PlanError, Shape, constant, ramp, spike, steps
from load.scenarios.parallel_plan import ParallelPlan, PlanPart

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
APART = 7919
"""The distance between the seeds of two parts, so that their random numbers differ."""
SEQUENCE = "journey:"
"""The prefix of an arrival's name that is a sequence of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Operations in sequence on items of their own. `think` are the mean seconds between an answer and the next step."""

    name: str
    steps: tuple[str, ...]
    think: float


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario of the user's own. Its `document` comes from `scenario_reader.read` or from the coordinator."""

    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def read_only(self) -> bool:
        return bool(self.document.get("read-only"))

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.document.get("headers", {}).items())

    @property
    def rows(self) -> Mapping[str, list[dict[str, Any]]]:
        """Operation -> rows of data; the members of a row go into the body of one request."""
        return MappingProxyType(self.document.get("data", {}))

    @property
    def watched(self) -> Mapping[str, tuple[tuple[str, str, str, Any], ...]]:
        """Operation or variant -> its checks and metrics: (`checks` or `metrics`, name, JSONPath, schema)."""
        found: dict[str, tuple[tuple[str, str, str, Any], ...]] = {}
        for kind in ("checks", "metrics"):
            for name, one in self.document.get(kind, {}).items():
                found[one["of"]] = (
                    *found.get(one["of"], ()),
                    (kind, name, one["at"], one.get("schema", True)),
                )
        return found

    @property
    def sequences(self) -> Mapping[str, Sequence]:
        return {
            name: Sequence(name=name, steps=tuple(one["steps"]), think=seconds(one.get("think", "0s")))
            for name, one in self.document.get("journeys", {}).items()
        }

    @property
    def operations(self) -> frozenset[str]:
        """All operations that the scenario may send."""
        own = self.sequences
        names: set[str] = set()
        for name in self.plan(0).mix:
            sequence = own.get(name.removeprefix(SEQUENCE)) if name.startswith(SEQUENCE) else None
            names |= set(sequence.steps) if sequence else {name}
        return frozenset(name.partition(":")[0] for name in names)

    def plan(self, seed: int) -> ParallelPlan:
        return ParallelPlan(
            parts=tuple(
                PlanPart(
                    part["name"], seconds(part.get("start", "0s")), self._part(part, seed + APART * number)
                )
                for number, part in enumerate(self.document["load"])
            )
        )

    def _part(self, part: Mapping[str, Any], seed: int) -> ArrivalPlan:
        if "recorded" in part:
            recorded = tuple(Arrival(int(due), str(journey)) for due, journey in part["recorded"])
            names = dict.fromkeys((arrival.journey for arrival in recorded), 1)
            return ArrivalPlan(shape=constant(1, seconds=1), mix=names, seed=0, recorded=recorded)
        shape: Shape = tuple(stage for one in part["stages"] for stage in _stages(one))
        own = self.document.get("journeys", {})
        mix = {f"{SEQUENCE}{name}" if name in own else name: weight for name, weight in part["mix"].items()}
        return ArrivalPlan(shape=shape, mix=mix, seed=seed, spacing=self.document.get("spacing", "poisson"))

    def objectives(self, spec: Spec) -> Spec:
        """The document with the file's thresholds in place of its x-slo."""
        given: Mapping[str, Mapping[str, str]] = self.document.get("thresholds", {})
        if not given:
            return spec
        default = given.get("default", {})
        changed = {
            one.id: replace(one, objective=_objective(one.objective, given.get(one.id) or default))
            for one in spec
        }
        return replace(spec, operations=MappingProxyType(changed))

    @property
    def accounts(self) -> str | None:
        """The path of the accounts' file, on this machine."""
        return self.document.get("accounts")

    @property
    def tokens(self) -> str | None:
        """The path of the file of ready tokens, on this machine."""
        return self.document.get("tokens")


def seconds(text: str) -> float:
    """The seconds of a duration.

    >>> seconds("150ms"), seconds("1.5 m")
    (0.15, 90.0)
    """
    found = re.fullmatch(r"([0-9.]+) ?(ms|s|m|h)", text)
    if found is None:
        raise PlanError(f"{text!r} is no duration like 150ms, 30s or 2m")
    return float(found[1]) * UNITS[found[2]]


def _stages(stage: Mapping[str, Any]) -> Shape:
    length = seconds(stage["for"])
    if length <= 0:
        raise PlanError(f"a stage of {stage['for']} is no stage")
    if "steps" in stage:
        return steps([float(rate) for rate in stage["steps"]], seconds=length)
    if "peak" in stage:
        return spike(
            float(stage["rate"]), float(stage["peak"]), seconds=length, width=seconds(stage["width"])
        )
    if "from" in stage:
        return ramp(float(stage["from"]), float(stage["to"]), seconds=length)
    return constant(float(stage["rate"]), seconds=length)


def _objective(known: Objective, given: Mapping[str, str]) -> Objective:
    quantiles = [name for name in given if name != "errors"]
    if len(quantiles) > 1:
        raise PlanError(f"thresholds: one percentile an operation, not {' and '.join(quantiles)}")
    for name in quantiles:
        known = replace(known, threshold_ms=seconds(given[name]) * 1000, share=float(name[1:]) / 100)
    if "errors" in given:
        known = replace(known, error_share=float(given["errors"].rstrip(" %")) / 100)
    if not (known.threshold_ms > 0 and 0 < known.share < 1 and known.error_share < 1):
        raise PlanError(f"thresholds: {json.dumps(dict(given))} is no objective")
    return known
