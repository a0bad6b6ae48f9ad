"""`run_findings`: every experiment and, if asked, the sessions of some personas against one target, as a part of a Run.

A finding is about the guide's client and never fails the target. What fails here is what the target owes its clients
and did not keep: a session in which it refused a correct request, or one create that made two items.
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
    """What `python -m load.client` is asked for. `sessions` are the personas to play; `experiments` False leaves the findings
    out."""

    email: str
    password: str = field(repr=False)
    sessions: tuple[Persona, ...] = ()
    experiments: bool = True
    expiry: bool = True
    """Move the target's clock where it can be moved; wrong while something else runs against the same server."""
    seed: int = 1
    command: str = ""


def silence(line: str) -> None:
    """Show no progress."""


def run_findings(
    target: Target, spec: Spec, options: FindingsOptions, *, progress: Callable[[str], None] = silence
) -> Run:
    """UnreachableError where nobody answers; an experiment that cannot be made is an UNKNOWN verdict of the Run."""
    # Now: it waits for a process, and an interrupt that a greenlet has heard is raised once more at the next wait.
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
        spec=spec if dialect is None else dialect.ours,
        left_out=frozenset() if dialect is None else dialect.missing,
        wire=wire,
        email=options.email,
        password=options.password,
        now=control.now,
        advance=control.advance if options.expiry else lambda seconds: False,
        mark=f"probe-{secrets.token_hex(4)}",  # so that two runs never find each other's items
    )
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
            verdicts += _around(bench, target, wires.values())
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
    """A client of the guide looks into answers without asking; where none of them is wrong it is we who are, and it is raised."""
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


def _around(bench: ExperimentBench, target: Target, wires: Iterable[HttpServerAdapter]) -> Iterator[Verdict]:
    """What the clients do not look at themselves: the shape of what they were answered, and their channel."""
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
        yield client_channel.look(bench.spec, target, token)


def _session(bench: ExperimentBench, persona: Persona) -> Verdict:
    try:
        return judge(play_session(bench, persona))
    except BenchError as error:
        reason = f"could not be played: {error}"
        return Verdict(check="client.session", grade=Grade.UNKNOWN, subject=persona.name, reason=reason)


def judge(result: SessionResult) -> Verdict:
    """What a session says about the target."""
    evidence = {"hit ratio": round(result.hit_ratio, 3), "requests": result.sends, "caused": result.refetches}
    told = summary(result)
    wrong = list(result.failed)
    if result.duplicates > 0:
        wrong.append(f"{result.duplicates} items too many after one create")
    if result.duplicates < 0:
        wrong.append("the item that was created and archived is not in the list of archived ones")
    return Verdict(
        check="client.session",
        grade=Grade.FAIL if wrong else Grade.PASS,
        subject=result.persona,
        reason="; ".join(wrong) or told,
        evidence=evidence,
    )
