"""Spreads: how long things take. Seconds, drawn from numbers between 0 and 1 so that scenarios share their luck."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, log, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shape = Literal["constant", "exponential", "lognormal", "samples"]


class SimulationError(ValueError):
    """A scenario that cannot be; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of seconds.

    `mean` in seconds; `variation` is the standard deviation over the mean (lognormal only). `samples`: the
    values themselves, each as likely as the other; infinity among them means "for ever" (patience only).
    Raises SimulationError for what cannot be.
    """

    shape: Shape = "exponential"
    mean: float = 0.0
    variation: float = 1.0
    samples: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what nothing can last."""
        if self.shape == "samples":
            if not self.samples or not min(self.samples) >= 0:
                raise SimulationError("Samples of a time need at least one number, none below 0.")
        elif not (isfinite(self.mean) and self.mean >= 0):
            raise SimulationError(f"A mean time of {self.mean:g} seconds cannot be. Give 0 or more.")
        if self.shape == "lognormal" and not (0 < self.variation < inf):
            raise SimulationError(f"A variation of {self.variation:g} cannot be. Give a number above 0.")

    @property
    def average(self) -> float:
        """The mean in seconds, of samples too (infinity if one of them is)."""
        return sum(self.samples) / len(self.samples) if self.shape == "samples" else self.mean

    def draw(self, rng: np.random.Generator, number: int) -> Floats:
        """So many seconds; the first n are the same however many are drawn."""
        if self.shape == "constant":
            return np.full(number, self.mean)
        if self.shape == "lognormal":
            spread = log(1 + self.variation**2)
            middle = log(self.mean) - spread / 2 if self.mean else -inf
            return np.asarray(np.exp(middle + sqrt(spread) * rng.standard_normal(number)))
        chance = rng.random(number)
        if self.shape == "exponential":
            return np.asarray(-self.mean * np.log1p(-chance))
        ordered = np.sort(np.asarray(self.samples, dtype=np.float64))
        return np.asarray(ordered[(chance * len(ordered)).astype(np.int64)])

    def draw_beyond(self, rng: np.random.Generator, beyond: Floats) -> Floats:
        """One number of seconds above each of `beyond`: what is left for those who have stayed so long.

        Samples: one of those that are longer, infinity where none is. Exponential: as long again as anybody
        (it has no memory). Of the other shapes, who has outlasted what was drawn lasts as much longer.
        """
        if self.shape == "samples":
            ordered = np.append(np.sort(np.asarray(self.samples, dtype=np.float64)), np.inf)
            longer = np.searchsorted(ordered[:-1], beyond, side="right")
            left = len(self.samples) - longer
            return np.asarray(ordered[longer + (left * rng.random(len(beyond))).astype(np.int64)])
        drawn = self.draw(rng, len(beyond))
        if self.shape == "exponential":
            return np.asarray(beyond + drawn)
        return np.asarray(np.where(drawn > beyond, drawn, beyond + drawn))


def constant(seconds: float) -> Spread:
    """Always the same."""
    return Spread("constant", seconds)


def exponential(mean: float) -> Spread:
    """Without memory: what is left does not depend on what has passed."""
    return Spread("exponential", mean)


def lognormal(mean: float, variation: float = 1.0) -> Spread:
    """As talks last (Brown et al. 2005, "Statistical analysis of a telephone call center")."""
    return Spread("lognormal", mean, variation)


def empirical(samples: tuple[float, ...]) -> Spread:
    """As measured."""
    return Spread("samples", samples=samples)
