"""A busy moment of the demo town, for pictures and for looking at every page: `python -m tests.floor` in its settings.

Run as a process of its own beside a running server, over the same database and through the same services. Prints
what it made as JSON: where the conversations and the cases are.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from uuid import UUID

from tests import busy_lines, video_orders, working_day
from tests.furnished import furnish

WORKING_DAY = "working-day"
LATE_OFFER = 99  # seconds an offer rings here: long enough to look at it
WAITING = [
    ("council-tax", "Grace Okafor", "My bill did not change after I moved out", 2),
    ("benefits", "Piotr Zielinski", "When is my housing benefit paid?", 7),
    ("benefits", "Amara Nwosu", "My income changed last week. What do I send you?", 4),
    ("repair", "Lena Fischer", "There is no hot water since Friday", 11),
    ("repair", "Tom Archer", "The front door of our block does not lock", 6),
    ("health", "Sofia Marino", "Who can advise me about my mother's care?", 1),
]
TALKING = [
    ("ines", "benefits", "Miguel Torres", "Can I apply for a reduction if I study?"),
    ("jonas", "council-tax", "Deniz Kaya", "I pay twice for the same flat"),
    ("mei", "health", "Hannah Reid", "Where can I get the vaccine?"),
]
BREAKS = [("ruth", "break", "lunch"), ("dario", "training", "coaching")]


def _agents() -> dict[str, UUID]:
    from civicline.people import selectors as people

    return {user.email.split("@")[0]: user.pk for user in people.list_staff()}


def _open_today() -> None:
    """The town hall is open on the day of the pictures, whatever day it is."""
    from civicline.intake.models import Calendar
    from civicline.routing.models import Queue

    Calendar.objects.filter(code="town-hall").update(
        weekly=[{"day": day, "start": "08:00", "end": "18:00"} for day in range(7)], holiday_country=""
    )
    Queue.objects.update(offer_seconds=LATE_OFFER, wrap_up_seconds=3600)


def _arrive(service: str, name: str, text: str, minutes: float, channel: str = "chat") -> UUID:
    """A resident comes so many minutes ago; returns the contact's id."""
    return _received(service, name, text, minutes, channel)[0]


def _received(service: str, name: str, text: str, minutes: float, channel: str = "chat") -> tuple[UUID, str]:
    """The same, with the secret that opens the resident's own page."""
    from civicline.intake import services as intake
    from civicline.intake.ports import Inbound, ResidentFacts
    from civicline.kernel import clock
    from civicline.routing import services as routing

    with clock.use(clock.ManualClock(clock.now() - timedelta(minutes=minutes))):
        mail = f"{name.lower().replace(' ', '.')}@resident.example"
        inbound = Inbound(
            channel=channel,
            text=text,
            subject=text[:80],
            service_code=service,
            resident=ResidentFacts(name=name, email=mail, language="en"),
            languages=("en",),
        )
        received = intake.receive(inbound=inbound)
        routing.triage(contact_id=received.contact.id)
    return received.contact.id, received.secret


def _talk(agent: UUID, contact: UUID, *lines: tuple[str, str]) -> None:
    """The agent takes the contact, and both write."""
    from civicline.intake import services as intake
    from civicline.people import services as people
    from civicline.people.models import Presence
    from civicline.routing import services as routing

    if Presence.objects.get(pk=agent).state == "signed_out":
        people.set_presence(agent_id=agent, state="available")
    Presence.objects.filter(pk=agent).update(last_seen_at=_for_two_hours())
    routing.assign(contact_id=contact, agent_id=agent, by=agent, reason="A busy moment")
    for direction, body in lines:
        author = agent if direction == "out" else None
        intake.add_message(contact_id=contact, direction=direction, body=body, author_id=author)


def _on_the_telephone(agent: UUID) -> UUID:
    """Somebody whom we know has chosen benefits in the menu, and talks with this agent; it needs no exchange."""
    from civicline.channels.voice import services as voice
    from civicline.channels.voice.flows.selectors import menu_for
    from civicline.intake import services as intake
    from civicline.intake.ports import Inbound, ResidentFacts
    from civicline.routing import services as routing

    number = "+442079460318"
    before = Inbound(
        channel="webform", text="I moved in with my sister.", subject="Change of address", service_code="benefits",
        resident=ResidentFacts(name="Samuel Adeyemi", phone=number, language="en"), languages=("en",),
    )  # fmt: skip
    known = intake.receive(inbound=before).contact
    routing.triage(contact_id=known.id)
    voice.save_phone(agent_id=agent, name="7003", kind="sip", address="sip:7003@192.0.2.20:5060")
    raw = {
        "channel": "floor",
        "number": number,
        "called": "+442079460999",
        "service_code": "benefits",
        "language": "en",
    }
    call = voice.arrive(raw=raw, in_line=True)
    menu = menu_for("")
    if menu is not None:
        flow: dict[str, object] = {
            "version": menu.version,
            "position": {},
            "path": [["language", "1"], ["menu", "3"]],
        }
        voice.keep_place(call_id=call.call_id, flow=flow, language="en")
    routing.assign(contact_id=call.contact_id, agent_id=agent, by=agent, reason="A busy moment")
    voice.phone_rang(call_id=call.call_id, agent_id=agent)
    voice.talking(call_id=call.call_id, agent_id=agent)
    intake.add_message(
        contact_id=call.contact_id, direction="note", body="Lives with his sister since March; the letter is here.",
        author_id=agent,
    )  # fmt: skip
    return call.contact_id


def _leave_desks_open(agents: list[UUID], calling: UUID) -> None:
    """These stay at their desks while pictures are taken, busy with what they have: without a browser they would go."""
    from civicline.people import services as people
    from civicline.people.models import Presence

    for agent in agents:
        people.set_capacity(
            agent_id=agent, capacity={"voice": int(agent == calling), "chat": 1, "written": 0}
        )
    Presence.objects.filter(pk__in=agents).update(last_seen_at=_for_two_hours())


def _for_two_hours() -> datetime:
    """When a desk was last heard of that nobody shall miss while pictures are taken."""
    from civicline.kernel import clock

    return clock.now() + timedelta(hours=2)


def make() -> dict[str, str]:
    """Fill the floor; return addresses by name. Dario signs in with a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from civicline.cases import services as cases
    from civicline.intake import selectors as intake
    from civicline.kernel.actors import SYSTEM, acting_as
    from civicline.people import services as people
    from civicline.people.selectors import get_user
    from civicline.routing import services as routing

    agents = _agents()
    nadia = agents["nadia"]
    with acting_as(SYSTEM):
        video_orders.offers_video(queue="benefits")
        _open_today()
        closing = _arrive("council-tax", "Edith Moss", "I lost my bill. Can you send it again?", 9)
        _talk(
            nadia, closing, ("out", "Good morning Edith. It is in your post tomorrow."), ("in", "Thank you")
        )
        routing.start_wrap_up(contact_id=closing, agent_id=nadia)
        closed, closed_secret = _received("council-tax", "Ruth Okello", "Do you take cheques?", 14)
        _talk(
            nadia,
            closed,
            ("out", "Good morning Ruth, I am Nadia. We do, made out to the town of Saltmere."),
            ("in", "Thank you, that is all I need."),
            ("out", "You are welcome. Goodbye."),
        )
        routing.start_wrap_up(contact_id=closed, agent_id=nadia)
        routing.complete(contact_id=closed, agent_id=nadia, disposition="solved")
        contact_id, contact_secret = _received(
            "council-tax", "Tomasz Wrona", "My council tax went up after my wife moved out", 6
        )
        _talk(
            nadia,
            contact_id,
            ("out", "Good morning Tomasz, I am Nadia. I have read what you wrote. When did she move out?"),
            ("in", "On 3 March. I am alone in the flat since then, and I told you by letter."),
            ("out", "Then you pay a quarter less from that day. I put it right now."),
            ("in", "That is good to hear. Do I have to send anything?"),
        )
        contact = intake.get_contact(contact_id)
        service = intake.get_service("council-tax-reduction")
        opened = cases.open_case(
            type="application",
            title="Single person discount from 3 March",
            service=service,
            resident=contact.resident if contact else None,
            description="Lives alone since 3 March. Told us by letter; the letter was not acted on.",
            contact=contact,
            by=nadia,
        )
        written = _arrive(
            "complaint", "Joan Pritchard", "Nobody answered my letter of 4 March.", 95, "webform"
        )
        _talk(nadia, written)
        for name, service_code, who, text in TALKING:
            other = _arrive(service_code, who, text, 5)
            _talk(agents[name], other, ("out", "Good morning. I am looking at it now."))
        call_id = _on_the_telephone(agents["mei"])
        company_id = busy_lines.with_company(agents["ines"], agents["ruth"])
        busy_lines.callers_wait()
        for name, state, reason in BREAKS:
            people.set_presence(agent_id=agents[name], state="available")
            people.set_presence(agent_id=agents[name], state=state, reason=reason)
        for waiting in WAITING:
            _arrive(*waiting)
        _leave_desks_open([agents[name] for name, *_ in [*TALKING, *BREAKS]], agents["mei"])
        TOTP.activate(get_user(agents["dario"]), generate_totp_secret())
        rest = furnish(agents)
    return {
        "contact": str(contact_id),
        "contact_secret": contact_secret,
        "closing": str(closing),
        "call": str(call_id),
        "company": str(company_id),
        "closed": str(closed),
        "closed_secret": closed_secret,
        "case": opened.case.reference,
        "secret": opened.secret,
        "nadia": str(nadia),
        **rest,
    }


def speak(language: str) -> None:
    """Staff see their pages in this language from now on, and whoever let an offer ring is free again."""
    from civicline.kernel.actors import SYSTEM, acting_as
    from civicline.people import services as people
    from civicline.people.models import Presence

    with acting_as(SYSTEM):
        for name, agent in _agents().items():
            people.set_preferences(user_id=agent, language=language)
            presence = Presence.objects.filter(pk=agent).first()
            if name == "nadia" and presence and presence.state == "not_responding":
                people.set_presence(agent_id=agent, state="available", by=agent)


def main(change: str = "") -> int:
    """Make the floor and print where it is. Or change the one that is there: its day, or the language of its staff."""
    import django

    django.setup()
    if change == WORKING_DAY:
        working_day.make()
    elif change:
        speak(change)
    else:
        sys.stdout.write(json.dumps(make()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
