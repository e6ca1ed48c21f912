"""The web chat as a resident without JavaScript has it: every page and every form of it."""

import re
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.intake.models import Calendar
from civicline.routing import services as routing
from civicline.routing.selectors import offers_of
from tests.integration.channels.chat.resident import Resident, key_of, picture, words
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def connect(town: Town, name: str = "Nadia") -> UUID:
    """An agent comes, is offered the chat and takes it."""
    agent = town.agent(name, queues=["council-tax"], skills={"council-tax": 4}, languages=("en", "ar"))
    town.settle()
    (offer,) = offers_of(agent)
    routing.accept_offer(offer_id=offer.id, agent_id=agent)
    town.settle()
    return agent


def test_the_start_page_says_hours_and_wait_before_one_starts(town: Town) -> None:
    page = words(Resident().get("/chat/?service=council-tax"))
    assert "Chat about council-tax" in page
    assert "The wait now" in page
    choice = words(Resident().get("/chat/"))
    assert "What is it about?" in choice
    assert "benefits" in choice


def test_the_reference_is_there_from_the_first_second(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start(name="Grace", email="grace@example.org")
    contact = intake.get_contact(contact_id)
    assert contact is not None
    page = resident.look()
    assert contact.reference in page
    assert "You are joining the line" in page
    assert "Why is my bill so high?" in page
    town.settle()
    assert "in line" in resident.look()
    assert contact.resident is not None
    assert contact.resident.name == "Grace"


def test_a_conversation_from_the_first_word_to_the_last(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    agent = connect(town)
    assert "Nadia from council-tax has joined." in resident.look()
    intake_services.mark_read(contact_id=contact_id, up_to=1, reader="staff")
    intake_services.add_message(contact_id=contact_id, direction="out", body="Let me look.", author_id=agent)
    intake_services.add_message(
        contact_id=contact_id, direction="note", body="owes since May", author_id=agent
    )
    page = resident.look()
    assert "Let me look." in page
    assert "Read" in page
    assert "owes since May" not in page
    assert resident.say("Thank you").status_code == 302
    routing.complete(contact_id=contact_id, agent_id=agent, disposition="solved")
    page = resident.look()
    assert "This chat has ended." in page
    assert "Send" not in page.split("Keep this chat")[0].split("Messages")[-1]
    refused = resident.say("One more thing")
    assert refused.status_code == 409
    assert "This conversation has ended" in words(refused)


def test_old_state_and_news_are_a_fresh_page(town: Town) -> None:
    """A page that adds what is new, and puts it in the order it is told, is the page drawn anew."""
    resident = Resident()
    contact_id = resident.start()
    shown: dict[str, str] = {}

    def follow(after: int) -> int:
        news = resident.news(after)
        for entry in news["entries"]:
            shown.setdefault(entry["id"], entry["html"])
        fresh = resident.news(0)
        assert news["order"] == fresh["order"] == sorted(shown, key=fresh["order"].index)
        for entry in fresh["entries"]:
            # States change in place, by the part sent beside: the rest of an entry stays as it was.
            assert strip_state(shown[entry["id"]]) == strip_state(entry["html"])
        for key in ("head", "place", "phase", "title", "open", "states"):
            assert news[key] == fresh[key]
        return int(news["after"])

    after = follow(0)
    town.settle()
    after = follow(after)
    agent = connect(town)
    after = follow(after)
    for number in range(3):
        resident.say(f"Question {number}")
        intake_services.add_message(
            contact_id=contact_id, direction="out", body=f"Answer {number}", author_id=agent
        )
        intake_services.add_message(contact_id=contact_id, direction="note", body="for us", author_id=agent)
        after = follow(after)
    intake_services.mark_read(contact_id=contact_id, up_to=99, reader="staff")
    after = follow(after)
    routing.complete(contact_id=contact_id, agent_id=agent, disposition="solved")
    follow(after)
    assert len(shown) == 9  # 1 + 6 messages, joined, ended; no notes


def strip_state(html: str) -> str:
    return re.sub(r'<span class="delivery.*?</span>', "", html, flags=re.S)


def test_a_second_click_finds_the_first_chat_again(town: Town) -> None:
    resident = Resident()
    form = {"key": key_of(resident.get("/chat/")), "service": "council-tax", "body": "Hello"}
    first, second = resident.post("/chat/", form), resident.post("/chat/", form)
    assert first["Location"] == second["Location"]
    assert resident.get(second["Location"]).status_code == 200, "the repeat has the secret too"
    other = resident.post("/chat/", form | {"body": "Something else"})
    assert other.status_code == 409
    assert "Send it again to start another chat" in words(other)
    again = resident.post("/chat/", form | {"body": "Something else", "key": key_of(other)})
    assert again["Location"] != first["Location"]


def test_the_same_message_sent_twice_is_there_once(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    for _ in range(3):
        file = SimpleUploadedFile("bill.png", picture())
        assert resident.say("I was cut off", file, client_key="k1").status_code == 302
    (message,) = intake.list_messages(contact_id, after=1)
    assert message.body == "I was cut off"
    assert len(message.attachments.all()) == 1


def test_the_start_page_names_every_problem_and_links_to_it(town: Town) -> None:
    resident = Resident()
    form = {"key": key_of(resident.get("/chat/")), "body": "", "email": "grace at home"}
    page = resident.post("/chat/", form)
    html = page.content.decode()
    assert page.status_code == 400
    assert "There is a problem" in html
    for field in ("service", "body", "email"):
        assert f'href="#{field}"' in html
        assert f'id="{field}"' in html
    assert "<title>Error:" in html


def test_an_old_or_forged_form_keeps_the_words(town: Town) -> None:
    page = Resident().post("/chat/", {"key": "forged", "service": "council-tax", "body": "A long story"})
    assert page.status_code == 400
    assert "A long story" in page.content.decode()
    assert key_of(page) != "forged"


def test_leaving_it_as_a_message_keeps_words_reference_and_chat(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    town.settle()
    assert "Leave it as a message?" in words(resident.get(f"{resident.here}leave"))
    assert resident.post(f"{resident.here}leave").status_code == 302
    contact = intake.get_contact(contact_id)
    assert contact is not None
    assert (contact.channel, contact.state) == ("webform", "queued")
    assert contact.due_at is not None
    page = resident.look()
    assert "Your message is with us." in page
    assert contact.reference in page
    assert resident.say("I forgot to say: it is urgent").status_code == 302
    connect(town)
    assert "has joined" in resident.look()


def test_ending_the_chat_asks_first_and_gives_up_the_place(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    town.settle()
    assert "You give up your place in the line" in words(resident.get(f"{resident.here}end"))
    for _ in range(2):  # a second click is harmless
        assert resident.post(f"{resident.here}end").status_code == 302
    contact = intake.get_contact(contact_id)
    assert contact is not None
    assert contact.state == "abandoned"
    assert "This chat has ended." in resident.look()


def test_a_resident_ends_a_chat_in_progress(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    connect(town)
    resident.post(f"{resident.here}end")
    contact = intake.get_contact(contact_id)
    assert contact is not None
    assert contact.state == "wrap_up"
    assert "You ended the chat." in resident.look()


def test_when_closed_one_leaves_a_message_and_is_told_when_we_open(town: Town) -> None:
    Calendar.objects.filter(code="always").update(weekly=[{"day": 6, "start": "09:00", "end": "10:00"}])
    resident = Resident()
    page = resident.get("/chat/?service=council-tax")
    assert "We are closed." in words(page)
    assert "We open Sunday" in words(page)
    assert "cut off" not in words(page), "nobody is on the line who could be cut off"
    assert "So that our answer reaches you." in words(page)
    form = {"key": key_of(page), "service": "council-tax", "body": "Please call", "email": "g@example.org"}
    asked_once_more = resident.post("/chat/", form)  # as if it had been open when the page was drawn
    assert asked_once_more.status_code == 200
    assert "Please call" in asked_once_more.content.decode()
    answer = resident.post("/chat/", form | {"leave": "1"})
    assert answer.status_code == 302
    resident.here = answer["Location"]
    town.settle()
    page_words = resident.look()
    assert "Your message is with us." in page_words
    assert "We answer by" in page_words


def test_the_transcript_is_complete_and_speaks_the_pages_language(town: Town) -> None:
    resident = Resident(language="ar")
    contact_id = resident.start("سؤال عن الضريبة")
    agent = connect(town)
    intake_services.add_message(contact_id=contact_id, direction="out", body="<b>Hello</b>", author_id=agent)
    contact = intake.get_contact(contact_id)
    assert contact is not None
    text = resident.get(f"{resident.here}transcript.txt")
    assert text["Content-Disposition"] == f'attachment; filename="{contact.reference}.txt"'
    decoded = text.content.decode("utf-8-sig")
    for part in (contact.reference, "سؤال عن الضريبة", "Nadia: <b>Hello</b>"):
        assert part in decoded
    page = resident.get(f"{resident.here}transcript.html").content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert "&lt;b&gt;Hello" in page


def test_the_language_stays_with_the_chat(town: Town) -> None:
    resident = Resident(language="en")
    page = resident.get("/chat/?lang=ar")
    assert 'lang="ar" dir="rtl"' in page.content.decode()
    answer = resident.post("/chat/?lang=ar", {"key": key_of(page), "service": "council-tax", "body": "مرحبا"})
    assert "lang=ar" in answer["Location"]
    resident.here = answer["Location"].split("?")[0]
    assert 'dir="rtl"' in resident.get(resident.here).content.decode(), "also without the address saying so"
    contact = intake.get_contact(UUID(resident.here.split("/")[2]))
    assert contact is not None
    assert contact.languages == ["ar"]


def test_the_browser_says_what_it_holds_and_has_shown(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    agent = connect(town)
    intake_services.add_message(contact_id=contact_id, direction="out", body="Hello", author_id=agent)
    town.settle()
    number = intake.list_messages(contact_id)[-1].number
    assert resident.post(f"{resident.here}seen", {"got": number}).status_code == 204
    assert intake.list_messages(contact_id)[-1].delivery.state == "delivered"
    resident.post(f"{resident.here}seen", {"got": number, "seen": number})
    assert intake.list_messages(contact_id)[-1].delivery.state == "read"


def test_the_reference_and_the_code_open_the_status_page(town: Town) -> None:
    resident, elsewhere = Resident(), Resident()
    contact_id = resident.start()
    contact = intake.get_contact(contact_id)
    assert contact is not None
    assert resident.get(f"/en/status/{contact.reference}/").status_code == 200, (
        "the same browser needs no code"
    )
    code = re.search(r'chat-code">([^<]+)<', resident.get(resident.here).content.decode())
    assert code
    answer = elsewhere.post("/en/status/", {"reference": contact.reference.lower(), "code": code[1].upper()})
    assert answer.status_code == 302
    assert elsewhere.get(answer["Location"]).status_code == 200


def test_after_the_end_one_can_say_how_it_was(town: Town) -> None:
    resident = Resident()
    contact_id = resident.start()
    agent = connect(town)
    routing.complete(contact_id=contact_id, agent_id=agent, disposition="solved")
    link = re.search(r'href="([^"]+)"[^>]*>Tell us how it was', resident.get(resident.here).content.decode())
    assert link
    assert "How did we do?" in words(resident.get(link[1])), "without asking for the code again"
