"""The spread of kept runs among themselves, which the windows of two runs cannot show.

A machine's speed varies from day to day with its neighbours, temperature and caches. So two runs of the same program differ by more
than their windows suggest, and a comparison of only two would blame the program for it. Several kept runs show that variation.

>>> usual([10.0, 11.0]) is None, round(usual([10.0, 11.0, 10.5, 10.2, 10.4]), 1)
(True, 11.6)
"""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

STUDENT = (4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
MANY = (14.089, 7.453, 5.598, 4.773, 4.317, 4.029, 3.833, 3.690)
"""Quantiles of 97.5 and 99.75 % by degrees of freedom, from 2 on. The second is for the operations one by one, which have
tens of chances to raise an alarm."""
LEAST, MOST = 3, 2 + len(STUDENT)
"""Kept runs below which nothing is said, and the newest so many that are looked at."""


def usual(medians: Sequence[float], *, many: bool = False) -> float | None:
    """The largest value that one more run of the same program would show: the upper end of Student's prediction interval, on a log scale."""
    if len(medians) < LEAST:
        return None
    student = MANY if many else STUDENT
    logs = [math.log(median) for median in medians[:MOST]]
    count = len(logs)
    return math.exp(fmean(logs) + student[count - LEAST] * stdev(logs) * math.sqrt(1 + 1 / count))
