"""The wrong shape of an answer that explains a difference which a check found later in the same test."""

import re

from contracts.checkers.item_versions import TWO_CONTENTS
from contracts.suite.judging.answer_judgement import AnswerFinding
from contracts.suite.judging.recorder import Recorder

QUOTED = re.compile(r"""["']([A-Za-z]\w*)["']""")


def explaining_shape(difference: str, recorder: Recorder) -> AnswerFinding | None:
    """The first finding about the first answer that lacks or adds a member which the difference names. If a history shows one version of an
    item with two contents, any wrong shape explains it."""
    names, any_of_them = set(QUOTED.findall(difference)), TWO_CONTENTS in difference
    for exchange in recorder.kept if names or any_of_them else ():
        if 200 <= exchange.status < 300:
            found = recorder.judge.judge(exchange)
            if found and (any_of_them or any(names & set(QUOTED.findall(finding.got)) for finding in found)):
                return found[0]
    return None
