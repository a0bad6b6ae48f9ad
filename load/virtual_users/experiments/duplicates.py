"""CF-3: a create whose answer is lost is sent again, and creates again (S:498-521, R31)."""

from collections.abc import Callable

from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult, first_answers
from load.virtual_users.guide.exchange import Ask
from load.virtual_users.guide.persona import make
from load.virtual_users.guide.transport import RETRIES


def duplicates(bench: ExperimentBench) -> ExperimentResult:
    """Send one create for each number of lost answers, from none to all sends, without and with an Idempotency-Key."""
    lost = range(len(RETRIES) + 2)
    bare = [_created(bench, n, None) for n in lost]
    keyed = [_created(bench, n, lambda ticket, n=n: f"{bench.mark}-{n}-{ticket}") for n in lost]  # type: ignore[misc]
    seen = {"lost answers": list(lost), "items": bare, "items with Idempotency-Key": keyed}
    most = max(bare)
    advice = (
        "Send one Idempotency-Key for all sends of a create."
        if max(keyed) < most
        else "This server takes no notice of the key: it has to know an Idempotency-Key before a client sends one."
    )
    detail = f"items made by one create after {lost[0]} to {lost[-1]} lost answers: {bare}; with an Idempotency-Key: {keyed}"
    return ExperimentResult.of(
        "CF-3",
        detail,
        seen,
        shows=most > 1,
        title="A lost answer to a create makes duplicates",
        detail=f"The client sends a POST up to {len(RETRIES) + 1} times after network errors and gives it no key: {detail}. {advice}",
        source="S:498-521",
        number=f"{most} items from 1 create",
    )


def _created(bench: ExperimentBench, lost: int, key: Callable[[int], str] | None) -> int:
    """The number of items that one create of the web client makes if its first `lost` answers do not arrive."""
    title = f"{bench.mark} CF-3 {lost} {'keyed' if key else 'bare'}"
    handle = bench.handle(make("web"), loses=first_answers("createContentItem", lost), idempotency=key)
    handle.write("createContentItem", title=title)
    looking = bench.plain()
    found = looking.read(Ask("getContentItems", {"search": title, "limit": 100}))["data"]
    for item in found:
        looking.must("archiveContent", id=item["id"])
    return len(found)
