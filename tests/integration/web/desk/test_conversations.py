"""Offers, conversations and wrap-up through the pages, with and without the script."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from civicline.intake import services as intake
from civicline.intake.models import Contact, Message
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.kernel.models import AuditEntry
from civicline.people import services as people
from civicline.routing.models import Offer, Queue, QueueMember
from tests.integration.web.desk.conftest import PARTS, Desk
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
GRACE = ResidentFacts(name="Grace Okafor", email="grace@resident.example", needs=("hard_of_hearing",))


def test_an_offer_says_why_it_is_theirs_and_opens_when_it_is_taken(town: Town, nadia: Desk) -> None:
    contact = town.chat("council-tax", "I moved out", resident=GRACE, languages=("en",))
    town.settle()
    shown = nadia.read("/desk/")
    assert "Chat, council-tax" in shown
    assert "Yours because: council-tax level 4" in shown
    assert "Grace Okafor has just come" in shown
    assert 'data-countdown="20"' in shown
    offer = Offer.objects.get(state="open")
    parts = nadia.do(f"/desk/offers/{offer.pk}/accept")
    assert f'data-contact="{contact.pk}"' in parts and "I moved out" in parts
    assert "data-offer=" not in parts
    assert parts.index("Hard of hearing") < parts.index("grace@resident.example")


def test_an_offer_that_went_back_says_when_and_the_list_is_shown_as_it_is(town: Town, nadia: Desk) -> None:
    town.chat("council-tax")
    town.settle()
    offer = Offer.objects.get(state="open")
    town.clock.advance(21)
    town.settle()
    told = nadia.do(f"/desk/offers/{offer.pk}/accept", 409)
    assert "went back at 09:00, to its own place" in told
    assert 'id="hand"' in told
    assert nadia.client.post(f"/desk/offers/{offer.pk}/accept").status_code == 302


def test_a_declined_offer_goes_back_and_rings_no_more(town: Town, nadia: Desk) -> None:
    contact = town.chat("council-tax")
    town.settle()
    parts = nadia.do(f"/desk/offers/{Offer.objects.get(state='open').pk}/decline")
    assert "back at its own place" in parts and "data-offer=" not in parts
    contact.refresh_from_db()
    assert contact.state == "queued"


def test_a_voice_message_cannot_be_answered_in_writing_and_its_sender_is_not_named_after_the_matter(
    town: Town, nadia: Desk
) -> None:
    left = Inbound(channel="voicemail", text="My permit has not come", service_code="council-tax")
    contact = nadia.take(intake.receive(inbound=left).contact)
    shown = nadia.open(contact)
    assert "Nothing can be written to them by telephone. Call back, or write a note." in shown
    assert 'value="note" checked' in shown and 'name="via" value="message"' not in shown
    assert "<strong>Resident</strong> <time" in shown
    refused = nadia.do(f"/desk/c/{contact.pk}/say", 422, via="message", body="We sent it today")
    assert "Call back, or write a note." in refused
    assert not Message.objects.filter(contact=contact, direction="out").exists()
    nadia.do(f"/desk/c/{contact.pk}/say", via="note", body="Calls again on Monday")
    assert Message.objects.filter(contact=contact, direction="note").exists()


def test_a_whole_conversation_with_plain_forms(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", "Hello", resident=GRACE))
    base = f"/desk/c/{contact.pk}/"
    assert nadia.client.post(base + "say", {"via": "message", "body": "Good morning"}).status_code == 302
    assert nadia.client.post(base + "say", {"via": "note", "body": "Speaks softly"}).status_code == 302
    shown = nadia.open(contact)
    assert "Good morning" in shown and "Your note" in shown and "Speaks softly" in shown
    assert nadia.client.post(base + "wrap-up").status_code == 302
    assert "Wrap-up" in nadia.open(contact)
    assert nadia.client.post(base + "reopen").status_code == 302
    done = nadia.client.post(base + "complete", {"disposition": "solved", "cause": "not_acted"})
    assert done.status_code == 302 and done.headers["Location"] == "/desk/"
    contact.refresh_from_db()
    assert (contact.state, contact.disposition, contact.cause) == ("closed", "solved", "not_acted")


def test_the_same_text_sent_twice_is_one_message(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax"))
    for _ in range(2):
        nadia.do(f"/desk/c/{contact.pk}/say", via="message", body="Once", client_key="k-1")
    assert Message.objects.filter(contact=contact, body="Once").count() == 1


def test_delivery_states_are_told(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax"))
    nadia.do(f"/desk/c/{contact.pk}/say", via="message", body="Hello")
    assert "Queued" in nadia.read(f"/desk/c/{contact.pk}/now", parts=True)
    town.settle()
    assert "Sent" in nadia.read(f"/desk/c/{contact.pk}/now", parts=True)
    intake.mark_read(contact_id=contact.pk, up_to=99, reader="resident")
    assert "Read" in nadia.read(f"/desk/c/{contact.pk}/now", parts=True)


def test_a_refusal_keeps_what_was_typed(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax"))
    nadia.client.post(f"/desk/c/{contact.pk}/complete", {"disposition": "solved"})
    page = nadia.client.post(f"/desk/c/{contact.pk}/say", {"via": "message", "body": "One more thing"})
    assert page.status_code in (403, 409)
    assert "One more thing" in page.content.decode()


def test_a_file_goes_with_a_message_and_is_read_by_those_who_may(
    town: Town, nadia: Desk, colleague: Desk
) -> None:
    contact = nadia.take(town.chat("council-tax"))
    letter = SimpleUploadedFile("letter.txt", b"Dear Grace", "text/plain")
    nadia.do(f"/desk/c/{contact.pk}/say", via="message", body="Our letter", file=letter)
    found = re.search(r"/desk/files/[0-9a-f-]+", nadia.open(contact))
    assert found is not None
    answer = nadia.client.get(found[0])
    assert b"".join(answer) == b"Dear Grace"  # type: ignore[arg-type]  # a streaming answer
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert colleague.client.get(found[0]).status_code == 403


def test_markup_and_direction_marks_are_shown_as_text(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", "<script>alert(1)</script> \u202eevil"))
    shown = nadia.open(contact)
    assert "<script>alert" not in shown and "&lt;script&gt;alert(1)" in shown


def test_passing_on_to_a_queue_opens_the_next_contact(town: Town, nadia: Desk, colleague: Desk) -> None:
    first, second = (
        nadia.take(town.chat("council-tax", "first")),
        nadia.take(town.chat("council-tax", "second")),
    )
    parts = nadia.do(f"/desk/c/{second.pk}/transfer", to="queue:benefits", note="Rent, not tax")
    assert f'data-contact="{first.pk}"' in parts and "Passed to benefits" in parts
    second.refresh_from_db()
    assert second.queue == Queue.objects.get(code="benefits") and second.agent_id is None
    colleague.take(second)
    assert "Rent, not tax" in colleague.open(second)


def test_a_colleague_who_is_away_cannot_be_given_a_contact(town: Town, nadia: Desk, colleague: Desk) -> None:
    people.set_presence(agent_id=colleague.id, state="break", reason="lunch", by=colleague.id)
    contact = nadia.take(town.chat("council-tax"))
    told = nadia.do(f"/desk/c/{contact.pk}/transfer", 422, to=f"agent:{colleague.id}")
    assert "not free now" in told
    assert 'role="status"' in told


def test_who_is_lent_by_a_partner_body_is_marked_before_they_are_chosen(
    town: Town, nadia: Desk, colleague: Desk
) -> None:
    own = town.agent("Omar", queues=["council-tax"], skills={"council-tax": 1})
    lent = town.agent("Lena", queues=["council-tax"], skills={"council-tax": 4})
    QueueMember.objects.filter(agent_id=lent).update(partner=True)
    page = nadia.open(nadia.take(town.chat("council-tax")))
    transfer, consult = page.split('id="transfer-to"')[1], page.split('id="consult-who"')[1]
    assert f'<option value="agent:{lent}">Lena (lent by a partner body)</option>' in transfer
    assert f'<option value="{lent}">Lena (lent by a partner body) (Free)</option>' in consult
    assert f'<option value="agent:{own}">Omar</option>' in transfer
    # Those of the contact's own queue come first.
    assert transfer.index("Lena") < transfer.index("Omar") < transfer.index(str(colleague.id))


def test_a_mentioned_colleague_hears_of_it_and_may_read_but_not_reply(
    town: Town, nadia: Desk, colleague: Desk
) -> None:
    contact = nadia.take(town.chat("council-tax", "Hello"))
    assert colleague.client.get(f"/desk/c/{contact.pk}/").status_code == 403
    nadia.do(f"/desk/c/{contact.pk}/say", via="note", body="@Jonas is this yours?")
    assert "1 new" in colleague.read("/desk/bell", parts=True)
    shown = colleague.open(contact)
    assert "is this yours?" in shown and "Nadia has this contact" in shown
    colleague.do(f"/desk/c/{contact.pk}/say", 403, via="message", body="Hello from Jonas")
    colleague.do(f"/desk/c/{contact.pk}/say", via="note", body="No, it is tax")
    assert "No, it is tax" in nadia.open(contact)
    assert "new" not in colleague.read("/desk/bell?seen=1", parts=True).split("</summary>")[0].lower()


def test_consulting_puts_the_question_before_the_colleague(town: Town, nadia: Desk, colleague: Desk) -> None:
    contact = nadia.take(town.chat("council-tax"))
    nadia.do(f"/desk/c/{contact.pk}/consult", colleague=str(colleague.id), question="Is there a form?")
    assert "Is there a form?" in colleague.read("/desk/bell", parts=True)
    assert "Is there a form?" in colleague.open(contact)


def test_the_list_stands_by_who_waits_longest_and_counts_what_is_unread(town: Town, nadia: Desk) -> None:
    waiting = nadia.take(town.chat("council-tax", "first"))
    answered = nadia.take(town.chat("council-tax", "second"))
    for contact in (waiting, answered):
        nadia.open(contact)
        town.clock.advance(10)
        nadia.do(f"/desk/c/{contact.pk}/say", via="message", body="Yes?")
    town.clock.advance(10)
    intake.add_message(contact_id=answered.pk, direction="in", body="and one more")
    shown = nadia.read("/desk/hand", parts=True)
    assert shown.index(str(answered.pk)) < shown.index(str(waiting.pk), shown.index("data-place"))
    assert "new message" in shown and "and one more" in shown


def test_written_work_waits_apart_from_what_waits_for_the_resident(town: Town, nadia: Desk) -> None:
    from civicline.intake.ports import Inbound

    contact = intake.receive(
        inbound=Inbound(channel="webform", text="My form", service_code="council-tax")
    ).contact
    nadia.take(contact)
    assert "Written, due" in nadia.read("/desk/hand", parts=True)
    town.clock.advance(5)
    nadia.do(f"/desk/c/{contact.pk}/say", via="message", body="Which house?")
    assert "Waiting for the resident" in nadia.read("/desk/hand", parts=True)


def test_parts_after_events_equal_a_fresh_page(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", "Hello", resident=GRACE))
    nadia.do(f"/desk/c/{contact.pk}/say", via="message", body="Good morning")
    intake.add_message(contact_id=contact.pk, direction="in", body="One question")
    town.settle()
    parts = nadia.read(f"/desk/c/{contact.pk}/now", parts=True)
    page = nadia.open(contact)

    def lines(text: str) -> list[str]:
        inside = re.search(r'<ol class="thread-in".*?</ol>', text, re.S)
        assert inside is not None
        return re.findall(r"<li.*?</li>", inside[0], re.S)

    assert lines(parts) == lines(page)
    assert len(lines(page)) == 5  # the day, two messages of the resident, one of ours, who took it


def test_presence_has_reasons(town: Town, nadia: Desk) -> None:
    assert "Break: lunch" in nadia.read("/desk/")
    parts = nadia.do("/desk/presence", state="break:lunch")
    assert "Break" in parts and town.presence(nadia.id) == "break"
    nadia.do("/desk/presence", 422, state="break:holiday")
    nadia.do("/desk/presence", state="available")
    assert town.presence(nadia.id) == "available"


def test_the_presence_says_what_keeps_somebody_from_the_next_contact(town: Town, nadia: Desk) -> None:
    def shown() -> str:
        found = re.search(r'class="presence"[^>]*aria-label="Presence: ([^"]*)"', nadia.read("/desk/"))
        assert found is not None
        return found[1]

    assert shown() == "Free"
    contact = nadia.take(town.chat("council-tax"))
    assert shown() == "With a resident"
    nadia.do(f"/desk/c/{contact.pk}/wrap-up")
    assert shown() == "Wrap-up"
    nadia.do(f"/desk/c/{contact.pk}/complete", disposition="solved")
    assert shown() == "Free"


def test_opening_a_contact_is_noted_once_and_looking_again_is_not(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", resident=GRACE))
    before = AuditEntry.objects.filter(action="resident.read").count()
    nadia.open(contact)
    nadia.read(f"/desk/c/{contact.pk}/now", parts=True)
    nadia.read(f"/desk/c/{contact.pk}/side", parts=True)
    assert AuditEntry.objects.filter(action="resident.read").count() == before + 1


def test_hot_parts_cost_few_queries(town: Town, nadia: Desk, django_assert_max_num_queries: object) -> None:
    for number in range(3):
        contact = nadia.take(town.chat("council-tax", f"chat {number}", resident=GRACE))
    limits = {"/desk/hand": 12, "/desk/offers": 8, f"/desk/c/{contact.pk}/now": 22, "/desk/bell": 8}
    for address, most in limits.items():
        with django_assert_max_num_queries(most):  # type: ignore[operator]  # pytest-django's fixture
            nadia.read(address, parts=True)


def test_the_card_of_an_offer_costs_as_few(
    town: Town, nadia: Desk, django_assert_max_num_queries: object
) -> None:
    town.chat("council-tax", "Is anybody there?", resident=GRACE)
    town.settle()
    nadia.read("/desk/offers", parts=True)  # the first page of a session writes down when it was
    # One of them only asks whether there is an offer: mostly there is none, and that is all. One reads the notes of
    # whoever passed on what is offered.
    with django_assert_max_num_queries(8):  # type: ignore[operator]  # pytest-django's fixture
        page = nadia.read("/desk/offers", parts=True)
    assert "/accept" in page


def test_a_contact_that_is_unknown_is_not_found(nadia: Desk) -> None:
    answer = nadia.client.get("/desk/c/00000000-0000-7000-8000-000000000000/", headers=PARTS)
    assert answer.status_code == 404 and "There is no such contact" in answer.content.decode()


def test_the_look_is_the_servers_and_a_choice(nadia: Desk) -> None:
    assert "data-theme-auto" in nadia.read("/desk/")
    nadia.client.post("/desk/settings", {"theme": "dark"})
    assert 'data-theme="dark"' in nadia.read("/desk/")


def test_unread_words_are_read_by_opening_only_by_who_holds_them(town: Town, nadia: Desk) -> None:
    contact = town.chat("council-tax", "Hello")
    nadia.take(contact)
    assert Message.objects.get(contact=contact, direction="in").read_at is None
    nadia.open(contact)
    assert Message.objects.get(contact=contact, direction="in").read_at is not None
    assert Contact.objects.get(pk=contact.pk).agent_id == nadia.id


def test_a_contact_on_legal_hold_says_so_beside_the_conversation(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", "Hello", resident=GRACE))
    address = f"/desk/c/{contact.pk}/"
    assert "legal hold" not in nadia.read(address)
    people.place_hold(kind="contact", object_id=contact.pk, reason="Court 12/26")
    shown = nadia.read(address)
    assert "On legal hold since" in shown and "Court 12/26" in shown
    assert "To the hold" not in shown, "an agent may not open the hold itself"


def test_a_hold_over_the_resident_is_told_beside_each_of_their_contacts(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", "Hello", resident=GRACE))
    assert contact.resident_id is not None
    hold = people.place_hold(kind="resident", object_id=contact.resident_id, reason="An inquiry")
    assert "An inquiry" in nadia.read(f"/desk/c/{contact.pk}/")
    people.end_hold(hold_id=hold.pk, reason="It is over")
    assert "An inquiry" not in nadia.read(f"/desk/c/{contact.pk}/")


def test_a_long_wait_is_told_in_hours_and_days(town: Town, nadia: Desk) -> None:
    contact = nadia.take(town.chat("council-tax", "Hello", resident=GRACE))
    for before, words in ((timedelta(hours=9, minutes=57), "9 h 57 min"), (timedelta(days=3), "3 days")):
        Contact.objects.filter(pk=contact.pk).update(
            queued_at=town.clock.now() - before, connected_at=town.clock.now()
        )
        assert f"Waited {words}" in nadia.read(f"/desk/c/{contact.pk}/")


def test_who_waits_in_front_of_a_screen_rings_above_a_form_that_came_before(town: Town, nadia: Desk) -> None:
    town.write("council-tax", "A form that came first", resident=GRACE)
    town.settle()
    town.clock.advance(5)
    town.chat("council-tax", "A chat that came later")
    town.settle()
    card, _label, more = nadia.read("/desk/offers").partition("More offers")
    assert "Chat, council-tax" in card and "Chat, council-tax" not in more
    assert "Form, council-tax" in more
