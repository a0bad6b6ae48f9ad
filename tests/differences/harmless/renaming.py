"""Harmless differences of what is opaque: ids of another format, tokens signed otherwise. Mapped both ways, everywhere.

Ids are mapped so that their order stays, because lists break ties by it; nobody may know more of an id than that.

>>> uuid("item-000001") < uuid("item-000002") < uuid("welcome"), uuid("welcome")
(True, '3808b4be-920b-9953-e348-a179b9300000')
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from tests.differences.proxy.http_messages import Framing
from tests.differences.proxy.message import Answer, Request
from tests.differences.row import Intercept, Row

# In the order of their code points, so that the number keeps the order of the text; the first is the filling.
DIGITS = "\0-0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST = 24
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Format = Callable[[str], str]


def _number(text: str) -> int:
    """Below 2^128."""
    value = 0
    for character in text.ljust(LONGEST, "\0"):
        value = value * len(DIGITS) + DIGITS.index(character)
    return value


def uuid(text: str) -> str:
    found = f"{_number(text):032x}"
    return "-".join((found[:8], found[8:12], found[12:16], found[16:20], found[20:]))


def ulid(text: str) -> str:
    value = _number(text)
    return "".join(CROCKFORD[value >> 5 * place & 31] for place in reversed(range(26)))


def digits(text: str) -> str:
    return f"{_number(text):039d}"


def long(text: str) -> str:
    """As long as an id may be."""
    return f"T_{ulid(text)}-{ulid(text)}_abcdefgh"[:64].ljust(64, "Z")


class Ids(Intercept):
    """The server's ids in another format. A real one that a client sends names nothing any more."""

    OF_ENTITIES = frozenset({"id", "contentId", "createdBy", "updatedBy", "userId", "sessionId", "senderId"})

    def __init__(self, form: Format) -> None:
        self._form = form
        self._shown: dict[str, str] = {}
        self._real: dict[str, str] = {}

    def _show(self, real: str) -> str:
        if real not in self._shown:
            self._shown[real] = self._form(real)
            self._real[self._shown[real]] = real
        return self._shown[real]

    def _unmask(self, text: str) -> str:
        return self._real.get(text) or (f"none-{text}"[:64] if text in self._shown else text)

    def request(self, request: Request) -> Request:
        path, mark, query = request.target.partition("?")
        parts = path.split("/")
        if "items" in parts[:-1] and "categories" not in parts:
            at = parts.index("items") + 1
            real = self._unmask(unquote(parts[at], errors="surrogateescape"))
            if real != unquote(parts[at], errors="surrogateescape"):
                parts[at] = quote(real, safe="")
        request = replace(request, target="/".join(parts) + mark + query)
        known = (
            {shown for shown in self._real if shown.encode() in request.body} if _names_ids(path) else set()
        )
        body = request.body
        for shown in known:
            body = body.replace(json.dumps(shown).encode(), json.dumps(self._real[shown]).encode())
        # As long as it was: the limit of a body is the server's.
        return replace(request, body=body.ljust(len(request.body)))

    def answer(self, request: Request, answer: Answer) -> Answer:
        value = answer.json
        if value is None or ("/categories" in request.path and not request.path.endswith("/items")):
            return answer
        if not answer.good:
            return self._told(request, answer)
        location = answer.header("location")
        if location:
            head, _, real = location.rpartition("/")
            answer = answer.with_header("Location", f"{head}/{self._show(real)}")
        return answer.with_json(self._mapped(value))

    def _told(self, request: Request, answer: Answer) -> Answer:
        """A problem that repeats an id repeats the one that was sent."""
        was, now = request.path.split("/"), self.request(request).path.split("/")
        body = answer.body
        for shown, real in zip(was, now, strict=True):
            if shown != real:
                body = body.replace(unquote(real).encode(), unquote(shown).encode())
        return replace(answer, body=body)

    def _mapped(self, value: Any, *, echo: bool = False) -> Any:
        if isinstance(value, list):
            return [self._mapped(part, echo=echo) for part in value]
        if not isinstance(value, dict):
            return value
        made = {}
        for key, part in value.items():
            if key in self.OF_ENTITIES and isinstance(part, str):
                # What a client sent and the server repeats stays as it was sent.
                made[key] = self._shown.get(part, part) if echo else self._show(part)
            elif key in ("metadata", "tags"):
                made[key] = part
            else:
                made[key] = self._mapped(part, echo=echo or key == "failedOperations")
        return made

    def down(self, text: str) -> Iterable[tuple[float, str]]:
        yield 0.0, json.dumps(self._mapped(json.loads(text)))


def _names_ids(path: str) -> bool:
    return path.endswith(("/bulk", "/revert"))


class Tokens(Intercept):
    """Tokens of another issuer: asymmetric algorithm, key id, JSON with spaces, more claims, a longer signature."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._real: dict[str, str] = {}

    def _show(self, real: str) -> str:
        if real not in self._shown:
            head, payload, _ = real.split(".")
            header = {"kid": "2026-a", **json.loads(_open(head)), "alg": "RS256"}
            claims = {**json.loads(_open(payload)), "client_id": "tchat-clients"}
            # The payload may hold letters and digits only, so spaces are added until it does.
            body = next(made for n in range(200) if (made := _close(json.dumps(claims) + " " * n)).isalnum())
            signature = _close(hashlib.sha512(real.encode()).digest() * 4)
            self._shown[real] = f"{_close(json.dumps(header))}.{body}.{signature}"
            self._real[self._shown[real]] = real
        return self._shown[real]

    def request(self, request: Request) -> Request:
        scheme, _, token = request.header("authorization").partition(" ")
        if token in self._real:
            request = request.with_header("Authorization", f"{scheme} {self._real[token]}")
        elif token in self._shown:
            request = request.with_header("Authorization", f"{scheme} {token}x")
        return request

    def opening(self, request: Request) -> Request:
        request = self.request(request)
        target = re.sub(
            r"token=([^&]+)", lambda m: f"token={self._real.get(unquote(m[1]), m[1])}", request.target
        )
        return replace(request, target=target)

    def answer(self, request: Request, answer: Answer) -> Answer:
        value = answer.json
        if isinstance(value, dict) and isinstance(value.get("tokens"), dict):
            for name in ("accessToken", "refreshToken"):
                value["tokens"][name] = self._show(value["tokens"][name])
            return answer.with_json(value)
        return answer


def _open(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _close(value: str | bytes) -> str:
    raw = value.encode() if isinstance(value, str) else value
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


ID = "Id: an opaque id; compare it, never take it apart"
# The length that HEAD would tell is another one than the server's.
LENGTHLESS = Framing(head_length=False)
RENAMING: tuple[Row, ...] = (
    Row(name="ids-uuid", why=ID, make=lambda: Ids(uuid), manner=LENGTHLESS, channel="alter"),
    Row(name="ids-ulid", why=ID, make=lambda: Ids(ulid), manner=LENGTHLESS, channel="alter"),
    Row(name="ids-digits", why=ID, make=lambda: Ids(digits), manner=LENGTHLESS, channel="alter"),
    Row(name="ids-longest", why=ID, make=lambda: Ids(long), manner=LENGTHLESS, channel="alter"),
    Row(name="tokens-of-another-issuer", why="Token: a signed JWT; algorithm, key and further claims are the issuer's", make=Tokens, manner=LENGTHLESS),
)  # fmt: skip
