"""Programs of logins, refreshes, logouts and uses of tokens, and how they are drawn.

As in content programs, steps name what earlier steps were given: `Token(3, "refresh")` is the refresh token that step 3 brought.
A token that is named where the other kind belongs, or was never given, is as good a request as any other.

    >>> draw(7, 40) == draw(7, 40), len(draw(7, 40))
    (True, 40)
"""

import random
from dataclasses import dataclass

from tests.differential.programs.steps import Wait

SECOND = 1_000_000
ACCESS, IDLE = 900, 24 * 3600
# On both sides of every border: the grace; the throttle's window and an access token's life; a refresh token's life.
GRACES = (0, 1, SECOND, 5 * SECOND, 10 * SECOND - 1, 10 * SECOND, 10 * SECOND + 1, 11 * SECOND, 60 * SECOND)
LIVES = (300 * SECOND, 890 * SECOND, 899 * SECOND, 900 * SECOND - 1, 900 * SECOND, 901 * SECOND)
NIGHTS = (20 * 3600 * SECOND, (IDLE - 1) * SECOND, IDLE * SECOND - 1, IDLE * SECOND)
PATIENT = 23 * 3600 * SECOND
ACCOUNTS = ("demo", "demo", "editor", "other", "nobody")
DEVICES = (None, None, "phone", "tablet")
USES = ("verifyToken", "verifyToken", "getContentItems", "createContentItem", "ingestMetrics")
RUBBISH = ("", "undefined", "undefined", "a.b.c", "null")


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
    drawer = _Drawer(random.Random(f"sessions/{seed}"), patient=seed % 4 == 3)
    while len(drawer.steps) < length:
        drawer.draw()
    return tuple(drawer.steps[:length])


class _Drawer:
    def __init__(self, chance: random.Random, *, patient: bool) -> None:
        self._chance = chance
        self._patient = patient
        self.steps: list[SessionStep] = []
        self._givers: list[int] = []
        self._devices: dict[tuple[str, str], int] = {}
        self._newest: int | None = None
        """The step at the end of the chain that a patient program goes on with."""

    def draw(self) -> None:
        dice = self._chance.random()
        if self._patient and dice < 0.6:
            self._go_on()
        elif dice < 0.15 and not self._patient:
            self._wait(self._chance.choice((GRACES, GRACES, LIVES, LIVES, NIGHTS)))
        elif dice < 0.35 or not self._givers:
            self._login()
        elif dice < 0.6:
            self._refresh(self._token("refresh"))
        elif dice < 0.95:
            self._use(self._token("access"))
        else:
            self._logout()

    def _wait(self, among: tuple[int, ...]) -> None:
        self.steps.append(Wait(len(self.steps), self._chance.choice(among)))

    def _use(self, token: Token | None) -> None:
        self.steps.append(Use(len(self.steps), self._chance.choice(USES), token))

    def _login(self) -> None:
        account, device = self._chance.choice(ACCOUNTS), self._chance.choice(DEVICES)
        if self._chance.random() < 0.25:
            # Several in a row, so that the throttle is reached, and then the right one.
            for _ in range(self._chance.choice((1, 2, 5, 5, 6))):
                self.steps.append(Login(len(self.steps), account, device, right=False, shouted=self._coin()))
            if self._coin():
                self._wait(LIVES)
        number = len(self.steps)
        self.steps.append(Login(number, account, device, shouted=self._chance.random() < 0.2))
        self._givers.append(number)
        if device is not None:
            before = self._devices.get((account, device))
            self._devices[account, device] = number
            if before is not None:
                self._use(Token(before))

    def _refresh(self, token: Token | None) -> None:
        number = len(self.steps)
        self._givers.append(number)
        self.steps.append(Refresh(number, token))
        if self._coin():
            # The same token from a second tab, soon or late, and what both of them may do afterwards.
            self._wait(GRACES)
            self.steps.append(Refresh(len(self.steps), token))
            self._use(Token(self._chance.choice((number, number + 2))))

    def _logout(self) -> None:
        token = self._token("access")
        self.steps.append(Use(len(self.steps), "logout", token))
        if token is not None:
            self._use(token)
            self.steps.append(Refresh(len(self.steps), Token(token.step, "refresh", text=token.text)))

    def _go_on(self) -> None:
        """Almost a day, and the newest refresh token once more: so a session reaches its greatest age."""
        if self._newest is None:
            self.steps.append(Login(len(self.steps), "demo", None))
        else:
            self.steps.append(Wait(len(self.steps), PATIENT))
            self.steps.append(Refresh(len(self.steps), Token(self._newest, "refresh")))
        self._newest = len(self.steps) - 1
        self._givers.append(self._newest)

    def _token(self, kind: str) -> Token | None:
        dice = self._chance.random()
        if dice < 0.04:
            return None
        if dice < 0.07:
            return Token(None, text=self._chance.choice(RUBBISH))
        if dice < 0.14:
            kind = "access" if kind == "refresh" else "refresh"
        recent = self._givers[-3:] if self._chance.random() < 0.7 else self._givers
        return Token(self._chance.choice(recent), kind, spoilt=dice > 0.97)

    def _coin(self) -> bool:
        return self._chance.random() < 0.5
