"""Staff come, learn, change roles and go."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.models import AuditEntry, Event
from civicline.people import selectors, services
from civicline.people.models import User
from civicline.people.permissions import Role, roles_of

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_a_new_agent_has_a_place_in_the_line_and_can_sign_in() -> None:
    user = services.create_staff(
        email="Mo@Example.org", name=" Mo  Adeyemi ", roles=["agent"], password="correct horse battery"
    )
    assert (user.email, user.name) == ("mo@example.org", "Mo Adeyemi")
    assert fresh(user).check_password("correct horse battery")
    agent = selectors.get_agent(user.pk)
    assert agent.presence.state == "signed_out"
    assert Event.objects.filter(name="staff.created").exists()
    assert AuditEntry.objects.filter(action="staff.created", object_id=str(user.pk)).exists()
    with pytest.raises(Conflict) as refused:
        services.create_staff(email="mo@example.org", name="Other")
    assert "mo@example.org" in refused.value.message("en")


def test_an_editor_is_no_agent_until_they_become_one() -> None:
    user = services.create_staff(email="e@example.org", name="Edith", roles=[Role.EDITOR])
    assert selectors.find_agent(user.pk) is None
    services.grant_role(user_id=user.pk, role="agent")
    services.grant_role(user_id=user.pk, role="agent")
    assert selectors.find_agent(user.pk) is not None
    assert roles_of(fresh(user)) == {Role.EDITOR, Role.AGENT}
    services.revoke_role(user_id=user.pk, role="agent")
    services.revoke_role(user_id=user.pk, role="agent")
    assert roles_of(fresh(user)) == {Role.EDITOR}
    assert Event.objects.filter(name="staff.changed").count() == 2
    assert selectors.agent_states() == [], "who is no agent any more is offered nothing"


def test_the_last_administrator_cannot_lock_the_door_from_outside() -> None:
    first = services.create_staff(email="a@example.org", name="Ada", roles=[Role.ADMINISTRATOR])
    for deed in (
        lambda: services.revoke_role(user_id=first.pk, role=Role.ADMINISTRATOR),
        lambda: services.set_active(user_id=first.pk, active=False),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert "last administrator" in refused.value.message("en")
    services.create_staff(email="b@example.org", name="Bo", roles=[Role.ADMINISTRATOR])
    services.revoke_role(user_id=first.pk, role=Role.ADMINISTRATOR)
    assert roles_of(fresh(first)) == frozenset()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "", "name": "Mo"}, "email"),
        ({"email": "x@example.org", "name": " "}, "name"),
        ({"email": "x@example.org", "name": "Mo", "roles": ["king"]}, "roles"),
        ({"email": "x@example.org", "name": "Mo", "roles": ["agent"], "capacity": {"chat": 99}}, "capacity"),
        ({"email": "x@example.org", "name": "Mo", "roles": ["agent"], "capacity": {"smoke": 1}}, "capacity"),
    ],
)
def test_bad_input_names_its_field_and_leaves_nothing_behind(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.create_staff(**given)
    assert list(refused.value.field_messages("en")) == [field]
    assert not User.objects.exists()


def test_skills_are_set_as_a_whole() -> None:
    user = services.create_staff(email="mo@example.org", name="Mo", roles=[Role.AGENT])
    services.save_skill(code="housing", kind="service", name={"en": "Housing"})
    services.save_skill(code="parking", kind="service", name={"en": "Parking"})
    services.set_skills(agent_id=user.pk, skills=[services.SkillLevel("housing", 5)])
    services.set_skills(agent_id=user.pk, skills=[services.SkillLevel("parking", 1)])
    [agent] = selectors.list_agents()
    assert [(one.skill.code, one.level) for one in agent.agent_skills.all()] == [("parking", 1)]
    for wrong in (
        [services.SkillLevel("cooking")],
        [services.SkillLevel("housing", 6)],
        [services.SkillLevel("housing", 0)],
        [services.SkillLevel("housing"), services.SkillLevel("housing")],
    ):
        with pytest.raises(Invalid):
            services.set_skills(agent_id=user.pk, skills=wrong)
    with pytest.raises(Invalid):
        services.save_skill(code="x", kind="magic", name={"en": "x"})
    with pytest.raises(Invalid):
        services.save_skill(code="x", kind="service", name={"en": " "})
    assert [skill.code for skill in selectors.list_skills("service")] == ["housing", "parking"]


def test_the_list_of_agents_costs_the_same_however_long(django_assert_num_queries: Any) -> None:
    services.save_skill(code="housing", kind="service", name={"en": "Housing"})
    for number in range(12):
        user = services.create_staff(
            email=f"{number}@example.org", name=f"Agent {number}", roles=[Role.AGENT]
        )
        services.set_skills(agent_id=user.pk, skills=[services.SkillLevel("housing", 2)])
    with django_assert_num_queries(2):
        shown = [
            (one.user.name, one.presence.state, [held.skill.code for held in one.agent_skills.all()])
            for one in selectors.list_agents()
        ]
    assert len(shown) == 12
    with django_assert_num_queries(2):
        assert all(len(user.grants.all()) == 1 for user in selectors.list_staff())


def test_more_time_to_answer_is_nobody_elses_business() -> None:
    user = services.create_staff(email="mo@example.org", name="Mo", roles=[Role.AGENT])
    services.set_capacity(agent_id=user.pk, capacity={"voice": 0, "chat": 2, "written": 8}, offer_seconds=40)
    [facts] = selectors.agent_states()
    assert (facts.offer_seconds, facts.capacity["chat"]) == (40, 2)
    audit = AuditEntry.objects.get(action="staff.capacity_changed")
    assert "offer_seconds" not in audit.data
    with pytest.raises(Invalid):
        services.set_capacity(agent_id=user.pk, offer_seconds=3600)


def test_preferences_are_the_persons_own_and_typed() -> None:
    user = services.create_staff(email="mo@example.org", name="Mo", roles=[Role.AGENT])
    services.set_preferences(user_id=user.pk, language="es", theme="dark", preferences={"single_keys": False})
    services.set_preferences(user_id=user.pk, preferences={"sound": True})
    kept = fresh(user)
    assert (kept.language, kept.theme) == ("es", "dark")
    assert kept.preferences == {"single_keys": False, "sound": True}
    for wrong in (
        {"theme": "pink"},
        {"language": "?"},
        {"preferences": {"sound": "loud"}},
        {"preferences": {"x": 1}},
    ):
        with pytest.raises(Invalid):
            services.set_preferences(user_id=user.pk, **wrong)  # type: ignore[arg-type]  # each is one keyword


def test_an_account_is_corrected() -> None:
    user = services.create_staff(email="mo@example.org", name="Mo")
    services.create_staff(email="ada@example.org", name="Ada")
    services.change_staff(user_id=user.pk, name="Mo Adeyemi", email="MO.A@example.org")
    assert fresh(user).email == "mo.a@example.org"
    with pytest.raises(Conflict):
        services.change_staff(user_id=user.pk, email="ada@example.org")
    with pytest.raises(Invalid):
        services.change_staff(user_id=user.pk, name=" ")
    with pytest.raises(NotFound):
        services.change_staff(user_id=uuid4(), name="Who")


def test_who_holds_a_role() -> None:
    boss = services.create_staff(email="boss@example.org", name="Ada", roles=[Role.SUPERVISOR])
    services.create_staff(email="mo@example.org", name="Mo", roles=[Role.AGENT])
    assert list(selectors.users_with_role(Role.SUPERVISOR)) == [boss]
    assert selectors.is_staff(boss)
    assert selectors.get_user(boss.pk) == boss
