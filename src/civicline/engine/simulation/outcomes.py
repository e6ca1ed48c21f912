"""What became of each contact of one replication."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from civicline.engine.simulation.spreads import Floats


class Outcome(IntEnum):
    """How a contact ended. The first three never entered the line."""

    CLOSED = 0
    SELF_SERVED = 1
    DIVERTED = 2
    WAITING = 3
    """Still in the line when everything was over: counted as abandoned."""
    ANSWERED = 4
    ABANDONED = 5
    CALLED_BACK = 6
    UNREACHED = 7


class Fates(NamedTuple):
    """One entry for each contact of the crowd, and the seconds that each agent was busy.

    `wait`: from arrival until an agent took it (a callback: until it was made), or until it gave up.
    `hold`: the part of it spent on the line. `handle`: service and wrap-up. `late`: the part of `busy` after
    the end of a shift or in a break, when what was in hand was still to be finished.
    """

    outcome: NDArray[np.uint8]
    wait: Floats
    hold: Floats
    handle: Floats
    busy: Floats
    late: Floats
