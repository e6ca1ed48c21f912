"""A small town with telephones, made and watched from a process beside the server: `python -m tests.telephones`.

Takes one JSON line for each order on its input and gives one JSON line back. All agents it made count as seen while
it runs, as if their desks were open.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any
from uuid import UUID

from tests import desk_orders, lines_of_own, owed_calls, video_orders


def prepare(
    *,
    agents: int,
    ports: list[int],
    offer_seconds: int = 20,
    wrap_up_seconds: int = 120,
    menu_number: str = "",
    menu_seconds: int = 2,
) -> list[str]:
    """A service with its queue, and agents with desk phones at 127.0.0.3; returns their ids."""
    from django.contrib.auth.hashers import make_password

    from civicline.channels.voice import services as voice
    from civicline.config import schema
    from civicline.intake.models import Calendar, Service
    from civicline.people import services as people
    from civicline.people.roles import Role
    from civicline.routing.models import Queue, QueueMember, Route

    if not schema.layout().is_current:
        schema.bring_up_to_date()
    every_day = [{"day": day, "start": "00:00", "end": "24:00"} for day in range(7)]
    calendar = Calendar.objects.create(code="always", name={"en": "Always"}, timezone="UTC", weekly=every_day)
    found, password = [], make_password("open sesame 12")
    for code in ("general", "second"):
        service = Service.objects.create(code=code, name={"en": code}, calendar=calendar, channels=["voice"])
        queue = Queue.objects.create(
            code=code,
            name={"en": code},
            calendar=calendar,
            offer_seconds=offer_seconds,
            wrap_up_seconds=wrap_up_seconds,
        )
        Route.objects.create(service=service, queue=queue, skills=[])
    people.save_skill(code="en", kind="language", name={"en": "English"})
    for number in range(agents):
        user = people.create_staff(
            email=f"agent{number}@saltmere.example", name=f"Agent {number}", roles=[Role.AGENT],
            password_hash=password, capacity={"voice": 1, "chat": 0, "written": 0},
        )  # fmt: skip
        people.set_skill(agent_id=user.pk, code="en", level=5)
        port = ports[number % len(ports)]
        voice.save_phone(
            agent_id=user.pk,
            name=str(7001 + number),
            kind="sip",
            address=f"sip:{7001 + number}@127.0.0.3:{port}",
        )
        # The last of several serves the second queue alone: somebody to pass a call on to.
        of_second = agents > 1 and number == agents - 1
        QueueMember.objects.create(
            queue=Queue.objects.get(code="second" if of_second else "general"), agent_id=user.pk
        )
        people.set_presence(agent_id=user.pk, state="available")
        found.append(str(user.pk))
    if menu_number:
        menu(number=f"+{menu_number}", seconds=menu_seconds)
    _keep_seen(found)
    return found


def menu(*, number: str, seconds: int = 2) -> None:
    """A menu at this number: 1 general, 2 the second line, 9 a message; nothing pressed for so long ends the call."""
    from civicline.channels.voice.flows import services as flows
    from civicline.engine.callflow import flow_as_plain, nodes

    flows.save_flow(code="town", name={"en": "Town"}, numbers=[number])
    told = {
        "en": "Press one for us, two for the others, nine for a message.",
        "ar": "اضغط واحد لنا، اثنين للآخرين، تسعة لترك رسالة.",
    }
    flows.save_prompt(key="town-menu", texts=told)
    flows.save_prompt(key="town-bye", texts={"en": "Goodbye.", "ar": "مع السلامة."})
    choices = (nodes.Choice("1", "general"), nodes.Choice("2", "second"), nodes.Choice("9", "message"))
    flow = nodes.Flow(
        start="menu", languages=("en", "ar"), give_up="bye",
        nodes={
            "menu": nodes.AskDigit("town-menu", choices, silence="bye", invalid="bye", repeats=0, seconds=seconds),
            "general": nodes.Queue("general", full="bye"),
            "second": nodes.Queue("second", full="bye"),
            "message": nodes.Voicemail("second", next="bye"),
            "bye": nodes.HangUp(prompt="town-bye"),
        },
    )  # fmt: skip
    flows.replace_draft(code="town", plain=flow_as_plain(flow))
    flows.publish(code="town", note="test")


def messages() -> list[dict[str, Any]]:
    """What was left on the answering machine: state, queue and files."""
    from civicline.channels.voice.models import Recording
    from civicline.intake.models import Contact

    return [
        {
            "state": one.state, "queue": one.queue.code if one.queue else "", "subject": one.subject,
            "seconds": [kept.seconds for kept in Recording.objects.filter(contact=one, state="kept")],
        }
        for one in Contact.objects.filter(channel="voicemail").select_related("queue")
    ]  # fmt: skip


def recordings(*, contact: str = "") -> list[dict[str, Any]]:
    """What was recorded, oldest first, with its sound where there is any."""
    import base64

    from civicline.channels.voice.models import Recording
    from civicline.channels.voice.recordings import reading

    found = Recording.objects.select_related("contact").order_by("started_at")
    return [
        {
            "id": str(one.pk), "state": one.state, "kind": one.kind, "basis": one.basis, "seconds": one.seconds,
            "silent": one.silent, "agent": str(one.agent_id or ""), "contact": str(one.contact_id), "name": one.name,
            "sound": base64.b64encode(b"".join(reading.opened(one).read())).decode() if one.state == "kept" else "",
        }
        for one in (found.filter(contact_id=UUID(contact)) if contact else found)
    ]  # fmt: skip


def rule(*, queue: str, mode: str, days: int | None = None) -> None:
    """What a queue records."""
    from civicline.channels.voice import services

    services.save_rule(queue_code=queue, mode=mode, days=days)


def texts() -> list[dict[str, Any]]:
    """Conversations by text: who with, what was said, and what became of our answers."""
    from civicline.intake.models import Contact
    from civicline.intake.selectors import list_messages

    return [
        {
            "contact": str(one.pk), "number": one.subject, "state": one.state,
            "said": [[row.direction, row.body] for row in list_messages(one.pk)],
            "sent": [row.delivery.state for row in list_messages(one.pk) if hasattr(row, "delivery")],
        }
        for one in Contact.objects.filter(channel="sms").order_by("arrived_at")
    ]  # fmt: skip


def answer(*, contact: str, text: str) -> None:
    """Write back."""
    from civicline.intake import services as intake

    intake.add_message(contact_id=UUID(contact), direction="out", body=text)


def everybody_serves() -> None:
    """Every agent serves every queue."""
    from civicline.people.models import Agent
    from civicline.routing.models import Queue, QueueMember

    for queue in Queue.objects.all():
        for agent in Agent.objects.all():
            QueueMember.objects.get_or_create(queue=queue, agent=agent)


def _keep_seen(agents: list[str]) -> None:
    from civicline.people import services as people

    def keep() -> None:
        while not threading.Event().wait(2):
            people.agents_seen(agent_ids=[UUID(one) for one in agents])

    threading.Thread(target=keep, daemon=True).start()


def calls() -> list[dict[str, Any]]:
    """All calls, oldest first, as they stand."""
    from civicline.channels.voice.models import Call

    return [
        {
            "id": str(call.pk), "state": call.state, "contact": str(call.contact_id),
            "contact_state": call.contact.state,
            "agent": str(call.contact.agent_id or ""), "reason": call.reason, "recording": call.recording,
            "number": call.number, "language": call.language,
            "queued_at": str(call.contact.queued_at), "flow": call.flow,
        }
        for call in Call.objects.select_related("contact").order_by("started_at", "pk")
    ]  # fmt: skip


def events(*, contact: str) -> list[str]:
    """The names of what happened to a contact."""
    from civicline.kernel.selectors import events_of_contact

    return [row.name for row in events_of_contact(UUID(contact))]


def presence(*, agent: str, state: str = "") -> str:
    """What an agent does; with `state`, what they do from now on."""
    from civicline.people import services as people
    from civicline.people.models import Presence

    if state:
        people.set_presence(agent_id=UUID(agent), state=state, reason="rest" if state == "break" else "")
    return Presence.objects.get(pk=UUID(agent)).state


def time_is_up(*, contact: str) -> None:
    """The time for the open offer of a contact has passed."""
    from datetime import timedelta

    from civicline.kernel import clock
    from civicline.routing import services as routing
    from civicline.routing.models import Offer

    Offer.objects.filter(contact_id=UUID(contact), state="open").update(
        expires_at=clock.now() - timedelta(seconds=1)
    )
    routing.expire_offers(now=clock.now())


def verb(*, name: str, contact: str, agent: str) -> None:
    """hold, resume, mute, unmute, hang_up."""
    from civicline.channels.voice import services as voice

    getattr(voice, name)(contact_id=UUID(contact), agent_id=UUID(agent))


def hand(*, name: str, contact: str, agent: str = "", **facts: str) -> None:
    """A verb with others in the call: consult, swap, join, complete, drop, leave, monitor, take_over, ..."""
    from civicline.channels.voice import services as voice

    ids = {key: UUID(value) for key, value in facts.items() if key in ("to_agent_id", "party_id", "by")}
    if agent:
        ids["agent_id"] = UUID(agent)
    getattr(voice, name)(contact_id=UUID(contact), **facts | ids)


def company(*, contact: str) -> list[dict[str, str]]:
    """Who was asked into a call, the first one first: key, kind, state, agent, outcome."""
    from civicline.channels.voice.company.models import Party

    return [
        {
            "id": str(one.pk), "kind": one.kind, "state": one.state, "agent": str(one.agent_id or ""),
            "outcome": one.outcome,
        }
        for one in Party.objects.filter(call__contact_id=contact).order_by("asked_at", "pk")
    ]  # fmt: skip


def engaged() -> list[str]:
    """Who helps with somebody else's contact."""
    from civicline.people.models import Presence

    return [str(one.pk) for one in Presence.objects.filter(engaged=True)]


def audited(*, contact: str) -> list[list[str]]:
    """What the audit says of a contact: action and reason."""
    from civicline.kernel.models import AuditEntry

    found = AuditEntry.objects.filter(object_kind="contact", object_id=contact).order_by("pk")
    return [[row.action, row.reason] for row in found]


def transfer(*, contact: str, agent: str, queue: str) -> None:
    """Pass a call on."""
    from civicline.routing import selectors, services

    services.transfer(contact_id=UUID(contact), agent_id=UUID(agent), to_queue=selectors.get_queue(queue))


def complete(*, contact: str, agent: str) -> None:
    """Close a contact."""
    from civicline.routing import services

    services.complete(contact_id=UUID(contact), agent_id=UUID(agent), disposition="solved")


ORDERS = (
    owed_calls.ORDERS
    | desk_orders.ORDERS
    | video_orders.ORDERS
    | lines_of_own.ORDERS
    | {
        one.__name__: one
        for one in (
            prepare,
            menu,
            messages,
            everybody_serves,
            calls,
            time_is_up,
            events,
            presence,
            verb,
            hand,
            company,
            engaged,
            audited,
            transfer,
            complete,
            recordings,
            rule,
            texts,
            answer,
        )
    }
)


def main() -> None:
    """Read orders until the input ends."""
    import django

    django.setup()
    from django.conf import settings

    from civicline.kernel import bus
    from civicline.kernel.actors import SYSTEM, acting_as
    from civicline.kernel.redis_bus import RedisWire

    if settings.CIVICLINE.redis_url:
        bus.hub.connect(RedisWire(settings.CIVICLINE.redis_url))
    with acting_as(SYSTEM):
        for line in sys.stdin:
            order = json.loads(line)
            try:
                answer: Any = {"answer": ORDERS[order.pop("do")](**order)}  # type: ignore[operator]
            except Exception as error:  # told to the test, which fails with it
                answer = {"error": f"{type(error).__name__}: {error}"}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
