"""A disagreement as a person wants to see it: the shortest program that has it, request by request, expected and got.

3 steps disagree (seed 4; of 508):
  demo    POST /content/items {"title": "alpha"}  -> 201
  wait 600.000000 s
  demo    POST /content/items/c7x…/publish {}  -> 200
/body/data/publishedAt: expected any stamp, got null
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from contracts.model import Disagreement, Request, Response
from tests.differential.harness import content_harness, event_harness, session_harness
from tests.differential.harness.event_harness import EventStep
from tests.differential.harness.http_client import spec
from tests.differential.programs.session_programs import SessionStep
from tests.differential.programs.shrink import shrunk
from tests.differential.programs.steps import Ask, Step

LONGEST = 160


def of_content(program: Iterable[Step], *, seed: int, faults: Iterable[str] = ()) -> str:
    """Why this program fails, told by the shortest part of it; empty where it does not."""
    faults = tuple(faults)
    first = content_harness.play(program, seed=seed, faults=faults)
    if first.found is None:
        return ""
    steps = tuple(program)
    reached = tuple(step for step in steps if step.number <= first.found.step)
    kept = shrunk(
        reached, lambda part: content_harness.play(part, seed=seed, faults=faults).found is not None
    )
    last = content_harness.play(kept, seed=seed, faults=faults)
    assert last.found is not None
    asked = iter(last.lines)
    lines = [_request(*next(asked)) if isinstance(step, Ask) else str(step) for step in kept]
    return _told(lines, seed, len(steps), last.found.complaints)


def of_sessions(program: Iterable[SessionStep], *, seed: int, faults: Iterable[str] = ()) -> str:
    return _of_lines(session_harness.play, program, lambda step: f"{step.number}: {step}", seed, faults)


def of_events(program: Iterable[EventStep], *, seed: int, faults: Iterable[str] = ()) -> str:
    return _of_lines(event_harness.play, program, _step, seed, faults)


def _of_lines(
    play: Any, program: Iterable[Any], named: Callable[[Any], str], seed: int, faults: Iterable[str]
) -> str:
    faults, steps = tuple(faults), tuple(program)
    first = play(steps, seed=seed, faults=faults)
    if not first.complaints:
        return ""
    reached = steps[: len(first.lines)]
    kept = shrunk(reached, lambda part: bool(play(part, seed=seed, faults=faults).complaints))
    last = play(kept, seed=seed, faults=faults)
    lines = [named(step) + (f"  -> {told}" if told else "") for step, told in last.lines]
    return _told(lines, seed, len(steps), last.complaints)


def _told(lines: list[str], seed: int, of: int, complaints: Iterable[Disagreement]) -> str:
    steps = "1 step disagrees" if len(lines) == 1 else f"{len(lines)} steps disagree"
    return "\n".join(
        (f"{steps} (seed {seed}; of {of}):", *(f"  {line}" for line in lines), *map(str, complaints))
    )


def _request(caller: str, request: Request, response: Response) -> str:
    asked = spec().operations[request.operation]
    target = asked.path
    for name, value in request.path.items():
        target = target.replace(f"{{{name}}}", value)
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    headers = "".join(f" [{name}: {value}]" for name, value in request.headers.items())
    body = "" if request.body is None else f" {_short(json.dumps(request.body, ensure_ascii=False))}"
    target += f"?{query}" if query else ""
    return f"{caller:7} {asked.method} {target}{headers}{body}  -> {response.status}"


def _step(step: EventStep) -> str:
    if not isinstance(step, Ask):
        return str(step)
    parts = [str(part) for part in (dict(step.path), dict(step.query), step.body) if part]
    return _short(f"{step.number}: {step.caller:7} {step.operation} {' '.join(parts)}".rstrip())


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
