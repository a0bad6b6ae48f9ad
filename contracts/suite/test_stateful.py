"""Whole programs: the server and the reference model run the same steps; Schemathesis walks the document's links."""

from __future__ import annotations

import warnings
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import run_state_machine_as_test

from contracts.suite.api import Api
from contracts.suite.breach import Breach
from contracts.suite.conformer import Collected, conformer, exchange_of
from contracts.suite.feeding import spare_accounts
from contracts.suite.program import PROGRAMS, Program, Step
from contracts.suite.registry import family

check = family("fuzz")

EXAMPLES = 200
SCENARIOS = 25


def _settings(examples: int, *phases: Phase, **more: Any) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        **more,
    )


@check(
    "stateful.model",
    "Any sequence of content operations gets the answers that the reference model computes.",
    "openapi",
)
def model(api: Api) -> None:
    recorder = api.world.recorder

    @hypothesis.seed(api.world.settings.seed)
    @_settings(EXAMPLES, Phase.generate, Phase.shrink)
    @hypothesis.given(PROGRAMS)
    def programs(steps: list[Step]) -> None:
        recorder.kept = []
        Program(api).run(steps)

    try:
        programs()
    except FlakyFailure as flaky:
        # It failed once and not again: the server's answer depends on more than the program. The failure stands.
        first = next((e for e in flaky.exceptions if isinstance(e, Breach)), None)
        if first is None:
            raise
        raise Breach(first.expected, f"{first.got} (not at every repeat)", first.exchanges) from None


@check("stateful.links", "Walking the document's links, every step is taken as the document says.", "openapi")
def links(api: Api) -> None:
    tool = conformer(api.world)
    collected = Collected(direct=api.world.direct)
    base = tool.schema.as_state_machine()

    class Walk(base):  # type: ignore[misc, valid-type]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            operation = case.operation.definition.raw["operationId"]
            return {"headers": tool.authorization(operation), "session": tool.session}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            operation = case.operation.definition.raw["operationId"]
            exchange = exchange_of(response, operation)
            api.world.recorder.record(exchange)
            tool.tokens.spent(operation, exchange.status)
            collected.judge(case, response, exchange, {"Authorization": f"Bearer {api.session.access}"})

        def before_call(self, case: Any) -> None:
            spare_accounts(case, api)

    # The machine ignores the configured seed, number of examples and steps; these count.
    hypothesis.seed(api.world.settings.seed)(Walk)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run_state_machine_as_test(Walk, settings=_settings(SCENARIOS, Phase.generate, stateful_step_count=8))
    collected.settle()
    if not collected.succeeded:
        raise Breach("a success on some link", f"none of {collected.sent} requests")
