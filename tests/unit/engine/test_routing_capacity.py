"""How much one person has at once, and what an emergency puts aside."""

from __future__ import annotations

import pytest

from civicline.engine.routing import DEFAULT_RULES, CapacityRule, CapacityTable, QueuePolicy, RoutingError
from tests.unit.engine.routing_floor import agent, contact, desk, offers


def test_voice_is_alone_chats_go_together_and_written_work_yields_to_both() -> None:
    router = desk()
    router.put_agent(agent("ann"))
    for contact_id in ("mail-1", "mail-2", "mail-3"):
        router.put_contact(contact(contact_id, channel="email"))
    assert [made[0] for made in offers(router, 0)] == ["mail-1", "mail-2"]
    router.accepted("mail-1", 0)
    router.put_contact(contact("chat-1", 1))
    router.put_contact(contact("chat-2", 2))
    router.put_contact(contact("chat-3", 3))
    made = router.assign(3)
    assert [(d.contact_id, d.interrupts) for d in made] == [("chat-1", ("mail-1",)), ("chat-2", ("mail-1",))]
    router.put_contact(contact("call", 4, channel="voice"))
    assert offers(router, 4) == []
    for contact_id in ("chat-1", "chat-2", "chat-3"):
        router.remove_contact(contact_id)
    assert offers(router, 5) == [("call", "ann", "only_candidate")]


def test_an_emergency_in_writing_puts_the_latest_work_aside_and_it_resumes() -> None:
    router = desk(QueuePolicy("tax"), QueuePolicy("alarm", emergency=True))
    router.put_agent(
        agent("ann", queues="tax alarm", in_hand=(("old", "email"), ("new", "letter"), ("new", "letter")))
    )
    router.put_contact(contact("help", queue="alarm", channel="email"))
    (decision,) = router.assign(0)
    assert decision.parks == ("new",)
    assert decision.explain()["emergency"] is True
    assert router.snapshot().parked == ("new",)
    router.put_contact(contact("more", queue="alarm", channel="email"))
    assert [d.parks for d in router.assign(0)] == [("old",)]
    router.put_contact(contact("third", queue="alarm", channel="email"))
    assert router.assign(0) == [], "emergencies do not put each other aside"
    router.accepted("help", 1)
    router.finished("new", 2)
    router.finished("help", 3)
    router.withdrawn("more", 4)
    assert router.snapshot().parked == ()
    assert [(d.contact_id, d.parks) for d in router.assign(5)] == [("more", ()), ("third", ("old",))]


def test_an_emergency_goes_to_whoever_need_put_nothing_aside() -> None:
    router = desk()
    router.put_agent(agent("full", bills=5, in_hand=(("x", "email"), ("y", "email"))))
    router.put_agent(agent("free", bills=1))
    router.put_contact(contact("help", channel="email", emergency=True, bills=1))
    assert offers(router, 0) == [("help", "free", "only_candidate")]


def test_an_emergency_that_was_declined_may_still_put_work_aside_elsewhere() -> None:
    router = desk()
    router.put_agent(agent("full", in_hand=(("x", "email"), ("y", "email"))))
    router.put_agent(agent("free"))
    router.put_contact(contact("help", channel="email", emergency=True, preferred="free"))
    assert offers(router, 0) == [("help", "free", "preferred")]
    router.declined("help", 1)
    (decision,) = router.assign(1)
    assert (decision.agent_id, decision.parks) == ("full", ("y",))


def test_a_table_where_written_work_blocks_chat_lets_only_emergencies_through() -> None:
    rules = (
        CapacityRule("chat", frozenset({"chat"}), frozenset({"written"})),
        CapacityRule("written", frozenset({"email"}), frozenset({"chat"}), preemptible=True),
    )
    router = desk(table=CapacityTable(rules))
    router.put_agent(agent("ann", capacity={"chat": 1, "written": 1}, in_hand=(("x", "email"),)))
    router.put_contact(contact("chat"))
    assert router.assign(0) == []
    router.put_contact(contact("help", emergency=True))
    assert [(d.contact_id, d.parks, d.interrupts) for d in router.assign(0)] == [("help", ("x",), ())]


def test_a_capacity_table_that_cannot_be_is_refused() -> None:
    with pytest.raises(RoutingError, match="its own name"):
        CapacityTable((*DEFAULT_RULES, DEFAULT_RULES[0]))
    with pytest.raises(RoutingError, match="its own name"):
        CapacityTable(DEFAULT_RULES, otherwise="pigeon")
