"""How a check speaks: it raises ContractViolation when the target is wrong and Unchecked when it cannot tell.

A ContractViolation says what was expected and what came, in words; the plugin adds the law, its source, the requests and how to
run it again. Neither is an assertion about this harness: any other exception in a check is a bug of ours.
"""

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

from contracts.model.unpromised import UnpromisedError, promised_part

SHOWN, SHORT, SENTENCE = 300, 90, 120
"""Characters of a value, of two together that are shown whole, and of a value in a sentence."""
CHANNEL = "the channel"
"""What is read in place of an exchange where messages of a socket are."""


class ContractViolation(AssertionError):
    """The target broke a law. `exchanges` are those that show it, where fewer than all of the test's do."""

    def __init__(
        self, expected: str, got: str, exchanges: Iterable[Any] = (), finding: Any = None, wrong: str = ""
    ) -> None:
        super().__init__(f"expected {expected}; got {got}")
        self.wrong = wrong or f"expected {shortened(expected)}; got {shortened(got)}"
        """In one sentence."""
        self.read = LOOKS.read
        self.finding = finding
        """What the judge of every answer has found (contracts.suite.judging.answer_judgement), where the check only tells that."""
        self.expected = expected
        self.got = got
        self.exchanges = tuple(exchanges)


class NoAnswer(ContractViolation):
    """The target took the request and has not answered in time. `begun`: some bytes of an answer came, and no end of it."""

    begun = False


class Unchecked(Exception):
    """Nothing can be said of the law here, and why. Never a pass."""


class Unreachable(Exception):
    """The target cannot be reached at all."""


def where_promised() -> AbstractContextManager[None]:
    """For one of several things that a check looks at: passed over where the target's document does not promise it."""
    return suppress(UnpromisedError)


@dataclass(slots=True)
class Looks:
    """What the running check has looked at: how much of it held, and the first that the target's document does not promise."""

    held: int = 0
    passed_over: str = ""
    read: Any = None
    """The exchange whose answer it has read last, or the name of what it has read in place of one (the channel): a violation
    that names no answer is about that."""

    def begin(self) -> None:
        self.held, self.passed_over, self.read = 0, "", None

    def only_unpromised(self) -> str:
        """Why a check that ended without a word is not applicable; empty where something of its law was there to hold."""
        return "" if self.held else self.passed_over


LOOKS = Looks()
"""Of this process, whose checks run one after another."""


def expect(held: bool, expected: str, got: object, *answers: Any) -> None:
    """Raise a ContractViolation unless it held. `answers` are those whose requests show the breach."""
    if not held:
        raise ContractViolation(expected, show(got), [answer.exchange for answer in answers])
    LOOKS.held += 1


def equal(got: object, expected: object, what: str, *answers: Any) -> None:
    """Raise unless the two are equal, as far as the target's document promises it; `what` names the thing compared."""
    with suppress(UnpromisedError):
        if got is expected or got == expected:
            LOOKS.held += 1
            return
    try:
        got, expected = promised_part(got, expected)
        differs = got != expected
    except UnpromisedError as error:
        LOOKS.passed_over = LOOKS.passed_over or str(error)
        return
    if differs:
        where, wanted, came = apart(expected, got)
        exchanges = [answer.exchange for answer in answers]
        wrong = f"{what}{where} = {shortened(show(came))}, not {shortened(show(wanted))}"
        raise ContractViolation(f"{what}{where} = {show(wanted)}", show(came), exchanges, wrong=wrong)
    LOOKS.held += 1


def apart(expected: Any, got: Any) -> tuple[str, Any, Any]:
    """(where, what was expected there, what came there): of long values only what differs, because in one line of a
    report nobody finds one wrong member among thirty right ones.

    >>> apart({"a": 1, "b": ["x" * 99, 2]}, {"a": 1, "b": ["x" * 99, 3]})
    (' at /b/1', 2, 3)
    >>> apart(["x" * 99, 2, 3], ["x" * 99, 3])
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
    """A value for people: strings as they are, all else as JSON, cut where it is long."""
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
    """A text as it stands in a sentence."""
    return text if len(text) <= SENTENCE else f"{text[:SENTENCE]} …"
