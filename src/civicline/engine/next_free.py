"""When the next of some people who talk is free: the least of so many talks. Pure; seconds.

next_free_within(180.0, talking=3)     # 96.6: in 8 of 10 cases somebody is free by then
"""

from math import log


def next_free_within(mean_s: float, *, talking: int, share: float = 0.8) -> float | None:
    """The time within which somebody is free in this share of cases; None while nobody talks.

    Talks are taken to end at a steady rate whatever their age (exponential, as in Erlang's models), so the first of n
    ends after mean/n on average: P(T <= t) = 1 - exp(-n t / mean). ValueError for a mean or share out of range.
    """
    if mean_s <= 0 or not 0 < share < 1:
        raise ValueError("A mean above 0 and a share between 0 and 1 are needed.")
    return -log(1 - share) * mean_s / talking if talking > 0 else None
