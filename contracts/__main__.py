"""The command `python -m contracts judge FILE`, which judges a saved history again, without a server.

FILE is NDJSON with one `contracts.history.Call` a line, or `-` for standard input. The command prints one line for each verdict, the worst
last, and exits with the code of the worst grade: 0 pass or advisory, 1 fail, 2 unknown; 64 for a usage error or a bad file.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from contracts.checkers import CHECKERS, judge
from contracts.command.argument_parser import ArgumentParser
from contracts.command.collector_pause import uncollected
from contracts.command.exit_code import CODE_OF, ExitCode
from contracts.history import Call, History, HistoryError, read
from contracts.verdict import Verdict, worst

STEP = 100_000


def parser() -> ArgumentParser:
    made = ArgumentParser(
        prog="python -m contracts", description="What must hold of any server of the Tchat API."
    )
    commands = made.add_subparsers(dest="command", required=True)
    command = commands.add_parser("judge", help="judge a saved history again, with no server")
    command.add_argument("file", metavar="FILE", help="NDJSON, one call a line; - for standard input")
    command.add_argument(
        "--only", metavar="NAMES", default=",".join(CHECKERS), help=f"comma-joined, of: {', '.join(CHECKERS)}"
    )
    command.add_argument("--json", action="store_true", help="one JSON object a verdict, with its evidence")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    made = parser()
    options = made.parse_args(arguments)
    names = [name.strip() for name in options.only.split(",") if name.strip()]
    unknown = [name for name in names if name not in CHECKERS]
    if unknown or not names:
        made.error(
            f"--only names no check {', '.join(unknown) or '(it is empty)'}; there are {', '.join(CHECKERS)}"
        )
    try:
        with uncollected():
            history = _load(options.file)
    except HistoryError as error:
        print(f"{made.prog}: {options.file}: {error}", file=sys.stderr)
        return ExitCode.USAGE
    except OSError as error:
        print(f"{made.prog}: cannot read {options.file}: {error.strerror}", file=sys.stderr)
        return ExitCode.USAGE
    verdicts = sorted(judge(history, checks=names), key=lambda verdict: verdict.grade)
    for verdict in verdicts:
        print(_json(verdict) if options.json else _line(verdict))
    return CODE_OF[worst(verdicts)]


def _load(name: str) -> History:
    if name == "-":
        return tuple(_counted(read(sys.stdin.buffer)))
    with Path(name).open("rb") as lines:
        return tuple(_counted(read(lines)))


def _counted(calls: Iterable[Call]) -> Iterator[Call]:
    """The same calls, with a progress count if standard error is a terminal."""
    shown = sys.stderr.isatty()
    for number, call in enumerate(calls, 1):
        if shown and number % STEP == 0:
            print(f"\r{number:,} calls read", end="", file=sys.stderr, flush=True)
        yield call
    if shown:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _line(verdict: Verdict) -> str:
    seen = verdict.evidence.get("seen")
    detail = verdict.reason or (f"{seen} seen" if seen is not None else "")
    return f"{verdict.grade.name:8} {verdict.check:12} {detail}".rstrip()


def _json(verdict: Verdict) -> str:
    return json.dumps(
        {
            "check": verdict.check,
            "grade": verdict.grade.name,
            "reason": verdict.reason,
            "evidence": dict(verdict.evidence),
        }
    )


if __name__ == "__main__":
    raise SystemExit(main())
