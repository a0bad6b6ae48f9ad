"""Does the target keep the shape of its answers under load? A sample of them is judged against openapi.yaml.

Every answer would cost more than the load itself; the first of each kind and then one in forty finds a server that
changes under pressure. Schemas are compiled before the run, because compiling one takes longer than a request.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from contracts.schema import compile_schema, violations
from contracts.spec import Operation, Spec

FIRST = 5
EVERY = 40
LONGEST = 65_536
"""Longer bodies are not judged: the generator would stop for milliseconds."""


class SchemaSample:
    def __init__(self, spec: Spec, longest: int = LONGEST) -> None:
        self.spec, self.longest = spec, longest
        self.seen: Counter[tuple[str, int]] = Counter()
        self.judged = 0

    def prepare(self, expected: Iterable[tuple[str, int]]) -> None:
        """Compile what the answers of these (operationId, status) will be judged by."""
        for operation, status in expected:
            answer = self.spec[operation].response_to(status)
            for schema in (
                ()
                if answer is None
                else (*answer.media_types.values(), *(header.schema for header in answer.headers))
            ):
                compile_schema(self.spec, schema)

    def complaint(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> str:
        """The first thing that is wrong, or nothing; nothing also for an answer that is not in the sample."""
        key = (operation.id, status)
        self.seen[key] += 1
        count = self.seen[key]
        if (count > FIRST and count % EVERY) or len(body) > self.longest:
            return ""
        self.judged += 1
        return next((str(found) for found in violations(self.spec, operation, status, headers, body)), "")
