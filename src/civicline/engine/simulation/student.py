"""Student's t: how far a mean of few replications may be off."""

from __future__ import annotations

from math import atan, cos, pi, sin, sqrt


def within(t: float, freedom: int) -> float:
    """P(-t < T < t) with so many degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4)."""
    angle = atan(t / sqrt(freedom))
    c, s = cos(angle), sin(angle)
    term, total = (c, c) if freedom % 2 else (1.0, 1.0)
    for k in range(3 if freedom % 2 else 2, freedom - 1, 2):
        term *= c * c * (k - 1) / k
        total += term
    if freedom % 2:
        return 2 / pi * (angle + (s * total if freedom > 1 else 0.0))
    return s * total


def quantile(share: float, freedom: int) -> float:
    """The t with `within(t) == share`, by halving; to 1e-10."""
    low, high = 0.0, 1.0
    while within(high, freedom) < share:
        low, high = high, 2 * high
    while high - low > 1e-10 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle, freedom) < share else (low, middle)
    return (low + high) / 2
