"""Administrators change what residents meet: stored, explained when wrong, and told in the history."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse
from lxml import html

from civicline.intake import selectors as intake
from civicline.kernel import selectors as kernel
from civicline.people import selectors as people
from civicline.routing import selectors as routing
from civicline.routing.services import RingSpec, set_rings
from tests.integration.web.admin.conftest import SignIn
from tests.town import Town


def filled(client: Client, address: str) -> dict[str, Any]:
    """What a browser would send back from a page: every field of its form with the value shown, and the stamp."""
    return fields_of(client.get(address).content.decode())


def fields_of(page: str) -> dict[str, Any]:
    """The fields of the form that a page shows, with their values."""
    (form,) = html.fromstring(page).xpath("//form[contains(@class, 'edit')]")
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in sent.items()}


SERVICE = {
    "code": "bins",
    "name_en": "Missed bin",
    "name_ar": "حاوية لم تُفرَّغ",
    "description_en": "Tell us that a bin was not emptied.",
    "calendar": "always",
    "channels": ["chat", "webform"],
    "case_type": "incident",
    "kind": "realtime",
    "keywords": "rubbish, waste",
    "active": "on",
    "queue": "benefits",
    "priority": "1",
    **{f"level_{n}": "1" for n in range(1, 5)},
    "skill_1": "benefits",
    "level_1": "3",
}


def test_a_new_service_is_offered_and_leads_to_its_queue(admin: Client) -> None:
    answer = admin.post(reverse("admin:new_service"), SERVICE)
    assert answer.status_code == 302
    service = intake.get_service("bins")
    assert service is not None
    assert service.name == {"en": "Missed bin", "ar": "حاوية لم تُفرَّغ"}
    assert service.keywords == ["rubbish", "waste"]
    route = routing.get_route(service.pk)
    assert route is not None
    assert (route.queue.code, route.skills, route.priority) == ("benefits", [["benefits", 3]], 1)


def test_a_service_without_a_name_or_queue_is_explained_and_nothing_is_lost(admin: Client) -> None:
    answer = admin.post(
        reverse("admin:new_service"),
        SERVICE | {"name_en": "", "name_ar": "", "queue": "", "description_en": "Kept"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "so that contacts about this reach somebody" in page
    assert "Kept" in page
    assert intake.get_service("bins") is None
    named = admin.post(reverse("admin:new_service"), SERVICE | {"name_en": "", "name_ar": ""})
    assert "Give a name in at least one language." in named.content.decode()


def test_the_history_tells_who_changed_what_from_what_to_what(admin: Client) -> None:
    address = reverse("admin:service", args=["benefits"])
    sent = filled(admin, address) | {"name_en": "Money and benefits", "position": "7", "group_en": "Money"}
    assert admin.post(address, sent).status_code == 302
    page = admin.get(address).content.decode()
    assert "Iris" in page
    assert "Money and benefits" in page
    fields = [one.text_content() for one in html.fromstring(page).xpath("//*[@class='diff-field']")]
    assert {"Name (en)", "Place in the list", "Group on the start page (en)"} <= set(fields)


def test_who_was_slower_is_told_and_loses_no_words(admin: Client, sign_in: SignIn) -> None:
    other = sign_in("administrator", name="Omar")
    address = reverse("admin:service", args=["benefits"])
    mine = filled(admin, address) | {"name_en": "Mine"}
    theirs = filled(other, address) | {"name_en": "Theirs"}
    assert other.post(address, theirs).status_code == 302

    answer = admin.post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Omar changed this at" in page
    assert "Your text is kept." in page
    assert "Mine" in page
    assert "Theirs" in page
    kept = intake.get_service("benefits")
    assert kept is not None
    assert kept.name["en"] == "Theirs"

    # The page that told it carries the new stamp: saving again is meant.
    again = mine | {"stamp": fields_of(page)["stamp"]}
    assert admin.post(address, again).status_code == 302
    kept = intake.get_service("benefits")
    assert kept is not None
    assert kept.name["en"] == "Mine"


def test_a_queue_nobody_can_serve_is_named_first(admin: Client) -> None:
    page = admin.get(reverse("admin:home")).content.decode()
    assert "Nobody can serve “benefits”." in page
    assert "benefits at level 1" in page


def test_rings_and_staff_of_a_queue_are_kept(admin: Client, town: Town) -> None:
    agent = town.agent("Nadia", queues=[], skills={"benefits": 3})
    address = reverse("admin:queue", args=["benefits"])
    sent = filled(admin, address) | {
        "ring_1_after": "60", "ring_1_drop": "1", "ring_2_after": "120", "ring_2_overflow": "council-tax",
        f"agent_{agent}": "member", "target_share": "90",
    }  # fmt: skip
    assert admin.post(address, sent).status_code == 302
    queue = routing.get_kept_queue("benefits")
    assert queue is not None
    assert queue.target_share == 0.9
    assert [row.agent_id for row in queue.members.all()] == [agent]
    assert [
        (ring.after_seconds, ring.level_drop, ring.overflow and ring.overflow.code)
        for ring in queue.rings.all()
    ] == [
        (60, 1, None),
        (120, 0, "council-tax"),
    ]


def test_rings_out_of_order_are_refused_as_a_whole(admin: Client) -> None:
    address = reverse("admin:queue", args=["benefits"])
    sent = filled(admin, address) | {"ring_1_after": "60", "ring_2_after": "60", "target_share": "55"}
    answer = admin.post(address, sent)
    assert answer.status_code == 422
    assert "Give each ring its own time" in answer.content.decode()
    queue = routing.get_kept_queue("benefits")
    assert queue is not None
    assert queue.target_share == 0.8


def test_a_queue_keeps_more_rings_than_the_form_usually_asks_for(admin: Client) -> None:
    address = reverse("admin:queue", args=["benefits"])
    queue = routing.get_kept_queue("benefits")
    assert queue is not None
    rings = [RingSpec(60 * number) for number in range(1, 8)]
    set_rings(queue=queue, rings=rings)
    assert admin.post(address, filled(admin, address) | {"ring_7_overflow": "council-tax"}).status_code == 302
    kept = [(ring.after_seconds, ring.overflow_id is not None) for ring in queue.rings.all()]
    assert kept == [(ring.after_seconds, ring is rings[-1]) for ring in rings]


def test_a_week_with_split_and_overnight_shifts_is_kept_and_shown_back(admin: Client) -> None:
    sent = {
        "code": "night", "name_en": "Night line", "timezone": "Europe/London", "day_0": "08:00-12:00, 13:00-17:00",
        "day_4": "22:00-06:00", "exceptions": "2026-12-24 08:00-12:00 Christmas Eve\n2026-12-28 closed Moving house",
        "holiday_country": "GB", "holiday_subdivision": "ENG",
    }  # fmt: skip
    assert admin.post(reverse("admin:new_calendar"), sent).status_code == 302
    calendar = intake.get_calendar("night")
    assert calendar is not None
    assert {"day": 4, "start": "22:00", "end": "06:00"} in calendar.weekly
    page = admin.get(reverse("admin:calendar", args=["night"])).content.decode()
    assert "08:00-12:00, 13:00-17:00" in page
    assert "2026-12-28 closed Moving house" in page
    assert "Good Friday" in page


def test_the_days_when_the_clocks_change_are_marked(admin: Client, town: Town) -> None:
    town.clock.advance(20 * 86_400)  # 22 March: the last Sunday of March lies within 14 days
    sent = {"name_en": "x", "timezone": "Europe/London", "day_6": "00:00-06:00", "preview": "1"}
    page = admin.post(reverse("admin:new_calendar"), sent, headers={"HX-Request": "true"}).content.decode()
    assert page.count("The clocks change.") == 1


def test_hours_that_overlap_are_explained(admin: Client) -> None:
    sent = {"code": "odd", "name_en": "Odd", "timezone": "UTC", "day_0": "08:00-12:00, 11:00-13:00"}
    answer = admin.post(reverse("admin:new_calendar"), sent)
    assert answer.status_code == 422
    assert intake.get_calendar("odd") is None
    wrong = admin.post(reverse("admin:new_calendar"), sent | {"day_0": "morning"})
    assert "Write times like" in wrong.content.decode()


def test_questions_are_written_ordered_and_removed(admin: Client) -> None:
    new = reverse("admin:new_question", args=["benefits"])
    usual = {"datatype": "string", "label_en": "Where is it?"}
    assert admin.post(new, usual | {"code": "where"}).status_code == 302
    choice = {
        "code": "colour",
        "datatype": "singlevaluelist",
        "label_en": "Which bin?",
        "values_en": "g = Green\nb = Blue",
    }
    assert admin.post(new, choice).status_code == 302
    service = intake.get_kept_service("benefits")
    assert service is not None
    assert [one.code for one in service.attributes.all()] == ["where", "colour"]
    move = reverse("admin:move_question", args=["benefits", "colour"])
    assert admin.post(move, {"to": "up"}).status_code == 302
    service = intake.get_kept_service("benefits")
    assert service is not None
    assert [one.code for one in service.attributes.all()] == ["colour", "where"]
    assert admin.post(reverse("admin:drop_question", args=["benefits", "where"])).status_code == 302
    empty = admin.post(new, choice | {"code": "none", "values_en": ""})
    assert "Give at least one answer to choose from." in empty.content.decode()


def test_somebody_is_invited_by_a_link_that_works_once(admin: Client) -> None:
    sent = {"name": "Nadia Rahman", "email": "nadia@saltmere.example", "roles": ["agent"], "language": "en"}
    answer = admin.post(reverse("admin:invite"), sent, follow=True)
    page = answer.content.decode()
    assert "Hand this link over" in page
    (link,) = html.fromstring(page).xpath("//input[@id='link']/@value")
    assert link not in admin.get(answer.request["PATH_INFO"]).content.decode()

    fresh = Client()
    opened = fresh.get(link, follow=True)
    chosen = {"password1": "a long way to the sea 9", "password2": "a long way to the sea 9"}
    assert fresh.post(opened.request["PATH_INFO"], chosen).status_code == 302
    signed_in = Client().post(
        reverse("account_login"), {"login": "nadia@saltmere.example", "password": "a long way to the sea 9"}
    )
    assert signed_in.status_code == 302
    assert signed_in.headers["Location"] == "/desk/"
    second = Client().get(link, follow=True)
    assert b"password1" not in second.content


def test_skills_roles_and_capacity_of_a_person_are_kept(admin: Client, town: Town) -> None:
    agent = town.agent("Nadia", queues=["benefits"], skills={"benefits": 3})
    skill = people.list_skills().get(code="council-tax")
    address = reverse("admin:person", args=[agent])
    sent = filled(admin, address) | {
        f"skill_{skill.pk}": "4",
        "roles": ["agent", "supervisor"],
        "capacity_chat": "2",
    }
    assert admin.post(address, sent).status_code == 302
    facts = people.agent_states([agent])[0]
    assert facts.skills == {"benefits": 3, "council-tax": 4}
    assert facts.capacity["chat"] == 2
    assert {grant.role for grant in people.get_user(agent).grants.all()} == {"agent", "supervisor"}


def test_the_last_administrator_stays(admin: Client) -> None:
    user: Any = admin.user  # type: ignore[attr-defined]  # put there by the fixture
    address = reverse("admin:person", args=[user.pk])
    answer = admin.post(address, filled(admin, address) | {"roles": ["agent"]})
    assert "This is the last administrator." in answer.content.decode()
    shut = admin.post(reverse("admin:person_active", args=[user.pk]), {"active": "0"})
    assert "You cannot shut yourself out." in shut.content.decode()


def test_who_is_shut_out_is_signed_out_at_once(admin: Client, sign_in: SignIn) -> None:
    agent = sign_in("agent", name="Nadia")
    assert agent.get("/staff/settings/").status_code == 200
    user: Any = agent.user  # type: ignore[attr-defined]  # put there by the fixture
    assert admin.post(reverse("admin:person_active", args=[user.pk]), {"active": "0"}).status_code == 302
    assert agent.get("/staff/settings/").status_code == 302
    assert next(row.action for row in kernel.history("staff", user.pk)) == "staff.active_changed"


def test_an_editor_writes_a_text_and_hears_of_unknown_variables(sign_in: SignIn) -> None:
    editor = sign_in("editor")
    sent = {"code": "hello", "title_en": "Hello", "body_en": "Dear {{resident.name|neighbour}}, {{nonsense}}"}
    answer = editor.post(reverse("admin:new_text"), sent)
    assert answer.status_code == 422
    assert "nonsense" in answer.content.decode()
    sent["body_en"] = "Dear {{resident.name|neighbour}}"
    shown = editor.post(reverse("admin:new_text"), sent | {"preview": "1"}, headers={"HX-Request": "true"})
    assert "Dear Samira Haddad" in shown.content.decode()
    assert editor.post(reverse("admin:new_text"), sent).status_code == 302


def test_a_new_message_keeps_its_history_from_the_first_word(sign_in: SignIn) -> None:
    editor = sign_in("editor", name="Edith")
    sent = {
        "kind": "disruption",
        "title_en": "Lines are down",
        "starts_at": "2026-03-02T08:15",
        "services": ["benefits"],
    }
    assert editor.post(reverse("admin:new_message"), sent).status_code == 302
    (row,) = intake.list_service_messages()
    assert [one.action for one in kernel.history("service_message", row.pk)] == ["service_message.created"]
    address = reverse("admin:message", args=[row.pk])
    page = editor.get(address).content.decode()
    assert "Edith</strong> created" in page
    assert "2026-03-02T" not in html.fromstring(page).xpath("//*[@class='history']")[0].text_content()
    again = filled(editor, address) | {"services": ["benefits", "council-tax"]}
    assert editor.post(address, again).status_code == 302
    page = editor.get(address).content.decode()
    assert "benefits, council-tax" in page


def test_a_supervisor_looks_at_a_queue_and_changes_nothing(sign_in: SignIn) -> None:
    supervisor = sign_in("supervisor")
    address = reverse("admin:queue", args=["benefits"])
    page = supervisor.get(address)
    assert "an administrator can change it" in page.content.decode()
    assert supervisor.post(address, filled(supervisor, address) | {"target_share": "1"}).status_code == 403
