"""The search for a capacity: the next rate to try, from the results of earlier trials.

The rate is doubled while it holds (halved while it does not), then bisected until the bounds are within a tenth of each other. The
highest rate that held is confirmed in a longer trial; if that fails, it is lowered by a tenth and tried again.

    >>> search = RateSearch(start=50)
    >>> while (trial := search.next()) is not None:
    ...     search.tell(trial, held=trial.rate <= 430)
    >>> [f"{t.rate:g}{'!' if t.confirms else ''}" for t, _ in search.trials]
    ['50', '100', '200', '400', '800', '600', '500', '450', '425', '425!']
    >>> search.found
    425.0
"""

from dataclasses import dataclass, field

APART = 1.1
LEAST = 5.0
"""The lowest rate in arrivals per second; below it the target holds no rate at all."""
CONFIRMATIONS = 3


@dataclass(frozen=True, slots=True)
class Trial:
    rate: float
    confirms: bool


@dataclass(slots=True)
class RateSearch:
    """The search for the highest rate that holds. `found` is the confirmed rate, or None; `most` is the highest rate tried."""

    start: float
    most: float = 20_000.0
    found: float | None = None
    trials: list[tuple[Trial, bool]] = field(default_factory=list)
    held: float | None = None
    broke: float | None = None
    _confirmed: int = 0

    def next(self) -> Trial | None:
        """The next trial; None when the search is over."""
        if self.found is not None:
            return None
        if self.held is None:
            rate = self.start if self.broke is None else self.broke / 2
            return Trial(rate, False) if rate >= LEAST else None
        if self._confirmed:
            rate = self.held / APART**self._confirmed
            return Trial(rate, True) if self._confirmed < CONFIRMATIONS and rate >= LEAST else None
        if self.broke is None and self.held * 2 <= self.most:
            return Trial(self.held * 2, False)
        if self.broke is not None and self.broke / self.held > APART:
            return Trial((self.held + self.broke) / 2, False)
        return Trial(self.held, True)

    def tell(self, trial: Trial, *, held: bool) -> None:
        self.trials.append((trial, held))
        if trial.confirms:
            self._confirmed += 1
            self.found = trial.rate if held else None
        elif held:
            self.held = trial.rate
        else:
            self.broke = trial.rate
