"""Every action is tried as every role: what the table says is what happens, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from civicline.kernel.errors import Forbidden
from civicline.people import permissions, services
from civicline.people.models import User
from civicline.people.permission_rules import OWN, OWN_QUEUES, SELF, YES
from civicline.people.permissions import ACTIONS, Role, could, may, permitted, require

pytestmark = pytest.mark.django_db
ROLES_PAGE = Path(__file__).resolve().parents[3] / "docs" / "administer" / "roles.md"


@dataclass
class Thing:
    """A contact or case as the rules see it."""

    agent_id: UUID | None = None
    queue_id: int | None = None


def staff(*roles: Role, name: str = "Mo Adeyemi") -> User:
    return services.create_staff(email=f"{uuid4().hex}@example.org", name=name, roles=roles)


@pytest.mark.parametrize("role", list(Role))
def test_each_action_as_each_role(role: Role) -> None:
    person, stranger = staff(role), Thing(agent_id=uuid4(), queue_id=99)
    mine = Thing(agent_id=person.pk)
    for code, action in ACTIONS.items():
        rule = action.roles.get(role)
        assert could(person, code) == (rule is not None), code
        assert may(person, code, stranger) == (rule is YES), code
        assert may(person, code, mine) == (rule in {YES, OWN, OWN_QUEUES}), code
        assert may(person, code, person) == (rule in {YES, SELF}), code
        assert may(person, code) == (rule is YES), f"{code} without an object"


def test_deny_unless_there() -> None:
    everything = staff(*Role)
    assert not may(everything, "city.demolish")
    with pytest.raises(KeyError):
        permitted("city.demolish")
    nobody = staff()
    assert not any(may(nobody, code, nobody) for code in ACTIONS)
    boss = User.objects.create_superuser("boss@example.org", "x", name="Boss")
    assert not any(could(boss, code) for code in ACTIONS), "an account of Django's has no role by itself"


def test_who_left_may_nothing() -> None:
    person = staff(Role.AGENT)
    services.set_active(user_id=person.pk, active=False)
    left = User.objects.get(pk=person.pk)
    assert not any(could(left, code) for code in ACTIONS)


def test_roles_add_up() -> None:
    both = staff(Role.AGENT, Role.AUDITOR)
    assert may(both, "audit.read")
    assert may(both, "case.step")
    assert not may(both, "resident.erase")


def test_an_agent_reads_the_contacts_of_their_own_queues_only() -> None:
    from civicline.intake.models import Calendar
    from civicline.routing.models import Queue, QueueMember

    person = staff(Role.AGENT)
    calendar = Calendar.objects.create(code="always")
    mine = Queue.objects.create(code="housing", calendar=calendar)
    other = Queue.objects.create(code="parking", calendar=calendar)
    QueueMember.objects.create(queue=mine, agent_id=person.pk)
    person = User.objects.get(pk=person.pk)
    assert may(person, "contact.read", Thing(queue_id=mine.pk))
    assert not may(person, "contact.read", Thing(queue_id=other.pk))
    assert not may(person, "contact.reply", Thing(queue_id=mine.pk)), "replying needs the contact in hand"


def test_a_higher_module_may_share_an_object_with_somebody() -> None:
    person, thing = staff(Role.AGENT), Thing(agent_id=uuid4())
    assert not may(person, "contact.read", thing)
    permissions.share("consulted", lambda user, obj: obj is thing and user.pk == person.pk)
    try:
        assert may(person, "contact.read", thing)
        assert not may(staff(Role.AGENT), "contact.read", thing)
        assert not may(staff(Role.EDITOR), "contact.read", thing), (
            "sharing widens a rule, it grants no action"
        )
    finally:
        permissions.unshare("consulted")


def test_roles_are_read_once_for_a_request(django_assert_num_queries: object) -> None:
    person = User.objects.get(pk=staff(Role.SUPERVISOR).pk)
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        for code in ACTIONS:
            could(person, code)


def test_a_refusal_names_the_deed_in_words() -> None:
    with pytest.raises(Forbidden) as refused:
        require(staff(Role.AGENT), "resident.erase")
    assert refused.value.message("en") == "You may not do this: Erase a resident."


def view_of(thing: Thing) -> object:
    def load(request: HttpRequest, number: int) -> Thing:
        return thing

    @permitted("contact.read", obj=load)
    def show(request: HttpRequest, contact: Thing) -> HttpResponse:
        assert contact is thing
        return HttpResponse("shown")

    return show


def ask(view: object, user: object, **headers: str) -> HttpResponse:
    request = RequestFactory().get("/desk/contacts/7", headers=headers)
    request.user = user  # type: ignore[assignment]  # a session would do this
    return view(request, number=7)  # type: ignore[operator,no-any-return]


def test_a_guarded_view_gets_the_object_or_is_never_reached() -> None:
    person = staff(Role.AGENT)
    view = view_of(Thing(agent_id=person.pk))
    assert ask(view, person).content == b"shown"
    for other in (staff(Role.AGENT), staff(Role.AUDITOR), staff()):
        with pytest.raises(Forbidden):
            ask(view, other)
    assert view.permission == "contact.read"  # type: ignore[attr-defined]


def test_who_may_never_do_it_learns_nothing_about_what_exists() -> None:
    asked: list[int] = []

    def load(request: HttpRequest, number: int) -> Thing:
        asked.append(number)
        return Thing()

    guarded = permitted("contact.read", obj=load)(lambda request, thing: HttpResponse("shown"))
    with pytest.raises(Forbidden):
        ask(guarded, staff(Role.AUDITOR))
    assert asked == []


def test_nobody_signed_in_is_led_to_the_sign_in_and_back() -> None:
    from django.contrib.auth.models import AnonymousUser

    view = view_of(Thing())
    answer = ask(view, AnonymousUser())
    assert answer.status_code == 302
    assert "next=/desk/contacts/7" in answer["Location"]
    with pytest.raises(Forbidden) as refused:
        ask(view, AnonymousUser(), **{"HX-Request": "true"})
    assert refused.value.code == "sign-in"


def test_the_printed_table_is_the_table() -> None:
    assert ROLES_PAGE.read_text(encoding="utf-8") == permissions.render_markdown()
