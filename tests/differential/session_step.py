"""Programs of logins, refreshes, logouts and uses of tokens, and how they are drawn.

As in content programs, steps name what earlier steps were given: `Token(3, "refresh")` is the refresh token that step 3 brought.
A token that is named where the other kind belongs, or was never given, is as good a request as any other.

    >>> draw(7, 40) == draw(7, 40), len(draw(7, 40))
    (True, 40)
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.differential.step import Wait

SECOND = 1_000_000
ACCESS, IDLE = 900, 24 * 3600
# On both sides of every border: the grace, the throttle's window and an access token's life, a refresh token's life.
WAITS = (
    0, 1, SECOND, 5 * SECOND, 10 * SECOND - 1, 10 * SECOND, 10 * SECOND + 1, 11 * SECOND, 300 * SECOND, 899 * SECOND,
    900 * SECOND - 1, 900 * SECOND, 901 * SECOND, (IDLE - 1) * SECOND, IDLE * SECOND, 20 * 3600 * SECOND,
)  # fmt: skip
PATIENT = 23 * 3600 * SECOND
ACCOUNTS = ("demo", "demo", "editor", "other", "nobody")
DEVICES = (None, None, "phone", "tablet")
USES = ("verifyToken", "verifyToken", "getContentItems", "createContentItem", "ingestMetrics")
RUBBISH = ("", "undefined", "a.b.c", "null")


@dataclass(frozen=True, slots=True)
class Token:
    """What a step was given, `kind` access or refresh; `spoilt` changes its signature. None of a step: see `text`."""

    step: int | None
    kind: str = "access"
    spoilt: bool = False
    text: str = ""

    def __str__(self) -> str:
        if self.step is None:
            return repr(self.text)
        return f"{'spoilt ' if self.spoilt else ''}{self.kind} token of step {self.step}"


@dataclass(frozen=True, slots=True)
class Login:
    number: int
    account: str
    device: str | None
    right: bool = True
    shouted: bool = False
    """The address in capital letters, which is the same address."""

    def __str__(self) -> str:
        told = f"login {self.account.upper() if self.shouted else self.account}"
        told += f" on {self.device}" if self.device else ""
        return told if self.right else f"{told} with a wrong password"


@dataclass(frozen=True, slots=True)
class Refresh:
    number: int
    token: Token | None

    def __str__(self) -> str:
        return f"refresh with {self.token}"


@dataclass(frozen=True, slots=True)
class Use:
    """Any call with a token; `operation` logout ends its session."""

    number: int
    operation: str
    token: Token | None

    def __str__(self) -> str:
        return f"{self.operation} with {self.token}"


SessionStep = Login | Refresh | Use | Wait
SessionProgram = tuple[SessionStep, ...]


def draw(seed: int, length: int) -> SessionProgram:
    """A program of `length` steps. Every fourth seed keeps one session alive for a month, as far as it goes."""
    pen = _Pen(random.Random(f"sessions/{seed}"), patient=seed % 4 == 3)
    while len(pen.steps) < length:
        pen.draw()
    return tuple(pen.steps[:length])


class _Pen:
    def __init__(self, chance: random.Random, *, patient: bool) -> None:
        self._chance = chance
        self._patient = patient
        self.steps: list[SessionStep] = []
        self._givers: list[int] = []
        self._newest: int | None = None
        """The step at the end of the chain that a patient program goes on with."""

    def draw(self) -> None:
        dice = self._chance.random()
        if self._patient and dice < 0.5:
            self._go_on()
        elif dice < 0.25 and not self._patient:
            self.steps.append(Wait(len(self.steps), self._chance.choice(WAITS)))
        elif dice < 0.4 or not self._givers:
            self._login()
        elif dice < 0.65:
            self._refresh(self._token("refresh"))
        elif dice < 0.95:
            operation = self._chance.choice(USES)
            self.steps.append(Use(len(self.steps), operation, self._token("access")))
        else:
            self.steps.append(Use(len(self.steps), "logout", self._token("access")))

    def _login(self) -> None:
        number = len(self.steps)
        account = self._chance.choice(ACCOUNTS)
        device = self._chance.choice(DEVICES)
        if self._chance.random() < 0.3:
            # Several in a row, so that the throttle is reached, and then the right one.
            for _ in range(self._chance.choice((1, 1, 2, 4, 5))):
                self.steps.append(Login(len(self.steps), account, device, right=False, shouted=self._coin()))
            if self._coin():
                return
            number = len(self.steps)
        self.steps.append(Login(number, account, device, shouted=self._chance.random() < 0.2))
        self._givers.append(number)

    def _refresh(self, token: Token | None) -> None:
        self._givers.append(len(self.steps))
        self.steps.append(Refresh(len(self.steps), token))

    def _go_on(self) -> None:
        """Almost a day, and the newest refresh token once more: so a session reaches its greatest age."""
        if self._newest is None:
            self.steps.append(Login(len(self.steps), "demo", None))
        else:
            self.steps.append(Wait(len(self.steps), PATIENT))
            self.steps.append(Refresh(len(self.steps), Token(self._newest, "refresh")))
        self._newest = len(self.steps) - 1

    def _token(self, kind: str) -> Token | None:
        dice = self._chance.random()
        if dice < 0.02:
            return None
        if dice < 0.05:
            return Token(None, text=self._chance.choice(RUBBISH))
        if dice < 0.12:
            kind = "access" if kind == "refresh" else "refresh"
        recent = self._givers[-3:] if self._chance.random() < 0.7 else self._givers
        return Token(self._chance.choice(recent), kind, spoilt=dice > 0.97)

    def _coin(self) -> bool:
        return self._chance.random() < 0.5
