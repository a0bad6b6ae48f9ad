"""The curl lines of several exchanges, in which later lines use the ids that the server gives when the lines are pasted.

The ids of the run are those of items that it has archived since: pasted as they are, they would show 404 or a conflict in place of the
failure. So the line whose answer first gave an id keeps it in a variable of the shell, by tools that every shell has.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from contracts.json_text import JsonError, loose_value_of
from contracts.schema import LONG
from contracts.suite.client.http_exchange import Exchange, curl
from contracts.suite.client.known_secrets import Secrets

ID = re.compile(r"[A-Za-z0-9_-]{6,64}")
"""An id that is replaced wherever it stands; a shorter one may stand in a line by chance."""
NAMED = re.compile(r"(?i)[a-z_]*id")
"""The names of members that hold ids."""


def curl_lines(exchanges: Sequence[Exchange], secrets: Secrets) -> list[str]:
    """The curl lines of exchanges in the order of sending."""
    plain = [curl(exchange.request, secrets) for exchange in exchanges]
    variables: dict[str, str] = {}
    lines = []
    for place, exchange in enumerate(exchanges):
        line = curl(exchange.request, secrets, variables)
        later = "\n".join(plain[place + 1 :])
        for member, value in _ids(exchange):
            if value not in variables and value in later and value not in "\n".join(plain[: place + 1]):
                command = _finds(exchange, member, value)
                if command:
                    name = f"ID_{len(variables) + 1}" if variables else "ID"
                    variables[value] = f"${name}"
                    line = f"{name}=$({line.replace('-sS -i', '-sS', 1)} | {command})"
                    break
        lines.append(f"{line}  # {exchange.note}" if exchange.note else line)
    return lines


def _ids(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """(name, value) of each member of an answer that is an id by its name."""
    if len(exchange.body) > LONG:
        return
    try:
        yield from _members(loose_value_of(exchange.body))
    except (JsonError, RecursionError):
        return


def _members(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, str) and NAMED.fullmatch(name) and ID.fullmatch(member):
                yield name, member
            yield from _members(member)
    elif isinstance(value, list):
        for each in value:
            yield from _members(each)


def _finds(exchange: Exchange, member: str, value: str) -> str:
    """The shell commands that find the value in the text of the answer; empty if grep would not find it."""
    text = exchange.body.decode("utf-8", "replace")
    values = re.findall(rf'"{member}": *"([^"]*)"', text)
    if value not in values:
        return ""
    return f"""grep -o '"{member}": *"[^"]*"' | sed -n {values.index(value) + 1}p | cut -d'"' -f4"""
