"""The same day gives the same decisions in every process: no order of a set, a dict or a memory address decides."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys

from civicline.engine.routing import AgentState, QueuePolicy, Requirement, Ring, Router, Waiting

SKILLS = ("bills", "law", "permits", "benefits")
LANGUAGES = ("en", "fr", "tr", "ar", "es")
QUEUES = ("tax", "housing", "county")


def _agent(dice: random.Random, number: int, now: float) -> AgentState:
    return AgentState(
        f"agent-{number}",
        {skill: dice.randint(1, 5) for skill in dice.sample(SKILLS, 3)},
        frozenset(dice.sample(LANGUAGES, 3)),
        frozenset(dice.sample(QUEUES, 2)),
        {"voice": 1, "chat": 2, "written": 2},
        dice.random() < 0.9,
        now - dice.choice([0, 10, 10, 20]),
    )


def _contact(dice: random.Random, number: int, now: float) -> Waiting:
    need = Requirement(
        tuple((skill, dice.randint(1, 4)) for skill in dice.sample(SKILLS, dice.randint(0, 2))),
        tuple(dice.sample(LANGUAGES, dice.randint(0, 2))),
        dice.choice(["voice", "chat", "email"]),
    )
    preferred = f"agent-{dice.randint(0, 29)}" if dice.random() < 0.2 else None
    urgent = dice.random() < 0.05
    return Waiting(
        f"c{number}", dice.choice(QUEUES), need, now, dice.randint(0, 3), preferred, urgent, entered=now
    )


def a_day() -> str:
    """A busy day's decisions with all their reasons, as one hash."""
    dice, router, told = random.Random(1999), Router(), hashlib.sha256()
    for queue in QUEUES:
        rings = (Ring(30, level_drop=1), Ring(60, overflow_queues=("county",), drop_languages=True))
        router.add_policy(QueuePolicy(queue, rings, preferred_seconds=20, decline_seconds=40))
    for step in range(600):
        now = 1000.0 + step * 5
        if step < 30 or step % 20 == 0:
            router.put_agent(_agent(dice, step % 30, now))
        for more in range(dice.randint(0, 3)):
            router.put_contact(_contact(dice, step * 10 + more, now), now)
        for decision in router.assign(now):
            told.update(repr(decision.explain()).encode())
            answer = dice.choice(["accepted", "accepted", "declined", "withdrawn"])
            getattr(router, answer)(decision.contact_id, now)
            if answer == "accepted" and dice.random() < 0.9:
                router.finished(decision.contact_id, now)
        told.update(repr(router.position_changes()).encode())
    told.update(repr(router.snapshot()).encode())
    return told.hexdigest()


def _in_a_process_of_its_own(seed: int) -> str:
    command = [sys.executable, "-c", f"from {__name__} import a_day; print(a_day())"]
    environment = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_three_processes_that_hash_words_differently_decide_alike() -> None:
    assert {_in_a_process_of_its_own(seed) for seed in (1, 2, 3)} == {a_day()}
