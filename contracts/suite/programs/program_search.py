"""Random programs, drawn and made shorter by Hypothesis: the shortest that is known to fail is what is told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.errors import FlakyFailure
from hypothesis.strategies import SearchStrategy

from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import Exchange
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.judging.recorder import Recorder

T = TypeVar("T")
SHRINKS = 150
"""Programs that are tried to make a failing one shorter."""
SHRINKS_OF_A_SHARE = 40
"""Several shares may fail of one cause."""


def settings(examples: int, *phases: Phase, **more: Any) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        **more,
    )


class ShrinkLimit(BaseException):
    """Ends the search for a shorter program: Hypothesis lets pass what is no Exception."""


@dataclass
class ShortestFailure:
    """Plays programs; remembers the last failure, which is the shortest, and the exchanges that led to it."""

    recorder: Recorder
    error: Exception | None = None
    kept: list[Exchange] = field(default_factory=list)
    left: int = SHRINKS

    def play(self, play: Callable[[], None]) -> None:
        if self.error is not None:
            self.left -= 1
            if self.left < 0:
                raise ShrinkLimit
        self.recorder.keep([])
        try:
            play()
        except Exception as error:
            self.error, self.kept = error, self.recorder.kept
            raise


def run(
    api: Api, share: int | None, examples: int, programs: SearchStrategy[T], play: Callable[[T], None]
) -> None:
    """Play random programs, others in each share; the shortest that is known to fail is what is told."""
    shortest = ShortestFailure(api.target.recorder, left=SHRINKS if share is None else SHRINKS_OF_A_SHARE)

    @hypothesis.seed(f"{api.target.settings.seed}:{share}")
    @settings(examples, Phase.generate, Phase.shrink)
    @hypothesis.given(programs)
    def each(program: T) -> None:
        shortest.play(lambda: play(program))

    try:
        each()
    except (ShrinkLimit, FlakyFailure) as ended:
        api.target.recorder.keep(shortest.kept)
        error = shortest.error
        if error is None or isinstance(ended, ShrinkLimit) or not isinstance(error, ContractViolation):
            raise error or ended from None
        # It failed once and not again: the server's answer depends on more than the program. The failure stands.
        raise ContractViolation(
            error.expected, f"{error.got} (not at every repeat)", error.exchanges
        ) from None
