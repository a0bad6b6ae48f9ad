"""The exceptions and assertions of checks: ContractViolation if the target is wrong, Unchecked if the check cannot decide.

A ContractViolation says what was expected and what came; the plugin adds the law, its source, the requests and the command to run the check
again. Any other exception in a check is a bug of the harness.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from contracts.model.unpromised import UnpromisedError, promised_part

SHOWN, SHORT, SENTENCE = 300, 90, 120
"""The most characters of a value, of two values that are both shown whole, and of a value in a sentence."""
ORDER, WHITE_SPACE = "order", "white space"
"""The causes of the right elements at other places of a list, and of a text without the white space around it."""
CHANNEL = "the channel"
"""The value of `OBSERVED.last_read` after messages of a socket were read."""


@dataclass(frozen=True, slots=True)
class AnswerFinding:
    """One error of one answer, found by `contracts.suite.judging.answer_judgement`. `key` is the same for all answers with the same error."""

    check: str
    operation: str
    key: str
    expected: str
    got: str


class ContractViolation(AssertionError):
    """The target broke a law. `exchanges` show it; if empty, all of the test's may."""

    def __init__(
        self,
        expected: str,
        got: str,
        exchanges: Iterable[Any] = (),
        *,
        finding: AnswerFinding | None = None,
        shown: str = "",
        wrong: str = "",
        cause: str = "",
    ) -> None:
        super().__init__(f"expected {expected}; got {got}")
        self.wrong = wrong or f"expected {shortened(expected)}; got {shortened(got)}"
        """The violation as one sentence."""
        self.last_read = OBSERVED.last_read
        self.finding = finding
        """The finding of the answer judge (contracts.suite.judging.answer_judgement), if the check only reports that."""
        self.shown = shown
        """The curl line of an exchange that is none of the recorded ones: of a handshake, or of the finding, which another process had."""
        self.expected = expected
        self.got = got
        self.exchanges = tuple(exchanges)
        self.cause = cause
        """The path of the offence, if the error is of a kind that is one cause wherever it shows: ORDER, WHITE_SPACE or KEPT_ANSWER."""


class NoAnswer(ContractViolation):
    """The target accepted the request and has not answered in time. `begun` says that the answer had begun but did not end."""

    begun = False


class Unchecked(Exception):
    """The law cannot be checked here, for the reason given. This is never a pass."""


class Unreachable(Exception):
    """No connection to the target can be made."""


def if_promised() -> AbstractContextManager[None]:
    """Skip a part of a check if the target's document does not promise what it reads."""
    return suppress(UnpromisedError)


@dataclass(slots=True)
class Observations:
    """The observations of the running check: how many assertions held, and the first unpromised value that was skipped."""

    held: int = 0
    unpromised: str = ""
    last_read: Any = None
    """The exchange whose answer was read last, or the name of another source (CHANNEL). A violation without exchanges is about it."""

    errors: list[Any] = field(default_factory=list)
    """The exchanges whose error is the one that the check expects."""

    def begin(self) -> None:
        self.held, self.unpromised, self.last_read, self.errors = 0, "", None, []

    def only_unpromised(self) -> str:
        """The reason why a check that raised nothing is not applicable; empty if any of its assertions held."""
        return "" if self.held else self.unpromised


OBSERVED = Observations()
"""The observations of the check that runs in this process; there is only one at a time."""


@contextmanager
def read_aside() -> Iterator[None]:
    """Within it answers are read for the harness, so that they do not become what the check has read last."""
    kept = OBSERVED.last_read
    try:
        yield
    finally:
        OBSERVED.last_read = kept


def expect(held: bool, expected: str, got: object, *answers: Any) -> None:
    """Raise a ContractViolation unless `held`. The requests of `answers` show the violation."""
    if not held:
        raise ContractViolation(expected, show(got), [answer.exchange for answer in answers])
    OBSERVED.held += 1


def equal(got: object, expected: object, what: str, *answers: Any) -> None:
    """Raise a ContractViolation unless the values are equal, unpromised parts aside. `what` is the name of the value."""
    with suppress(UnpromisedError):
        if got is expected or got == expected:
            OBSERVED.held += 1
            return
    try:
        got, expected = promised_part(got, expected)
        differs = got != expected
    except UnpromisedError as error:
        OBSERVED.unpromised = OBSERVED.unpromised or str(error)
        return
    if differs:
        where, wanted, came = first_difference(expected, got)
        exchanges = [answer.exchange for answer in answers]
        wrong = f"{what}{where} = {shortened(show(came))}, not {shortened(show(wanted))}"
        trimmed = isinstance(wanted, str) and came == wanted.strip()
        cause = ORDER if _is_reordered(got, expected) else WHITE_SPACE if trimmed else ""
        raise ContractViolation(
            f"{what}{where} = {show(wanted)}", show(came), exchanges, wrong=wrong, cause=cause
        )
    OBSERVED.held += 1


def _is_reordered(got: Any, expected: Any) -> bool:
    """Whether two lists have the same elements at other places; one that stands at two places may stand for another."""
    if not (isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected)):
        return False
    return {show(element) for element in got} <= {show(element) for element in expected}


def first_difference(expected: Any, got: Any) -> tuple[str, Any, Any]:
    """(place, expected value there, actual value there): the difference of two long values, because nobody finds one wrong member among
    thirty right ones in a line of a report.

    >>> first_difference({"a": 1, "b": ["x" * 99, 2]}, {"a": 1, "b": ["x" * 99, 3]})
    (' at /b/1', 2, 3)
    >>> first_difference(["x" * 99, 2, 3], ["x" * 99, 3])
    (' from element 1 on', [2, 3], [3])
    """
    if len(show(expected)) + len(show(got)) <= SHORT:
        return "", expected, got
    place = ""
    while True:
        at = f" at {place}" if place else ""
        if isinstance(expected, dict) and isinstance(got, dict):
            keys = [key for key in {**expected, **got} if expected.get(key, ...) != got.get(key, ...)]
            if len(keys) != 1 or keys[0] not in expected or keys[0] not in got:
                wanted, came = (
                    {key: value[key] for key in keys if key in value} for value in (expected, got)
                )
                return f"{at} where it differs", wanted, came
            step: str | int = keys[0]
        elif isinstance(expected, list) and isinstance(got, list):
            alike = [one == other for one, other in zip(expected, got, strict=False)]
            step = alike.index(False) if False in alike else len(alike)
            if len(expected) != len(got) or alike.count(False) > 1:
                return (
                    (f"{at} from element {step} on", expected[step:], got[step:])
                    if step
                    else (at, expected, got)
                )
        else:
            return at, expected, got
        place, expected, got = f"{place}/{step}", expected[step], got[step]


def show(value: object) -> str:
    """A value as text for people: strings unchanged, all else as JSON, cut after SHOWN characters."""
    if isinstance(value, str) and value:
        text = value
    else:
        try:
            text = json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError):
            text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"


def beginning(body: bytes | str) -> str:
    """How a body begins, for a sentence."""
    return shortened(repr(body[:SHOWN]))


def shortened(text: str) -> str:
    """A text cut to the length that fits into a sentence."""
    return text if len(text) <= SENTENCE else f"{text[:SENTENCE]} …"
