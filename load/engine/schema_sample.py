"""The check of a sample of answers against openapi.yaml, which finds servers that break the schema under load.

Checking every answer would cost more than the load itself, so the first of each kind and then one in forty is checked. Schemas are
compiled before the run, because compiling one takes longer than a request.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from contracts.schema import compile_schema, violations
from contracts.spec import Operation, Spec

FIRST = 5
EVERY = 40
LONGEST = 65_536
"""The longest body that is checked; a longer one would stall the generator for milliseconds."""


class SchemaSample:
    """The sample of one process."""

    def __init__(self, spec: Spec, longest: int = LONGEST) -> None:
        self.spec, self.longest = spec, longest
        self.seen: Counter[tuple[str, int]] = Counter()
        self.judged = 0

    def prepare(self, expected: Iterable[tuple[str, int]]) -> None:
        """Compile the schemas of answers by (operationId, status)."""
        for operation, status in expected:
            answer = self.spec[operation].response_to(status)
            if answer is not None:
                for schema in (*answer.media_types.values(), *(header.schema for header in answer.headers)):
                    compile_schema(self.spec, schema)

    def complaint(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> str:
        """The first violation of an answer of the sample; empty if it is good, or not in the sample."""
        key = (operation.id, status)
        self.seen[key] += 1
        count = self.seen[key]
        if (count > FIRST and count % EVERY) or len(body) > self.longest:
            return ""
        self.judged += 1
        return self.violation(operation, status, headers, body)

    def violation(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> str:
        """The first violation of any answer, in the sample or not: the reason of one that could not be read."""
        return next((str(found) for found in violations(self.spec, operation, status, headers, body)), "")
