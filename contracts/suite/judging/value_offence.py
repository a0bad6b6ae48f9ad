"""The offence of an exchange whose answer has another value than the check expected, where neither its status nor its shape is wrong."""

from contracts.content_writes import WRITES
from contracts.run import Offence
from contracts.suite.client.http_exchange import Exchange
from contracts.suite.contract_violation import WHITE_SPACE, ContractViolation, shortened


def value_offence(error: ContractViolation, last: Exchange | None, operation: str, about: str) -> Offence:
    """The check's own finding. `operation` is that of the exchange that was read last, `about` that of the check, or empty."""
    if error.cause == WHITE_SPACE:
        # By a middleware (Laravel's `TrimStrings`) or a field (Django's `trim_whitespace`): one cause, whatever the member.
        text = (
            f"{about or operation} takes a text and keeps it without the white space around it: {error.wrong}"
        )
        return Offence(symptom="value", operation=about or operation, path=WHITE_SPACE, text=text)
    sentence = f"{operation or about or 'the target'}: {error.wrong}"
    if (
        last is not None
        and operation not in (about, *WRITES)
        and (about in WRITES or (about and not error.exchanges))
    ):
        # An error in one operation often becomes visible in another operation's answer.
        operation, sentence = about, f"{about}: {error.wrong}, as {operation} shows"
    return Offence(
        symptom="value", operation=operation, path=error.cause, expected=shortened(error.expected),
        got=shortened(error.got), text=sentence,
    )  # fmt: skip
