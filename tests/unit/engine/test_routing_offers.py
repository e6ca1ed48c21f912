"""Offers: answered, left unanswered, assigned, restored, refused."""

from __future__ import annotations

import pytest

from civicline.engine.routing import QueuePolicy, Requirement, Ring, RoutingError
from tests.unit.engine.routing_floor import agent, contact, desk, offers


def test_who_does_not_answer_is_not_responding_and_the_contact_keeps_its_place() -> None:
    router = desk(QueuePolicy("tax", offer_seconds=20))
    router.put_agent(agent("ann", capacity={"chat": 1}))
    router.put_contact(contact("c", 0))
    router.put_contact(contact("d", 1))
    assert [d.expires_at for d in router.assign(1)] == [21]
    assert router.next_deadline(1) == 21
    assert router.overdue(20) == []
    assert router.overdue(21) == ["c"]
    assert router.timed_out("c", 21) == "ann"
    assert router.next_deadline(21) is None
    assert router.position("c") == 1
    assert offers(router, 22) == []
    router.set_available("ann", True, 30)
    router.set_available("ann", True, 31)
    (decision,) = router.assign(40)
    assert (decision.contact_id, decision.idle) == ("c", 10)


def test_a_supervisor_assigns_past_skill_and_capacity_and_an_offer_is_restored() -> None:
    router = desk()
    router.put_agent(agent("ann", capacity={}))
    router.put_contact(contact("c", languages="tr", bills=5))
    decision = router.reserve("c", "ann", 10, seconds=7)
    assert (decision.rule, decision.expires_at, decision.level, decision.language) == (
        "assigned",
        17,
        0,
        None,
    )
    assert router.overdue(17) == ["c"]
    with pytest.raises(RoutingError, match="does not wait"):
        router.reserve("c", "ann", 11)
    with pytest.raises(RoutingError, match="does not wait"):
        router.reserve("nobody", "ann", 11)
    assert router.accepted("c", 12) == "ann"
    assert router.snapshot().in_hand == (("c", "ann"),)


def test_when_an_agent_signs_out_offers_go_back_and_work_in_hand_is_forgotten() -> None:
    router = desk()
    router.put_agent(agent("ann", in_hand=(("x", "email"),)))
    router.put_contact(contact("c"))
    router.assign(0)
    assert router.remove_agent("ann", 1) == ["c"]
    assert router.position("c") == 1
    assert router.snapshot().in_hand == ()
    with pytest.raises(RoutingError, match="no agent ann"):
        router.set_available("ann", True, 2)


def test_what_an_agent_holds_can_be_told_anew() -> None:
    router = desk()
    router.put_agent(agent("ann", in_hand=(("x", "email"), ("y", "email"))))
    router.put_contact(contact("c"))
    router.assign(0)
    router.put_agent(agent("ann", in_hand=(("y", "email"), ("z", "email"))))
    assert router.snapshot().in_hand == (("y", "ann"), ("z", "ann"))
    assert [offer.contact_id for offer in router.snapshot().offers] == ["c"]
    assert router.remove_contact("z")
    assert router.snapshot().in_hand == (("y", "ann"),)


def test_what_cannot_be_is_refused_in_words() -> None:
    router = desk()
    router.put_agent(agent("ann", in_hand=(("x", "email"),)))
    refused = [
        ("no queue", lambda: router.put_contact(contact("c", queue="nowhere"))),
        ("no queue", lambda: router.could_serve("nowhere", Requirement())),
        ("with an agent", lambda: router.put_contact(contact("x"))),
        ("not on offer", lambda: router.accepted("x", 0)),
        ("not on offer", lambda: router.declined("nobody", 0)),
        ("not in an agent's hand", lambda: router.finished("nobody", 0)),
        ("in the hand of", lambda: router.put_agent(agent("bob", in_hand=(("x", "email"),)))),
        ("Capacity fax=1", lambda: router.put_agent(agent("bob", capacity={"fax": 1}))),
        ("Capacity chat=-1", lambda: router.put_agent(agent("bob", capacity={"chat": -1}))),
        ("level 6", lambda: router.put_agent(agent("bob", bills=6))),
        ("from 1 to 5", lambda: Requirement((("bills", 0),))),
        ("asked for twice", lambda: Requirement((("bills", 1), ("bills", 2)))),
        ("below zero", lambda: QueuePolicy("tax", offer_seconds=-1)),
        ("out of order", lambda: QueuePolicy("tax", (Ring(9), Ring(3)))),
        ("proper time", lambda: contact("c", float("nan"))),
    ]
    for words, act in refused:
        with pytest.raises(RoutingError, match=words):
            act()
    router.put_contact(contact("c"))
    router.assign(0)
    with pytest.raises(RoutingError, match="not in an agent's hand"):
        router.finished("c", 0)


def test_a_clock_that_is_set_back_stands_still() -> None:
    router = desk(QueuePolicy("tax", (Ring(30, level_drop=4),)))
    router.put_contact(contact("c", 0, bills=5))
    router.put_agent(agent("ann", bills=1, capacity={"chat": 1}))
    assert [made[0] for made in offers(router, 30)] == ["c"]
    router.withdrawn("c", 5)
    assert [made[0] for made in offers(router, 6)] == ["c"]
