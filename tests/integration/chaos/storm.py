"""What both storms share: how often it strikes, what has to hold when it is over, and what is told about it."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass, field

from tests.integration.chaos import ledger
from tests.integration.chaos.load import KEY, Crowd, between, slowest
from tests.servers import wait_until

SEED = int(os.environ.get("CIVICLINE_TEST_CHAOS_SEED", "1911"))
KILLS = int(os.environ.get("CIVICLINE_TEST_CHAOS_KILLS", "20"))
OFFERED = 56.0  # arrivals a second, by the clock
REQUIRED = 50.0  # of them have to be sent in every second, taken over any stretch of `WINDOW` seconds
WINDOW = 20.0
LEAST = KILLS * 50  # contacts: a second's worth for each kill
# The servers stand back for who sends: residents come from machines of their own, and their clock does not slow down
# when ours are busy. On two cores with three other busy programs it did: 48.8 a second in the slowest stretch, of 56.
NICENESS = 5
ROBOTS = [f"robot-{number:03}@robots.saltmere.example" for number in range(1, 17)]
SETTINGS = {
    "CIVICLINE_OPEN311_OPEN_KEYS": KEY,
    "CIVICLINE_OPEN311_REPORTS_PER_MINUTE": "1000000",
    "CIVICLINE_LOG_LEVEL": "warning",
    "CIVICLINE_WORK_LEASE_SECONDS": "5",
}
UNDELIVERED = "SELECT count(*) FROM intake_delivery WHERE state IN ('queued', 'retry', 'in_flight')"


def moment(dice: random.Random) -> float:
    """Seconds until the next kill: mostly within a second, now and then late enough for everybody to be at work."""
    return min(4.0, 0.2 + dice.expovariate(1 / 0.7))


def quiet_before(ask: ledger.Ask) -> None:
    """Wait until the town has worked off the day that it was seeded with: the storm is to find it idle."""
    owed = "SELECT (SELECT count(*) FROM kernel_event WHERE seq IS NULL)"
    owed += " + (SELECT count(*) FROM kernel_handlerrun WHERE state = 'pending')"
    # What somebody asked to be reckoned is tried a few times only, and a forecast takes longer than a storm leaves it.
    owed += " + (SELECT count(*) FROM kernel_job WHERE state IN ('queued', 'leased') AND max_attempts < 10)"
    wait_until(lambda: ask(owed) == [(0,)], seconds=240, what="nothing is owed from before", every=0.2)


@dataclass
class Uptime:
    """When there was a server to answer: spans of the monotonic clock."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def down(self) -> None:
        self.spans.append((self.since, time.monotonic()))

    def up(self) -> None:
        self.since = time.monotonic()

    def rate(self, moments: list[float]) -> float:
        """How many of the moments there were in each second of being up."""
        return sum(between(moments, *span) for span in self.spans) / sum(
            end - begin for begin, end in self.spans
        )


def calm_after(ask: ledger.Ask, people: Crowd) -> float:
    """Wait until everybody is answered, everything is closed and delivered, and judge. Returns how long it took (s)."""
    began = time.monotonic()
    people.finish(600)
    promised = ledger.Promised.by_now(people.sent)
    wait_until(
        lambda: not ledger.open_of(ask, promised), seconds=600, what="every contact is closed", every=1.0
    )
    wait_until(
        lambda: ask("SELECT count(*) FROM kernel_event WHERE seq IS NULL") == [(0,)], what="the log is whole"
    )
    wait_until(lambda: ask(UNDELIVERED) == [(0,)], seconds=30, what="every reply is delivered")
    ledger.check_at_the_end(ask, ledger.Promised.by_now(people.sent))
    return time.monotonic() - began


def was_a_storm(people: Crowd) -> None:
    """The load was sustained, and everybody who came has a promise."""
    assert slowest(people.sent.offered, people.began, people.ended, WINDOW) >= REQUIRED
    assert people.sent.promises == len(people.sent.offered) >= LEAST


def told(people: Crowd, *, calm: float, acknowledged: float) -> str:
    """One line for whoever reads the test's output."""
    sent, seconds = people.sent, people.ended - people.began
    figures = {
        "kills": KILLS,
        "seconds of storm": round(seconds, 1),
        "offered a second": round(len(sent.offered) / seconds, 1),
        f"in the slowest {WINDOW:g} seconds": round(
            slowest(sent.offered, people.began, people.ended, WINDOW), 1
        ),
        "acknowledged a second while up": round(acknowledged, 1),
        "reports": len(sent.reports),
        "chats": len(sent.chats),
        "closed during the storm": sum(
            1 for desk in people.desks for at in desk.log.closed.values() if at <= people.ended
        ),
        "tries again": sent.in_doubt,
        "seconds until all were closed": round(calm, 1),
        "answers": sent.answers,
    }
    return ", ".join(f"{name} {value}" for name, value in figures.items())
