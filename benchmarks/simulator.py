"""How fast, and how right, the simulator is: beside ciw and simpy in one run.

- plain: M/M/50+M (load 49 erlangs, handling 300 s, patience 180 s), the short way and through the live engine;
  P(abandon) is judged by the exact value (Erlang A). The peers simulate the same.
- day: 200 people and 20 queues with second skills, rings, breaks and wrap-up; 30 replications on all cores.
- skills: two skills of 10 erlangs at 80 % within 20 s with at most 24 people, mixes judged by simulation.

The peers are installed once into a folder of their own (var/peers-simulation), for this comparison only.

Run: `python -m benchmarks.simulator [--json] [--no-peers] [--contacts N]`
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

PEERS = ("ciw==3.2.7", "simpy==4.1.2")
PEOPLE, LOAD, HANDLE, PATIENCE = 50, 49.0, 300.0, 180.0
TARGETS = (
    "100,000 contacts/s plain, 25,000 live, P(abandon) within 2 %, day under 60 s on 2 cores, skills with 24"
)


def plain_centre(contacts: int) -> Any:
    """One queue and its people, for as many days as bring about so many contacts."""
    from civicline.engine.simulation import DAY, Agent, Queue, Rates, Scenario, Shift, exponential

    days = max(1, round(contacts / (LOAD / HANDLE * DAY)))
    queue = Queue(
        "calls",
        Rates((LOAD / HANDLE * 3600,) * (24 * days), 3600.0),
        exponential(HANDLE),
        exponential(PATIENCE),
    )
    shift = (Shift(0.0, days * DAY),)
    people = tuple(Agent(f"p{n:03}", frozenset({"calls"}), shift) for n in range(PEOPLE))
    return Scenario((queue,), people, days=days)


def plain(contacts: int) -> dict[str, Any]:
    """Contacts for each second of one core, and how far P(abandon) is from the exact value."""
    from civicline.engine.queueing import erlang_a
    from civicline.engine.simulation import simulate

    exact = float(
        erlang_a(LOAD, PEOPLE, handle_seconds=HANDLE, patience_seconds=PATIENCE).abandon_probability
    )
    found: dict[str, Any] = {"exact_abandon": exact}
    for name, live, share in (("plain", False, 1), ("live", True, 4)):
        scenario = plain_centre(contacts // share)
        began = time.process_time()
        results = simulate(scenario, 1, seed=1, live=live)
        seconds = time.process_time() - began
        found[f"{name}_contacts_per_s"] = results.replications[0].contacts / seconds
    runs = simulate(plain_centre(contacts), 10, seed=1)
    told = runs.total["abandonment"]
    return found | {
        "abandon": told.mean,
        "abandon_interval": [told.low, told.high],
        "abandon_off_by": told.mean / exact - 1,
    }


def big_day() -> Any:
    """200 people, 20 queues: two skills each in a chain, rings to the next queue, breaks, wrap-up, languages."""
    from civicline.engine.routing import Ring
    from civicline.engine.simulation import Agent, Queue, Rates, Scenario, Shift, exponential, lognormal

    names = [f"q{n:02}" for n in range(20)]
    hump = (
        [0.0] * 32
        + [0.6, 0.8, 1.0, 1.1] * 2
        + [1.2] * 12
        + [1.0] * 12
        + [0.7, 0.6, 0.5, 0.4] * 2
        + [0.0] * 24
    )
    queues = tuple(
        Queue(
            name,
            Rates(tuple(26.0 * share for share in hump)),
            lognormal(240, 1.1),
            patience=exponential(240),
            wrap_up=exponential(30),
            languages=(("en", 0.9), ("es", 0.1)),
            rings=(Ring(45, overflow_queues=(names[(at + 2) % 20],)),),
        )
        for at, name in enumerate(names)
    )
    agents = tuple(
        Agent(
            f"a{n:03}",
            frozenset({names[n % 20], names[(n + 1) % 20]}),
            (Shift(begins, begins + 30_600, ((begins + 14_400, begins + 16_200),)),),
            group=names[n % 20],
            languages=frozenset({"en", "es"} if n % 3 == 0 else {"en"}),
        )
        for n in range(200)
        for begins in (28_800 + 3_600 * (n // 20 % 3),)
    )
    return Scenario(queues, agents, shrinkage=0.05, title="A day of 200 people and 20 queues")


def day(replications: int = 30) -> dict[str, Any]:
    """The big day, on all cores."""
    from civicline.cli.simulating import simulate_all

    began = time.perf_counter()
    results = simulate_all(
        big_day(),
        replications=replications,
        seed=1,
        processes=os.cpu_count() or 1,
        progress=lambda done, of: None,
    )
    wait = results.total["mean_wait"]
    return {
        "day_s": time.perf_counter() - began,
        "day_replications": replications,
        "day_contacts": sum(r.contacts for r in results.replications),
        "day_mean_wait": [round(number, 2) for number in wait],
    }


def skills() -> dict[str, Any]:
    """Two skills of 10 erlangs with at most 24 people."""
    from civicline.engine.simulation import simulate
    from civicline.engine.simulation.staffing import Work, mixed, staff_skills

    work = {"a": Work(10.0), "b": Work(10.0)}
    found: dict[str, Any] = {}
    for each, flexible in ((0, 14), (0, 23), (10, 4)):
        results = simulate(mixed(work, {"a": each, "b": each}, flexible, days=5), 3, seed=1)
        found[f"skills_{each}+{each}+{flexible}"] = round(results.total["service_level"].mean, 4)
    mix = staff_skills(work, people=24, days=2, replications=5)
    told = "+".join(str(number) for number in (*mix.specialists.values(), mix.flexible))
    return found | {
        "skills_found": told,
        "skills_people": mix.people,
        "skills_shares": {k: round(v[0], 4) for k, v in mix.shares.items()},
    }


# --- the peers, in a process of their own


def peers(customers: int) -> dict[str, Any]:
    """Figures of the peers; what is missing where they cannot be had."""
    python = ROOT / "var" / "peers-simulation" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=False)
        installed = subprocess.run(
            [str(python), "-m", "pip", "install", "-q", *PEERS], check=False, capture_output=True
        )
        if installed.returncode:
            shutil.rmtree(python.parent.parent, ignore_errors=True)
            return {"peers": "could not be installed"}
    done = subprocess.run(
        [str(python), str(Path(__file__).resolve()), "--peer", "--contacts", str(customers)],
        stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        return {"peers": "could not run"}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def peer_simpy(customers: int) -> tuple[float, float]:
    """Seconds of the processor, and the share that gave up."""
    simpy = importlib.import_module("simpy")
    rng, env = random.Random(1), simpy.Environment()
    line, gone = simpy.Resource(env, PEOPLE), [0]

    def customer() -> Any:
        with line.request() as asked:
            found = yield asked | env.timeout(rng.expovariate(1 / PATIENCE))
            if asked in found:
                yield env.timeout(rng.expovariate(1 / HANDLE))
            else:
                gone[0] += 1

    def source() -> Any:
        for _ in range(customers):
            yield env.timeout(rng.expovariate(LOAD / HANDLE))
            env.process(customer())

    env.process(source())
    began = time.process_time()
    env.run()
    return time.process_time() - began, gone[0] / customers


def peer_ciw(customers: int) -> tuple[float, float]:
    """The same with ciw."""
    ciw = importlib.import_module("ciw")
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=LOAD / HANDLE)],
        service_distributions=[ciw.dists.Exponential(rate=1 / HANDLE)],
        reneging_time_distributions=[ciw.dists.Exponential(rate=1 / PATIENCE)],
        number_of_servers=[PEOPLE],
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    began = time.process_time()
    simulation.simulate_until_max_customers(customers, method="Arrive")
    seconds = time.process_time() - began
    records = simulation.get_all_records()
    return seconds, sum(one.record_type == "renege" for one in records) / max(len(records), 1)


def answer_as_peer(customers: int) -> None:
    """One JSON object for the process that asked."""
    found: dict[str, float] = {}
    for name, run in (("simpy", peer_simpy), ("ciw", peer_ciw)):
        seconds, gone = run(customers)
        found |= {f"{name}_contacts_per_s": customers / seconds, f"{name}_abandon": gone}
    print(json.dumps(found))


def main() -> int:
    """Print the figures beside their targets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=400_000)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    if options.peer:
        answer_as_peer(options.contacts)
        return 0
    found = plain(options.contacts) | day() | skills()
    if not options.no_peers:
        found |= peers(options.contacts // 8)
    from benchmarks import machine  # the peers' process may have no such module

    if options.json:
        print(json.dumps({"machine": machine.described(), **found}))
        return 0
    print(f"Machine: {machine.described()}")
    for name, value in found.items():
        print(f"{name:>24}: {value:,.4f}" if isinstance(value, float) else f"{name:>24}: {value}")
    print(f"Targets: {TARGETS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
