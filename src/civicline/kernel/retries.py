"""How long to wait before the next try."""

import random

FIRST_RETRY, LONGEST_RETRY = 0.5, 300.0


def retry_delay(attempts: int) -> float:
    """Seconds until the next try after so many (>= 1): 0.5, 1, 2 ... 300, each times a random factor in [0.5, 1.5)."""
    whole = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(attempts - 1, 20))
    return whole * (0.5 + random.random())  # noqa: S311 -- spreads load, guards nothing
