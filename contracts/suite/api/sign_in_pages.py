"""The pages of an authorization server as a browser sees them: cookies, redirects within the server, and the forms to sign in and to consent.

Most servers do not ask at the authorization endpoint itself: they send the browser to a page of their own, know it again by a cookie, and
have a second page for the consent.
"""

import re
from collections.abc import Callable
from email.message import Message
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urljoin
from urllib.request import Request

from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, Unchecked

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DENY = re.compile(r"(?i)den|cancel|reject|\bno\b")
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAME_METHOD = frozenset({307, 308})
MOST_REDIRECTS = 10
SET_COOKIES = re.compile(r",\s*(?=[!#$%&'*+.^_`|~0-9A-Za-z-]+=)")
"""What separates joined Set-Cookie fields; the comma of a date in one does not."""
Send = Callable[[str, str, bytes | None, dict[str, str]], HttpAnswer]


class Browser:
    """A browser that has no cookies yet. `send` sends one request, and `is_client` tells whether a URL is the client's."""

    def __init__(self, host: str, send: Send, is_client: Callable[[str], bool]) -> None:
        self._host = host
        self._send = send
        self._is_client = is_client
        self._jar = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http", "wss")))

    def open(self, method: str, url: str, body: bytes | None = None) -> HttpAnswer:
        """The answer after all redirects within the server: a page, or a redirect to elsewhere."""
        for _ in range(MOST_REDIRECTS):
            answer = self._ask(method, url, body)
            try:
                place = urljoin(url, answer.headers.get("location", ""))
            except ValueError:
                return answer
            within = place.startswith(f"{self._host}/") and not self._is_client(place)
            if answer.status not in REDIRECTS or "location" not in answer.headers or not within:
                return answer
            if answer.status not in SAME_METHOD:
                method, body = "GET", None
            url = place
        raise ContractViolation(
            "a page or a redirect to the client", f"{MOST_REDIRECTS} redirects", [answer.exchange]
        )

    def _ask(self, method: str, url: str, body: bytes | None) -> HttpAnswer:
        asked = Request(url)
        self._jar.add_cookie_header(asked)
        cookie = asked.get_header("Cookie")
        headers = {**(FORM if body is not None else {}), **({"Cookie": cookie} if cookie else {})}
        answer = self._send(method, url, body, headers)
        given: Any = Message()
        for each in filter(None, SET_COOKIES.split(answer.headers.get("set-cookie", ""))):
            given["Set-Cookie"] = each
        told: Any = SimpleNamespace(info=lambda: given)
        self._jar.extract_cookies(told, asked)
        return answer


class Form:
    """One form of a page: where it goes, its fields, and the names of those for a user and a password."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.user = self.password = ""
        self.fields: list[tuple[str, str]] = []
        self.choices: list[tuple[str, str]] = []
        """Boxes that are not ticked, such as a scope to consent to."""
        self._buttons: list[tuple[str, str]] = []

    def add(self, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text").lower()
        if (tag == "button" and kind not in ("button", "reset")) or (tag == "input" and kind == "submit"):
            self._buttons.append((name, given.get("value", "")))
        elif tag == "input" and kind == "password":
            self.password = name
        elif tag == "input" and kind in ("text", "email"):
            self.user = self.user or name
        elif tag == "input" and (kind == "hidden" or "checked" in given):
            self.fields.append((name, given.get("value", "on")))
        elif tag == "input" and kind == "checkbox":
            self.choices.append((name, given.get("value", "on")))

    def label(self, text: str) -> None:
        """Add the text on the last button, for one that is told by nothing else."""
        if self._buttons and not any(self._buttons[-1]):
            self._buttons[-1] = ("", text)

    def button(self, *, deny: bool) -> dict[str, str] | None:
        """The name and the value of the first button that denies, or that does not; None if there is none."""
        found = [one for one in self._buttons if bool(DENY.search(" ".join(one))) == deny]
        return {name: value for name, value in found[:1] if name} if found else None


class _Forms(HTMLParser):
    def __init__(self, page: HttpAnswer) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._in_button = False
        self.feed(page.body.decode("utf-8", "replace"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._in_button = tag == "button"
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif self.forms:
            self.forms[-1].add(tag, given)

    def handle_data(self, data: str) -> None:
        if self._in_button and self.forms and data.strip():
            self.forms[-1].label(data.strip())


def sign_in_form(page: HttpAnswer) -> Form | None:
    """The form of a page that asks for a user and a password; None if it has none."""
    return next((form for form in _Forms(page).forms if form.user and form.password), None)


def consent_form(page: HttpAnswer) -> Form | None:
    """The form of a page that asks a user who has signed in to consent; None if it has none."""
    found = [form for form in _Forms(page).forms if form.button(deny=False) is not None]
    return None if any(form.password for form in found) else next(iter(found), None)


def sign_in(
    browser: Browser, page: HttpAnswer, user: str, password: str, *, deny: bool, host: str
) -> HttpAnswer:
    """The answer after the form of the page was sent, and that of a second page that asks for the consent alone. Raises Unchecked if the page
    has no form that can be read, or none of them has a button that denies."""
    form = sign_in_form(page)
    if form is None:
        raise Unchecked(
            "the page of the authorization endpoint has no form with a user and a password that can be read"
        )
    denies = form.button(deny=True) if deny else None
    pressed = (form.button(deny=False) or {}) if denies is None else denies
    filled = [*form.fields, (form.user, user), (form.password, password), *pressed.items()]
    answer = _submit(browser, page, form, filled, host)
    asks = consent_form(answer) if 200 <= answer.status < 300 and denies is None else None
    if asks is None and deny and denies is None:
        raise Unchecked("the page has no button that denies")
    if asks is None:
        return answer
    choice = asks.button(deny=deny)
    if choice is None:
        raise Unchecked("the page has no button that denies")
    ticked = [] if deny else asks.choices
    return _submit(browser, answer, asks, [*asks.fields, *ticked, *choice.items()], host)


def _submit(
    browser: Browser, page: HttpAnswer, form: Form, filled: list[tuple[str, str]], host: str
) -> HttpAnswer:
    url = urljoin(page.exchange.request.url, form.action)
    if not url.startswith(f"{host}/"):
        raise ContractViolation("a form that is sent to the server itself", form.action, [page.exchange])
    return browser.open("POST", url, urlencode(filled).encode())
