"""The live board: what it shows, how many queries it costs, and the deeds that start from it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from civicline.insight.journal import forget_journal
from civicline.intake import selectors as intake
from civicline.intake.models import Service
from civicline.kernel import selectors as kernel
from civicline.routing import services as routing
from civicline.routing.lines import forget_lines
from civicline.routing.models import Queue, QueueMember
from civicline.routing.selectors import list_alarms, offers_of
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def html(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.content[:2000]
    return answer.content.decode()


def test_the_board_shows_waiting_people_promises_and_the_data_age(town: Town, supervisor: Client) -> None:
    town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})
    for _ in range(4):
        town.chat("council-tax", "I moved")
    town.settle()
    page = html(supervisor, "/supervisor/")
    assert "Nadia" in page
    assert re.search(r'id="board-age" data-at="\d+"', page)
    assert "Free" in page
    assert "benefits" in page
    assert page.index("council-tax") < page.index("benefits")


def test_the_fragment_costs_the_same_queries_for_few_and_for_many_contacts(
    town: Town, supervisor: Client
) -> None:
    for name in ("Nadia", "Ruth"):
        town.agent(name, queues=["council-tax", "benefits"], skills={"council-tax": 3, "benefits": 3})

    def queries() -> int:
        town.settle()
        html(supervisor, "/supervisor/now")  # the first look of the day reads all of it
        forget_lines()
        with CaptureQueriesContext(connection) as asked:
            html(supervisor, "/supervisor/now")
        return len(asked)

    town.chat("benefits")
    few = queries()
    for _ in range(30):
        town.chat("benefits")
        town.write("council-tax")
    assert queries() == few
    assert few <= 25


def test_a_long_wait_raises_an_alarm_that_somebody_takes_and_that_ends_with_its_cause(
    town: Town, supervisor: Client, sign_in: Any
) -> None:
    contact = town.chat("council-tax")
    town.settle()
    town.clock.advance(601)
    forget_lines()
    routing.watch_alarms()
    assert {alarm.kind for alarm in list_alarms()} == {"longest_wait", "nobody_serves"}
    page = html(supervisor, "/supervisor/")
    assert "longest wait 10:01" in page
    assert "Nobody who serves it is signed in" in page
    alarm = next(one for one in list_alarms() if one.kind == "longest_wait")

    assert supervisor.post(f"/supervisor/alarms/{alarm.pk}/take").status_code == 302
    assert "Taken by Oskar Brandt" in html(supervisor, "/supervisor/")
    late, _user = sign_in("supervisor", name="Iris Late")
    refused = late.post(f"/supervisor/alarms/{alarm.pk}/take")
    assert refused.status_code == 409
    assert "Oskar Brandt has taken this alarm already." in refused.content.decode()

    routing.leave_queue(contact_id=contact.id)
    forget_lines()
    routing.watch_alarms()
    assert not list_alarms()
    names = ["alarm.raised", "alarm.taken", "alarm.over"]
    told = kernel.events_named(names, alarm.since, town.clock.now() + timedelta(seconds=1))
    assert [event.name for event in told].count("alarm.raised") == 2


def test_a_snoozed_alarm_is_quiet_until_its_time(town: Town, supervisor: Client) -> None:
    town.chat("council-tax")
    town.settle()
    routing.watch_alarms()
    alarm = list_alarms()[0]
    supervisor.post(f"/supervisor/alarms/{alarm.pk}/snooze", {"minutes": "15"})
    assert "al-snoozed" in html(supervisor, "/supervisor/")
    town.clock.advance(15 * 60 + 1)
    assert "al-snoozed" not in html(supervisor, "/supervisor/")
    assert supervisor.post(f"/supervisor/alarms/{alarm.pk}/snooze", {"minutes": "600"}).status_code == 400


def test_a_contact_without_a_subject_goes_by_the_name_of_its_service(town: Town, supervisor: Client) -> None:
    Service.objects.filter(code="council-tax").update(name={"en": "Tax on your home"})
    town.chat("council-tax", "Hello")
    town.settle()
    assert "Tax on your home" in html(supervisor, "/supervisor/q/council-tax/")


def test_who_is_signed_out_is_told_so_when_they_take_over(town: Town, supervisor: Client) -> None:
    contact = town.chat("council-tax", "Which form?")
    town.settle()
    refused = supervisor.post(f"/supervisor/c/{contact.pk}/take", {"reason": "An old acquaintance"})
    assert "You are signed out yourself." in refused.content.decode()
    assert "Choose another" not in refused.content.decode()


def test_move_assign_and_prioritise_need_a_reason_and_are_in_the_audit(
    town: Town, supervisor: Client
) -> None:
    nadia = town.agent("Nadia", queues=["benefits"], skills={"benefits": 4})
    contact = town.chat("council-tax", "Which form?", subject="Which form?")
    town.settle()
    address = f"/supervisor/c/{contact.pk}"
    assert "Which form?" in html(supervisor, "/supervisor/q/council-tax/")

    silent = supervisor.post(f"{address}/move", {"queue": "benefits", "reason": ""})
    assert silent.status_code == 400
    assert "Say why. The reason stays in the log." in silent.content.decode()

    moved = supervisor.post(f"{address}/move", {"queue": "benefits", "reason": "It is about benefits"})
    assert moved.status_code == 302
    assert intake.get_contact(contact.pk).queue.code == "benefits"  # type: ignore[union-attr]  # it is there

    supervisor.post(f"{address}/prioritise", {"priority": "3", "reason": "Lives on the street"})
    town.settle()
    assert [offer.contact_id for offer in offers_of(nadia)] == [contact.pk]  # benefits is her matter
    given = supervisor.post(f"{address}/assign", {"agent": str(nadia), "reason": "She knows the family"})
    assert given.status_code == 302
    after = intake.get_contact(contact.pk)
    assert after is not None
    assert (after.state, after.agent_id, after.priority) == ("connected", nadia, 3)
    actions = {row.action: row.reason for row in kernel.history("contact", contact.pk)}
    assert actions["contact.moved"] == "It is about benefits"
    assert actions["contact.assigned"] == "She knows the family"

    late = supervisor.post(f"{address}/move", {"queue": "council-tax", "reason": "Too late"})
    assert late.status_code == 409
    assert "Somebody is with this resident now." in late.content.decode()


def test_who_is_lent_by_a_partner_body_is_marked_before_they_are_assigned(
    town: Town, supervisor: Client
) -> None:
    town.agent("Omar", queues=["council-tax"], skills={})
    lent = town.agent("Lena", queues=["council-tax", "benefits"], skills={"council-tax": 1})
    QueueMember.objects.filter(agent_id=lent, queue__code="council-tax").update(partner=True)
    tax, benefits = town.chat("council-tax"), town.chat("benefits")
    town.settle()
    of_tax = html(supervisor, f"/supervisor/c/{tax.pk}/")
    assert "Lena (Free, lent by a partner body)" in of_tax
    assert "Omar (Free)" in of_tax
    assert "Lena (Free)" in html(supervisor, f"/supervisor/c/{benefits.pk}/")


def test_a_supervisor_sets_a_presence_with_a_reason(town: Town, supervisor: Client) -> None:
    nadia = town.agent("Nadia", queues=["benefits"], skills={"benefits": 4})
    assert supervisor.post(f"/supervisor/p/{nadia}/presence", {"state": "away"}).status_code == 400
    assert (
        supervisor.post(
            f"/supervisor/p/{nadia}/presence", {"state": "signed_out", "reason": "Went home ill"}
        ).status_code
        == 302
    )
    assert town.presence(nadia) == "signed_out"
    assert kernel.history("agent", nadia)[0].reason == "Went home ill"


@pytest.mark.parametrize("role", ["agent", "editor", "administrator", "auditor"])
def test_the_board_and_its_deeds_are_not_for_other_roles(town: Town, sign_in: Any, role: str) -> None:
    contact = town.chat("council-tax")
    town.settle()
    client, _user = sign_in(role)
    assert client.get("/supervisor/").status_code == 403
    assert client.get("/supervisor/now").status_code == 403
    assert client.get("/supervisor/q/council-tax/").status_code == 403
    for deed in ("move", "assign", "prioritise", "take"):
        assert client.post(f"/supervisor/c/{contact.pk}/{deed}", {"reason": "I want it"}).status_code == 403
    assert Client().get("/supervisor/").status_code == 302


def test_a_planner_sees_the_board_and_may_not_act(town: Town, sign_in: Any) -> None:
    contact = town.chat("council-tax")
    town.settle()
    client, _user = sign_in("planner")
    page = html(client, "/supervisor/")
    assert "I take it" not in page
    assert client.post(f"/supervisor/c/{contact.pk}/move", {"reason": "I want it"}).status_code == 403


def test_the_wall_opens_by_its_link_only_and_names_nobody(town: Town, sign_in: Any) -> None:
    town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})
    town.chat("benefits")
    town.settle()
    screen = Client()
    assert screen.get("/board/").status_code == 403
    assert screen.get("/board/now").status_code == 403
    assert screen.get("/board/s/forged:token/").status_code == 403
    administrator, _user = sign_in("administrator")
    made = administrator.post("/supervisor/screens/link", {"name": "Hall, first floor"})
    link = re.search(r"http://testserver(/board/s/[^<]+)<", made.content.decode())
    assert link
    assert screen.get(link.group(1)).status_code == 302
    wall = html(screen, "/board/")
    assert "benefits" in wall
    assert "Nadia" not in wall
    assert "Last count" in wall
    forget_journal()
    assert html(screen, "/board/now")


def test_who_gave_up_is_told_with_the_setting_of_the_queues(town: Town, supervisor: Client) -> None:
    Queue.objects.update(short_abandon_seconds=8)
    assert "Gave up after 8 seconds or more" in html(supervisor, "/supervisor/")
    Queue.objects.filter(code="benefits").update(short_abandon_seconds=3)
    forget_lines()
    assert "Gave up, short waits left out" in html(supervisor, "/supervisor/")
    assert "Gave up after 3 seconds or more" in html(supervisor, "/supervisor/?queue=benefits")
