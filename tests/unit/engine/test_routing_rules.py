"""The routing rules one by one, as a town would tell them."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.routing import (
    DEFAULT_RULES,
    AgentState,
    CapacityRule,
    CapacityTable,
    PositionChange,
    QueuePolicy,
    Requirement,
    Ring,
    Router,
    RoutingError,
    Waiting,
)
from civicline.engine.routing.places import Places

EVERYTHING = {"voice": 1, "chat": 2, "written": 2}


def desk(*policies: QueuePolicy, table: CapacityTable | None = None) -> Router:
    router = Router(table)
    for policy in policies or (QueuePolicy("tax"),):
        router.add_policy(policy)
    return router


def agent(
    agent_id: str,
    *,
    languages: str = "en",
    queues: str = "tax",
    capacity: dict[str, int] | None = None,
    idle_since: float = 0.0,
    available: bool = True,
    in_hand: tuple[tuple[str, str], ...] | None = None,
    **skills: int,
) -> AgentState:
    return AgentState(
        agent_id,
        skills,
        frozenset(languages.split()),
        frozenset(queues.split()),
        EVERYTHING if capacity is None else capacity,
        available,
        idle_since,
        in_hand,
    )


def contact(
    contact_id: str,
    arrived: float = 0.0,
    *,
    queue: str = "tax",
    channel: str = "chat",
    languages: str = "",
    priority: int = 0,
    preferred: str | None = None,
    emergency: bool = False,
    entered: float | None = None,
    **skills: int,
) -> Waiting:
    need = Requirement(tuple(skills.items()), tuple(languages.split()), channel)
    return Waiting(contact_id, queue, need, arrived, priority, preferred, emergency, entered)


def offers(router: Router, now: float) -> list[tuple[str, str, str]]:
    return [(d.contact_id, d.agent_id, d.rule) for d in router.assign(now)]


# --- who is chosen


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


def test_the_preferred_agent_is_waited_for_and_then_no_longer() -> None:
    router = desk(QueuePolicy("tax", preferred_seconds=25))
    router.put_agent(agent("ann", capacity={"chat": 1}))
    router.put_agent(agent("bob"))
    router.put_contact(contact("before"))
    router.reserve("before", "ann", 0)
    router.accepted("before", 0)
    router.put_contact(contact("c", 0, preferred="ann"))
    assert offers(router, 0) == []
    assert router.next_deadline(0) == 25
    assert offers(router, 25) == [("c", "bob", "only_candidate")]


def test_the_preferred_agent_comes_free_in_time() -> None:
    router = desk(QueuePolicy("tax", preferred_seconds=25))
    router.put_agent(agent("ann", capacity={"chat": 1}))
    router.put_agent(agent("bob"))
    router.put_contact(contact("before"))
    router.reserve("before", "ann", 0)
    router.accepted("before", 0)
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


# --- rings


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


# --- capacity and preemption


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


# --- offers


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


# --- a long life


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
