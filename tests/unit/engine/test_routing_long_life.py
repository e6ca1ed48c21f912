"""A router that has lived long: no litter, nobody lost, every order kept."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.routing import QueuePolicy, Ring
from tests.unit.engine.routing_floor import agent, contact, desk, offers


def test_years_of_odd_needs_and_changing_agents_leave_no_litter_and_lose_nobody() -> None:
    router = desk(QueuePolicy("tax", (Ring(5, level_drop=1), Ring(10**6, min_level=1)), preferred_seconds=5))
    router.put_contact(contact("first", 0, languages="tr", preferred="ann"), 0)
    router.put_agent(agent("ann", languages="en"))
    for number in range(1_200):
        contact_id = f"c{number:05}"
        waiting = contact(contact_id, float(number), languages=f"x{number}", preferred="bob")
        router.put_contact(waiting, float(number))
        router.put_agent(agent(f"a{number % 7}", languages=f"x{number}", idle_since=number))
        assert [made[0] for made in offers(router, float(number))] == [contact_id]
        router.declined(contact_id, float(number))
        assert router.remove_contact(contact_id)
    router.put_agent(agent("ann", languages="tr"))
    assert offers(router, 5_000)[0][:2] == ("first", "ann")


def test_a_line_and_its_idle_agents_survive_thousands_of_comings_and_goings() -> None:
    router = desk()
    for number in range(500):
        router.put_contact(contact(f"c{number:03}", number))
    for number in range(1, 499):
        router.remove_contact(f"c{number:03}")
    for turn in range(500):
        router.put_agent(agent("ann", capacity={"chat": 1}, idle_since=turn, available=True))
        router.put_agent(agent("bob", capacity={"chat": 1}, idle_since=turn + 0.5))
    assert offers(router, 600) == [("c000", "ann", "longest_idle"), ("c499", "bob", "only_candidate")]


def test_the_best_tier_with_anybody_free_decides_and_idleness_across_profiles() -> None:
    router = desk()
    router.put_agent(agent("expert", bills=5, available=False))
    for agent_id, languages, idle_since in (
        ("a", "en", 5),
        ("b", "en fr", 1),
        ("c", "en tr", 3),
        ("d", "en ar", 9),
    ):
        router.put_agent(agent(agent_id, languages=languages, bills=3, idle_since=idle_since))
    for idle_since in (0, 1):
        router.put_agent(agent("b", languages="en fr", bills=3, idle_since=idle_since))
    router.put_agent(agent("beginner", bills=1))
    router.put_contact(contact("call", channel="voice", bills=1))
    (decision,) = router.assign(10)
    assert (decision.agent_id, decision.rule, decision.candidates) == ("b", "longest_idle", 5)


def test_a_preferred_agent_who_comes_free_after_another_declined_is_preferred_still() -> None:
    router = desk()
    router.put_agent(agent("ann"))
    router.put_agent(agent("bob", available=False))
    router.put_contact(contact("c", preferred="bob"))
    router.assign(0)
    router.declined("c", 1)
    router.put_contact(contact("d", preferred="gone"))
    router.set_available("bob", True, 2)
    assert offers(router, 3) == [("c", "bob", "preferred"), ("d", "ann", "longest_idle")]


def test_an_open_offer_stands_when_the_preferred_agent_comes() -> None:
    router = desk(QueuePolicy("tax", preferred_seconds=60))
    router.put_agent(agent("ann"))
    router.put_agent(agent("bob", available=False))
    router.put_contact(contact("c", preferred="bob"))
    assert offers(router, 0) == [("c", "ann", "only_candidate")]
    router.set_available("bob", True, 1)
    assert offers(router, 1) == []
    assert router.accepted("c", 2) == "ann"


def test_several_who_wait_for_the_same_agent_come_and_go_apart() -> None:
    router = desk(QueuePolicy("tax", preferred_seconds=100))
    router.put_agent(agent("ann", in_hand=(("x", "voice"),), languages="en fr"))
    router.put_contact(contact("c", languages="en", preferred="ann"))
    router.put_contact(contact("d", languages="fr", preferred="ann"))
    assert router.assign(0) == []
    router.remove_contact("c")
    router.finished("x", 1)
    assert offers(router, 1) == [("d", "ann", "preferred")]


def test_alarms_of_those_who_left_are_forgotten() -> None:
    router = desk(QueuePolicy("tax", (Ring(10**6, level_drop=1),)))
    router.put_contact(contact("stays", 0))
    for number in range(2_500):
        router.put_contact(contact("goes", number))
        router.remove_contact("goes")
    assert router.next_deadline(2_500) == 10**6
    router.remove_contact("stays")
    assert router.next_deadline(2_500) is None


def test_work_put_aside_stays_aside_when_the_agent_is_told_anew() -> None:
    router = desk()
    router.put_agent(agent("ann", capacity={"written": 1}, in_hand=(("x", "email"),)))
    router.put_contact(contact("help", channel="email", emergency=True))
    assert [d.parks for d in router.assign(0)] == [("x",)]
    router.put_agent(agent("ann", capacity={"written": 2}))
    assert router.snapshot().parked == ("x",)
    router.put_contact(contact("c", channel="email"))
    assert offers(router, 1) == [("c", "ann", "only_candidate")]


def test_offers_long_answered_are_forgotten() -> None:
    router = desk(QueuePolicy("tax", offer_seconds=10**6))
    router.put_agent(agent("ann", capacity={"chat": 1}))
    router.put_contact(contact("c"))
    for number in range(1_500):
        assert [made[0] for made in offers(router, number)] == ["c"]
        router.withdrawn("c", number)
    assert router.next_deadline(1_500) is None
    assert router.overdue(10**7) == []


@given(st.lists(st.tuples(st.sampled_from(["comes", "comes", "goes", "is served"]), st.integers(0, 400))))
def test_long_lines_are_served_in_order_however_many_came_and_went(history: list[tuple[str, int]]) -> None:
    _live_through(history)


def test_a_day_in_one_line() -> None:
    rng = random.Random(7)
    steps = rng.choices(["comes", "is served", "goes"], weights=[10, 9, 1], k=2_000)
    _live_through([(step, rng.randrange(400)) for step in ["comes"] * 150 + steps])


def _live_through(history: list[tuple[str, int]]) -> None:
    """Contacts of one need with any places; whoever is served is always the first of those who wait."""
    router = desk()
    router.put_agent(agent("ada", capacity={"voice": 1}))
    waiting: dict[str, tuple[float, str]] = {}
    for number, (step, place) in enumerate(history):
        contact_id = f"c{number}"
        if step == "comes":
            router.put_contact(contact(contact_id, float(place), channel="voice"), 0.0)
            waiting[contact_id] = (float(place), contact_id)
        elif step == "goes" and waiting:
            gone = sorted(waiting)[place % len(waiting)]
            router.remove_contact(gone)
            del waiting[gone]
        elif step == "is served":
            served = [decision.contact_id for decision in router.assign(0.0)]
            assert served == sorted(waiting, key=waiting.__getitem__)[:1]
            for contact_id in served:
                router.remove_contact(contact_id)
                del waiting[contact_id]
        assert router.positions("tax") == sorted(waiting, key=waiting.__getitem__)
