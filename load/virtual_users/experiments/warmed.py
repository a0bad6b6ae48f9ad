"""CF-12: what was warmed at login is subscribed to for ever (S:457-471)."""

from collections.abc import Callable
from functools import partial

from contracts.run import ClientFinding
from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult
from load.virtual_users.guide.exchange import Effect
from load.virtual_users.guide.persona import make


def warmed(bench: ExperimentBench) -> ExperimentResult:
    """Ten minutes after login nothing is on the screen; then somebody else's edit, focus and reconnect."""
    costs = {profile: _costs(bench, profile) for profile in ("guide-exact", "guide-intended")}
    events = ("content_updated", "focus", "reconnect")
    exact = dict(zip(events, costs["guide-exact"], strict=True))
    told = ", ".join(f"{event} {requests}" for event, requests in exact.items())
    if not any(exact.values()):
        return ExperimentResult("CF-12", None, f"no refetch of what is not shown ({told})", costs)
    finding = ClientFinding(
        id="CF-12",
        title="Warmed queries are refetched for ever",
        detail=f"With nothing on the screen, ten minutes after login, each of these events costs requests: {told}. The "
        "warming service dispatches `initiate`, which subscribes, and never unsubscribes. Use `util.prefetch`.",
        source="S:457-471",
        number=f"{sum(exact.values())} requests for 3 events that nobody sees",
    )
    return ExperimentResult("CF-12", finding, told, costs)


def _costs(bench: ExperimentBench, profile: str) -> list[int]:
    handle = bench.handle(make("web", profile))
    handle.wait(600.0)
    client = handle.client
    events: tuple[Callable[[float], list[Effect]], ...] = (
        partial(client.content_updated, "nobody"),
        client.focus,
        client.reconnect,
    )
    found = []
    for event in events:
        before = client.cache.tally.fetches.total()
        handle.do(event(handle.clock.now))
        found.append(client.cache.tally.fetches.total() - before)
    return found
