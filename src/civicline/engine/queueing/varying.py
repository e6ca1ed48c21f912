"""Loads that change by the hour: people in service lag behind arrivals (modified offered load)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from civicline.engine.queueing.values import Floats, QueueingError, floats


def modified_offered_load(
    contacts: ArrayLike, *, handle_seconds: float, interval_seconds: float, before: float | None = None
) -> Floats:
    """Mean erlangs in each interval if everybody were served at once, with contacts per interval.

    Source: the infinite-server line with changing arrivals (Eick, Massey, Whitt 1993); staffing to it instead
    of arrivals x handling time: Jennings, Mandelbaum, Massey, Whitt 1996, and Feldman and others 2008. With
    constant arrivals within an interval and exponential handling, m' = lambda - mu m is solved exactly.
    `before`: erlangs in service when the first interval begins; None: as if it had always been like that.
    """
    counts = floats("number of contacts", contacts)
    if counts.ndim != 1:
        raise QueueingError("Give the contacts of one day after the other, in one row.")
    handle = float(floats("handling time", handle_seconds, above=True))
    interval = float(floats("interval", interval_seconds, above=True))
    steady = counts * (handle / interval)
    kept = np.exp(-interval / handle)
    share = -np.expm1(-interval / handle) * handle / interval
    found = np.empty_like(steady)
    busy = float(floats("load before", before)) if before is not None else None
    for at, level in enumerate(steady.tolist()):
        start = level if busy is None else busy
        found[at] = level + (start - level) * share
        busy = level + (start - level) * kept
    return found
