"""The verdict on an operation that only the target's document has: ADVISORY, because no law knows its meaning."""

from collections.abc import Iterator

from contracts.dialect.derivation import dialect_of
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict

CHECK = "not-modelled"
JUDGED = "no law knows what this operation means: only what follows from the document alone is judged"


def not_modelled(operation: str, seen: str = "") -> Verdict:
    reason = f"{JUDGED} ({seen})" if seen else JUDGED
    return Verdict(check=CHECK, grade=Grade.ADVISORY, subject=operation, reason=reason)


def all_not_modelled(spec: Spec) -> Iterator[Verdict]:
    """The verdicts on all such operations; none for our own document."""
    dialect = dialect_of(spec)
    for operation in dialect.unmodelled if dialect is not None else ():
        yield not_modelled(operation.id)
