"""Whole programs: the server and the reference model run the same steps; Schemathesis walks the document's links.

Hypothesis and Schemathesis take as long to import as all the rest of the suite, so each check does that when it runs.
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
    """Of one share of the check; None is the whole."""
    return examples * api.target.settings.effort // (1 if share is None else shares)


@check("stateful.model", "openapi", requires=["items of the model"], shares=SHARES)
def model(api: Api, share: int | None = None) -> None:
    """Any sequence of content operations gets the answers that the reference model computes."""
    from contracts.suite.programs.model_program import PROGRAMS, Program
    from contracts.suite.programs.program_search import run

    examples = _examples(api, EXAMPLES, SHARES, share)
    run(api, share, examples, PROGRAMS, lambda steps: Program(api).run(steps))


@check("stateful.lost-answers", "R31, S:499, openapi", requires=["items of the model"], shares=LOSSY_SHARES)
def lost_answers(api: Api, share: int | None = None) -> None:
    """A write whose client left has happened whole and once, or not at all, and all later answers agree on which."""
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
    """Walking the document's links, every step is taken as the document says."""
    from contracts.suite.schemathesis.link_walk import walk

    walk(api, SCENARIOS * api.target.settings.effort)
