"""The command `python -m reports accept`: adds a run's failures to a policy, with owner and expiry; `--prune` removes mended ones."""

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from contracts.command.exit_code import ExitCode, Stop
from contracts.harm import Harm
from reports.commands.given_files import policy_of, run_of, write
from reports.decision.acceptances import accept, cut_short, failures, pruned
from reports.decision.policy import ReleasePolicy
from reports.text.display import plain, plural

DESCRIPTION = """
Add what fails in a run, and what was not checked there, to a policy as accepted: it stays visible as a warning until --expires, and
blocks again if it fails in another way. Failures that lose data or let somebody in are never accepted in bulk; --check accepts one.
Comments above `format:` in the policy are kept, others are not.
"""
HEAD = "# A release policy; python -m reports accept wrote the entries of `accepted`.\n"


def options(made: argparse.ArgumentParser) -> None:
    made.description = DESCRIPTION
    add = made.add_argument
    add("run", type=Path, metavar="RUN.json")
    add("-o", "--output", type=Path, required=True, metavar="FILE", help="the policy: made, or added to")
    add("--owner", metavar="WHO", help="who answers for these failures")
    add("--expires", type=_day, metavar="DATE", help="the last day on which they are accepted: 2027-01-31")
    add("--reason", default="", metavar="TEXT", help="why (default: accepted as found on the day of the run)")
    harms = [harm.value for harm in Harm]
    add("--only-harm", choices=harms, metavar="HARM", help=f"only failures of this harm: {', '.join(harms)}")
    add("--check", default="", metavar="ID", help="only this check, whatever its harm")
    add("--prune", action="store_true", help="remove from the policy what this run does not show any more")


def run(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    source = run_of(chosen.run)
    cut, failed = cut_short(source), failures(source)
    if cut and chosen.prune:
        raise Stop(ExitCode.USAGE, f"{chosen.run} shows nothing as mended: {cut}; --prune needs a whole run")
    output: Path = chosen.output
    policy = policy_of(output) if output.exists() else ReleasePolicy()
    raw, head = _raw(output)
    if chosen.prune:
        raw["accepted"], changed = pruned(raw.get("accepted", []), policy.accepted, failed)
        _write(output, head, raw)
        left = plural(len(raw["accepted"]), "entry").replace("entrys", "entries")
        print(f"{output}: {changed} of the accepted entries removed or made smaller, {left} left")
        return ExitCode.PASS
    if not chosen.owner or chosen.expires is None:
        raise Stop(
            ExitCode.USAGE, "accept needs --owner WHO and --expires DATE, so that each failure has both"
        )
    unreached = [facts for facts in failed if facts.unknown] if cut else []
    if unreached:
        # Accepted, they would let every later run pass that ends as early.
        failed = [facts for facts in failed if not facts.unknown]
    if chosen.check and all(facts.check != chosen.check for facts in failed):
        raise Stop(ExitCode.USAGE, f"no failure of --check {chosen.check} to accept in {chosen.run}")
    only = Harm(chosen.only_harm) if chosen.only_harm else None
    new = accept(
        failed,
        policy,
        owner=chosen.owner,
        reason=chosen.reason or f"accepted as found in {chosen.run.name}",
        expires=chosen.expires,
        only=only,
        check=chosen.check,
    )
    raw["accepted"] = [*raw.get("accepted", []), *new.entries]
    _write(output, head, raw)
    summary = plural(new.accepted - new.unknown, "failure")
    print(f"{output}: {summary} and {new.unknown} not checked accepted, {len(new.entries)} new entries")
    if unreached:
        print(f"{len(unreached):,} not checked are not accepted: {cut}; accept those of a whole run")
    _tell_left_out({facts.check: facts.harm.words for facts in new.left_out if facts.harm})
    return ExitCode.PASS


def _tell_left_out(checks: dict[str, str]) -> None:
    if checks:
        print(
            "not accepted, because they lose data or let somebody in; mend them, or accept each with --check ID:"
        )
        for check, words in sorted(checks.items()):
            print(f"  {plain(check)} ({words})")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2027-01-31") from None
    if day < datetime.now(UTC).date():
        raise argparse.ArgumentTypeError(f"{text} is over")
    return day


def _raw(path: Path) -> tuple[dict[str, Any], str]:
    """The contents of the policy file with scalars as they were typed, and the comments before them."""
    if not path.exists():
        return {"format": "1"}, HEAD
    text = path.read_text(encoding="utf-8-sig")
    lines = text.splitlines(keepends=True)
    head = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")), 0)
    found: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return found, "".join(lines[:head])


class _PolicyDumper(yaml.SafeDumper):
    """A YAML dumper that writes lists of names on one line if they fit, so that long policies stay readable."""


def _list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    words = all(isinstance(value, str) and len(value) < 60 for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=words)


_PolicyDumper.add_representer(list, _list)


def _write(path: Path, head: str, raw: dict[str, Any]) -> None:
    raw["format"] = 1
    text = head + yaml.dump(raw, Dumper=_PolicyDumper, sort_keys=False, allow_unicode=True, width=110)
    write(path, text)
    policy_of(path)  # if what was written is no policy, that is a bug that must show
