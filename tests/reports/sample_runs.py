"""Synthetic runs for the renderers: the same bytes every time, no clock, no server.

`RUNS` is the table that the golden tests walk over.
"""

import random
from collections.abc import Callable, Mapping
from functools import cache

from contracts.objective import Counts, judge
from contracts.run import (
    CheckResult,
    ClientFinding,
    CoverageCell,
    Environment,
    Generator,
    LoadResult,
    OperationLoad,
    PackedHistogram,
    PartRecord,
    ReconnectResult,
    Run,
    SpecRecord,
    VerdictRecord,
    Window,
)
from contracts.run.histogram import Histogram
from contracts.run.latency_heat import Heat, OperationHeat
from contracts.spec import Objective
from contracts.verdict import Grade
from tests.buckets import bucket
from tests.reports import sample_histories

MADE, VERSION = "2026-11-22T09:00:00Z", "0.1.0"
STARTED, FINISHED = "2026-11-22T08:58:00Z", "2026-11-22T08:59:54Z"
TARGET = "http://127.0.0.1:41234"

LABELS: Mapping[str, str] = {
    "getContentItems": "GET /content/items",
    "createContentItem": "POST /content/items",
    "bulkUpdateContent": "POST /content/items/bulk",
    "getContentItem": "GET /content/items/{id}",
    "updateContentItem": "PUT /content/items/{id}",
    "publishContent": "POST /content/items/{id}/publish",
    "archiveContent": "POST /content/items/{id}/archive",
    "getContentVersions": "GET /content/items/{id}/versions",
    "revertContentVersion": "POST /content/items/{id}/revert",
    "getContentCategories": "GET /content/categories",
    "getContentByCategory": "GET /content/categories/{category}/items",
    "syncContent": "GET /content/sync",
    "login": "POST /auth/login",
    "refreshTokens": "POST /auth/refresh",
    "logout": "POST /auth/logout",
    "verifyToken": "GET /auth/verify",
    "ingestMetrics": "POST /metrics",
}
SPEC = SpecRecord(
    title="Tchat API", version="1.0.0", digest="5f3a9c0de4417d2b" * 4, operations=17, labels=dict(LABELS)
)
HERE = Environment(
    python="3.11.7",
    platform="Linux-6.18 x86_64",
    cores=2,
    versions={"schemathesis": "4.32.5", "locust": "2.47.0"},
    server="uvicorn",
)
COMMAND = "python -m reports gate --seed 1 --profile quick"
OBJECTIVE = Objective(threshold_ms=200, share=0.99, error_share=0.001)

# (check family, law, source): ids are family.name
LAWS: tuple[tuple[str, str, str], ...] = (
    ("shape.response-schema", "Every answer keeps the schema of its status.", "openapi.yaml"),
    ("shape.headers", "Every documented header is there and well-formed.", "openapi.yaml"),
    ("envelope.wrapped", "Content answers are wrapped in `data`, archive and auth are not.", "S:104"),
    ("versions.one-winner", "Of N writers on one version exactly one wins; the others get 409.", "S:272-276"),
    ("auth.expired-refused", "An expired access token is answered 401.", "RFC 7519 4.1.4"),
    ("sync.replay", "Chained syncs replay to the exact full state.", "R30"),
)


def histogram(rng: random.Random, count: int, median_ms: float, sigma: float) -> Histogram:
    return Histogram.of(int(rng.lognormvariate(0, sigma) * median_ms * 1e6) for _ in range(count))


def operation(
    rng: random.Random, name: str, *, requests: int = 600, median: float = 3.0, errors: int = 0
) -> OperationLoad:
    service = histogram(rng, requests, median, 0.5)
    latency = Histogram()
    latency.merge(service)
    # A short stall: a few requests waited for their turn, which only the corrected number can see.
    for wait in range(requests // 60):
        latency.record(int((6 + 9 * wait) * median * 1e6 / 3))
    late = sum(n for value, n in latency.counts.items() if value and _over(value))
    return OperationLoad(
        operation=name,
        latency=PackedHistogram.of(latency),
        service=PackedHistogram.of(service),
        answered=latency.total,
        over=late,
        over_service=0,
        errors=errors,
        statuses={"200": latency.total} | ({"503": errors} if errors else {}),
        error_examples=["503 Service Unavailable"] if errors else [],
    )


def _over(index: int) -> bool:
    from contracts.run.histogram import middle

    return middle(index) > OBJECTIVE.threshold_ms * 1e6


@cache
def load(*, slow: str = "", failing: str = "", seconds: int = 50, saturated: str = "") -> LoadResult:
    rng = random.Random(1)
    operations = [
        operation(rng, name, median=90.0 if name == slow else 3.0, errors=40 if name == failing else 0)
        for name in LABELS
    ]
    return LoadResult(
        scenario="gate",
        plan=f"constant 200/s for {seconds} s, seed 1",
        seed=1,
        seconds=float(seconds),
        operations=operations,
        windows=[window(rng, second) for second in range(seconds)],
        generator=Generator(
            planned=10_200, sent=10_200, late=3, dropped=0, unfinished=0, cpu=0.41, loop_lag_p99=2_100_000,
            saturated=saturated,
        ),
        verdicts=[objective(entry) for entry in operations],
        heat=heats(random.Random(7), seconds, slow),
        heat_seconds=1,
    )  # fmt: skip


def heats(rng: random.Random, seconds: int, slow: str) -> list[OperationHeat]:
    """Twelve answers a second of each operation; the stall of `window` is in all of them."""
    heat = Heat()
    for name in LABELS:
        for number in range(12 * seconds):
            second = number // 12
            latency = rng.lognormvariate(0, 0.5) * (90.0 if name == slow and second >= seconds // 2 else 3.0)
            latency += rng.uniform(20, 400) if second in (20, 21) else 0.0
            heat.record(name, second, bucket(round(latency * 1e6)))
    return heat.rows(LABELS)


def objective(entry: OperationLoad) -> VerdictRecord:
    counts = Counts(answered=entry.answered, over=entry.over, errors=entry.errors)
    return VerdictRecord.of(judge(OBJECTIVE, counts, operation=entry.operation))


def window(rng: random.Random, second: int) -> Window:
    stalled = second in (20, 21)
    done = 60 if stalled else 200 + (140 if second in (22, 23) else 0)
    return Window(
        second=second,
        planned=200,
        sent=200,
        done=done,
        errors=0,
        over=40 if stalled else 0,
        lateness_max=rng.randrange(200_000, 1_500_000),
        p50=rng.uniform(2.5e6, 3.5e6),
        p99=400e6 if stalled else rng.uniform(9e6, 14e6),
    )


def checks(*, red: Mapping[str, int] | None = None) -> list[CheckResult]:
    """Every law for every operation; `red` says how often a law is broken, from the first operation on."""
    left = dict(red or {})
    found = []
    for law, title, source in LAWS:
        for name in LABELS:
            broken = left.get(law, 0) > 0
            left[law] = left.get(law, 0) - 1
            found.append(
                check(law, name, title, source) if not broken else broken_check(law, name, title, source)
            )
    return found


def check(law: str, name: str, title: str, source: str) -> CheckResult:
    return CheckResult(
        id=law, grade="PASS", operation=name, title=title, source=source, requests=20, seconds=0.25
    )


def broken_check(law: str, name: str, title: str, source: str) -> CheckResult:
    return CheckResult(
        id=law,
        grade="FAIL",
        operation=name,
        title=title,
        source=source,
        reason=f"{LABELS[name]}: expected one 200 and four 409, got five 200 <script>alert(1)</script>",
        expected="200, 409, 409, 409, 409",
        got="200, 200, 200, 200, 200 | @everyone `x` ]]> \x07",
        curl=[
            'curl -X PUT http://127.0.0.1:41234/api/content/items/a1 -H \'Authorization: Bearer <token>\' -d \'{"version":1,"title":"b"}\'',
        ],
        replay=f"python -m pytest contracts --target {TARGET} -k {law.replace('.', '-')}",
        requests=5,
        seconds=0.5,
    )


def coverage(*, missing: Mapping[str, str] | None = None) -> list[CoverageCell]:
    cells = []
    for name in LABELS:
        for status in ("200", "400", "401", "403", "404", "405", "409", "503"):
            if status == "409" and not name.startswith(("update", "create", "publish", "revert")):
                continue
            reached = 0 if (missing or {}).get(name) == status else 7
            cells.append(
                CoverageCell(
                    operation=name,
                    kind="status",
                    name=status,
                    required=status != "503",
                    reached=0 if status == "503" else reached,
                )
            )
        cells += [
            CoverageCell(
                operation=name,
                kind="keyword",
                name=f"/title/maxLength {side}",
                required=True,
                reached=0 if (missing or {}).get(name) == "409" and side == "invalid" else 12,
            )
            for side in ("valid", "invalid")
        ]
    return cells


def reconnects() -> list[ReconnectResult]:
    rng = random.Random(2)
    cases = (
        ("guide-documented", 300, 0, 7.0),
        ("guide-as-written", 214, 86, 2.7),
        ("guide-fixed", 300, 0, 2.1),
    )
    return [
        ReconnectResult(
            policy=policy,
            fault="kill",
            outage_seconds=10,
            clients=300,
            recovered=recovered,
            given_up=given_up,
            never_tried=0,
            recovery=PackedHistogram.of(histogram(rng, recovered, median * 1000, 0.5)),
            attempts={"4": recovered},
            peak_connects_100ms=300 if policy != "guide-fixed" else 21,
            sockets_per_client={"1": recovered} if policy != "guide-as-written" else {"1": 14, "4": 200},
            events_missed=120,
            events_recovered_by_sync=120 if policy == "guide-fixed" else 0,
            timeline=[
                [float(t), 300.0 * min(1.0, t / 20), float(rng.randrange(30))] for t in range(0, 40, 2)
            ],
            verdicts=[
                VerdictRecord(check="reconnect.recovers", grade="PASS", reason="every client is back")
                if not given_up
                else VerdictRecord(
                    check="reconnect.recovers",
                    grade="ADVISORY",
                    reason=f"{policy}: {given_up} of 300 clients gave up for good",
                )
            ],
        )
        for policy, recovered, given_up, median in cases
    ]


FINDINGS = [
    ClientFinding(
        id="CF-1",
        title="A clean close never reconnects",
        detail="onclose schedules a reconnect only if wasClean is false, so a restart with 1001 or 1012 silences every client.",
        source="S:1325",
        number="300 of 300 clients stayed down",
    ),
    ClientFinding(
        id="CF-2",
        title="A failed attempt schedules two reconnects",
        detail="error rejects and close fires; both schedule. Ten attempts last 49 s instead of 181 s.",
        source="S:1456-1472",
        number="4 open sockets per client",
    ),
]


def parts(**ended: str) -> list[PartRecord]:
    names = ("contracts", "load", "reconnect")
    return [
        PartRecord.model_validate(
            {
                "name": name,
                "ended": ended.get(name, "finished"),
                "seconds": 38.0,
                "exit_code": {"skipped": None, "died": -9}.get(ended.get(name, ""), 0),
                "command": f"python -m {name} --target {TARGET}",
            }
        )
        for name in names
    ]


def run(**fields: object) -> Run:
    return Run.model_validate(
        {
            "started": STARTED,
            "finished": FINISHED,
            "target": TARGET,
            "seed": 1,
            "command": COMMAND,
            "spec": SPEC,
            "environment": HERE,
            **fields,
        }
    )


def passing() -> Run:
    return run(
        checks=checks(),
        coverage=coverage(),
        loads=[load()],
        reconnects=reconnects(),
        findings=FINDINGS,
        parts=parts(),
        races=[sample_histories.race("races.one-winner", sample_histories.ONE_WINNER)],
    )


def failing() -> Run:
    return run(
        checks=checks(red={"versions.one-winner": 5, "envelope.wrapped": 1}),
        coverage=coverage(missing={"updateContentItem": "409"}),
        loads=[load(slow="syncContent", failing="getContentItems")],
        reconnects=reconnects(),
        findings=FINDINGS,
        parts=parts(),
        races=[sample_histories.race("races.one-winner", sample_histories.LOST_UPDATE)],
    )


def unknown() -> Run:
    return run(
        checks=checks(),
        coverage=coverage(missing={"login": "400", "logout": "401"}),
        loads=[load(saturated="the generator used 98 % of its core")],
        verdicts=[died("load", "ended with exit code 3; its last lines: MemoryError")],
        parts=parts(load="died"),
    )


def interrupted() -> Run:
    return run(
        checks=checks()[:20],
        verdicts=[
            died("contracts", "interrupted by SIGINT after 12 s"),
            died("load", "never started: the gate was interrupted"),
            died("reconnect", "never started: the gate was interrupted"),
        ],
        parts=parts(contracts="interrupted", load="skipped", reconnect="skipped"),
    )


def empty() -> Run:
    return Run(started=STARTED, finished=FINISHED, target="", seed=1)


def died(part: str, reason: str) -> VerdictRecord:
    return VerdictRecord(check=f"part.{part}", grade=Grade.UNKNOWN.name, reason=reason)


RUNS: Mapping[str, Callable[[], Run]] = {
    "pass": passing,
    "fail": failing,
    "unknown": unknown,
    "interrupted": interrupted,
    "empty": empty,
}
