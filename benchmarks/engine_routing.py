"""How fast the routing engine decides, at the size of a national service.

10,000 agents in 200 profiles, 100,000 contacts waiting with 500 different needs, all in one process, pure Python.

- backlog: all agents become free at once; `assign` shares out until nobody is free, five times over.
- steady: one agent finishes, one contact arrives, `assign` decides, the offer is accepted; again and again, with
  the whole backlog standing. p50/p99 are over the time of one `assign`; cycles/s counts all four calls.
- idle: nobody waits; one contact arrives and `assign` chooses among all the free agents.

Run: `python benchmarks/engine_routing.py [--json] [--agents N] [--contacts N] [--needs N] [--profiles N]`
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

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
        languages = rng.choice([("en",), ("en",), (rng.choice(LANGUAGES), "en")])
        need = Requirement(((skill, rng.randint(1, 4)),), languages, rng.choice(["voice", "voice", "chat"]))
        if router.could_serve(queue, need)[0]:
            kinds.append(need)
            of_queue.append(queue)
    return router, kinds, of_queue


def quantile(times: list[float], share: float) -> float:
    """A quantile in milliseconds of times in seconds."""
    return sorted(times)[int(share * (len(times) - 1))] * 1000


def measure(*, agents: int, contacts: int, needs: int, profiles: int, seed: int = 311) -> dict[str, float]:
    """All three figures, on made-up but fixed input."""
    rng = random.Random(seed)
    router, kinds, of_queue = build(rng, agents=agents, profiles=profiles, needs=needs)
    arrived = iter(range(10_000_000))
    clock = time.perf_counter

    def arrive(now: float) -> None:
        n = next(arrived)
        kind = rng.randrange(len(kinds))
        router.put_contact(
            Waiting(f"c{n:07}", of_queue[kind], kinds[kind], now, rng.choice([0, 0, 0, 1, 2])), now
        )

    idle: list[float] = []
    for n in range(2_000):
        arrive(float(n))
        began = clock()
        made = router.assign(float(n))
        idle.append(clock() - began)
        for decision in made:
            router.remove_contact(decision.contact_id)
    now = 10_000.0
    # Everybody is away while the backlog builds up.
    for n in range(agents):
        router.set_available(f"a{n:05}", False, now)
    began = clock()
    for n in range(contacts):
        arrive(now + n / 100)
    put = clock() - began
    router.position_changes()
    gc.collect()
    gc.freeze()

    now += contacts / 100
    spent, shared = 0.0, 0
    held: list[Decision] = []
    for round_ in range(5):
        for decision in held:
            router.accepted(decision.contact_id, now)
        for decision in held:
            router.finished(decision.contact_id, now)
        if round_ == 0:
            for n in range(agents):
                router.set_available(f"a{n:05}", True, now)
        for _ in range(len(held)):
            arrive(now)
        began = clock()
        held = router.assign(now)
        spent += clock() - began
        shared += len(held)
        now += 60
    for decision in held:
        router.accepted(decision.contact_id, now)
    router.position_changes()

    waiting = sum(len(queue.contacts) for queue in router.snapshot().queues)
    in_hand = [decision.contact_id for decision in held]
    times: list[float] = []
    decided = 0
    cycle_began = clock()
    for _ in range(min(50_000, 5 * agents)):
        at = rng.randrange(len(in_hand))
        in_hand[at], in_hand[-1] = in_hand[-1], in_hand[at]
        now += 0.01
        router.finished(in_hand.pop(), now)
        arrive(now)
        began = clock()
        made = router.assign(now)
        times.append(clock() - began)
        decided += len(made)
        for decision in made:
            router.accepted(decision.contact_id, now)
            in_hand.append(decision.contact_id)
        if not in_hand:
            break
    cycles = clock() - cycle_began
    router.position_changes()
    return {
        "agents": agents,
        "contacts_waiting": waiting,
        "needs": needs,
        "profiles": profiles,
        "put_contacts_per_s": contacts / put,
        "backlog_assignments_per_s": shared / spent,
        "steady_assignments_per_s": decided / sum(times),
        "steady_cycles_per_s": decided / cycles,
        "decision_p50_ms": quantile(times, 0.5),
        "decision_p99_ms": quantile(times, 0.99),
        "idle_decision_p50_ms": quantile(idle, 0.5),
        "idle_decision_p99_ms": quantile(idle, 0.99),
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
    machine = f"2 cores, shared; {platform.system()}, Python {platform.python_version()}"
    if as_json:
        print(json.dumps({"machine": machine, **found}))
        return
    print(f"Machine: {machine}")
    for name, value in found.items():
        print(f"{name:>28}: {value:,.3f}" if name.endswith("_ms") else f"{name:>28}: {value:,.0f}")
    print(f"Targets: {TARGET_RATE:,} assignments/s; decision p99 under {TARGET_P99_MS} ms")


if __name__ == "__main__":
    main()
