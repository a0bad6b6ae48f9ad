"""The search for a failing program with Hypothesis, which draws random programs and shrinks a failing one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.errors import FlakyFailure
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.strategies import SearchStrategy

from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import Exchange
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.judging.recorder import Recorder

T = TypeVar("T")
SHRINKS = 150
"""The most programs that are tried to shrink a failure."""
SHRINKS_OF_A_SHARE = 40
"""The same for one of several shares, which may all fail for one cause."""


def settings(examples: int, *phases: Phase, **more: Any) -> hypothesis.settings:
    """The settings of all our searches, after which Hypothesis draws the same values from a seed wherever it runs.

    One value in twenty is a constant of the modules that are imported at that moment and stand outside site-packages. Those of a
    check that runs alone are fewer than those of the whole run, and an installed harness has none, so that the line that runs a
    failed check again sent other requests. There is no public option against it.
    """
    providers._get_local_constants = Constants
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
    """The end of shrinking. It is a BaseException, because Hypothesis catches every Exception."""


@dataclass
class ShortestFailure:
    """The last failure, which is that of the shortest program, and its exchanges."""

    recorder: Recorder
    error: Exception | None = None
    kept: list[Exchange] = field(default_factory=list)
    left: int = SHRINKS

    def play(self, play: Callable[[], None]) -> None:
        self.left -= self.error is not None
        if self.left < 0 or self.recorder.enough(self.error):
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
    """Run random programs, which differ between shares, and raise the failure of the shortest failing one."""
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
        # It failed once and not again, so the server's answer depends on more than the program. That is a failure, too.
        raise ContractViolation(
            error.expected, f"{error.got} (not at every repeat)", error.exchanges
        ) from None
