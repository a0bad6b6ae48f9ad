"""A walk along the document's links, each step a request that Schemathesis makes of the answers before it."""

import warnings
from contextlib import suppress
from typing import Any

import hypothesis
from hypothesis import Phase
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test

from contracts.suite.api.api import Api
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.programs.program_search import settings
from contracts.suite.schemathesis.case_feeding import spare_accounts, spare_others
from contracts.suite.schemathesis.schemathesis_runner import (
    CollectedFailures,
    exchange_of,
    schemathesis_runner,
)

ATTEMPTS = 3
"""Runs that are begun until one is walked to its end."""


def walk(api: Api, scenarios: int) -> None:
    """Raise a ContractViolation for all that was found on so many walks of at most eight steps."""
    tool = schemathesis_runner(api.world)
    collected = CollectedFailures(direct=api.target.direct)
    base = tool.schema.as_state_machine()

    class Walk(base):  # type: ignore[misc, valid-type]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            operation = case.operation.definition.raw["operationId"]
            return {"headers": tool.authorization(operation), "session": tool.session}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            operation = case.operation.definition.raw["operationId"]
            exchange = exchange_of(response, operation)
            api.target.recorder.record(exchange)
            tool.tokens.spent(operation, exchange.status)
            collected.judge(case, response, exchange, {"Authorization": f"Bearer {api.session.access}"})

        def before_call(self, case: Any) -> None:
            spare_accounts(case, api)
            spare_others(case, api)

    for attempt in range(ATTEMPTS):
        # The machine ignores the configured seed, number of examples and steps; these count.
        hypothesis.seed(api.target.settings.seed + attempt)(Walk)
        # What a link leads to depends on what the walks before have made, so a replay of Hypothesis' may draw otherwise than its
        # first run did. That ends the run and says nothing of the target: what was seen counts, and the rest is walked anew.
        with warnings.catch_warnings(), suppress(FlakyStrategyDefinition):
            warnings.simplefilter("ignore")
            run_state_machine_as_test(
                Walk, settings=settings(scenarios, Phase.generate, stateful_step_count=8)
            )
            break
    collected.settle()
    if not collected.succeeded:
        raise ContractViolation("a success on some link", f"none of {collected.sent} requests")
