"""The findings: with their numbers on a good server, and gone where the defect is taken out of the client."""

from dataclasses import replace
from typing import Any

import pytest

from load.virtual_users.drivers.client_findings import judge
from load.virtual_users.drivers.client_session import play_session, summary
from load.virtual_users.drivers.virtual_time import TimedReply
from load.virtual_users.experiments import EXPERIMENTS, BenchError
from load.virtual_users.experiments.duplicates import duplicates
from load.virtual_users.experiments.experiment_bench import ExperimentResult
from load.virtual_users.experiments.logout import logout
from load.virtual_users.experiments.stale import MUTATIONS, lasting, screen, stale
from load.virtual_users.guide.exchange import ClientReply, ClientRequest
from load.virtual_users.guide.persona import make
from load.virtual_users.guide.profile import PROFILES
from tests.load.virtual_users.guide_stage import Stage, bench


def shown() -> dict[str, ExperimentResult]:
    return {found.id: found for found in (experiment(bench(Stage().server)) for experiment in EXPERIMENTS)}


@pytest.fixture(scope="module")
def found() -> dict[str, ExperimentResult]:
    return shown()


@pytest.mark.parametrize(
    ("id", "number"),
    [
        ("CF-3", "4 items from 1 create"),
        ("CF-4", "refresh token still answered 200"),
        ("CF-5", "13% of tokens with a name"),
        ("CF-6", "6 of 6 mutations, 18 stale answers"),
        ("CF-7", "102 of 103 lost at one refused flush"),
        ("CF-12", "8 requests for 3 events that nobody sees"),
        ("CF-13", "120 requests per hour and idle page"),
        ("CF-14", "1 lost answer, 1 logout"),
        ("CF-16", "4 of 5 calls fail at an expiry"),
    ],
)
def test_a_finding_and_its_number(found: dict[str, ExperimentResult], id: str, number: str) -> None:
    finding = found[id].finding
    assert finding is not None and (finding.id, finding.number) == (id, number)
    assert finding.source.startswith("S:") and finding.title and finding.detail


@pytest.mark.parametrize("id", ["CF-4", "CF-5", "CF-7", "CF-12", "CF-13", "CF-14", "CF-16"])
def test_a_client_as_meant_shows_no_finding(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same experiments on clients without the deviations: whoever still finds something would find it in anything."""
    meant = replace(PROFILES["guide-intended"], name="guide-exact")
    monkeypatch.setattr(
        "load.virtual_users.guide.persona.PROFILES", {"guide-exact": meant, "guide-intended": meant}
    )
    assert shown()[id].finding is None


def test_no_retry_no_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("load.virtual_users.guide.transport.RETRIES", ())
    assert duplicates(bench(Stage().server)).finding is None


class Keyless(Stage):
    """A server that takes no notice of an Idempotency-Key."""

    def exchange(self, batch: list[ClientRequest], now: float) -> list[TimedReply]:
        return self.server.exchange([replace(one, headers=_without_key(one)) for one in batch], now)


def _without_key(request: ClientRequest) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name.lower() != "idempotency-key"}


def test_a_key_that_changes_nothing_is_not_what_a_client_lacks(found: dict[str, ExperimentResult]) -> None:
    advised, useless = found["CF-3"].finding, duplicates(bench(Keyless())).finding  # type: ignore[arg-type]
    assert advised is not None and advised.detail.endswith(
        "Send one Idempotency-Key for all sends of a create."
    )
    assert (
        useless is not None
        and "Send one" not in useless.detail
        and "takes no notice of the key" in useless.detail
    )


@pytest.mark.parametrize(
    ("operation", "names"),
    [
        ("createContentItem", {"category tree", "sync"}),
        ("updateContentItem", {"list of another category", "category tree", "versions", "sync"}),
        ("publishContent", {"list of its category", "versions", "sync"}),
        ("archiveContent", {"category tree", "versions", "sync"}),
        ("bulkUpdateContent", {"category tree", "versions"}),
        ("revertContentVersion", {"item list", "item list by title", "category tree", "sync"}),
    ],
)
def test_what_each_mutation_leaves_stale(
    found: dict[str, ExperimentResult], operation: str, names: set[str]
) -> None:
    assert set(found["CF-6"].evidence[operation]) == names


def test_a_client_that_invalidates_everything_is_never_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    from load.virtual_users.guide.cache.cache_tags import Tag, TagTable

    everything = tuple(Tag(kind) for kind in ("Content", "ContentCategory", "ContentVersion"))
    monkeypatch.setattr(TagTable, "invalidates", lambda *a: everything)
    result = stale(bench(Stage().server))
    assert result.finding is None and len(result.evidence) == len(MUTATIONS)


def test_the_screen_has_every_kind_of_query() -> None:
    from load.virtual_users.experiments.stale import _NOBODY
    from tests.load.virtual_users.guide_stage import SPEC

    asked = {ask.operation for ask in screen(_NOBODY).values()}
    assert asked == {o.id for o in SPEC if o.cache is not None and o.cache.provides}
    assert lasting({"items": [], "syncTimestamp": "x"}) == {"items": []}


class Spoilt:
    """A server whose answers to one operation are changed."""

    def __init__(self, operation: str, reply: ClientReply) -> None:
        self.inner, self.operation, self.reply = Stage().server, operation, reply

    def exchange(self, batch: list[ClientRequest], now: float) -> list[TimedReply]:
        answers = self.inner.exchange(batch, now)
        pairs = zip(batch, answers, strict=True)
        return [replace(a, reply=self.reply) if r.operation == self.operation else a for r, a in pairs]


def test_a_server_without_a_login_is_no_finding() -> None:
    with pytest.raises(BenchError, match="could not log in: Login failed: 500"):
        logout(bench(Spoilt("login", ClientReply(status=500))))  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("platform", ["web", "ios", "android"])
def test_a_session_of_every_persona_goes_through(platform: Any, profile: str) -> None:
    result = play_session(bench(Stage().server), make(platform, profile))
    assert result.failed == [] and result.duplicates == 0 and result.mounts > 20
    assert judge(result).grade.name == "PASS"
    assert result.expiry is None and "not tried" in summary(result)


def test_a_session_in_which_the_server_refuses_is_the_servers_failure() -> None:
    result = play_session(bench(Spoilt("publishContent", ClientReply(status=500))), make("web"))  # type: ignore[arg-type]
    assert judge(result).grade.name == "FAIL" and "publishContent: 500" in judge(result).reason


@pytest.mark.parametrize(
    ("platform", "profile", "refreshes"),
    [
        ("web", "guide-exact", 1),
        ("ios", "guide-exact", 3),
        ("ios", "guide-intended", 1),
        ("android", "guide-exact", 3),
    ],
)
def test_refreshes_at_one_expiry(platform: Any, profile: str, refreshes: int) -> None:
    stage = Stage()
    moved = bench(stage.server, advance=lambda seconds: True)  # the scripted server reads the client's clock
    assert play_session(moved, make(platform, profile)).expiry == refreshes


class Busy:
    """Somebody else creates an item after every exchange."""

    def __init__(self) -> None:
        self.inner = Stage().server

    def exchange(self, batch: list[ClientRequest], now: float) -> list[TimedReply]:
        answers = self.inner.exchange(batch, now)
        self.inner.ask("createContentItem", body={"title": "noise"})
        return answers


def test_what_somebody_else_changes_is_left_out_and_said() -> None:
    result = stale(bench(Busy()))  # type: ignore[arg-type]
    assert "left out, because somebody else changes them: item list, sync" in result.reason
    assert set(result.evidence["revertContentVersion"]) == {"item list by title", "category tree"}
