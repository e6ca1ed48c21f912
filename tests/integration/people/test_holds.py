"""What is on legal hold stays whole, whatever retention or its resident wants, until somebody ends the hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from civicline.cases import personal_data as cases_data
from civicline.cases import selectors as cases
from civicline.cases import services as case_services
from civicline.cases.handlers import forget_closed_job as forget_cases
from civicline.cases.models import Case
from civicline.config import wiring
from civicline.intake import personal_data as contacts_data
from civicline.intake import selectors as intake
from civicline.intake.models import Contact
from civicline.intake.ports import ResidentFacts
from civicline.intake.services import abandon
from civicline.kernel import clock
from civicline.kernel import selectors as kernel
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.jobs import Worker
from civicline.people import retention, selectors, services
from tests.town import Town

pytestmark = pytest.mark.usefixtures("every_room")

ZOE = ResidentFacts(name="Zoë Çelik", email="zoe@example.org")
YEARS = timedelta(days=3000).total_seconds()


@pytest.fixture
def contact(town: Town) -> Contact:
    """Zoë's chat about damp, over since."""
    made = town.chat("benefits", "The damp is back", resident=ZOE)
    abandon(contact_id=made.pk, reason="left")
    return made


def case_about(contact: Contact) -> Case:
    return case_services.open_case(
        type="complaint", title="Damp", description="Black mould", resident=contact.resident, contact=contact
    ).case


def said(contact: Contact) -> list[str]:
    return [message.body for message in intake.list_messages(contact.pk)]


def hold(kind: str, object_id: UUID | None, **more: Any) -> Any:
    assert object_id is not None
    return services.place_hold(kind=kind, object_id=object_id, reason="Court 12/26", **more)


def test_retention_leaves_a_held_contact_and_counts_it(town: Town, contact: Contact) -> None:
    other = town.chat("benefits", "Another matter")
    abandon(contact_id=other.pk, reason="left")
    placed = hold("contact", contact.pk, reference=contact.reference)
    town.clock.advance(YEARS)
    assert contacts_data.count_due(before=clock.now()) == (1, 1)
    contacts_data.forget_closed_job({})
    assert (said(contact), said(other)) == (["The damp is back"], [contacts_data.ERASED])
    services.end_hold(hold_id=placed.pk, reason="Judgment of 3 March")
    contacts_data.forget_closed_job({})
    assert said(contact) == [contacts_data.ERASED]


def test_a_held_case_keeps_its_contacts_and_what_was_merged_into_it(town: Town, contact: Contact) -> None:
    case = case_about(contact)
    second = case_services.open_case(type="complaint", title="Damp again", resident=contact.resident).case
    case_services.merge(case_id=second.pk, into_id=case.pk)
    Case.objects.update(closed_at=clock.now())
    hold("case", case.pk, reference=case.reference)
    town.clock.advance(YEARS)
    assert cases_data.count_due(before=clock.now()) == (0, 2)
    forget_cases({})
    contacts_data.forget_closed_job({})
    assert [cases.get_case(one.pk).title for one in (case, second)] == ["Damp", "Damp again"]
    assert said(contact) == ["The damp is back"]


def test_a_held_resident_is_not_erased_until_the_hold_ends(contact: Contact) -> None:
    case = case_about(contact)
    placed = hold("resident", contact.resident_id)
    counts = services.erase_resident(resident_id=contact.resident_id, reason="Article 17")  # type: ignore[arg-type]
    assert counts == {"on_hold": 1}
    assert selectors.get_resident(contact.resident_id).name == "Zoë Çelik"  # type: ignore[arg-type]
    assert selectors.waiting_erasures() == 1
    waits = kernel.audit_of_resident(contact.resident_id).get(action="resident.erasure_waits")  # type: ignore[arg-type]
    assert waits.reason == "Article 17"
    services.end_hold(hold_id=placed.pk, reason="Settled")
    Worker(wiring.jobs()).run_due()
    with pytest.raises(NotFound):
        selectors.get_resident(contact.resident_id)  # type: ignore[arg-type]
    assert cases.get_case(case.pk).title == cases_data.ERASED
    assert (said(contact), selectors.waiting_erasures()) == ([contacts_data.ERASED], 0)


def test_an_erasure_takes_what_is_free_and_the_rest_later(town: Town, contact: Contact) -> None:
    case = case_about(contact)
    free = town.chat("benefits", "A quite different matter", resident=ZOE)
    placed = hold("case", case.pk, reference=case.reference)
    counts = services.erase_resident(resident_id=contact.resident_id, reason="Article 17")  # type: ignore[arg-type]
    assert counts == {"contacts": 1, "calls": 0, "cases": 0, "on_hold": 2}
    assert (said(contact), said(free)) == (["The damp is back"], [contacts_data.ERASED])
    assert services.finish_erasures() == 0
    services.end_hold(hold_id=placed.pk, reason="Settled")
    assert services.finish_erasures() == 1
    assert said(contact) == [contacts_data.ERASED]


def test_a_hold_has_a_reason_at_both_ends_and_both_are_audited(contact: Contact) -> None:
    for reason in ("", "   ", "x" * 501):
        with pytest.raises(Invalid):
            services.place_hold(kind="contact", object_id=contact.pk, reason=reason)
    with pytest.raises(Invalid):
        hold("contact", contact.pk, review_on=clock.now().date())
    placed = hold("contact", contact.pk, reference=contact.reference, resident_id=contact.resident_id)
    with pytest.raises(Conflict):
        hold("contact", contact.pk)
    with pytest.raises(Invalid):
        services.end_hold(hold_id=placed.pk, reason="")
    services.end_hold(hold_id=placed.pk, reason="Settled")
    with pytest.raises(Conflict):
        services.end_hold(hold_id=placed.pk, reason="Settled")
    actions = [
        (row.action, row.reason) for row in kernel.history("contact", contact.pk) if "hold" in row.action
    ]
    assert actions == [("hold.ended", "Settled"), ("hold.placed", "Court 12/26")]
    assert hold("contact", contact.pk).pk != placed.pk


def test_the_audit_of_what_is_held_stays_as_long(town: Town, contact: Contact) -> None:
    placed = hold("contact", contact.pk, resident_id=contact.resident_id)
    town.clock.advance(YEARS)
    retention.forget_audit_job({})
    assert kernel.history("contact", contact.pk).exists()
    services.end_hold(hold_id=placed.pk, reason="Settled")
    retention.forget_audit_job({})
    left = [row.action for row in kernel.history("contact", contact.pk)]
    assert left == ["hold.ended"]
    assert kernel.last_audit("audit.disposed") is not None
