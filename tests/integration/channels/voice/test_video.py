"""Calls with a picture, without an exchange: who is asked, who is not, what is told in writing, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client

from civicline.channels.voice import services as voice
from civicline.channels.voice import sip_frames, tickets
from civicline.channels.voice.models import Call
from civicline.channels.voice.recordings import rules
from civicline.channels.voice.video import selectors as video
from civicline.channels.voice.video import services as video_services
from civicline.channels.voice.video.models import Visit
from civicline.intake.models import Calendar, Contact
from civicline.kernel.selectors import events_of_contact
from civicline.people import services as people
from civicline.people.models import User
from civicline.people.roles import Role
from civicline.routing import services as routing
from civicline.routing.models import Offer, Queue, Ring
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
BSL = "bfi"


@pytest.fixture(autouse=True)
def telephone(settings: Any, tmp_path: Path) -> None:
    """A house with a telephone that guests may call."""
    cache.clear()
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_mode="embedded", var=tmp_path)


@pytest.fixture
def house(town: Town) -> Town:
    """Council tax is called with a picture, and the house knows British Sign Language."""
    people.save_skill(code=BSL, kind="signed", name={"en": "British Sign Language"})
    video_services.set_offered(queue_id=Queue.objects.get(code="council-tax").pk, offered=True)
    return town


def somebody(town: Town, name: str, *, signs: int | None = None, camera: bool = False) -> UUID:
    """An agent of council tax with a telephone in the browser."""
    agent_id = town.agent(name, queues=["council-tax"], skills={"council-tax": 4})
    voice.save_phone(agent_id=agent_id, name=str(7001 + User.objects.count()), kind="browser")
    if signs is not None:
        people.set_skill(agent_id=agent_id, code=BSL, level=signs)
    if camera:
        video_services.choose_camera(agent_id=agent_id, wanted=True)
    return agent_id


def asks(
    client: Client, *, queue: str = "council-tax", sign: str = BSL, status: int = 200, **more: str
) -> Any:
    """The page asks for a line."""
    answer = client.post("/en/call/video/line/", {"queue": queue, "sign": sign, **more})
    assert answer.status_code == status, answer.content
    return answer.json()


def calls(client: Client) -> tuple[str, Contact]:
    """A resident calls with a picture: the ticket of their page, and the contact that waits."""
    line = asks(client)
    mark = line["dial"].partition("@")[0].rpartition("-")[2]
    raw = {"channel": f"guest-{Call.objects.count()}", "number": "", "called": "0"}
    arrived = voice.arrive_with_picture(raw=raw, mark=mark)
    assert arrived is not None
    return line["socket"], Contact.objects.get(pk=arrived.contact_id)


def shown(client: Client, ticket: str, what: str = "now", status: int = 200, **fields: str) -> Any:
    """What the page is told."""
    answer = client.post(f"/en/call/video/{what}/", {"ticket": ticket, **fields})
    assert answer.status_code == status, answer.content
    return answer.json()


def offered_to(contact: Contact) -> list[UUID]:
    return [one.agent_id for one in Offer.objects.filter(contact=contact, state="open")]


def test_it_is_off_until_a_queue_is_chosen(town: Town, client: Client) -> None:
    people.save_skill(code=BSL, kind="signed", name={"en": "British Sign Language"})
    assert "We take no calls in sign language" in client.get("/en/call/video/").content.decode()
    assert "sign language" not in client.get("/en/call/").content.decode()
    assert asks(client, status=404)["code"] == "video-not-offered"
    assert not Visit.objects.exists()


def test_the_page_names_what_can_be_called_and_in_which_language(house: Town, client: Client) -> None:
    page = client.get("/en/call/video/").content.decode()
    assert "British Sign Language" in page and "council-tax" in page and "benefits" not in page
    assert "/en/call/video/" in client.get("/en/call/").content.decode()
    assert asks(client, queue="benefits", status=404)["code"] == "video-not-offered"
    assert asks(client, sign="ase", status=404)["code"] == "video-not-offered"


def test_outside_of_opening_hours_nobody_waits_in_vain(house: Town, client: Client) -> None:
    Calendar.objects.update(weekly=[])
    assert "We are closed now" in client.get("/en/call/video/").content.decode()
    assert asks(client, status=409)["code"] == "video-closed"


def test_only_those_are_asked_who_sign_and_are_seen_whatever_the_rings_allow(
    house: Town, client: Client
) -> None:
    queue = Queue.objects.get(code="council-tax")
    Ring.objects.create(queue=queue, after_seconds=1, level_drop=4)
    somebody(house, "Hears", camera=True)
    somebody(house, "Unseen", signs=5)
    _ticket, contact = calls(client)
    house.clock.advance(30)
    house.settle()
    assert offered_to(contact) == []
    signer = somebody(house, "Signs", signs=2, camera=True)
    house.settle()
    assert offered_to(contact) == [signer]


def test_whoever_signs_best_is_asked_first(house: Town, client: Client) -> None:
    somebody(house, "Some", signs=2, camera=True)
    best = somebody(house, "Best", signs=5, camera=True)
    _ticket, contact = calls(client)
    house.settle()
    assert offered_to(contact) == [best]


def test_a_desk_phone_has_no_picture_and_the_browser_has_it_back(house: Town) -> None:
    agent_id = somebody(house, "Signs", signs=4, camera=True)
    queue = Queue.objects.get(code="council-tax")
    assert [one.agent_id for one in video.signers(queue.pk, BSL)] == [agent_id]
    voice.choose_phone(agent_id=agent_id, kind="sip")
    assert video.signers(queue.pk, BSL) == []
    voice.choose_phone(agent_id=agent_id, kind="browser")
    assert [one.agent_id for one in video.signers(queue.pk, BSL)] == [agent_id]
    voice.remove_phone(agent_id=agent_id)
    assert video.signers(queue.pk, BSL) == [] and not video.has_camera(agent_id)


def test_the_wait_is_told_in_writing_and_honestly(house: Town, client: Client) -> None:
    somebody(house, "Hears")
    ticket, contact = calls(client)
    house.settle()
    told = shown(client, ticket)
    assert (told["phase"], told["title"], told["may_waive"]) == ("waiting", "You are number 1 in line", True)
    assert "Nobody who signs British Sign Language is at work just now" in told["text"]
    somebody(house, "Signs", signs=4, camera=True)
    house.settle()
    assert shown(client, ticket)["phase"] == "ringing"
    assert contact.languages == [BSL] and ["telephone", 5] in contact.skills


def test_with_consent_it_goes_on_in_writing_with_whoever_is_free(house: Town, client: Client) -> None:
    hears = somebody(house, "Hanna")
    ticket, contact = calls(client)
    house.settle()
    assert offered_to(contact) == []
    assert shown(client, ticket, "waive")["waived"] is True
    house.settle()
    assert offered_to(contact) == [hears]
    routing.accept_offer(offer_id=Offer.objects.get(contact=contact).pk, agent_id=hears)
    call = Call.objects.get(contact=contact)
    voice.talking(call_id=call.pk, agent_id=hears)
    told = shown(client, ticket)
    assert (told["phase"], told["picture"]) == ("talking", "none")
    assert "Hanna has no camera" in told["text"]
    assert "call.sign_waived" in [row.name for row in events_of_contact(contact.pk)]
    assert shown(client, ticket, "waive", status=409)["code"] == "call-moved"


@pytest.fixture
def talk(house: Town, client: Client) -> tuple[str, Contact, UUID]:
    """A resident and an agent who see each other."""
    signer = somebody(house, "Amina", signs=4, camera=True)
    ticket, contact = calls(client)
    house.settle()
    routing.accept_offer(offer_id=Offer.objects.get(contact=contact).pk, agent_id=signer)
    voice.talking(call_id=Call.objects.get(contact=contact).pk, agent_id=signer)
    contact.refresh_from_db()
    return ticket, contact, signer


def test_connected_is_told_in_writing_with_a_name(client: Client, talk: tuple[str, Contact, UUID]) -> None:
    told = shown(client, talk[0])
    assert (told["phase"], told["picture"]) == ("talking", "on")
    assert told["title"] == "You are connected with Amina"
    voice.hold(contact_id=talk[1].pk, agent_id=talk[2])
    assert shown(client, talk[0])["phase"] == "held"


def test_both_write_beside_the_picture(house: Town, client: Client, talk: tuple[str, Contact, UUID]) -> None:
    ticket, contact, signer = talk
    for _again in range(2):  # the network swallowed the first answer
        shown(client, ticket, "say", text="12 Quay Street", key="one")
    desk = Client()
    desk.force_login(User.objects.get(pk=signer))
    page = desk.get(f"/desk/c/{contact.pk}/").content.decode()
    assert page.count('<div class="said">12 Quay Street</div>') == 1 and "Beside the picture" in page
    assert desk.post(f"/desk/c/{contact.pk}/say", {"body": "Thank you", "via": "message"}).status_code == 302
    house.settle()
    told = shown(client, ticket)
    assert [(one["side"], one["text"]) for one in told["lines"]] == [
        ("me", "12 Quay Street"),
        ("them", "Thank you"),
    ]
    last = told["lines"][-1]["number"]
    assert shown(client, ticket, after=str(last), news="1")["lines"] == []
    assert "message.read" in [row.name for row in events_of_contact(contact.pk)]
    assert shown(client, ticket, "say", status=400, text="  ")["code"]


def test_whose_camera_is_off_is_told_to_the_other_side(
    client: Client, talk: tuple[str, Contact, UUID]
) -> None:
    ticket, contact, signer = talk
    desk, other = Client(), Client()
    desk.force_login(User.objects.get(pk=signer))
    address = f"/desk/c/{contact.pk}/call/camera"
    assert desk.post(address, {"on": "0"}).status_code == 302
    assert shown(client, ticket)["picture"] == "off"
    shown(client, ticket, "camera", on="0")
    assert 'data-caller-camera="off"' in desk.get(f"/desk/c/{contact.pk}/").content.decode()
    stranger = people.create_staff(email="s@saltmere.example", name="S", roles=[Role.AGENT])
    other.force_login(stranger)
    assert other.post(address, {"on": "1"}).status_code in (403, 404)
    assert shown(client, ticket)["picture"] == "off"


def test_no_rule_records_a_call_with_a_picture(talk: tuple[str, Contact, UUID]) -> None:
    voice.save_rule(queue_code="council-tax", mode="always", days=None)
    call = Call.objects.get(contact=talk[1])
    assert rules.plan_of(call.pk) is None
    Visit.objects.all().delete()
    assert rules.plan_of(call.pk) is not None


def test_a_mark_that_nobody_was_given_and_a_mark_that_is_used_open_nothing(
    house: Town, client: Client
) -> None:
    raw = {"channel": "guest-x", "number": "", "called": "0"}
    assert voice.arrive_with_picture(raw=raw, mark="0" * 24) is None
    _ticket, contact = calls(client)
    mark = Visit.objects.get().mark
    assert voice.arrive_with_picture(raw=raw, mark=mark) is None
    same = {**raw, "channel": Call.objects.get().channel}
    again = voice.arrive_with_picture(raw=same, mark=mark)
    assert again is not None and again.contact_id == contact.pk
    for shown_ticket in ("", "forged", tickets.write(tickets.Ticket("agent", "x", "", "h", "i"))):
        assert shown(client, shown_ticket, status=404)["code"] == "video-over"


def test_the_same_visit_after_a_lost_network_is_the_same_call(house: Town, client: Client) -> None:
    first = asks(client)
    second = asks(client, again=first["socket"])
    assert first["dial"] == second["dial"] and Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("dialled", "passes"),
    [
        ("video-en-0123456789abcdef01234567", True), ("video-en-short", False), ("video-en", False),
        ("video-en-0123456789ABCDEF01234567", False), ("town-en", True), ("videotown", False),
    ],
)  # fmt: skip
def test_the_door_lets_a_guest_dial_nothing_else(dialled: str, passes: bool) -> None:
    frames = sip_frames.Frames(tickets.Ticket("guest", "guest-1", "", "holder", "id"))
    frame = (
        f"INVITE sip:{dialled}@civicline.invalid SIP/2.0\r\nFrom: <sip:guest-1@civicline.invalid>;tag=1\r\n"
        f"To: <sip:{dialled}@civicline.invalid>\r\nCall-ID: c\r\n\r\n"
    )
    assert frames.allows(frame) is passes


def test_an_administrator_offers_it_and_sees_who_could_answer(house: Town, client: Client) -> None:
    admin = people.create_staff(email="a@saltmere.example", name="A", roles=[Role.ADMINISTRATOR])
    client.force_login(admin)
    page = client.get("/admin/calls/video/").content.decode()
    assert "British Sign Language" in page and "nobody" in page
    somebody(house, "Signs", signs=4, camera=True)
    assert "1 person" in client.get("/admin/calls/video/").content.decode()
    stamp = page.partition('name="stamp" value="')[2].partition('"')[0]
    client.post("/admin/calls/video/", {"queues": ["benefits"], "stamp": stamp})
    assert [one.queue.code for one in video.offered()] == ["benefits"]


def test_an_agent_says_that_they_have_a_camera(house: Town, client: Client) -> None:
    agent_id = somebody(house, "Signs", signs=4)
    client.force_login(User.objects.get(pk=agent_id))
    assert "I have a camera here" in client.get("/desk/telephone/").content.decode()
    client.post("/desk/telephone/picture", {"video": "1"})
    assert video.is_seen(agent_id)
    client.post("/desk/telephone/picture", {})
    assert not video.is_seen(agent_id)
