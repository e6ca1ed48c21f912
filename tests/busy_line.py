"""A line that is never quite empty, for those who learn from one."""

from __future__ import annotations

import heapq

import numpy as np

from civicline.engine.experience import Turn


def busy_line(seed: int, contacts: int) -> list[Turn]:
    """The turns of a simulated line: three people, two priorities (1 before 0), some give up."""
    rng = np.random.default_rng(seed)
    at, free_at = 0.0, [0.0] * 3
    waiting: list[tuple[float, int]] = []
    arrivals = np.cumsum(rng.exponential(24, contacts))
    urgent, patience = rng.random(contacts) < 0.3, rng.exponential(400, contacts)
    for number in range(contacts):
        heapq.heappush(waiting, (float(arrivals[number]), number))
    line: list[tuple[int, float, int]] = []
    done: dict[int, Turn] = {}
    while waiting or line:
        at = max(min(free_at), waiting[0][0] if waiting and not line else 0.0)
        while waiting and waiting[0][0] <= at:
            joined, number = heapq.heappop(waiting)
            heapq.heappush(line, (-int(urgent[number]), joined, number))
        _, joined, number = heapq.heappop(line)
        level = int(urgent[number])
        if joined + patience[number] < at:
            done[number] = Turn(joined, None, joined + patience[number], "chat", level)
            continue
        over = at + float(rng.exponential(70))
        free_at[free_at.index(min(free_at))] = over
        done[number] = Turn(joined, at, over, "chat", level)
    return [done[number] for number in range(contacts)]
