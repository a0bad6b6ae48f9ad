"""Whole programs: the server and the reference model run the same steps; Schemathesis walks the document's links."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.errors import FlakyFailure, FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from contracts.suite.api import Api
from contracts.suite.breach import Breach, Unchecked
from contracts.suite.conformer import Collected, conformer, exchange_of
from contracts.suite.exchange import Exchange
from contracts.suite.feeding import spare_accounts
from contracts.suite.lossy import LOSSY_PROGRAMS, Lossy, LossyProgram, Patience
from contracts.suite.program import PROGRAMS, Program
from contracts.suite.recorder import Recorder
from contracts.suite.registry import family

check = family("fuzz")

T = TypeVar("T")
EXAMPLES = 200
LOSSY_EXAMPLES = 100
SHRINKS = 150
"""Programs that are tried to make a failing one shorter."""
SCENARIOS = 25
WALKS = 3
"""Runs of so many scenarios that are begun until one is walked to its end."""


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
    _run(api, EXAMPLES, PROGRAMS, lambda steps: Program(api).run(steps))


@check(
    "stateful.lost-answers",
    "A write whose client left has happened whole and once, or not at all, and all later answers agree on which.",
    "R31, S:499, openapi",
)
def lost_answers(api: Api) -> None:
    patience, decided = Patience(), []

    def play(steps: list[Lossy]) -> None:
        program = LossyProgram(api, patience)
        program.play(steps)
        decided.append(not program.model.undecided)

    _run(api, LOSSY_EXAMPLES, LOSSY_PROGRAMS, play)
    if sum(decided) < len(decided) / 2:
        raise Unchecked("in most programs more fates of the lost writes are possible than the model counts")


class Enough(BaseException):
    """Ends the search for a shorter program: Hypothesis lets pass what is no Exception."""


@dataclass
class Shortest:
    """Plays programs; remembers the last failure, which is the shortest, and the exchanges that led to it."""

    recorder: Recorder
    error: Exception | None = None
    kept: list[Exchange] = field(default_factory=list)
    left: int = SHRINKS

    def play(self, play: Callable[[], None]) -> None:
        if self.error is not None:
            self.left -= 1
            if self.left < 0:
                raise Enough
        self.recorder.kept = []
        try:
            play()
        except Exception as error:
            self.error, self.kept = error, self.recorder.kept
            raise


def _run(api: Api, examples: int, programs: SearchStrategy[T], play: Callable[[T], None]) -> None:
    """Play random programs; the shortest that is known to fail is what is told."""
    shortest = Shortest(api.world.recorder)

    @hypothesis.seed(api.world.settings.seed)
    @_settings(examples, Phase.generate, Phase.shrink)
    @hypothesis.given(programs)
    def each(program: T) -> None:
        shortest.play(lambda: play(program))

    try:
        each()
    except (Enough, FlakyFailure) as ended:
        api.world.recorder.kept = shortest.kept
        error = shortest.error
        if error is None or isinstance(ended, Enough) or not isinstance(error, Breach):
            raise error or ended from None
        # It failed once and not again: the server's answer depends on more than the program. The failure stands.
        raise Breach(error.expected, f"{error.got} (not at every repeat)", error.exchanges) from None


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

    for attempt in range(WALKS):
        # The machine ignores the configured seed, number of examples and steps; these count.
        hypothesis.seed(api.world.settings.seed + attempt)(Walk)
        # What a link leads to depends on what the walks before have made, so a replay of Hypothesis' may draw otherwise than its
        # first run did. That ends the run and says nothing of the target: what was seen counts, and the rest is walked anew.
        with warnings.catch_warnings(), suppress(FlakyStrategyDefinition):
            warnings.simplefilter("ignore")
            run_state_machine_as_test(
                Walk, settings=_settings(SCENARIOS, Phase.generate, stateful_step_count=8)
            )
            break
    collected.settle()
    if not collected.succeeded:
        raise Breach("a success on some link", f"none of {collected.sent} requests")
