"""How long to wait before the next try."""

import logging
import random

from civicline.kernel.db import refusal_of
from civicline.kernel.errors import Unavailable

FIRST_RETRY, LONGEST_RETRY = 0.5, 300.0
AWAY_PAUSE, LONGEST_LOOP_PAUSE = 1.0, 30.0
logger = logging.getLogger(__name__)


def retry_delay(attempts: int) -> float:
    """Seconds until the next try after so many (>= 1): 0.5, 1, 2 ... 300, each times a random factor in [0.5, 1.5)."""
    whole = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(attempts - 1, 20))
    return whole * (0.5 + random.random())  # noqa: S311 -- spreads load, guards nothing


def loop_pause(error: Exception, failures: int, who: str) -> float:
    """Seconds until a loop that failed so often in a row (>= 1) goes on; logged, with its trace unless it is explained.

    A database that is away or busy is looked for each second: it may be back at any moment. Anything else is given
    longer and longer, up to half a minute.
    """
    refused = refusal_of(error)
    if isinstance(refused, Unavailable):
        logger.warning("The %s waits for the database (%s)", who, refused.code)
        return AWAY_PAUSE
    pause = min(LONGEST_LOOP_PAUSE, 0.2 * 2.0 ** min(failures, 10))
    logger.error("The %s failed and tries again in %.1f s", who, pause, exc_info=error)
    return pause
