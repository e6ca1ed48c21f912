"""How fast the routing engine decides, at the size of a national service.

10,000 agents in 200 profiles, 100,000 contacts waiting with 500 different needs, in one process, pure Python.

- backlog: all agents become free at once; `assign` shares out until nobody is free, five times over.
- steady: one agent finishes, one contact arrives, `assign` decides, the offer is accepted, and the reasons for
  every place that got worse are asked for; again and again, with the whole backlog standing. p50/p99 are of one
  `assign`; cycles/s counts all five calls.
- idle: nobody waits; one contact arrives and `assign` chooses among all the free agents.

Run: `python -m benchmarks.engine_routing [--json] [--agents N] [--contacts N] [--needs N] [--profiles N]`
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from benchmarks import machine
from civicline.engine.routing import AgentState, Decision, QueuePolicy, Requirement, Router, Waiting

QUEUES = 40
SKILLS = 60
LANGUAGES = ("en", "es", "fr", "ar", "tr")
TARGET_RATE, TARGET_P99_MS = 80_000, 0.2


def build(
    rng: random.Random, *, agents: int, profiles: int, needs: int
) -> tuple[Router, list[Requirement], list[str]]:
    """A router with its agents, the needs, and the queue of each need."""
    router = Router()
    queues = [f"q{n:02}" for n in range(QUEUES)]
    for queue in queues:
        router.add_policy(QueuePolicy(queue))
    abilities = [
        (
            {f"s{n}": rng.randint(1, 5) for n in rng.sample(range(SKILLS), 12)},
            frozenset({"en", rng.choice(LANGUAGES)}),
            frozenset(rng.sample(queues, 16)),
        )
        for _ in range(profiles)
    ]
    for n in range(agents):
        skills, languages, pools = abilities[n % profiles]
        capacity = {"voice": 1, "chat": 1 + n % 2, "written": 3}
        router.put_agent(AgentState(f"a{n:05}", skills, languages, pools, capacity, idle_since=rng.random()))
    kinds: list[Requirement] = []
    of_queue: list[str] = []
    while len(kinds) < needs:
        queue, skill = rng.choice(queues), f"s{rng.randrange(SKILLS)}"
        wanted: tuple[str, ...] = rng.choice([("en",), ("en",), (rng.choice(LANGUAGES), "en")])
        need = Requirement(((skill, rng.randint(1, 4)),), wanted, rng.choice(["voice", "voice", "chat"]))
        if router.could_serve(queue, need)[0]:
            kinds.append(need)
            of_queue.append(queue)
    return router, kinds, of_queue


def quantile(times: list[float], share: float) -> float:
    """A quantile in milliseconds of times in seconds."""
    return sorted(times)[int(share * (len(times) - 1))] * 1000


def clock_seconds(readings: int = 2_000) -> float:
    """What one reading of the thread's clock takes: the least found, so that no more is taken off."""
    found = []
    for _ in range(5):
        began = time.thread_time()
        for _ in range(readings):
            time.thread_time()
        found.append((time.thread_time() - began) / readings)
    return min(found)


class Day:
    """The load, step by step, with the time that `assign` took.

    Rates count the processor's time of this thread, since other programs share the machine, less what
    reading that clock takes; p50 and p99 are by the clock on the wall, interruptions included.
    """

    def __init__(self, *, agents: int, contacts: int, needs: int, profiles: int, seed: int = 311) -> None:
        self.rng = random.Random(seed)
        self.router, self.kinds, self.of_queue = build(
            self.rng, agents=agents, profiles=profiles, needs=needs
        )
        self.agents = [f"a{n:05}" for n in range(agents)]
        self.contacts = contacts
        self.arrived = 0
        self.now = 0.0
        self.busy = 0.0
        self.clock = clock_seconds()
        self.walls: list[float] = []

    def arrive(self) -> None:
        """One contact, with a need and a priority by chance."""
        self.arrived += 1
        kind = self.rng.randrange(len(self.kinds))
        priority = self.rng.choice([0, 0, 0, 1, 2])
        contact_id = f"c{self.arrived:07}"
        self.router.put_contact(
            Waiting(contact_id, self.of_queue[kind], self.kinds[kind], self.now, priority), self.now
        )

    def assign(self) -> list[Decision]:
        """Share out, and note the time taken."""
        wall, busy = time.perf_counter(), time.thread_time()
        made = self.router.assign(self.now)
        self.busy += time.thread_time() - busy - self.clock
        self.walls.append(time.perf_counter() - wall)
        return made

    def start(self) -> None:
        """Forget the times of the phase before."""
        self.router.position_changes()
        gc.collect()
        gc.freeze()
        self.busy, self.walls = 0.0, []

    def presence(self, *, available: bool) -> None:
        """Everybody comes or goes."""
        for agent_id in self.agents:
            self.router.set_available(agent_id, available, self.now)

    def idle(self) -> None:
        """Nobody waits; contacts come one by one and each finds thousands of free agents."""
        self.start()
        for _ in range(2_000):
            self.now += 1
            self.arrive()
            for decision in self.assign():
                self.router.remove_contact(decision.contact_id)

    def build_up(self) -> float:
        """Everybody is away while the backlog grows. Contacts put in a second."""
        self.presence(available=False)
        busy = time.thread_time()
        for _ in range(self.contacts):
            self.now += 0.01
            self.arrive()
        return self.contacts / (time.thread_time() - busy)

    def backlog(self, rounds: int = 5) -> tuple[float, list[str]]:
        """Everybody is free at once, again and again. Assignments a second, and the contacts then in hand."""
        self.presence(available=True)
        self.start()
        shared = 0
        in_hand: list[str] = []
        for _ in range(rounds):
            for contact_id in in_hand:
                self.router.finished(contact_id, self.now)
                self.arrive()
            in_hand = [decision.contact_id for decision in self.assign()]
            for contact_id in in_hand:
                self.router.accepted(contact_id, self.now)
            shared += len(in_hand)
            self.now += 60
        return shared / self.busy, in_hand

    def steady(self, in_hand: list[str]) -> tuple[float, float]:
        """One finishes, one arrives, one is offered and accepted. Assignments and whole cycles a second."""
        self.start()
        decided = 0
        began = time.thread_time()
        for _ in range(min(50_000, 5 * len(self.agents))):
            at = self.rng.randrange(len(in_hand))
            in_hand[at], in_hand[-1] = in_hand[-1], in_hand[at]
            self.now += 0.01
            self.router.finished(in_hand.pop(), self.now)
            self.arrive()
            for decision in self.assign():
                self.router.accepted(decision.contact_id, self.now)
                in_hand.append(decision.contact_id)
                decided += 1
            self.router.position_changes()  # as the dispatcher does; kept, they would only be more to walk for
        return decided / self.busy, decided / (time.thread_time() - began)


def measure(*, agents: int, contacts: int, needs: int, profiles: int) -> dict[str, float]:
    """All figures, on made-up but fixed input."""
    day = Day(agents=agents, contacts=contacts, needs=needs, profiles=profiles)
    day.idle()
    idle_p99 = quantile(day.walls, 0.99)
    put = day.build_up()
    backlog, in_hand = day.backlog()
    waiting = sum(len(queue.contacts) for queue in day.router.snapshot().queues)
    steady, cycles = day.steady(in_hand)
    return {
        "agents": agents,
        "contacts_waiting": waiting,
        "needs": needs,
        "profiles": profiles,
        "put_contacts_per_s": put,
        "backlog_assignments_per_s": backlog,
        "steady_assignments_per_s": steady,
        "steady_cycles_per_s": cycles,
        "decision_p50_ms": quantile(day.walls, 0.5),
        "decision_p99_ms": quantile(day.walls, 0.99),
        "idle_decision_p99_ms": idle_p99,
    }


def main() -> None:
    """Print the figures beside their targets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in (("agents", 10_000), ("contacts", 100_000), ("needs", 500), ("profiles", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = vars(parser.parse_args())
    as_json = options.pop("json")
    found = measure(**options)
    if as_json:
        print(json.dumps({"machine": machine.described(), **found}))
        return
    print(f"Machine: {machine.described()}")
    for name, value in found.items():
        print(f"{name:>28}: {value:,.3f}" if name.endswith("_ms") else f"{name:>28}: {value:,.0f}")
    print(f"Targets: {TARGET_RATE:,} assignments/s; decision p99 under {TARGET_P99_MS} ms")


if __name__ == "__main__":
    main()
