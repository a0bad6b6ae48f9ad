"""Walks along the document's links, in which Schemathesis makes each request from the previous answers."""

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
from contracts.suite.schemathesis.case_feeding import operation_id, spare
from contracts.suite.schemathesis.schemathesis_runner import (
    CollectedFailures,
    exchange_of,
    schemathesis_runner,
)

ATTEMPTS = 3
"""The most runs that are started until one ends regularly."""


class EnoughFound(Exception):
    """The end of walks whose answers are wrong and heavy: Schemathesis keeps each answer that it cannot read, and what it tried, to the end
    (580 MiB of 218 answers of a megabyte)."""


def walk(api: Api, scenarios: int) -> None:
    """Do `scenarios` walks of at most eight steps, and raise one ContractViolation for all findings."""
    tool = schemathesis_runner(api.world)
    collected = CollectedFailures(
        promised=tool.promised, direct=api.target.direct, foreign_form=api.target.recorder.judge.foreign_form
    )
    base = tool.schema.as_state_machine()

    class Walk(base):  # type: ignore[misc, valid-type]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": tool.authorization(operation_id(case)), "session": tool.session}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            operation = operation_id(case)
            exchange = exchange_of(response, operation)
            api.target.recorder.record(exchange)
            tool.tokens.spent(operation, exchange.status)
            collected.judge(case, response, exchange, {"Authorization": f"Bearer {api.session.access}"})
            if api.target.recorder.enough(collected.first):
                raise EnoughFound

        def before_call(self, case: Any) -> None:
            spare(case, api)

    for attempt in range(ATTEMPTS):
        # The state machine ignores the configured seed, number of examples and steps, and uses these.
        hypothesis.seed(api.target.settings.seed + attempt)(Walk)
        # The target of a link depends on earlier walks, so a replay by Hypothesis may draw other data than the first run. That
        # ends the run but says nothing about the target: its findings count, and the walks start again.
        with warnings.catch_warnings(), suppress(FlakyStrategyDefinition):
            warnings.simplefilter("ignore")
            with suppress(EnoughFound):
                run_state_machine_as_test(
                    Walk, settings=settings(scenarios, Phase.generate, stateful_step_count=8)
                )
            break
    collected.settle()
    if not collected.succeeded:
        raise ContractViolation("a success on some link", f"none of {collected.sent} requests")
