"""Legal holds by web page, what retention will take and when, and whether the audit log is whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from civicline.cases import services as case_services
from civicline.config import wiring
from civicline.intake import services as intake
from civicline.intake.ports import ResidentFacts
from civicline.kernel import audit_trail
from civicline.kernel import selectors as kernel
from civicline.kernel.jobs import Worker
from civicline.kernel.models import AuditEntry
from civicline.people import selectors as people
from civicline.people import services as people_services
from tests.integration.web.admin.conftest import SignIn
from tests.town import Town

ZOE = ResidentFacts(name="Zoë Çelik", email="zoe@example.org")


def words(answer: Any) -> str:
    return " ".join(" ".join(html.fromstring(answer.content.decode()).itertext()).split())


def signed_in_anew(client: Any) -> Client:
    """The same person on another day, when the session of before has run out."""
    another = Client()
    another.force_login(client.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    another.user = client.user  # type: ignore[attr-defined]  # at hand for the tests
    return another


def the_case(town: Town) -> Any:
    contact = town.chat("benefits", "The damp is back", resident=ZOE)
    return case_services.open_case(
        type="complaint", title="Damp", resident=contact.resident, contact=contact
    ).case


def put_on_hold(client: Client, **sent: str) -> Any:
    return client.post(reverse("admin:new_hold"), {"reason": "Court 12/26"} | sent, follow=True)


def test_a_supervisor_puts_a_case_on_hold_from_its_page_and_all_who_read_it_see_that(
    town: Town, sign_in: SignIn
) -> None:
    case, supervisor, agent = the_case(town), sign_in("supervisor", name="Oskar"), sign_in("agent")
    address = reverse("desk:case", args=[case.reference])
    assert "Put this case on legal hold" in words(supervisor.get(address))
    assert "legal hold" not in words(agent.get(address))
    new = supervisor.get(f"{reverse('admin:new_hold')}?reference={case.reference}").content.decode()
    assert f'value="{case.reference}"' in new
    made = words(put_on_hold(supervisor, reference=case.reference.lower()))
    assert "Retention and erasure pass it by." in made
    assert "Oskar put it on hold" in made
    assert "On legal hold since" in words(agent.get(address))
    assert "Court 12/26" in words(agent.get(address))
    listed = words(supervisor.get(reverse("admin:holds")))
    assert f"{case.reference} Case Court 12/26" in listed


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"reference": "SM-000-000"}, "There is no case and no contact with this reference."),
        ({"reference": ""}, "Give the reference of a case or a contact."),
        ({"reference": "REF", "reason": ""}, "Say why this has to stay"),
        ({"reference": "REF", "review_on": "2026-03-01"}, "This day is over."),
        ({"reference": "REF", "review_on": "soon"}, "Give a day like"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    town: Town, admin: Client, sent: dict[str, str], said: str
) -> None:
    case = the_case(town)
    answer = put_on_hold(
        admin, **{key: case.reference if value == "REF" else value for key, value in sent.items()}
    )
    assert answer.status_code == 422
    assert said in words(answer)
    assert not people.list_holds().exists()


def test_only_an_administrator_ends_a_hold_and_says_why(town: Town, admin: Client, sign_in: SignIn) -> None:
    case, supervisor = the_case(town), sign_in("supervisor")
    put_on_hold(supervisor, reference=case.reference)
    hold = people.list_holds().get()
    page, end = reverse("admin:hold", args=[hold.pk]), reverse("admin:end_hold", args=[hold.pk])
    assert "An administrator can end it." in words(supervisor.get(page))
    assert supervisor.post(end, {"reason": "x", "sure": "on"}).status_code == 403
    assert "Say why the hold ends." in words(admin.post(end, {"sure": "on"}))
    assert "Confirm that it may go." in words(admin.post(end, {"reason": "Judgment"}))
    done = words(admin.post(end, {"reason": "Judgment of 3 March", "sure": "on"}, follow=True))
    assert "This hold has ended." in done
    assert "Iris ended the hold" in done
    assert "Judgment of 3 March" in done
    assert case.reference in words(admin.get(reverse("admin:holds"), {"ended": "1"}))
    assert "Nothing is on hold." in words(admin.get(reverse("admin:holds")))


def test_a_resident_on_hold_is_told_as_such_where_they_would_be_erased(town: Town, admin: Client) -> None:
    samira = people_services.save_resident(name="Samira Haddad", email="samira@example.org")
    found = admin.get(reverse("admin:residents"), {"q": "Samira"}).content.decode()
    link = f"{reverse('admin:new_hold')}?resident={samira.pk}"
    assert link in found
    assert "Samira Haddad" in words(admin.get(link))
    put_on_hold(admin, resident=str(samira.pk))
    assert "Samira Haddad On hold" in words(admin.get(reverse("admin:residents"), {"q": "Samira"}))
    erase = reverse("admin:resident_erase", args=[samira.pk])
    assert "This resident is on hold." in words(admin.get(erase))
    said = words(admin.post(erase, {"reason": "Article 17", "sure": "on"}, follow=True))
    assert "They are erased when the hold ends." in said
    assert people.get_resident(samira.pk).name == "Samira Haddad"
    assert "1 erasure waits for a hold to end." in words(admin.get(reverse("admin:holds")))


def test_the_erase_page_says_what_will_stay(town: Town, admin: Client) -> None:
    wiring.personal_data.__wrapped__()
    case = the_case(town)
    put_on_hold(admin, reference=case.reference)
    erase = reverse("admin:resident_erase", args=[case.resident_id])
    assert "2 things stay, with the name of the resident." in words(admin.get(erase))
    said = words(admin.post(erase, {"reason": "Article 17", "sure": "on"}, follow=True))
    assert "2 things are on hold and are erased when the holds end." in said


def test_a_hold_nobody_looked_at_again_is_named(town: Town, admin: Client) -> None:
    case = the_case(town)
    put_on_hold(admin, reference=case.reference, review_on="2026-03-03")
    overview = reverse("admin:home")
    assert case.reference not in words(admin.get(overview))
    town.clock.advance(20 * 3600)
    admin = signed_in_anew(admin)
    assert f"The hold on {case.reference} wants to be looked at again." in words(admin.get(overview))
    assert "look again" in words(admin.get(reverse("admin:holds")))


def row_of(page: Any, setting: str) -> list[str]:
    """The cells of the table of what goes next, for one setting."""
    (row,) = html.fromstring(page.content.decode()).xpath(f"//tr[.//code[text()='{setting}']]")
    return [" ".join(cell.text_content().split()) for cell in row.xpath("td")]


def test_what_goes_tonight_is_told_with_its_time_and_what_a_hold_keeps(town: Town, admin: Client) -> None:
    first, second, third = (town.chat("benefits", f"Matter {number}") for number in range(3))
    for contact in (first, second):
        intake.abandon(contact_id=contact.pk, reason="left")
    put_on_hold(admin, reference=first.reference)
    town.clock.advance(timedelta(days=715).total_seconds())
    intake.abandon(contact_id=third.pk, reason="left")
    Worker(wiring.jobs()).run_due()
    admin = signed_in_anew(admin)
    cells = row_of(admin.get(reverse("admin:retention")), "retention.contacts_days")
    assert cells[0].startswith("730 days")
    assert (cells[2], cells[3], cells[4]) == ("0", "0", "1")
    town.clock.advance(timedelta(days=16).total_seconds())
    admin = signed_in_anew(admin)
    cells = row_of(admin.get(reverse("admin:retention")), "retention.contacts_days")
    assert (cells[2], cells[3]) == ("1", "1")
    Worker(wiring.jobs()).run_due()
    page = admin.get(reverse("admin:retention"))
    assert row_of(page, "retention.contacts_days")[2] == "0"
    assert "contacts emptied: 1" in words(page)


def test_unsent_forms_are_kept_as_long_as_residents_are_promised(town: Town, admin: Client) -> None:
    page = html.fromstring(admin.get(reverse("admin:retention")).content)
    (row,) = (one for one in page.findall(".//tr") if "Forms that were not sent" in one.text_content())
    assert f"{intake.DRAFT_DAYS} days" in row.text_content()
    promised = Client().get("/en/privacy/").content.decode()
    assert f"for {intake.DRAFT_DAYS} days after you last saved it" in promised


def test_the_page_says_whether_the_log_is_whole_and_where_it_is_not(town: Town, admin: Client) -> None:
    address = reverse("admin:retention")
    assert "It was not checked yet." in words(admin.get(address))
    town.clock.advance(3600)
    Worker(wiring.jobs()).run_due()
    assert "The chain is whole." in words(admin.get(address))
    AuditEntry.objects.filter(pk=AuditEntry.objects.order_by("pk").values("pk")[:1]).update(reason="meddled")
    assert "being checked" in words(admin.post(reverse("admin:check_trail"), follow=True))
    Worker(wiring.jobs()).run_due()
    seal = kernel.last_seal()
    assert seal is not None
    page = words(admin.get(address))
    assert f"The chain is broken at the entries {seal.first_entry}-{seal.last_entry}." in page
    assert "The audit log was meddled with." in words(admin.get(reverse("admin:home")))
    assert audit_trail.check().broken


def test_an_empty_list_says_what_it_is_for_and_offers_the_first_step_to_who_may(sign_in: SignIn) -> None:
    supervisor, auditor = sign_in("supervisor"), sign_in("auditor")
    may = html.fromstring(supervisor.get(reverse("admin:holds")).content.decode())
    assert may.xpath("//*[contains(@class, 'state-box')]//a/@href") == [reverse("admin:new_hold")]
    may_not = html.fromstring(auditor.get(reverse("admin:holds")).content.decode())
    assert may_not.xpath("//*[contains(@class, 'state-box')]//a") == []
    assert "When a court, an ombudsman or an inquiry needs something" in may_not.text_content()
