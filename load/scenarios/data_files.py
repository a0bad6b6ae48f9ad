"""The user's own files of data for a run: rows of data, accounts, ready tokens. They are on this machine.

Accounts and tokens stay there: what travels to the workers is the path, and each load process reads the file itself.
"""

import base64
import csv
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from load.journeys.data_pool import AccountCredentials
from load.scenarios.arrival_plan import PlanError

LARGEST = 16 * 1024 * 1024
"""Bytes of a file of data: its rows are sent to every worker."""
VARIABLE = "TCHAT_TOKENS"
"""Names the environment's own ready tokens, with white space between them; in place of a path it means those."""
BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What an Authorization header takes behind `Bearer` (RFC 6750, 2.1)."""


@dataclass(frozen=True, slots=True, repr=False)
class ReadyToken:
    """An access token that somebody has already. `place` says where it was read; `ends` is the Unix time of its `exp` where it is a JWT
    that has one (RFC 7519, 4.1.4)."""

    access: str
    place: str
    ends: float | None


def accounts(path: str | None) -> tuple[AccountCredentials, ...]:
    """The accounts of a file; empty where none is named. PlanError names the line that is wrong."""
    if path is None:
        return ()
    found = []
    for place, row in _placed(Path(path)):
        if not row.get("email") or not row.get("password"):
            raise PlanError(f"{place}: an account needs the columns email and password")
        found.append(AccountCredentials(str(row["email"]), str(row["password"])))
    if not found:
        raise PlanError(f"{path}: there is no account in it")
    return tuple(found)


def ready_tokens(source: str | None) -> tuple[ReadyToken, ...]:
    """The ready tokens of a file, or of the environment where `VARIABLE` stands for one; empty where none is named. PlanError names the
    line that is wrong, and never the token."""
    if not source:
        return ()
    found = []
    for place, text in _tokens_of_environment() if source == VARIABLE else _tokens_of_file(Path(source)):
        if not BEARER.fullmatch(text):
            raise PlanError(
                f"{place}: accessToken is no bearer token (RFC 6750): give what stands behind `Bearer`"
            )
        found.append(ReadyToken(text, place, _ends(text)))
    if not found:
        raise PlanError(f"{source}: there is no token in it")
    return tuple(found)


def _tokens_of_environment() -> Iterator[tuple[str, str]]:
    for number, text in enumerate(os.environ.get(VARIABLE, "").split(), 1):
        yield f"{VARIABLE}, token {number}", text


def _tokens_of_file(path: Path) -> Iterator[tuple[str, str]]:
    for place, row in _placed(path):
        if not row.get("accessToken"):
            raise PlanError(f"{place}: a token needs the column accessToken")
        yield place, str(row["accessToken"])


def _ends(token: str) -> float | None:
    """When a JWT ends by itself."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims["exp"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def rows(path: Path) -> tuple[tuple[str, dict[str, Any]], ...]:
    """(where it stands, row) of CSV with a line of names, or of NDJSON, by the name's ending. PlanError where there is none."""
    found = tuple(_placed(path))
    if not found:
        raise PlanError(f"{path.name}: there is no row in it")
    return found


def _placed(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(where it stands, row) of each row."""
    if path.suffix == ".csv":
        table = csv.DictReader(io.StringIO(_text(path)))
        columns = len(table.fieldnames or ())
        for row in table:
            if None in row or None in row.values():
                reason = (
                    f"more values than the {columns} columns; put quotes around a value with a comma"
                    if None in row
                    else f"fewer values than the {columns} columns; an empty one stands between two commas"
                )
                raise PlanError(f"{path.name}:{table.line_num}: {reason}")
            yield f"{path.name}:{table.line_num}", row
        return
    for number, line in enumerate(_text(path).splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError:
                raise PlanError(f"{path.name}:{number}: not JSON") from None
            if not isinstance(row, dict):
                raise PlanError(f"{path.name}:{number}: not an object")
            yield f"{path.name}:{number}", row


def _text(path: Path) -> str:
    try:
        return raw(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PlanError(f"{path.name} is not UTF-8") from None


def raw(path: Path) -> bytes:
    """PlanError where it cannot be read, or is too large."""
    try:
        if path.stat().st_size > LARGEST:
            raise PlanError(f"{path}: larger than {LARGEST >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise PlanError(f"cannot read {path}: {error.strerror}") from None
