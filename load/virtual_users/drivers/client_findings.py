"""The run of all experiments and of client sessions against one target, as a Run of findings and verdicts.

A finding is about the guide's client and never fails the target. The target fails if it breaks its promises to a client: a
session in which it refused a correct request, or one create that made two items.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from contracts.dialect import dialect_of
from contracts.run import ClientFinding, Run, VerdictRecord
from contracts.run.run_origin import environment, stamp
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.http.target import Target
from load.virtual_users.drivers import client_channel
from load.virtual_users.drivers.client_session import SessionResult, play_session, summary
from load.virtual_users.drivers.server_adapter import HttpServerAdapter, TargetClock, aimed
from load.virtual_users.experiments import EXPERIMENTS, BenchError, ExperimentBench, ExperimentResult
from load.virtual_users.guide.persona import Persona


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsOptions:
    """The options of `python -m load.client`. `sessions` are the personas to play; without `experiments` there are no
    findings."""

    email: str
    password: str = field(repr=False)
    sessions: tuple[Persona, ...] = ()
    experiments: bool = True
    expiry: bool = True
    """Whether the target's clock may be moved, which disturbs everything else that runs against the same server."""
    seed: int = 1
    command: str = ""


def run_findings(
    target: Target,
    spec: Spec,
    options: FindingsOptions,
    *,
    progress: Callable[[str], None] = lambda line: None,
) -> Run:
    """Run all experiments and sessions. UnreachableError if the target does not answer; an impossible experiment is an
    UNKNOWN verdict of the Run."""
    # At the start, because it waits for a process, and an interrupt in a greenlet would be raised again at the next wait.
    started, machine = stamp(), environment()
    wires: dict[Target, HttpServerAdapter] = {}

    def wire(persona: Persona) -> HttpServerAdapter:
        place = aimed(spec, target, persona)
        return wires.setdefault(place, HttpServerAdapter(spec, place))

    dialect = dialect_of(spec)
    first = wires[target] = HttpServerAdapter(spec, target)
    first.reach()
    control = TargetClock(target)
    bench = ExperimentBench(
        spec=spec if dialect is None else dialect.ours, left_out=frozenset() if dialect is None else dialect.missing, wire=wire,
        email=options.email, password=options.password, now=control.now,
        advance=control.advance if options.expiry else lambda seconds: False,
        mark=f"probe-{secrets.token_hex(4)}",  # so that two runs never find each other's items
    )  # fmt: skip
    findings: list[ClientFinding] = []
    verdicts: list[Verdict] = []
    experiments = EXPERIMENTS if options.experiments else ()
    try:
        for experiment in experiments:
            progress(f"client: {experiment.__name__}")
            finding, verdict = _experiment(bench, experiment)
            findings += [finding] if finding else []
            verdicts.append(verdict)
        for persona in options.sessions:
            progress(f"client: session of {persona.name}")
            verdicts.append(_session(bench, persona))
        if options.sessions:
            progress("client: the realtime channel")
            verdicts += _around(bench, spec, target, wires.values())
    except (LookupError, TypeError, ValueError, AttributeError):
        verdicts.append(_shapeless(wires.values()))
    except KeyboardInterrupt:
        verdicts.append(_cut_short(len(verdicts), len(experiments) + len(options.sessions)))
    finally:
        control.close()
        for one in wires.values():
            one.close()
    return Run(
        started=started,
        finished=stamp(),
        target=target.url,
        seed=options.seed,
        command=options.command,
        environment=machine,
        findings=findings,
        verdicts=[VerdictRecord.of(verdict) for verdict in verdicts],
    )


def _shapeless(wires: Iterable[HttpServerAdapter]) -> Verdict:
    """The verdict on an answer whose shape broke the client. Without a flawed answer it is our bug, and the error is raised."""
    flaws = [flaw for one in wires for flaw in one.flaws]
    if not flaws:
        raise
    reason = f"{flaws[0]}; no client can go on with that"
    return Verdict(check="client.answers", grade=Grade.FAIL, reason=reason)


def _cut_short(done: int, planned: int) -> Verdict:
    reason = f"interrupted after {done} of {planned} experiments and sessions; nothing is known of the others"
    return Verdict(check="client.run", grade=Grade.UNKNOWN, reason=reason)


def _experiment(
    bench: ExperimentBench, experiment: Callable[[ExperimentBench], ExperimentResult]
) -> tuple[ClientFinding | None, Verdict]:
    check = f"client.{experiment.__name__}"
    try:
        shown = experiment(bench)
    except BenchError as error:
        return None, Verdict(check=check, grade=Grade.UNKNOWN, reason=f"could not be tried: {error}")
    verdict = Verdict(
        check=check, grade=Grade.PASS, subject=shown.id, reason=shown.reason, evidence=shown.evidence
    )
    return shown.finding, verdict


def _around(
    bench: ExperimentBench, spec: Spec, target: Target, wires: Iterable[HttpServerAdapter]
) -> Iterator[Verdict]:
    """The verdicts on what the clients do not check themselves: the shape of answers, and the realtime channel, whose place is in the
    target's own document, not in the one that the bench speaks."""
    flaws = [flaw for wire in wires for flaw in wire.flaws]
    yield Verdict(
        check="client.answers",
        grade=Grade.FAIL if flaws else Grade.PASS,
        reason=flaws[0] if flaws else "each sampled answer has the shape of the document",
        evidence={"flaws": flaws[:20]},
    )
    try:
        token = bench.plain().tokens().access
    except BenchError as error:
        yield Verdict(check="client.channel", grade=Grade.UNKNOWN, reason=f"could not be tried: {error}")
    else:
        yield client_channel.look(spec, target, token)


def _session(bench: ExperimentBench, persona: Persona) -> Verdict:
    try:
        return judge(play_session(bench, persona))
    except BenchError as error:
        reason = f"could not be played: {error}"
        return Verdict(check="client.session", grade=Grade.UNKNOWN, subject=persona.name, reason=reason)


def judge(result: SessionResult) -> Verdict:
    """The verdict of a session on the target."""
    evidence = {"hit ratio": round(result.hit_ratio, 3), "requests": result.sends, "caused": result.refetches}
    wrong = list(result.failed)
    if result.duplicates > 0:
        wrong.append(f"{result.duplicates} items too many after one create")
    if result.duplicates < 0:
        wrong.append("the item that was created and archived is not in the list of archived ones")
    return Verdict(
        check="client.session",
        grade=Grade.FAIL if wrong else Grade.PASS,
        subject=result.persona,
        reason="; ".join(wrong) or summary(result),
        evidence=evidence,
    )
