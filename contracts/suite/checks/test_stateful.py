"""Checks with sequences of requests: random programs that the server and the reference model run, and walks along the document's links.

The import of Hypothesis and Schemathesis takes as long as that of the whole suite, so each check does it when it runs.
"""

from contracts.suite.api.api import Api
from contracts.suite.contract_violation import Unchecked
from contracts.suite.plugin.registry import family

check = family("fuzz")

EXAMPLES = 200
LOSSY_EXAMPLES = 100
SHARES = 2
LOSSY_SHARES = 4
SCENARIOS = 25


def _examples(api: Api, examples: int, shares: int, share: int | None) -> int:
    """The number of examples of one share of the check; None stands for the whole check."""
    return examples * api.target.settings.effort // (1 if share is None else shares)


@check("stateful.model", "openapi", requires=["items of the model"], shares=SHARES)
def model(api: Api, share: int | None = None) -> None:
    """Every sequence of content operations gets the answers that the reference model computes."""
    from contracts.suite.programs.model_program import PROGRAMS, Program
    from contracts.suite.programs.program_search import run

    examples = _examples(api, EXAMPLES, SHARES, share)
    run(api, share, examples, PROGRAMS, lambda steps: Program(api).run(steps))


@check("stateful.lost-answers", "R31, S:499, openapi", requires=["items of the model"], shares=LOSSY_SHARES)
def lost_answers(api: Api, share: int | None = None) -> None:
    """A write without an answer is executed completely and once, or not at all, and all later answers agree on which."""
    from contracts.suite.programs.lost_answer_programs import (
        LOST_ANSWER_PROGRAMS,
        LossyStep,
        LostAnswerProgram,
        RereadPolicy,
    )
    from contracts.suite.programs.program_search import run

    patience, decided = RereadPolicy(), []

    def play(steps: list[LossyStep]) -> None:
        program = LostAnswerProgram(api, patience)
        program.play(steps)
        decided.append(not program.model.undecided)

    run(api, share, _examples(api, LOSSY_EXAMPLES, LOSSY_SHARES, share), LOST_ANSWER_PROGRAMS, play)
    if sum(decided) < len(decided) / 2:
        raise Unchecked("in most programs more fates of the lost writes are possible than the model counts")


@check("stateful.links", "openapi")
def links(api: Api) -> None:
    """On a walk along the document's links, every request is answered as documented."""
    from contracts.suite.schemathesis.link_walk import walk

    walk(api, SCENARIOS * api.target.settings.effort)
