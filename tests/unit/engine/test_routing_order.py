"""Rings that relax, and the order of a line: places, priority, queues."""

from __future__ import annotations

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.routing import PositionChange, QueuePolicy, Requirement, Ring
from civicline.engine.routing.places import Places
from tests.unit.engine.routing_floor import agent, contact, desk, offers


def test_rings_relax_level_then_overflow_then_partner_and_keep_the_place() -> None:
    policy = QueuePolicy(
        "tax",
        (
            Ring(30, level_drop=1),
            Ring(60, overflow_queues=("housing",)),
            Ring(90, min_level=1, overflow_queues=("county",), drop_languages=True),
        ),
    )
    router = desk(policy, QueuePolicy("housing"))
    router.put_agent(agent("partner", queues="county", languages="fr", bills=1))
    router.put_agent(agent("neighbour", queues="housing", bills=3, available=False))
    router.put_agent(agent("own", bills=2, available=False))
    router.put_contact(contact("c", languages="en", bills=4))
    router.put_contact(contact("later", 1, languages="en", bills=4))
    deadlines, places = [], []
    for now in (0, 30, 60):
        assert router.assign(now) == []
        deadlines.append(router.next_deadline(now))
        places.append(router.position("c"))
    assert deadlines == [30, 31, 61]
    assert places == [1, 1, 1]
    assert router.could_serve("tax", Requirement((("bills", 4),), ("en",))) == (
        [],
        ["neighbour", "own", "partner"],
    )
    (decision,) = router.assign(90)
    assert (decision.contact_id, decision.agent_id, decision.ring, decision.language) == (
        "c",
        "partner",
        3,
        None,
    )
    told = decision.explain()
    assert json.loads(json.dumps(told)) == told
    assert told["need"]["skills"] == [{"skill": "bills", "min_level": 1}]
    assert told["need"]["pools"] == ["tax", "housing", "county"]


def test_new_promises_of_a_queue_reach_those_who_wait_in_it() -> None:
    router = desk(QueuePolicy("tax", (Ring(600, level_drop=4),)))
    router.put_agent(agent("ann", bills=1, capacity={"chat": 1}))
    router.put_contact(contact("offered", bills=1))
    router.put_contact(contact("c", 1, bills=5))
    assert [made[0] for made in offers(router, 5)] == ["offered"]
    router.add_policy(QueuePolicy("tax", (Ring(2, level_drop=4),), ageing_seconds=1))
    router.remove_contact("offered")
    assert offers(router, 6) == [("c", "ann", "only_candidate")]


# --- order


def test_priority_is_worth_its_ageing_and_no_more_so_nobody_starves() -> None:
    router = desk(QueuePolicy("tax", ageing_seconds=60))
    router.put_agent(agent("ann", capacity={"chat": 1}))
    router.put_contact(contact("patient", 0))
    served = []
    for minute in range(1, 6):
        now = 60.0 * minute - 30
        router.put_contact(contact(f"urgent-{minute}", now, priority=3))
        served += [made[0] for made in offers(router, now)]
        for contact_id in served[-1:]:
            router.accepted(contact_id, now)
            router.finished(contact_id, now)
    assert "patient" in served
    assert served.index("patient") <= 3


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 4)), min_size=1, max_size=60))
def test_whoever_waits_is_overtaken_only_by_keys_that_are_smaller(line: list[tuple[int, int]]) -> None:
    router = desk(QueuePolicy("tax", ageing_seconds=30))
    for number, (arrived, priority) in enumerate(line):
        router.put_contact(contact(f"c{number:02}", arrived, priority=priority), 300)
    router.put_agent(agent("ann", capacity={"chat": 1}))
    served = []
    for _ in line:
        (decision,) = router.assign(300)
        served.append((decision.place_key, decision.contact_id))
        router.accepted(decision.contact_id, 300)
        router.finished(decision.contact_id, 300)
    assert served == sorted(served)


def test_every_place_that_gets_worse_has_its_reason() -> None:
    router = desk(QueuePolicy("tax", ageing_seconds=60))
    router.put_contact(contact("a", 100))
    router.put_contact(contact("b", 110))
    assert router.position_changes() == []
    router.put_contact(contact("priority", 120, priority=1))
    router.put_contact(contact("transfer", 50))
    router.put_contact(contact("emergency", 130, emergency=True))
    assert router.position_changes() == [
        PositionChange("tax", "priority", "priority", 1, 2),
        PositionChange("tax", "transfer", "earlier_arrival", 1, 3),
        PositionChange("tax", "emergency", "emergency", 1, 4),
    ]
    assert router.positions("tax") == ["emergency", "transfer", "priority", "a", "b"]
    assert router.positions("nowhere") == []
    assert router.position("nobody") is None


def test_a_change_of_priority_moves_a_contact_and_says_so() -> None:
    router = desk(QueuePolicy("tax", ageing_seconds=60))
    for contact_id, arrived in (("a", 0), ("b", 10), ("c", 20)):
        router.put_contact(contact(contact_id, arrived))
    router.put_contact(contact("c", 20, priority=1))
    assert router.positions("tax") == ["c", "a", "b"]
    router.put_contact(contact("c", 20, priority=1, bills=2))
    router.put_contact(contact("c", 20, priority=-1))
    router.put_contact(contact("a", 1))
    router.put_contact(contact("b", 9))
    assert router.position_changes() == [
        PositionChange("tax", "c", "priority", 1, 2),
        PositionChange("tax", "c", "changed", 3, 1),
    ]


def test_a_contact_moved_to_another_queue_keeps_its_arrival_there() -> None:
    router = desk(QueuePolicy("tax"), QueuePolicy("housing"))
    router.put_contact(contact("h", 50, queue="housing"))
    router.put_contact(contact("a", 0))
    router.put_contact(contact("a", 0, queue="housing", entered=60))
    assert router.positions("tax") == []
    assert router.positions("housing") == ["a", "h"]
    assert router.position_changes() == [PositionChange("housing", "a", "earlier_arrival", 1, 1)]


def test_places_stay_right_in_a_line_of_thousands() -> None:
    rng, places = random.Random(4), Places()
    orders = [(rng.randint(0, 1), float(rng.randint(0, 900)), f"c{n}") for n in range(5_000)]
    for order in orders:
        places.add(order)
    ranked = sorted(orders)
    assert list(places) == ranked
    assert all(places.rank(order) == at for at, order in enumerate(ranked) if at % 97 == 0)
    assert all(places.behind(ranked[at]) == ranked[at + 1] for at in range(0, 4_999))
    rng.shuffle(orders)
    while orders:
        places.remove(orders.pop())
        if len(orders) % 500 == 0:
            assert list(places) == sorted(orders)
            assert len(places) == len(orders)
    assert places.rank((1, 0.0, "c")) == 0
