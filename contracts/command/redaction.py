"""The removal of secrets from logs, reports and messages: everything that looks like a token, and all known secret values.

A value is found in each form in which this harness or its libraries write it: as plain text, JSON, HTML, XML, URL, shell, Python, hex or
base64, and one of these inside another (a JSON body in a curl line in run.json). Text must be redacted before it is cut, because half of a
secret is found only if an ellipsis follows it; each line of a value with several is a secret too, because texts are split at line ends.

A password that is a plain word (`content`) or shorter than LEAST is replaced only where it stands alone: inside of names and paths it would
make a report unreadable and hide nothing.

>>> redacted("Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl for ada with hunter2", ("hunter2", ""))
'Bearer <token> for ada with <secret>'
>>> redacted('{"password": "say \\\\"no\\\\""} and say%20%22no%22', ('say "no"',))
'{"password": "<secret>"} and <secret>'
>>> redacted("content:content is wrong at /content/items, items.content-type", ("content",))
'<secret>:<secret> is wrong at /content/items, items.content-type'
"""

import base64
import html
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

SECRET, TOKEN = "<secret>", "<token>"

JSON_WEB_TOKEN = re.compile(r"\b(?:eyJ|eyA|ew[o0k])[\w-]+\.[\w-]+\.[\w-]*")
"""A JWS (RFC 7515), which begins with the base64url of a brace and a quote, a blank or a line end."""

_NAMED = (
    # `Authorization: Bearer …` and `Basic …` (token68, RFC 9110 11.2); shorter ones are words like `undefined`.
    (re.compile(r"(?i)(\b(?:Bearer|Basic)(?:\s+|%20|\+))[\w.~+/-]{16,}=*"), rf"\1{TOKEN}"),
    # Query parameters of the realtime channel and of OAuth.
    (re.compile(r"(?i)([?&](?:access_|refresh_)?token=)[^&\s\"'<>$\\]{8,}"), rf"\1{TOKEN}"),
    # Members of JSON bodies, as they are or inside another string.
    (
        re.compile(r"(\\*\"(?:access_?[tT]oken|refresh_?[tT]oken|id_?[tT]oken)\\*\"\s*:\s*\\*\")[\w.~+/=%-]{8,}"),
        rf"\1{TOKEN}",
    ),
)  # fmt: skip

LEAST = 4
"""The length from which a value is replaced inside of words, too; a shorter one is replaced only where it stands alone."""
PLAIN_WORD = re.compile(r"(?=.{1,11}$)(?:[A-Z]?[a-z]+|[A-Z]+|[0-9]+)")
"""A value like a word or a number of our own: of fewer than twelve letters or digits, and nobody's random password."""
ALONE = (r"(?<![\w/-])(?<!\w\.)", r"(?![\w/-]|\.\w)")
"""What is not before and behind a word that stands alone: it is no part of a name, a path or a check's id."""
EDGE = 6
"""The length from which the beginning of a value is replaced where a text was cut."""
LONG = 20_000
"""Characters of a text in which every form of every secret is sought, as that takes less memory than a set of all its parts."""
LEAST_TOKEN = 8
"""The least length of a token; a shorter value is a plain word, as that of `token_type`."""
LEAST_BASE64 = 6
"""The number of bytes from which the base64 of a value is replaced; less could be a coincidence."""


def given(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The passwords in an environment: TCHAT_PASSWORD, and those of `TCHAT_VIEWER=EMAIL:PASSWORD` and the other accounts."""
    ours = {name: value for name, value in environment.items() if name.startswith("TCHAT_")}
    accounts = (value.partition(":") for value in ours.values())
    others = (password for email, _, password in accounts if re.fullmatch(r"[^@/]+@[^@/]+", email))
    return (ours.get("TCHAT_PASSWORD", ""), *others)


def redacted(text: str, secrets: Iterable[str] = (), *, longest: int | None = None) -> str:
    """The text without tokens and without these values, cut to `longest` characters afterwards."""
    hidden = JSON_WEB_TOKEN.sub(TOKEN, replaced(text, dict.fromkeys(secrets, SECRET)))
    for pattern, put in _NAMED:
        hidden = pattern.sub(put, hidden)
    return hidden if longest is None or len(hidden) <= longest else f"{hidden[: longest - 1]}…"


def replaced(text: str, names: Mapping[str, str]) -> str:
    """The text with a name in place of each value (value -> name) in every form of it, and of its beginning before an ellipsis."""
    for line, secret in _in_question(text, tuple(names)):
        name, plain = names[secret], _plain(line)
        if plain and line in text:
            text = re.sub(re.escape(line).join(ALONE), name.replace("\\", r"\\"), text)
        for form in forms(line):
            if plain and (len(line) < LEAST or len(form) <= len(line)):
                continue
            if form in text:
                text = text.replace(form, name)
            if "…" in text and form[:EDGE] in text:
                text = _without_edge(text, form, name)
    return text


def _plain(secret: str) -> bool:
    return len(secret) < LEAST or PLAIN_WORD.fullmatch(secret) is not None


Line = tuple[str, str]
"""A line of a secret, and the secret."""


def _in_question(text: str, secrets: tuple[str, ...]) -> Iterable[Line]:
    """The lines of secrets of which a form may be in the text, the longest first. A run has hundreds, and a text hardly ever one: to seek each form
    of each was a third of the time that a target which fails every check costs. Forms are known by their ends, because all tokens begin
    alike; where a text was cut, by their beginnings too."""
    index = _index(secrets)
    if len(text) > LONG:
        return index.ordered
    here = {text[place : place + EDGE] for place in range(len(text))}
    found = {*index.short, *(line for end in here & index.ends.keys() for line in index.ends[end])}
    if "…" in text:
        found.update(line for begin in here & index.beginnings.keys() for line in index.beginnings[begin])
    return [line for line in index.ordered if line in found] if found else ()


class _Index(NamedTuple):
    """All lines, the longest first; those with a form shorter than EDGE; and by the last and the first characters of a form those that
    have it."""

    ordered: list[Line]
    short: list[Line]
    ends: Mapping[str, set[Line]]
    beginnings: Mapping[str, set[Line]]


@lru_cache(maxsize=8)
def _index(secrets: tuple[str, ...]) -> _Index:
    of = {line: secret for secret in secrets for line in _with_lines(secret)}
    made = _Index(sorted(of.items(), key=lambda line: -len(line[0])), [], defaultdict(set), defaultdict(set))
    for line in made.ordered:
        for form in forms(line[0]):
            if len(form) < EDGE:
                made.short.append(line)
            made.ends[form[-EDGE:]].add(line)
            made.beginnings[form[:EDGE]].add(line)
    return made


def _with_lines(secret: str) -> Iterator[str]:
    yield from filter(None, (secret,))
    if not secret.isprintable():
        yield from (line for part in secret.splitlines() if len(line := part.strip()) >= LEAST)


def _without_edge(text: str, form: str, name: str) -> str:
    start = text.find(form[:EDGE])
    while start >= 0:
        cut = text[start:].partition("…")[0].rstrip()
        if len(cut) >= EDGE and form.startswith(cut):
            text = text[:start] + name + text[start + len(cut) :]
        start = text.find(form[:EDGE], start + 1)
    return text


def tokens_in(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(name, value) of each token in a JSON value, however it is named and nested."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from tokens_in(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from tokens_in(inner, name)
    elif isinstance(value, str) and len(value) >= LEAST_TOKEN and "token" in name.lower():
        yield name, value


def redacted_value(value: Any, secrets: Iterable[str]) -> Any:
    """The JSON value with every string and every member name redacted."""
    known = tuple(secrets)
    if isinstance(value, str):
        return redacted(value, known)
    if isinstance(value, Mapping):
        return {redacted_value(name, known): redacted_value(entry, known) for name, entry in value.items()}
    if isinstance(value, list):
        # A long list of numbers is a histogram or a time series.
        numbers = value and isinstance(value[0], int | float) and isinstance(value[-1], int | float)
        return value if numbers else [redacted_value(entry, known) for entry in value]
    return value


@lru_cache(maxsize=20_000)
def forms(secret: str) -> tuple[str, ...]:
    """All forms in which a secret may be written, the longest first."""
    once = {form for encode in ENCODINGS for form in encode(secret)} | {secret}
    twice = {form for known in once for encode in ENCODINGS for form in encode(known)}
    thrice = {form for known in twice for form in (*_json(known), *_html(known))}
    bodies = {secret, *_json(secret)}
    whole = once | twice | thrice | {form for body in bodies for form in (*_base64(body), *_hex(body))}
    return tuple(sorted(whole, key=lambda form: (-len(form), form)))


def _json(text: str) -> tuple[str, ...]:
    plain, ascii_only = json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]
    return plain, ascii_only, plain.replace("/", "\\/")


def _html(text: str) -> tuple[str, ...]:
    named = html.escape(text, quote=False)
    return (
        named,
        html.escape(text),
        named.replace('"', "&#34;").replace("'", "&#39;"),
        named.replace('"', "&quot;"),
        named.replace('"', "&quot;").replace("'", "&apos;"),
        named.replace("'", "&#39;"),
    )


def _url(text: str) -> tuple[str, ...]:
    raw = text.encode("utf-8", "surrogatepass")
    made = (quote(raw, safe=""), quote(raw), quote_plus(raw), quote(raw, safe="!$&'()*+,;=:@/?-._~"))
    return (*made, *(re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), form) for form in made))


def _shell(text: str) -> tuple[str, ...]:
    return (
        text.replace("'", "'\"'\"'"),
        text.replace("'", "'\\''"),
        re.sub(r'([\\"$`])', r"\\\1", text),
        text.replace("\\", "\\\\").replace("'", "\\'"),
    )


def _python(text: str) -> tuple[str, ...]:
    raw = text.encode("utf-8", "surrogatepass")
    return (
        repr(text)[1:-1],
        repr(raw)[2:-1],
        ascii(text)[1:-1],
        text.encode("ascii", "backslashreplace").decode(),
        raw.decode("latin-1"),
    )


ENCODINGS: tuple[Callable[[str], tuple[str, ...]], ...] = (_json, _html, _url, _shell, _python)


def _hex(text: str) -> tuple[str, ...]:
    raw = text.encode("utf-8", "surrogatepass")
    return (raw.hex(), raw.hex().upper(), raw.hex(" "), raw.hex(":")) if len(raw) >= LEAST else ()


def _base64(text: str) -> Iterable[str]:
    """The base64 of a text, and the characters of it that stay the same inside a longer text (`email:password`)."""
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) < LEAST_BASE64:
        return
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode()
        for before in range(3):
            first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
            yield encode(b"\0" * before + raw).decode()[first:last]
