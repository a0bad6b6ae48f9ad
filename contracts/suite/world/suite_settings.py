"""`Settings`, the user's options for target, accounts and limits as one value.

>>> settings({"target": "http://10.0.0.1:8000"}, {}).writes
False
>>> settings({"target": "http://127.0.0.1:8000/"}, {}).base
'http://127.0.0.1:8000/api'
"""

import argparse
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from contracts.command.argument_parser import seconds_of
from contracts.command.loopback import stays_here
from contracts.dialect.channel_place import ChannelPlace, channel_place
from contracts.harm import LEVELS
from contracts.network.target_url import NO_ORIGIN, InvalidTarget, is_origin, read_target
from contracts.spec import SpecError, load

OPTIONS: Mapping[str, tuple[str, str | None]] = {
    "target": ("URL of the server under test; without it the embedded one is started", None),
    "email": ("account with every permission", "demo@tchat.com"),
    "password": ("its password", "demo-password"),
    "editor": ("EMAIL:PASSWORD of an account without publish and archive", None),
    "viewer": ("EMAIL:PASSWORD of an account that may only read", None),
    "ingest": ("EMAIL:PASSWORD of an account that may only send metrics", None),
    "stranger": ("EMAIL:PASSWORD of an account of another workspace", None),
    "spare": ("EMAIL:PASSWORD of an account that wrong passwords may lock; without it none is sent", None),
    "origin": (
        "of the web client's pages, which the server lets in; on this machine the usual ones are tried",
        None,
    ),
    "base-path": (
        "where the API stands under the URL (default: where the document's first server entry says)",
        None,
    ),
    "ws-path": (
        "where the realtime channel stands under that place; off where the target has none (default: /ws, or where the document's x-dialect says)",
        None,
    ),
    "control": ("URL of the control interface; off, or sought at URL/_control", None),
    "server-log": ("the target's log, where it can be read here: it is searched for secrets", None),
    "request-timeout": ("seconds for one request and its whole answer", "15"),
    "level": (
        "what a failure must break to count: guide, rfc or full (contracts.harm); the rest is advisory",
        "full",
    ),
    "concurrency": (
        "at most so many checks at a time; how many it takes the round trip to the target decides",
        "16",
    ),
    "delay": ("seconds that each process waits before each request", "0"),
    "budget": (
        "time for the whole run, as 90s or 10m: what matters most comes first, and what is left out is told",
        None,
    ),
    "embedded": ("options of the embedded server, as on its command line", None),
}
"""Name -> (help, default). Each is an option `--name` and an environment variable TCHAT_NAME; the option takes precedence."""

DEMO = {
    "editor": "editor@tchat.com",
    "viewer": "viewer@tchat.com",
    "ingest": "ingest@tchat.com",
    "stranger": "demo@other.example",
}
DEMO_PASSWORD = "demo-password"


PLACE = ChannelPlace()


class UsageError(ValueError):
    """The user's options are invalid. The message is one line."""


@dataclass(frozen=True, slots=True)
class Account:
    """The credentials of an account."""

    email: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The target, the accounts and the limits of a run. `host` is empty for the embedded server; `accounts` are by role and always have
    `owner`."""

    host: str
    prefix: str
    accounts: Mapping[str, Account]
    writes: bool
    control: str
    seed: int
    effort: int = 1
    """The factor of the number of random cases."""
    channel: ChannelPlace = PLACE
    level: str = "full"
    """The level of `contracts.harm`; failures that do not block at it are ADVISORY."""
    timeout: float = 15.0
    """Seconds for one request and its whole answer."""
    concurrency: int = 16
    """The most checks that run in parallel."""
    delay: float = 0.0
    """Seconds before each request."""
    budget: float | None = None
    """Seconds for the whole run."""
    origin: str = ""
    """The origin of the web client's pages; empty if unknown."""
    server_log: str = ""
    embedded: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        return f"{self.host}{self.prefix}"


def settings(
    options: Mapping[str, Any], environment: Mapping[str, str], *, seed: int = 1, insist: bool = False
) -> Settings:
    """The settings from options, else the environment, else defaults. Raises UsageError. With `insist`, a foreign target needs `own` or
    `read-only`; otherwise it is only read."""

    def say(name: str) -> str | None:
        value = options.get(name) or environment.get(f"TCHAT_{name.upper().replace('-', '_')}")
        return value or OPTIONS[name][1]

    host, path = "", ""
    if target := say("target") or "":
        try:
            host, path = read_target(target)
        except InvalidTarget as error:
            raise UsageError(str(error)) from None
    given = options.get("base-path") or environment.get("TCHAT_BASE_PATH")
    own_prefix = load().prefixes[0].strip("/")
    prefix = "/" + (given if given is not None else path.strip("/") or own_prefix).strip("/")
    if not target and prefix != f"/{own_prefix}":
        raise UsageError(
            f"--base-path {given}: the embedded server has the API at /{own_prefix}; name a --target, or leave the path out"
        )
    local = not target or stays_here(urlsplit(host).hostname or "")
    allowed = local or bool(options.get("own"))
    if insist and not allowed and not options.get("read-only"):
        raise UsageError(
            f"{host} is not this machine: add --i-own-this-target to write there, or --read-only to leave it alone"
        )
    accounts = {"owner": Account(say("email") or "", say("password") or "")}
    for role, email in {**DEMO, "spare": ""}.items():
        credentials = say(role)
        if credentials:
            if ":" not in credentials:
                raise UsageError(f"--{role} wants EMAIL:PASSWORD")
            accounts[role] = Account(*credentials.split(":", 1))
        elif local and email:
            # On this machine the demo accounts are tried; on another, guessing would look like an attack.
            accounts[role] = Account(email, DEMO_PASSWORD)
    read_only = bool(options.get("read-only") or environment.get("TCHAT_READ_ONLY"))
    return Settings(
        host=host,
        prefix=prefix.rstrip("/"),
        accounts=accounts,
        writes=allowed and not read_only,
        control=_control(say("control") or ""),
        origin=_origin(say("origin") or ""),
        server_log=_readable(say("server-log") or ""),
        embedded=tuple(shlex.split(say("embedded") or "")),
        seed=seed,
        channel=_channel(say("ws-path")),
        level=_level(say("level") or ""),
        timeout=_seconds("request-timeout", say("request-timeout")),
        effort=_times("effort", options.get("effort") or environment.get("TCHAT_EFFORT") or "1"),
        concurrency=_times("concurrency", say("concurrency")),
        delay=_seconds("delay", say("delay"), least=0),
        budget=_duration(say("budget")),
    )


def _channel(text: str | None) -> ChannelPlace:
    try:
        return channel_place(load(), text or "")
    except SpecError as error:
        raise UsageError(f"--ws-path {text!r}: {error}" if text else str(error)) from None


def _control(text: str) -> str:
    """A URL with its path; `off`, or empty where it is sought."""
    if text and text != "off":
        try:
            read_target(text)
        except InvalidTarget:
            raise UsageError(
                f"--control {text!r} is neither off nor a URL like http://127.0.0.1:8000/_control"
            ) from None
    return text


def _level(text: str) -> str:
    if text not in LEVELS:
        raise UsageError(f"--level {text} is none of {', '.join(LEVELS)}")
    return text


def _seconds(name: str, value: object, *, least: float = 0.001) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = -1
    if not least <= seconds <= 600:
        raise UsageError(f"--{name} {value} is no number of seconds from 0 to 600")
    return seconds


def _duration(text: str | None) -> float | None:
    """The budget in seconds, or None."""
    try:
        return None if text is None else seconds_of(text)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"--budget {error}") from None


def _times(name: str, value: object) -> int:
    try:
        times = int(str(value))
    except ValueError:
        times = 0
    if times < 1:
        raise UsageError(f"--{name} {value} is not a number of at least 1")
    return times


def _origin(text: str) -> str:
    if text and not is_origin(text):
        raise UsageError(f"--origin {text!r} is {NO_ORIGIN}")
    return text


def _readable(log: str) -> str:
    try:
        if log:
            open(log, "rb").close()
    except OSError as error:
        raise UsageError(f"--server-log {log} cannot be read: {error.strerror}") from None
    return log
