"""CF-12: the queries that are warmed at login stay subscribed for ever (S:457-471)."""

from collections.abc import Callable
from functools import partial

from load.virtual_users.experiments.experiment_bench import ExperimentBench, ExperimentResult
from load.virtual_users.guide.exchange import Effect
from load.virtual_users.guide.persona import make


def warmed(bench: ExperimentBench) -> ExperimentResult:
    """Count the requests of an edit by somebody else, a focus and a reconnect, ten minutes after login with an empty screen."""
    costs = {profile: _costs(bench, profile) for profile in ("guide-exact", "guide-intended")}
    events = ("content_updated", "focus", "reconnect")
    exact = dict(zip(events, costs["guide-exact"], strict=True))
    detail = ", ".join(f"{event} {requests}" for event, requests in exact.items())
    shows = any(exact.values())
    return ExperimentResult.of(
        "CF-12",
        detail if shows else f"no refetch of what is not shown ({detail})",
        costs,
        shows=shows,
        title="Warmed queries are refetched for ever",
        detail=f"With nothing on the screen, ten minutes after login, each of these events costs requests: {detail}. The "
        "warming service dispatches `initiate`, which subscribes, and never unsubscribes. Use `util.prefetch`.",
        source="S:457-471",
        number=f"{sum(exact.values())} requests for 3 events that nobody sees",
    )


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
