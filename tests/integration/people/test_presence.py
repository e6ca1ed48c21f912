"""A day of an agent: arriving, breaks, a lost network, going home; and who may say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from civicline.kernel import bus, clock
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.models import Event
from civicline.people import selectors, services
from civicline.people.models import Presence, User
from civicline.people.permissions import Role

MORNING = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def time() -> Iterator[clock.ManualClock]:
    with clock.use(clock.ManualClock(MORNING)) as watch:
        yield watch


@pytest.fixture
def agent(db: None, time: clock.ManualClock) -> User:
    return services.create_staff(email=f"{uuid4().hex}@example.org", name="Mo Adeyemi", roles=[Role.AGENT])


def state(agent: User) -> Presence:
    return Presence.objects.get(pk=agent.pk)


def present(agent: User, to: str = "available", reason: str = "") -> Presence:
    return services.set_presence(agent_id=agent.pk, state=to, reason=reason, by=agent.pk)


def test_signing_in_is_told_to_the_log_and_starts_the_idle_time(agent: User, time: clock.ManualClock) -> None:
    time.advance(60)
    seen = present(agent)
    assert (seen.state, seen.idle_since, seen.version) == ("available", clock.now(), 1)
    event = Event.objects.get(name="agent.presence_changed")
    assert event.data["from"] == "signed_out"
    assert event.data["to"] == "available"
    assert event.data["by"] == "agent"
    assert event.subject_id == str(agent.pk)


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_is_told_after_the_commit(time: clock.ManualClock) -> None:
    agent = services.create_staff(email="mo@example.org", name="Mo", roles=[Role.AGENT])
    heard: list[Any] = []
    subscription = bus.subscribe("queue-line", heard.append)
    try:
        present(agent)
    finally:
        subscription.close()
    assert [message["agent"] for message in heard] == [str(agent.pk)]


def test_the_same_again_changes_nothing(agent: User) -> None:
    present(agent)
    present(agent)
    assert Event.objects.filter(name="agent.presence_changed").count() == 1


def test_a_break_needs_its_reason(agent: User) -> None:
    present(agent)
    with pytest.raises(Invalid) as refused:
        present(agent, "break")
    assert refused.value.field_messages("en") == {"reason": "Choose a reason for this."}
    assert present(agent, "break", "lunch").reason == "lunch"
    assert present(agent, "break", "rest").reason == "rest", "another reason for the same state"
    with pytest.raises(Invalid):
        present(agent, "break", "bored")


def test_nobody_chooses_what_follows_from_the_work(agent: User) -> None:
    present(agent)
    for derived in ("with_resident", "not_responding"):
        with pytest.raises(Refused):
            present(agent, derived, "offer_timed_out")
    with pytest.raises(Refused) as refused:
        present(agent, "on_the_moon")
    assert "on_the_moon" in refused.value.message("en")


def test_two_windows_and_one_presence(agent: User) -> None:
    before = present(agent).version
    present(agent, "break", "rest")
    with pytest.raises(Conflict):
        services.set_presence(agent_id=agent.pk, state="available", by=agent.pk, version=before)


def test_who_leaves_an_offer_unanswered_stops_responding_until_they_say_so(
    agent: User, time: clock.ManualClock
) -> None:
    present(agent)
    assert services.mark_not_responding(agent_id=agent.pk, reason="offer_timed_out")
    assert not services.mark_not_responding(agent_id=agent.pk, reason="offer_timed_out")
    time.advance(30)
    services.agent_seen(agent_id=agent.pk)
    assert state(agent).state == "not_responding", "a desk that is there is not a person who answers"
    assert present(agent).state == "available"


def test_a_short_loss_of_the_network_heals_by_itself(agent: User, time: clock.ManualClock) -> None:
    present(agent)
    services.agent_seen(agent_id=agent.pk)
    time.advance(40)
    assert services.agents_vanished(before=clock.now() - timedelta(seconds=30)) == [agent.pk]
    assert state(agent).state == "not_responding"
    time.advance(20)
    services.agent_seen(agent_id=agent.pk)
    assert state(agent).state == "available"


def test_an_hour_asleep_is_gone_home(agent: User, time: clock.ManualClock) -> None:
    present(agent)
    time.advance(40)
    services.agents_vanished(before=clock.now() - timedelta(seconds=30))
    time.advance(3600)
    assert services.agents_vanished(before=clock.now() - timedelta(seconds=30)) == [agent.pk]
    assert (state(agent).state, state(agent).reason) == ("signed_out", "connection_lost")
    services.agent_seen(agent_id=agent.pk)
    assert state(agent).state == "signed_out"
    assert services.agents_vanished(before=clock.now()) == []


def test_a_break_with_a_closed_laptop_stays_a_break_for_a_while(agent: User, time: clock.ManualClock) -> None:
    present(agent, "away", "meeting")
    time.advance(300)
    assert services.agents_vanished(before=clock.now() - timedelta(seconds=30)) == []
    time.advance(3600)
    assert services.agents_vanished(before=clock.now() - timedelta(seconds=30)) == [agent.pk]


def test_pings_cost_a_write_only_now_and_then(
    agent: User, time: clock.ManualClock, django_assert_num_queries: Any
) -> None:
    present(agent)
    time.advance(60)
    services.agent_seen(agent_id=agent.pk)
    first = state(agent).last_seen_at
    time.advance(2)
    with django_assert_num_queries(1):
        services.agent_seen(agent_id=agent.pk)
    assert state(agent).last_seen_at == first
    services.agent_seen(agent_id=uuid4())  # a desk of somebody who is no agent any more


def test_a_hundred_desks_are_written_down_like_one(
    agent: User, time: clock.ManualClock, django_assert_max_num_queries: Any
) -> None:
    others = [
        services.create_staff(email=f"desk{number}@example.org", name="Robin", roles=[Role.AGENT])
        for number in range(12)
    ]
    for one in (agent, *others):
        present(one)
    time.advance(40)
    assert services.agents_vanished(before=clock.now() - timedelta(seconds=30))
    services.set_presence(agent_id=agent.pk, state="available", by=agent.pk)
    time.advance(20)
    lost = [one.pk for one in others[:2]]
    for one in others[2:]:
        services.set_presence(agent_id=one.pk, state="available", by=one.pk)
    time.advance(10)
    services.agents_seen(agent_ids=[agent.pk, *lost])
    assert {state(one).state for one in (agent, *others)} == {"available"}
    time.advance(60)
    with django_assert_max_num_queries(6):
        services.agents_seen(agent_ids=[agent.pk, *(one.pk for one in others), uuid4()])
    assert {state(one).last_seen_at for one in (agent, *others)} == {clock.now()}


def test_a_supervisor_signs_somebody_out_by_name(agent: User) -> None:
    boss = services.create_staff(email="boss@example.org", name="Ada", roles=[Role.SUPERVISOR])
    present(agent)
    services.set_presence(
        agent_id=agent.pk, state="signed_out", reason="signed_out_by_supervisor", by=boss.pk
    )
    assert Event.objects.filter(name="agent.presence_changed").latest("id").data["by"] == "supervisor"


def test_no_such_agent(db: None) -> None:
    with pytest.raises(NotFound):
        services.set_presence(agent_id=uuid4(), state="available")


def test_the_dispatcher_sees_skills_that_hold_today(
    agent: User, time: clock.ManualClock, django_assert_num_queries: Any
) -> None:
    for code, kind in (("housing", "service"), ("first_aid", "certificate"), ("es", "language")):
        services.save_skill(code=code, kind=kind, name={"en": code})
    today = clock.now().date()
    services.set_skills(
        agent_id=agent.pk,
        skills=[
            services.SkillLevel("housing", 4),
            services.SkillLevel("es", 5),
            services.SkillLevel("first_aid", 3, expires_on=today),
        ],
    )
    present(agent)
    with django_assert_num_queries(2):
        [facts] = selectors.agent_states()
    assert facts.available
    assert facts.skills == {"housing": 4, "first_aid": 3}
    assert facts.languages == {"es": 5}
    assert facts.capacity == {"voice": 1, "chat": 3, "written": 5}
    time.advance(timedelta(days=1))
    [tomorrow] = selectors.agent_states([agent.pk])
    assert "first_aid" not in tomorrow.skills, "a certificate that has run out is no skill"
    assert [row.skill.code for row in selectors.expiring_skills()] == ["first_aid"]


def test_who_is_there(agent: User, time: clock.ManualClock) -> None:
    ids = [agent.pk, uuid4()]
    assert selectors.signed_in_agent_ids(ids) == set()
    present(agent, "away", "meeting")
    assert selectors.signed_in_agent_ids(ids) == {agent.pk}
    assert selectors.available_agent_ids(ids) == set()
    assert selectors.agents_gone_since(ids, clock.now() - timedelta(seconds=1)) == {ids[1]}
    time.advance(60)
    assert selectors.agents_gone_since([agent.pk], clock.now()) == {agent.pk}
