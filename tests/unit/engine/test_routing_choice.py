"""Who is chosen for a contact, as a town would tell it."""

from __future__ import annotations

import pytest

from civicline.engine.routing import QueuePolicy, Router
from tests.unit.engine.routing_floor import agent, contact, desk, offers


def test_the_best_level_goes_before_the_longest_idle() -> None:
    router = desk()
    router.put_agent(agent("idle", bills=2, idle_since=0))
    router.put_agent(agent("expert", bills=5, idle_since=90))
    router.put_contact(contact("c", bills=2))
    assert offers(router, 100) == [("c", "expert", "level")]


def test_those_in_between_who_are_away_do_not_count() -> None:
    router = desk()
    router.put_agent(agent("expert", bills=5))
    router.put_agent(agent("equal", languages="en fr", bills=5, available=False))
    router.put_agent(agent("away", bills=4, available=False))
    router.put_agent(agent("able", bills=3))
    router.put_contact(contact("c", bills=1))
    (decision,) = router.assign(0)
    assert (decision.agent_id, decision.rule, decision.candidates) == ("expert", "level", 2)


def test_among_equals_the_longest_idle_and_then_the_id() -> None:
    router = desk()
    for agent_id, idle_since in (("c", 50), ("b", 10), ("a", 10)):
        router.put_agent(agent(agent_id, idle_since=idle_since))
    router.put_contact(contact("one", 1))
    router.put_contact(contact("two", 2))
    assert offers(router, 100) == [("one", "a", "longest_idle"), ("two", "b", "longest_idle")]


def test_the_first_language_that_anybody_free_speaks() -> None:
    router = desk()
    router.put_agent(agent("expert", languages="en", bills=5))
    router.put_agent(agent("french", languages="fr en", bills=1))
    router.put_contact(contact("c", languages="tr fr en", bills=1))
    (decision,) = router.assign(0)
    assert (decision.agent_id, decision.language, decision.rule) == ("french", "fr", "language")


def test_the_same_rules_hold_for_those_who_are_left_after_a_decline() -> None:
    router = desk(QueuePolicy("tax", decline_seconds=30))
    router.put_agent(agent("decliner", bills=5))
    router.put_agent(agent("next", languages="en", bills=3))
    router.put_agent(agent("other", languages="fr", bills=3))
    router.put_contact(contact("c", languages="en fr", bills=1))
    router.assign(0)
    assert router.declined("c", 1) == "decliner"
    assert offers(router, 1) == [("c", "next", "language")]
    router.declined("c", 2)
    assert offers(router, 2) == [("c", "other", "only_candidate")]
    router.declined("c", 3)
    assert offers(router, 4) == []
    assert router.next_deadline(4) == 31
    assert offers(router, 31) == [("c", "decliner", "only_candidate")]


def test_after_a_decline_level_and_idleness_still_count() -> None:
    router = desk()
    router.put_agent(agent("decliner", bills=5, idle_since=0))
    router.put_agent(agent("able", bills=4, idle_since=9))
    router.put_agent(agent("idle", bills=3, idle_since=0))
    for contact_id in ("c", "d"):
        router.put_contact(contact(contact_id, bills=1, channel="voice"))
        (decision,) = router.assign(10)
        assert decision.agent_id == "decliner"
        router.declined(contact_id, 10)
        (decision,) = router.assign(10)
        assert (decision.agent_id, decision.rule) == ("able", "level")
        router.accepted(contact_id, 10)
        router.finished(contact_id, 10)
        router.put_agent(agent("idle", bills=4, idle_since=20) if contact_id == "c" else agent("idle"))
        if contact_id == "c":
            router.put_agent(agent("able", bills=4, idle_since=9))
            router.put_agent(agent("idle", bills=3, idle_since=0))
    router.put_agent(agent("idle", bills=4, idle_since=99))
    router.put_agent(agent("third", languages="en", bills=4, idle_since=50))
    router.put_contact(contact("e", bills=1, channel="voice"))
    router.assign(100)
    router.declined("e", 100)
    assert offers(router, 100) == [("e", "able", "longest_idle")]


def test_two_who_declined_are_both_left_alone_even_the_preferred_one() -> None:
    router = desk(QueuePolicy("tax", preferred_seconds=60))
    router.put_agent(agent("ann"))
    router.put_agent(agent("bob"))
    router.put_contact(contact("c", preferred="bob"))
    assert offers(router, 0) == [("c", "bob", "preferred")]
    router.declined("c", 1)
    assert offers(router, 1) == [("c", "ann", "only_candidate")]


def while_ann_is_busy() -> Router:
    """Ann has her one chat in hand, Bob is free; a preferred agent is waited for 25 s."""
    router = desk(QueuePolicy("tax", preferred_seconds=25))
    router.put_agent(agent("ann", capacity={"chat": 1}))
    router.put_agent(agent("bob"))
    router.put_contact(contact("before"))
    router.reserve("before", "ann", 0)
    router.accepted("before", 0)
    return router


def test_the_preferred_agent_is_waited_for_and_then_no_longer() -> None:
    router = while_ann_is_busy()
    router.put_contact(contact("c", 0, preferred="ann"))
    assert offers(router, 0) == []
    assert router.next_deadline(0) == 25
    assert offers(router, 25) == [("c", "bob", "only_candidate")]


def test_the_preferred_agent_comes_free_in_time() -> None:
    router = while_ann_is_busy()
    for contact_id in ("c", "d"):
        router.put_contact(contact(contact_id, 0, preferred="ann"))
    assert offers(router, 0) == []
    router.finished("before", 10)
    (decision,) = router.assign(10)
    assert (decision.contact_id, decision.agent_id, decision.rule) == ("c", "ann", "preferred")
    assert decision.candidates == 1, "nobody else might have it yet"


@pytest.mark.parametrize("gone", ["away", "unable", "no capacity", "signed out"])
def test_nobody_is_waited_for_who_cannot_come(gone: str) -> None:
    router = desk(QueuePolicy("tax", preferred_seconds=25))
    router.put_agent(agent("bob", bills=1))
    router.put_agent(
        agent("ann", available=gone != "away", bills=1 if gone != "unable" else 0)
        if gone != "no capacity"
        else agent("ann", capacity={}, bills=1)
    )
    if gone == "signed out":
        router.remove_agent("ann", 0)
    router.put_contact(contact("c", preferred="ann", bills=1))
    assert [made[:2] for made in offers(router, 0)] == [("c", "bob")]


def test_an_emergency_does_not_wait_for_its_preferred_agent() -> None:
    router = desk(QueuePolicy("tax", preferred_seconds=25))
    router.put_agent(agent("ann", capacity={"chat": 1}, in_hand=(("x", "chat"),)))
    router.put_agent(agent("bob"))
    router.put_contact(contact("c", preferred="ann", emergency=True))
    assert offers(router, 0) == [("c", "bob", "only_candidate")]
